//! Imports: files of others become records, all in one revision.
use std::{path::PathBuf, time::Instant};

use chrono::Utc;
use clap::{Args, Subcommand, builder::BoolishValueParser};
use entity::{
    import_batch::{self, ImportFormat},
    value::Timestamp,
};
use sea_orm::prelude::Uuid;

use crate::{
    cli::{Failure, Store, say},
    kit::{db::Db, edit::Edit},
};

mod comtrade;
mod hs;
mod hs_code;
mod report;
mod shipments;
mod table;

use report::Report;
use table::{Item, Layout, Record, Table};

#[derive(Args)]
pub struct ImportCommand {
    #[command(subcommand)]
    format: Format,
}

#[derive(Subcommand)]
enum Format {
    /// The nomenclature of an edition of the Harmonized System, as CSV.
    ///
    /// Takes the columns `hscode, description, parent, level` (and `section`), or those of UN
    /// Comtrade: `id, text, parent, aggrlevel` (and `standardUnitAbbr`). Importing both forms
    /// one after the other adds what each of them knows.
    Hs {
        #[command(flatten)]
        file: FileArguments,

        /// The edition, by its code (`HS2022`), its year or UN Comtrade's code (`H6`).
        #[arg(long, env = "WAYBILL_EDITION")]
        edition: String,
    },
    /// Records of UN Comtrade: CSV with any of its header spellings, the bulk form with codes
    /// alone, or the API's JSON.
    Comtrade {
        #[command(flatten)]
        file: FileArguments,

        /// The dataset that the records belong to; made when there is none of this name.
        #[arg(long, env = "WAYBILL_DATASET", value_name = "SLUG")]
        dataset: String,
    },
}

#[derive(Args)]
struct FileArguments {
    /// The file to read.
    file: PathBuf,

    /// Read and check everything, say what would happen, and write nothing.
    #[arg(long, env = "WAYBILL_DRY_RUN", value_parser = BoolishValueParser::new())]
    dry_run: bool,

    /// Keep nothing when any row is refused. Otherwise the good rows are kept.
    #[arg(long, env = "WAYBILL_STRICT", value_parser = BoolishValueParser::new())]
    strict: bool,

    #[command(flatten)]
    store: Store,
}

/// One sort of file: what it must look like, and how its rows become records.
trait Importer {
    fn format(&self) -> ImportFormat;

    /// What the file must look like, asked before it is opened.
    fn layout(&self) -> Layout;

    /// Takes some rows; what cannot be taken goes into the report.
    async fn take(
        &mut self,
        edit: &mut Edit,
        rows: Vec<Record>,
        report: &mut Report,
    ) -> Result<(), Failure>;

    /// After the last row.
    async fn finish(&mut self, edit: &mut Edit, report: &mut Report) -> Result<(), Failure>;

    /// The dataset that the rows went to; none for reference data.
    fn dataset_id(&self) -> Option<Uuid> {
        None
    }

    /// The mapping that the rows are read by, as TOML; none where the format needs none.
    fn mapping(&self) -> Option<String> {
        None
    }
}

pub async fn run(ImportCommand { format }: ImportCommand) -> Result<(), Failure> {
    match format {
        Format::Hs { file, edition } => {
            let mut job = Job::begin(file).await?;
            let importer = hs::Hs::new(&mut job.edit, &edition).await?;
            job.run(importer).await
        }
        Format::Comtrade { file, dataset } => {
            let mut job = Job::begin(file).await?;
            let importer = comtrade::Comtrade::new(&mut job.edit, &dataset, job.batch_id).await?;
            job.run(importer).await
        }
    }
}

/// One import of one file: all that it writes is one edit.
struct Job {
    file: FileArguments,
    name: String,
    db: Db,
    edit: Edit,
    batch_id: Uuid,
    began: Instant,
}

impl Job {
    async fn begin(file: FileArguments) -> Result<Self, Failure> {
        let name = file.file.file_name().unwrap_or(file.file.as_os_str());
        let name = name.to_string_lossy().into_owned();
        let db = file.store.open().await?;
        Ok(Self {
            edit: Edit::begin_bulk(&db, format!("Import of {name}")).await?,
            name,
            file,
            db,
            batch_id: Uuid::now_v7(),
            began: Instant::now(),
        })
    }

    async fn run<I: Importer>(mut self, mut importer: I) -> Result<(), Failure> {
        let mut table = Table::open(&self.file.file, importer.layout())?;
        let mut report = Report::default();
        while let Some(items) = table.next().await {
            report.read += items.len() as u64;
            let mut records = Vec::with_capacity(items.len());
            for item in items {
                match item {
                    Item::Record(record) => records.push(record),
                    Item::Unreadable(refusal) => report.refuse(refusal),
                }
            }
            importer.take(&mut self.edit, records, &mut report).await?;
            table.say(report.unsaid());
        }
        let sha256 = table.finish().await?;
        importer.finish(&mut self.edit, &mut report).await?;
        let db = self.db.clone();
        let revision = self.keep(&importer, &report, sha256).await?;
        // On SQLite the last to close moves what is written into the one file that people copy.
        db.close().await?;
        say(&report);
        match revision {
            Some(revision) => say(format_args!("Revision {revision}.")),
            None => say("Nothing was written."),
        }
        Ok(())
    }

    /// Commits, unless there is nothing to commit, or a reason not to.
    async fn keep<I: Importer>(
        mut self,
        importer: &I,
        report: &Report,
        sha256: String,
    ) -> Result<Option<i64>, Failure> {
        if self.file.strict && report.refused > 0 {
            return Err(Failure::new(format!(
                "{} of {} rows were refused, and --strict keeps nothing then",
                report.refused, report.read
            )));
        }
        if self.file.dry_run || !report.changes_anything() {
            return Ok(None);
        }
        let batch = import_batch::Model {
            id: self.batch_id,
            dataset_id: importer.dataset_id(),
            format: importer.format(),
            file_name: self.name,
            sha256,
            rows_read: count(report.read),
            rows_kept: count(report.kept()),
            rows_unchanged: count(report.unchanged),
            rows_refused: count(report.refused),
            rows_skipped: count(report.skipped),
            mapping: importer.mapping(),
            refusals: report.refusals(),
            started_at: self.edit.now,
            finished_at: Timestamp::from(Utc::now()),
        };
        self.edit.batch(batch).await?;
        let revision = self.edit.commit().await?;
        tracing::debug!(seconds = self.began.elapsed().as_secs_f64(), "imported");
        Ok(revision)
    }
}

fn count(rows: u64) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}
