//! Import batches: what came in by file.
use async_graphql::{Context, ID, InputObject, SimpleObject};
use entity::{
    dataset, import_batch, import_batch::ImportFormat, revision, shipment, value::Timestamp,
};
use sea_orm::{ColumnTrait, Condition};
use serde_json::Value as Json;

use crate::{
    dataset::{Dataset, DatasetFilter},
    kit::{
        access::Curating,
        error::Result,
        fields::{concept, fields, order},
        filter::{Filter, Scope},
        operators::{Choice, CodeFilter, Comparison, TextFilter, choosable_enums},
        rows,
    },
    revision::Revision,
    shipment::Shipment,
};

concept! {
    /// One import of one file, as one revision.
    ImportBatch of import_batch, filtered by ImportBatchFilter, ordered by ImportBatchOrderField
}

fields! {
    #[ComplexObject]
    impl ImportBatch {
        record;

        connections {
            /// Records that it brought in, or changed last.
            shipments: Shipment =
                |batch, _| Condition::all().add(shipment::Column::ImportBatchId.eq(batch.row.id));
        }

        /// The dataset that its records belong to; null for reference data, such as a
        /// nomenclature.
        async fn dataset(&self, ctx: &Context<'_>) -> Result<Option<Dataset>> {
            rows::shown::<_, dataset::Entity>(ctx, self.row.dataset_id).await
        }

        /// The revision that it is. Null never, once it is committed.
        async fn revision(&self, ctx: &Context<'_>) -> Result<Option<Revision>> {
            let own = Condition::all().add(revision::Column::ImportBatchId.eq(self.row.id));
            let found = rows::one::<revision::Entity>(ctx, own).await?;
            Ok(found.map(Revision::from))
        }

        /// The rows that could not be taken, the first 1,000 of them.
        async fn refusals(&self) -> Vec<RefusedRow> {
            let refused = self.row.refusals.as_array().map(Vec::as_slice).unwrap_or_default();
            refused.iter().map(RefusedRow::of).collect()
        }
    }
}

/// A row of a file that could not be taken.
#[derive(SimpleObject)]
pub struct RefusedRow {
    /// The line on which it begins, the first being 1. Null in a file that has no lines, such as JSON.
    line: Option<u64>,
    /// Its number among the records of a JSON file, the first being 1. Null in a file of lines.
    record: Option<u64>,
    /// The column as the file spells it. Null when the row as a whole is wrong.
    column: Option<String>,
    /// What is wrong.
    reason: String,
}

impl RefusedRow {
    fn of(row: &Json) -> Self {
        let text = |name: &str| row[name].as_str().map(str::to_owned);
        Self {
            line: row["line"].as_u64(),
            record: row["record"].as_u64(),
            column: text("column"),
            reason: text("reason").unwrap_or_default(),
        }
    }
}

choosable_enums!(ImportFormat);

/// Which imports.
#[derive(InputObject)]
pub struct ImportBatchFilter {
    /// All of these hold.
    and: Option<Vec<ImportBatchFilter>>,
    /// At least one of these holds.
    or: Option<Vec<ImportBatchFilter>>,
    /// This does not hold.
    not: Option<Box<ImportBatchFilter>>,
    /// By global id.
    id: Option<Choice<ID>>,
    /// By what sort of file it was.
    format: Option<Choice<ImportFormat>>,
    /// By name of the file.
    file_name: Option<TextFilter>,
    /// By SHA-256 of the file.
    sha256: Option<CodeFilter>,
    /// By when it began.
    started_at: Option<Comparison<Timestamp>>,
    /// By dataset.
    dataset: Option<Box<DatasetFilter>>,
}

impl Filter for ImportBatchFilter {
    type Entity = import_batch::Entity;

    fn condition(self, scope: Scope) -> Result<Condition> {
        use import_batch::Column;
        let Self {
            and,
            or,
            not,
            id,
            format,
            file_name,
            sha256,
            started_at,
            dataset,
        } = self;
        Ok(scope
            .logic(and, or, not)?
            .on(id, Column::Id)?
            .on(format, Column::Format)?
            .on(file_name, Column::FileName)?
            .on(sha256, Column::Sha256)?
            .on(started_at, Column::StartedAt)?
            .one(dataset, Column::DatasetId)?
            .done())
    }
}

order! {
    /// What imports can be ordered by.
    ImportBatchOrderField of import_batch {
        /// When it began.
        StartedAt,
        /// Name of the file.
        FileName,
    }
}

#[derive(Default)]
pub struct ImportBatchQuery;

fields! {
    #[Object]
    impl ImportBatchQuery {
        connections {
            /// What came in by file. For those who may write.
            import_batches: ImportBatch, for Curating = |_, _| Condition::all();
        }
    }
}
