//! What must be known of what shipments refer to: few rows, read whole.
use std::collections::{HashMap, HashSet};

use entity::{
    country::{self, CountryKind},
    dataset::{self, Grain},
    edition,
    product::{self, ProductLevel},
    value::{Date, Status},
};
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, QueryOrder, QuerySelect, prelude::Uuid};

#[derive(Default)]
pub struct Facts {
    /// Aggregates of countries.
    groups: HashSet<Uuid>,
    /// In the order of their editions and codes: what is below a product follows it.
    products: Vec<Product>,
    places: HashMap<Uuid, usize>,
    pub editions: HashMap<Uuid, Date>,
    pub datasets: HashMap<Uuid, Dataset>,
    pub countries: usize,
    /// How many chapters, headings and subheadings there are, by their codes.
    pub codes: [usize; 3],
}

#[derive(Clone, PartialEq, Eq)]
pub struct Product {
    pub id: Uuid,
    pub edition: Uuid,
    /// Empty for all goods, which stand above every code.
    pub code: Box<str>,
    pub level: ProductLevel,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Dataset {
    pub grain: Grain,
    pub is_published: bool,
}

impl Facts {
    /// The tables that it is read from.
    pub const TABLES: [&'static str; 4] = ["country", "product", "edition", "dataset"];

    pub async fn read(db: &impl ConnectionTrait) -> Result<Self, DbErr> {
        let countries: Vec<(Uuid, CountryKind)> = country::Entity::find()
            .select_only()
            .columns([country::Column::Id, country::Column::Kind])
            .into_tuple()
            .all(db)
            .await?;
        let products: Vec<(Uuid, Uuid, String, ProductLevel)> = product::Entity::find()
            .select_only()
            .columns([
                product::Column::Id,
                product::Column::EditionId,
                product::Column::Code,
                product::Column::Level,
            ])
            .order_by_asc(product::Column::Id)
            .into_tuple()
            .all(db)
            .await?;
        let editions = edition::Entity::find().all(db).await?;
        let datasets: Vec<(Uuid, Grain, Status)> = dataset::Entity::find()
            .select_only()
            .columns([
                dataset::Column::Id,
                dataset::Column::Grain,
                dataset::Column::Status,
            ])
            .into_tuple()
            .all(db)
            .await?;
        let mut products: Vec<Product> = products
            .into_iter()
            .map(|(id, edition, code, level)| Product {
                id,
                edition,
                code: match level {
                    ProductLevel::Total => "".into(),
                    _ => code.into(),
                },
                level,
            })
            .collect();
        products.sort_unstable_by(|one, other| {
            (one.edition, &one.code).cmp(&(other.edition, &other.code))
        });
        let places = products.iter().enumerate();
        let distinct = |digits: usize| {
            let codes = products
                .iter()
                .filter_map(|product| product.code.get(..digits));
            codes.collect::<HashSet<_>>().len()
        };
        Ok(Self {
            countries: countries.len(),
            codes: [2, 4, 6].map(distinct),
            groups: countries
                .into_iter()
                .filter(|(_, kind)| *kind == CountryKind::Group)
                .map(|(id, _)| id)
                .collect(),
            places: places.map(|(place, product)| (product.id, place)).collect(),
            products,
            editions: editions
                .into_iter()
                .map(|edition| (edition.id, edition.in_force_from))
                .collect(),
            datasets: datasets
                .into_iter()
                .map(|(id, grain, status)| {
                    let is_published = status == Status::Published;
                    (
                        id,
                        Dataset {
                            grain,
                            is_published,
                        },
                    )
                })
                .collect(),
        })
    }

    pub fn is_group(&self, country: Uuid) -> bool {
        self.groups.contains(&country)
    }

    pub fn product(&self, id: Uuid) -> Option<&Product> {
        self.place(id).map(|place| &self.products[place])
    }

    /// Where it stands among all of them.
    pub fn place(&self, id: Uuid) -> Option<usize> {
        self.places.get(&id).copied()
    }

    /// A product and all below it.
    pub fn below(&self, id: Uuid) -> impl Iterator<Item = &Product> {
        let first = self.place(id).unwrap_or(self.products.len());
        let top = self.products.get(first);
        self.products[first..].iter().take_while(move |product| {
            top.is_some_and(|top| {
                product.edition == top.edition && product.code.starts_with(&*top.code)
            })
        })
    }

    pub fn grain(&self, dataset: Uuid) -> Option<Grain> {
        self.datasets.get(&dataset).map(|dataset| dataset.grain)
    }

    /// Whether rows that were put in their places by the other stand there by this one as well.
    pub fn agrees_with(&self, other: &Self) -> bool {
        let mut products = other.products.iter();
        let mut datasets = other.datasets.iter();
        products.all(|product| self.product(product.id) == Some(product))
            && datasets.all(|(id, dataset)| self.grain(*id) == Some(dataset.grain))
    }

    pub fn bytes(&self) -> usize {
        let product = size_of::<Product>() + size_of::<(Uuid, usize)>() + 16;
        self.products.len() * product
    }
}
