//! What an import brought in, for everyone who may see its records.
use async_graphql::{Context, SimpleObject};
use entity::{dataset, import_batch, import_batch::ImportFormat, shipment};
use sea_orm::{ColumnTrait, Condition, prelude::Uuid};

use crate::{
    dataset::Dataset,
    kit::{error::Result, fields::fields, rows},
    shipment::Shipment,
};

/// What a revision brought in from a file. The file itself is told of to those who may write.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Imported {
    #[graphql(skip)]
    batch_id: Uuid,
    #[graphql(skip)]
    dataset_id: Option<Uuid>,
    /// What sort of file it was.
    format: ImportFormat,
    /// Records that were new or got other figures.
    record_count: i64,
}

impl From<import_batch::Model> for Imported {
    fn from(row: import_batch::Model) -> Self {
        Self {
            batch_id: row.id,
            dataset_id: row.dataset_id,
            format: row.format,
            record_count: row.rows_kept,
        }
    }
}

fields! {
    #[ComplexObject]
    impl Imported {
        connections {
            /// The shipments that it brought in, or changed last.
            shipments: Shipment = |imported, _| {
                Condition::all().add(shipment::Column::ImportBatchId.eq(imported.batch_id))
            };
        }

        /// The dataset that its records belong to; null for reference data, such as a
        /// nomenclature.
        async fn dataset(&self, ctx: &Context<'_>) -> Result<Option<Dataset>> {
            self.dataset_seen(ctx).await
        }
    }
}

impl Imported {
    /// What a revision brought in; none when that belongs to a dataset that is not seen.
    pub async fn find(ctx: &Context<'_>, batch_id: Option<Uuid>) -> Result<Option<Self>> {
        let Some(batch_id) = batch_id else {
            return Ok(None);
        };
        // The batch itself is for those who may write; this is all that is told of it.
        let own = Condition::all().add(import_batch::Column::Id.eq(batch_id));
        let found = rows::unchecked::<import_batch::Entity>(ctx, own).await?;
        let Some(imported) = found.into_iter().next().map(Self::from) else {
            return Ok(None);
        };
        let is_seen = imported.dataset_id.is_none() || imported.dataset_seen(ctx).await?.is_some();
        Ok(is_seen.then_some(imported))
    }

    async fn dataset_seen(&self, ctx: &Context<'_>) -> Result<Option<Dataset>> {
        rows::shown::<_, dataset::Entity>(ctx, self.dataset_id).await
    }
}
