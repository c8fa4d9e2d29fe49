//! Records of UN Comtrade.
use std::collections::HashMap;

use entity::{
    dataset::{self, Grain, Valuation},
    edition,
    import_batch::ImportFormat,
    product::{self, ProductLevel},
    shipment,
    value::Status,
};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, prelude::Uuid};

use self::row::Reader;
use super::{
    Importer,
    hs_code::above,
    report::Report,
    shipments::Shipments,
    table::{Layout, Record},
};
use crate::{
    cli::Failure,
    kit::{edit::Edit, record::Standing},
};

mod codes;
mod row;

pub struct Comtrade {
    shipments: Shipments,
    reader: Reader,
    /// Products met so far: as many as the nomenclatures have, however long the file is.
    products: HashMap<(Uuid, String), Met>,
}

/// A product that was met.
#[derive(Clone, Copy)]
struct Met {
    id: Uuid,
    published: bool,
}

impl Comtrade {
    pub async fn new(edit: &mut Edit, slug: &str, batch_id: Uuid) -> Result<Self, Failure> {
        let dataset_id = dataset_id(edit, slug).await?;
        Ok(Self {
            shipments: Shipments {
                dataset_id,
                batch_id,
            },
            reader: Reader::new(edit, dataset_id, batch_id).await?,
            products: HashMap::new(),
        })
    }

    /// Looks up the products of these editions and codes that were not met before.
    async fn meet(&mut self, edit: &Edit, wanted: &[(&edition::Model, &str)]) -> Result<(), DbErr> {
        let mut unmet: HashMap<Uuid, Vec<&str>> = HashMap::new();
        for (edition, code) in wanted {
            for code in std::iter::once(*code).chain(above(code)) {
                if !self.products.contains_key(&(edition.id, code.to_owned())) {
                    unmet.entry(edition.id).or_default().push(code);
                }
            }
        }
        for (edition_id, mut codes) in unmet {
            codes.sort_unstable();
            codes.dedup();
            let found = product::Entity::find()
                .filter(product::Column::EditionId.eq(edition_id))
                .filter(product::Column::Code.is_in(codes))
                .all(edit.connection())
                .await?;
            self.products.extend(found.into_iter().map(|product| {
                let met = Met {
                    id: product.id,
                    published: product.status == Status::Published,
                };
                ((edition_id, product.code), met)
            }));
        }
        Ok(())
    }

    /// A product that no nomenclature has brought yet, so that its records have a place.
    async fn new_product(
        &mut self,
        edit: &mut Edit,
        edition_id: Uuid,
        code: &str,
        row: &Record,
    ) -> Result<Option<Uuid>, DbErr> {
        let Some(level) = ProductLevel::of(code) else {
            return Ok(None);
        };
        let parent = above(code).find_map(|code| self.products.get(&(edition_id, code.to_owned())));
        let description = row.get("cmdDesc");
        let product = product::Model {
            edition_id,
            parent_id: parent.map(|parent| parent.id),
            code: code.to_owned(),
            level,
            description: Some(description)
                .filter(|text| !text.is_empty())
                .map(str::to_owned),
            ..product::Entity::blank(Status::Published, edit.now)
        };
        let product = edit.insert::<product::Entity>(product).await?;
        let met = Met {
            id: product.id,
            published: true,
        };
        self.products.insert((edition_id, product.code), met);
        Ok(Some(product.id))
    }
}

impl Importer for Comtrade {
    fn format(&self) -> ImportFormat {
        ImportFormat::Comtrade
    }

    fn layout(&self) -> Layout {
        Layout::csv("a file of UN Comtrade records, CSV or JSON").columns(&[
            "freqCode",
            "period",
            "reporterCode",
            "flowCode",
            "partnerCode",
            "classificationCode",
            "cmdCode",
            "primaryValue",
        ])
    }

    async fn take(
        &mut self,
        edit: &mut Edit,
        rows: Vec<Record>,
        report: &mut Report,
    ) -> Result<(), Failure> {
        let mut read = Vec::with_capacity(rows.len());
        for row in rows {
            match self.reader.shipment(&row) {
                Ok((shipment, edition, code)) => read.push((shipment, edition.clone(), code, row)),
                Err(refusal) => report.refuse(refusal),
            }
        }
        let wanted: Vec<_> = read
            .iter()
            .map(|(_, edition, code, _)| (edition, code.as_str()))
            .collect();
        self.meet(edit, &wanted).await?;
        let mut shipments = Vec::with_capacity(read.len());
        for (shipment, edition, code, row) in read {
            let known = self.products.get(&(edition.id, code.clone())).copied();
            // A whole nomenclature knows all codes of the HS, but none of a country's own.
            let is_wrong = known.is_none() && edition.nomenclature_at.is_some() && code.len() <= 6;
            if is_wrong {
                report
                    .refuse(row.refuse("cmdCode", format!("{} has no code {code}", edition.code)));
                continue;
            }
            if known.is_some_and(|met| !met.published) {
                let reason = format!(
                    "{code} of {} is not published, and its records would be: publish it first",
                    edition.code
                );
                report.refuse(row.refuse("cmdCode", reason));
                continue;
            }
            let product_id = match known {
                Some(met) => Some(met.id),
                None => self.new_product(edit, edition.id, &code, &row).await?,
            };
            shipments.push((
                row.place(),
                shipment::Model {
                    product_id,
                    ..shipment
                },
            ));
        }
        self.shipments.put(edit, shipments, report).await?;
        Ok(())
    }

    async fn finish(&mut self, _: &mut Edit, _: &mut Report) -> Result<(), Failure> {
        Ok(())
    }

    fn dataset_id(&self) -> Option<Uuid> {
        Some(self.shipments.dataset_id)
    }
}

/// The dataset of this name, made when there is none.
async fn dataset_id(edit: &mut Edit, slug: &str) -> Result<Uuid, Failure> {
    let found = dataset::Entity::find()
        .filter(dataset::Column::Slug.eq(slug))
        .one(edit.connection())
        .await?;
    if let Some(dataset) = found {
        if dataset.grain != Grain::Statistic {
            return Err(Failure::new(format!(
                "the dataset {slug} does not hold statistics, and records of UN Comtrade are nothing else; name another with --dataset"
            )));
        }
        if dataset.status != Status::Published {
            return Err(Failure::new(format!(
                "the dataset {slug} is not published, and its records would be: publish it first, or name another with --dataset"
            )));
        }
        return Ok(dataset.id);
    }
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if slug.is_empty() || slug.starts_with('-') || !slug.chars().all(fits) {
        return Err(Failure::new(format!(
            "{slug:?} cannot name a dataset: use small letters, digits and hyphens, such as comtrade-wood"
        )));
    }
    let dataset = dataset::Model {
        id: Uuid::now_v7(),
        slug: slug.to_owned(),
        title: format!("UN Comtrade: {slug}"),
        grain: Grain::Statistic,
        currency: Some("USD".to_owned()),
        valuation: Valuation::Unknown,
        publisher_id: None,
        source_id: None,
        licence: Some("UN Comtrade terms of use".to_owned()),
        description: None,
        released_on: None,
        status: Status::Published,
        withdrawal_reason: None,
        version: 1,
        created_at: edit.now,
        updated_at: edit.now,
    };
    Ok(edit.insert::<dataset::Entity>(dataset).await?.id)
}
