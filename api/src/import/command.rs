//! Imports by the command line: a file that lies here, and a report to whoever waits for it.
use std::{fs::File, io::IsTerminal, path::PathBuf, time::Instant};

use clap::{Args, builder::BoolishValueParser};
use entity::import_batch::{self, ErrorPolicy};
use indicatif::{ProgressBar, ProgressStyle};
use sea_orm::prelude::Uuid;

use super::{
    Importer,
    job::{Job, Witness},
    report::Report,
    table::Table,
};
use crate::{
    cli::{Failure, Store, say},
    kit::db::Db,
};

#[derive(Args)]
pub struct FileArguments {
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

/// A file on its way into the database that its arguments name.
pub struct FromFile {
    pub job: Job,
    path: PathBuf,
    db: Db,
    began: Instant,
}

impl FromFile {
    pub async fn begin(arguments: FileArguments) -> Result<Self, Failure> {
        let path = arguments.file;
        let name = path.file_name().unwrap_or(path.as_os_str());
        let db = arguments.store.open().await?;
        let batch = import_batch::Model {
            id: Uuid::now_v7(),
            file_name: name.to_string_lossy().into_owned(),
            dry_run: arguments.dry_run,
            error_policy: match arguments.strict {
                true => ErrorPolicy::AllOrNothing,
                false => ErrorPolicy::KeepGood,
            },
            ..import_batch::Model::default()
        };
        Ok(Self {
            job: Job::begin(&db, batch).await?,
            path,
            db,
            began: Instant::now(),
        })
    }

    pub async fn run<I: Importer>(self, importer: I) -> Result<(), Failure> {
        let shown = self.path.display().to_string();
        let failure = |error| Failure::new(format!("cannot read {shown}: {error}"));
        let file = File::open(&self.path).map_err(failure)?;
        let metadata = file.metadata().map_err(failure)?;
        if metadata.is_dir() {
            return Err(Failure::new(format!("cannot read {shown}: it is a folder")));
        }
        let progress = progress(metadata.len());
        let table = Table::of(
            file,
            shown,
            importer.layout(),
            progress.clone(),
            importer.reader(),
        );
        let mut report = Report::default();
        let mut telling = Telling(progress);
        let ran = self.job.run(importer, table, &mut report, &mut telling);
        let revision = ran.await?;
        tracing::debug!(seconds = self.began.elapsed().as_secs_f64(), "imported");
        // On SQLite the last to close moves what is written into the one file that people copy.
        self.db.close().await?;
        say(&report);
        match revision {
            Some(revision) => say(format_args!("Revision {revision}.")),
            None => say("Nothing was written."),
        }
        Ok(())
    }
}

/// Tells of refused rows, above the progress bar.
struct Telling(ProgressBar);

impl Witness for Telling {
    fn saw(&mut self, report: &mut Report) {
        let refusals = report.unsaid();
        if !refusals.is_empty() {
            self.0.suspend(|| {
                for refusal in refusals {
                    eprintln!("{refusal}");
                }
            });
        }
    }
}

fn progress(bytes: u64) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes}, {eta} left");
    ProgressBar::new(bytes).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
