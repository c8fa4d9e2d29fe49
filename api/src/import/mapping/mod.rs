//! Any trade file: a mapping says what each field of a record is in it.
use std::{collections::HashMap, sync::Arc};

use entity::{import_batch::ImportFormat, shipment};
use sea_orm::prelude::Uuid;

use self::record::{Reader, Said};
use super::{
    Importer,
    products::Products,
    report::{Refusal, Report},
    shipments::Shipments,
    table::{Item, Layout, Record},
};
use crate::{cli::Failure, kit::edit::Edit};

mod amount;
mod coded;
mod country;
mod document;
mod facts;
mod fields;
mod format;
mod goods;
mod key;
mod lists;
mod party;
mod period;
mod record;
mod rows;
/// Mappings over the API.
pub mod sent;
mod shipped;
mod spec;
mod text;

pub use document::Problem;
pub use shipped::{named, say};
pub use spec::Mapping;

/// Takes the rows of a file by a mapping.
pub struct Mapped {
    format: ImportFormat,
    shipments: Shipments,
    reader: Arc<Reader>,
    products: Products,
}

impl Mapped {
    /// Into the dataset of this name, which is made by the mapping's facts where there is none.
    pub async fn new(
        edit: &mut Edit,
        mapping: Mapping,
        slug: &str,
        batch_id: Uuid,
    ) -> Result<Self, Failure> {
        let dataset = mapping.facts.dataset(edit, slug).await?;
        let reader = Reader::new(edit, mapping, dataset, batch_id).await?;
        let reader = reader.map_err(|problems| failure(&problems))?;
        Ok(Self {
            format: ImportFormat::Mapping,
            shipments: Shipments::new(edit, reader.dataset_id(), batch_id).await?,
            reader: Arc::new(reader),
            products: Products::default(),
        })
    }

    /// Files that have a format of their own, and are read by a mapping all the same.
    pub fn of_format(self, format: ImportFormat) -> Self {
        Self { format, ..self }
    }

    /// Refuses the row for its product.
    fn refuse_product(&self, row: &Record, reason: String) -> Refusal {
        match &self.reader.mapping.fields.product {
            Some(field) => field.refuse(row, reason),
            None => Refusal {
                place: row.place(),
                column: None,
                reason,
            },
        }
    }

    /// Gives records the parties that their rows name.
    async fn name_parties(
        &self,
        edit: &mut Edit,
        read: &mut [(Said, Record)],
    ) -> Result<(), Failure> {
        let fields = &self.reader.mapping.fields;
        if !fields.name_parties() {
            return Ok(());
        }
        let named = [&fields.consignor, &fields.consignee];
        // What a name is first met as.
        let mut wanted = HashMap::new();
        for (_, row) in &*read {
            for (name, kind) in named
                .into_iter()
                .flatten()
                .filter_map(|field| field.read(row))
            {
                wanted.entry(name).or_insert(kind);
            }
        }
        let ids = party::named(edit, wanted).await?;
        for (said, _) in read {
            let id = |name: &Option<String>| ids.get(name.as_ref()?).copied();
            said.shipment.consignor_id = id(&said.consignor);
            said.shipment.consignee_id = id(&said.consignee);
        }
        Ok(())
    }
}

impl Importer for Mapped {
    type Row = (Said, Record);

    fn format(&self) -> ImportFormat {
        self.format
    }

    fn layout(&self) -> Layout {
        self.reader.mapping.layout()
    }

    fn reader(&self) -> impl FnMut(Record) -> Item<Self::Row> + Send + 'static {
        let reader = Arc::clone(&self.reader);
        move |row| match reader.read(&row) {
            Ok(Some(said)) => Item::Taken((said, row)),
            Ok(None) => Item::LeftOut,
            Err(refusal) => Item::Refused(refusal),
        }
    }

    async fn take(
        &mut self,
        edit: &mut Edit,
        mut read: Vec<(Said, Record)>,
        report: &mut Report,
    ) -> Result<(), Failure> {
        let named = read.iter().filter_map(|(said, _)| said.product.as_ref());
        self.products.meet(edit, named).await?;
        self.name_parties(edit, &mut read).await?;
        let mut shipments = Vec::with_capacity(read.len());
        for (said, row) in read {
            let product = said.product.as_ref();
            let id = product.map(|named| self.products.id(&named.edition, &named.code));
            match id.transpose() {
                Ok(product_id) => {
                    let shipment = shipment::Model {
                        product_id,
                        ..said.shipment
                    };
                    shipments.push((row.place(), shipment));
                }
                Err(reason) => report.refuse(self.refuse_product(&row, reason)),
            }
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

    fn mapping(&self) -> Option<String> {
        Some(self.reader.mapping.text.clone())
    }
}

/// All that is wrong with a mapping, in one line.
pub fn failure(problems: &[Problem]) -> Failure {
    let lines: Vec<_> = problems.iter().map(Problem::to_string).collect();
    Failure::new(lines.join("; "))
}
