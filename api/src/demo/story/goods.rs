//! Products, the lists that name them, and totals of their trade.
use entity::{
    claim::Comparator,
    dataset::{Grain, Valuation},
    edition,
    product::{self, ProductLevel},
    product_list::ProductListKind,
    product_list_entry,
    shipment::{Flow, ReportedBy},
    value::Frequency,
};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, prelude::Uuid};

use super::{Place, Story, Trade, owned, read, whole};
use crate::kit::period::Period;

pub struct Product {
    pub code: &'static str,
    pub description: &'static str,
    /// As UN Comtrade abbreviates it.
    pub unit: Option<&'static str>,
}

pub struct ProductList {
    pub slug: &'static str,
    pub title: &'static str,
    pub description: &'static str,
    /// Codes, and why each is on the list.
    pub products: &'static [(&'static str, &'static str)],
}

pub struct Dataset {
    pub slug: &'static str,
    pub title: &'static str,
    pub publisher: Uuid,
    pub source: Uuid,
    pub released_on: &'static str,
    pub description: &'static str,
}

/// What a source says that a country bought of another.
pub struct Total {
    pub dataset: Uuid,
    pub key: &'static str,
    pub trade: Trade,
    pub product_list: Uuid,
    pub declared_description: &'static str,
    pub period: &'static str,
    pub comparator: Comparator,
    pub dollars: i64,
    pub place: Place,
}

impl Story {
    pub async fn edition(&self, code: &str) -> Result<edition::Model, DbErr> {
        let edition = edition::Entity::find()
            .filter(edition::Column::Code.eq(code))
            .one(self.edit.connection())
            .await?;
        edition.ok_or_else(|| DbErr::RecordNotFound(format!("edition {code}")))
    }

    /// Adds what the edition lacks; an imported nomenclature lacks nothing.
    pub async fn products(
        &mut self,
        edition: &edition::Model,
        products: &[Product],
    ) -> Result<(), DbErr> {
        for product in products {
            if self.product(edition, product.code).await?.is_some() {
                continue;
            }
            let (level, parent) = match product.code.len() {
                2 => (ProductLevel::Chapter, None),
                4 => (ProductLevel::Heading, product.code.get(..2)),
                _ => (ProductLevel::Subheading, product.code.get(..4)),
            };
            let parent_id = match parent {
                Some(code) => self.product(edition, code).await?,
                None => None,
            };
            published!(
                self,
                product {
                    edition_id: edition.id,
                    parent_id,
                    code: product.code.to_owned(),
                    level,
                    description: Some(product.description.to_owned()),
                    unit: owned(product.unit),
                }
            )?;
        }
        Ok(())
    }

    async fn product(&self, edition: &edition::Model, code: &str) -> Result<Option<Uuid>, DbErr> {
        let product = product::Entity::find()
            .filter(product::Column::EditionId.eq(edition.id))
            .filter(product::Column::Code.eq(code))
            .one(self.edit.connection())
            .await?;
        Ok(product.map(|product| product.id))
    }

    /// A topic whose products belong to it as long as their edition is in force.
    pub async fn product_list(
        &mut self,
        edition: &edition::Model,
        list: ProductList,
    ) -> Result<Uuid, DbErr> {
        let id = published!(
            self,
            product_list {
                slug: list.slug.to_owned(),
                title: list.title.to_owned(),
                kind: ProductListKind::Topic,
                description: Some(list.description.to_owned()),
            }
        )?;
        let mut entries = Vec::with_capacity(list.products.len());
        for (code, note) in list.products {
            let product = self.product(edition, code).await?;
            let missing = || DbErr::RecordNotFound(format!("product {code}"));
            entries.push(product_list_entry::Model {
                product_id: product.ok_or_else(missing)?,
                valid_from: edition.in_force_from,
                note: Some((*note).to_owned()),
                ..product_list_entry::Model::default()
            });
        }
        self.edit
            .set_parts::<product_list_entry::Entity>(id, entries)
            .await?;
        Ok(id)
    }

    pub async fn dataset(&mut self, dataset: Dataset) -> Result<Uuid, DbErr> {
        published!(
            self,
            dataset {
                slug: dataset.slug.to_owned(),
                title: dataset.title.to_owned(),
                grain: Grain::ReportedTotal,
                currency: Some("USD".to_owned()),
                valuation: Valuation::Unknown,
                publisher_id: Some(dataset.publisher),
                source_id: Some(dataset.source),
                description: Some(dataset.description.to_owned()),
                released_on: Some(read(dataset.released_on)?),
            }
        )
    }

    pub async fn total(&mut self, total: Total) -> Result<Uuid, DbErr> {
        let period: Period = read(total.period)?;
        let citation = self.citation(total.place).await?;
        published!(
            self,
            shipment {
                dataset_id: total.dataset,
                key: total.key.to_owned(),
                // The one who tells of it is no party to the trade.
                reported_by: ReportedBy::ThirdParty,
                flow: Flow::Import,
                exporter_id: Some(total.trade.exporter),
                importer_id: Some(total.trade.importer),
                product_list_id: Some(total.product_list),
                declared_description: Some(total.declared_description.to_owned()),
                period_start: period.start,
                period_end: period.end,
                frequency: Frequency::Range,
                value: Some(whole(total.dollars)),
                value_comparator: total.comparator,
                currency: Some("USD".to_owned()),
                valuation: Valuation::Unknown,
                citation_id: Some(citation),
            }
        )
    }
}
