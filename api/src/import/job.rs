//! One import of one file, by whichever way the file came: all that it writes is one edit.
use entity::import_batch::{self, ErrorPolicy, ImportPhase};
use sea_orm::{DbErr, prelude::Uuid};

use super::{
    Importer,
    report::Report,
    table::{Item, Table},
};
use crate::{
    cli::Failure,
    kit::{
        db::Db,
        edit::{Author, Edit},
    },
};

/// Dropped before it ran to its end, it leaves nothing behind.
pub struct Job {
    pub edit: Edit,
    batch: import_batch::Model,
}

/// Who looks on while rows come in.
pub trait Witness {
    /// Some more rows were dealt with.
    fn saw(&mut self, report: &mut Report);
}

impl Job {
    /// An import whose batch nobody knows of before it has come in.
    pub async fn begin(db: &Db, batch: import_batch::Model) -> Result<Self, Failure> {
        let comment = format!("Import of {}", batch.file_name);
        let mut edit = Edit::begin_bulk(db, Author::Command, comment).await?;
        let batch = import_batch::Model {
            refusals: serde_json::json!([]),
            started_at: edit.now,
            ..batch
        };
        edit.open_batch(batch.clone()).await?;
        Ok(Self { edit, batch })
    }

    /// An import that a curator asked for: its batch is there already.
    pub async fn resume(db: &Db, author: Uuid, batch: import_batch::Model) -> Result<Self, DbErr> {
        let comment = batch.comment.clone();
        let comment = comment.unwrap_or_else(|| format!("Import of {}", batch.file_name));
        let edit = Edit::begin_bulk(db, Author::Curator(author), comment).await?;
        Ok(Self { edit, batch })
    }

    pub fn batch_id(&self) -> Uuid {
        self.batch.id
    }

    /// Takes all rows, and commits unless there is nothing to commit or a reason not to. Answers
    /// with the revision's number; what became of the rows is in the report, whatever comes of it.
    pub async fn run<I: Importer>(
        mut self,
        mut importer: I,
        mut table: Table<I::Row>,
        report: &mut Report,
        witness: &mut impl Witness,
    ) -> Result<Option<i64>, Failure> {
        while let Some(items) = table.next().await {
            report.read += items.len() as u64;
            let mut records = Vec::with_capacity(items.len());
            for item in items {
                match item {
                    Item::Taken(record) => records.push(record),
                    Item::LeftOut => report.skipped += 1,
                    Item::Refused(refusal) => report.refuse(refusal),
                }
            }
            importer.take(&mut self.edit, records, report).await?;
            witness.saw(report);
        }
        let sha256 = table.finish().await?;
        importer.finish(&mut self.edit, report).await?;
        witness.saw(report);
        if self.batch.error_policy == ErrorPolicy::AllOrNothing && report.refused > 0 {
            return Err(Failure::new(format!(
                "{} of {} rows were refused, and nothing is to be kept then",
                report.refused, report.read
            )));
        }
        if self.batch.dry_run || !report.changes_anything() {
            return Ok(None);
        }
        let batch = import_batch::Model {
            dataset_id: importer.dataset_id(),
            format: importer.format(),
            mapping: importer.mapping(),
            sha256: Some(sha256),
            ..report.told(ImportPhase::Finished, self.batch)
        };
        let id = batch.id;
        self.edit.keep_batch(batch).await?;
        self.edit.refuse_rows(report.rows(id)).await?;
        Ok(self.edit.commit().await?)
    }
}
