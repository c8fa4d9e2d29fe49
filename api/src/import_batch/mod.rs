//! Import batches: what came in by file, or is about to.
use async_graphql::{Context, ID, InputObject};
use entity::{
    import_batch,
    import_batch::{ImportFormat, ImportPhase},
    refused_row, revision, shipment,
    value::Timestamp,
};
use sea_orm::{ColumnTrait, Condition};

use crate::{
    curator::Curator,
    dataset::{Dataset, DatasetFilter},
    import::underway::Seen,
    kit::{
        access::{Curating, permission},
        error::Result,
        fields::{concept, fields, order},
        filter::{Filter, Scope},
        id,
        operators::{Choice, CodeFilter, Comparison, TextFilter, choosable_enums},
        record::Record,
        rows,
    },
    refused_row::RefusedRow,
    revision::Revision,
    shipment::Shipment,
};

mod mutation;

pub use mutation::ImportBatchMutation;

concept! {
    /// One import of one file, as one revision.
    ImportBatch of import_batch, filtered by ImportBatchFilter, ordered by ImportBatchOrderField,
    visible when |view| match view.is_public() {
        true => Condition::any(),
        false => Condition::all(),
    }
}

fields! {
    #[ComplexObject]
    impl ImportBatch {
        record;

        connections {
            /// Records that it brought in, or changed last.
            shipments: Shipment =
                |batch, _| Condition::all().add(shipment::Column::ImportBatchId.eq(batch.row.id));

            /// The rows that could not be taken, in the order of the file: the first 100,000 of
            /// them, once it has ended.
            refused_rows: RefusedRow =
                |batch, _| Condition::all().add(refused_row::Column::ImportBatchId.eq(batch.row.id));
        }

        references {
            /// Who asked for it over the API; null for one by the command line.
            curator: Curator = curator_id;

            /// The dataset that its records belong to; null for reference data, such as a
            /// nomenclature, and until it has ended well.
            dataset: Dataset = dataset_id;
        }

        /// How far it is.
        async fn phase(&self, ctx: &Context<'_>) -> ImportPhase {
            self.now(ctx).phase
        }

        /// Why it came to nothing; null when it did not.
        async fn failure(&self, ctx: &Context<'_>) -> Option<String> {
            self.now(ctx).failure.clone()
        }

        /// Bytes of the file that have come over the API. 0 for one that came by the command line.
        async fn bytes_received(&self, ctx: &Context<'_>) -> i64 {
            self.now(ctx).bytes_received
        }

        /// Rows of the file so far; all of them once it has ended.
        async fn rows_read(&self, ctx: &Context<'_>) -> i64 {
            self.now(ctx).rows_read
        }

        /// Rows that were new or brought other figures. Of a rehearsal, and of what came to
        /// nothing, those that would have been kept.
        async fn rows_kept(&self, ctx: &Context<'_>) -> i64 {
            self.now(ctx).rows_kept
        }

        /// Rows that the database held already, just so.
        async fn rows_unchanged(&self, ctx: &Context<'_>) -> i64 {
            self.now(ctx).rows_unchanged
        }

        /// Rows that could not be taken.
        async fn rows_refused(&self, ctx: &Context<'_>) -> i64 {
            self.now(ctx).rows_refused
        }

        /// Rows that the mapping leaves out, such as totals among the figures that make them up.
        async fn rows_skipped(&self, ctx: &Context<'_>) -> i64 {
            self.now(ctx).rows_skipped
        }

        /// The rows that could not be taken, the first 1,000 of them: while it runs, too.
        async fn refusals(&self, ctx: &Context<'_>) -> Vec<RefusedRow> {
            RefusedRow::read(self.now(ctx))
        }

        /// The revision that it is. Null until it is committed, and when it brought nothing in.
        async fn revision(&self, ctx: &Context<'_>) -> Result<Option<Revision>> {
            let own = Condition::all().add(revision::Column::ImportBatchId.eq(self.row.id));
            let found = rows::one::<revision::Entity>(ctx, own).await?;
            Ok(found.map(Revision::from))
        }
    }
}

impl ImportBatch {
    /// As it stood when the request began, where this server has it in hand, or later.
    fn now<'s>(&'s self, ctx: &'s Context<'_>) -> &'s import_batch::Model {
        let seen = ctx.data_opt::<Seen>();
        seen.map_or(&self.row, |seen| seen.or(&self.row))
    }
}

choosable_enums!(ImportFormat, ImportPhase);

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
    /// By how far it was when that was last written: of one that runs, perhaps a little behind.
    phase: Option<Choice<ImportPhase>>,
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

    fn condition(self, scope: Scope<'_>) -> Result<Condition> {
        use import_batch::Column;
        let Self {
            and,
            or,
            not,
            id,
            format,
            phase,
            file_name,
            sha256,
            started_at,
            dataset,
        } = self;
        Ok(scope
            .logic(and, or, not)?
            .on(id, Column::Id)?
            .on(format, Column::Format)?
            .on(phase, Column::Phase)?
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
            /// What came in by file, is on its way, or came to nothing. For those who may write.
            import_batches: ImportBatch, for Curating = |_, _| Condition::all();
        }

        /// The import with this id; null when there is none. For those who may write.
        async fn import_batch(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "Global id of the import.")] id: ID,
        ) -> Result<Option<ImportBatch>> {
            permission::<Curating>(ctx)?;
            let key = id::key(&id, import_batch::Entity::NAME)?;
            rows::shown::<_, import_batch::Entity>(ctx, Some(key)).await
        }
    }
}
