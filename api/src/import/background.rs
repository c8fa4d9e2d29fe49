//! Imports over the API run in the background: whoever brought the file may hang up.
use std::{
    fs::File,
    sync::{Arc, Weak},
    time::Duration,
};

use chrono::Utc;
use entity::{
    import_batch::{self, ImportPhase},
    value::Timestamp,
};
use indicatif::ProgressBar;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter};

use super::{
    Importer,
    job::{Job, Witness},
    mapping::{Mapped, sent},
    report::Report,
    table::Table,
    underway::{Imports, Place, Stop, Underway},
};
use crate::{
    cli::Failure,
    kit::{
        db::Db,
        edit::{Author, Edit, UNDER_WAY},
        error::{is_busy, is_closed},
    },
};

/// How often it is written how far an import is, for those who ask another server.
const TELL_EVERY: Duration = Duration::from_secs(1);
/// How often imports are looked for that nobody has in hand any more.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// A server that has not told for so long is gone.
const LONGEST_SILENCE: Duration = Duration::from_secs(30);
/// An import waits so long for its file.
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 60 * 60);
/// How it ended is written this often before it is left to whoever looks for lost imports.
const MOST_ATTEMPTS: u32 = 20;

const GONE: &str =
    "the server that had it in hand is gone, and nothing of it was kept: ask for the import again";
const NO_FILE: &str = "no file came within a day: ask for the import again";
const STOPPING: &str =
    "the server was stopped, and nothing of it was kept: ask for the import again";
const OURS: &str =
    "something failed on our side, and nothing was kept: it is logged; try again later";

/// Begins to read a file that has come whole.
pub fn run(db: Db, place: Place, file: File) {
    let underway = Arc::clone(place.underway());
    underway.change(|row| row.phase = ImportPhase::Running);
    tokio::spawn(async move {
        let mut report = Report::default();
        let ran = tokio::select! {
            ran = attempt(&db, &place, file, &mut report) => ran,
            () = underway.stopping() => Err(Failure::new(STOPPING)),
        };
        let (phase, failure) = match ran {
            // The edit has written it.
            Ok(Some(_)) => return,
            Ok(None) => (ImportPhase::Finished, None),
            Err(failure) => why(&underway, failure),
        };
        let row = import_batch::Model {
            failure,
            ..report.told(phase, Arc::unwrap_or_clone(underway.row()))
        };
        end(&db, row, &report).await;
    });
}

fn why(underway: &Underway, failure: Failure) -> (ImportPhase, Option<String>) {
    match underway.stopped() {
        Some(Stop::Cancelled) => (ImportPhase::Cancelled, None),
        Some(Stop::Stopping) => (ImportPhase::Failed, Some(STOPPING.to_owned())),
        None => {
            let told = failure.told().unwrap_or_else(|why| {
                tracing::error!(%why, "an import failed");
                OURS.to_owned()
            });
            (ImportPhase::Failed, Some(told))
        }
    }
}

/// Reads it once those before it are done. Answers with the revision, if there was anything to keep.
async fn attempt(
    db: &Db,
    place: &Place,
    file: File,
    report: &mut Report,
) -> Result<Option<i64>, Failure> {
    let closed = |_| Failure::new(STOPPING);
    let _turn = place.imports().turn.acquire().await.map_err(closed)?;
    let underway = place.underway();
    let batch = Arc::unwrap_or_clone(underway.row());
    let mut claim = loop {
        match Edit::begin(db, Author::Command, "").await {
            Ok(edit) => break edit,
            Err(error) => wait_for_others(error).await?,
        }
    };
    if !claim.run_batch(&batch).await? {
        return Err(Failure::new(
            "its file came twice at the same time, and this one was the second",
        ));
    }
    claim.commit().await?;
    let author = batch.curator_id.unwrap_or_default();
    let slug = batch.dataset_slug.clone().unwrap_or_default();
    let mut job = loop {
        match Job::resume(db, author, batch.clone()).await {
            Ok(job) => break job,
            Err(error) => wait_for_others(error).await?,
        }
    };
    let id = job.batch_id();
    let mapping = sent::written(batch.mapping.as_deref().unwrap_or_default());
    let mapping = mapping.map_err(Failure::new)?;
    let importer = Mapped::new(&mut job.edit, mapping, &slug, id).await?;
    read(
        job,
        importer.of_format(batch.format),
        file,
        &batch,
        report,
        underway,
    )
    .await
}

/// An import has time, however long others write.
async fn wait_for_others(error: DbErr) -> Result<(), Failure> {
    if !is_busy(&error) {
        return Err(error.into());
    }
    tokio::time::sleep(TELL_EVERY).await;
    Ok(())
}

async fn read<I: Importer>(
    job: Job,
    importer: I,
    file: File,
    batch: &import_batch::Model,
    report: &mut Report,
    underway: &Arc<Underway>,
) -> Result<Option<i64>, Failure> {
    let shown = batch.file_name.clone();
    let progress = ProgressBar::hidden();
    let table = Table::of(file, shown, importer.layout(), progress, importer.reader());
    let mut looking = Looking(underway);
    job.run(importer, table, report, &mut looking).await
}

/// Whoever asks is told how far it is.
struct Looking<'u>(&'u Underway);

impl Witness for Looking<'_> {
    fn saw(&mut self, report: &mut Report) {
        report.unsaid();
        self.0.change(|row| *row = report.so_far(row.clone()));
    }
}

/// Writes how an import ended that brought nothing in, with the rows that it refused.
pub async fn end(db: &Db, row: import_batch::Model, report: &Report) {
    for _ in 0..MOST_ATTEMPTS {
        match write_end(db, row.clone(), report).await {
            Ok(()) => return,
            Err(error) => {
                tracing::warn!(%error, "how an import ended could not be written yet");
                tokio::time::sleep(TELL_EVERY).await;
            }
        }
    }
}

async fn write_end(db: &Db, row: import_batch::Model, report: &Report) -> Result<(), DbErr> {
    let id = row.id;
    let mut edit = Edit::begin(db, Author::Command, "").await?;
    if edit.end_batch(row).await? {
        edit.refuse_rows(report.rows(id)).await?;
    }
    edit.commit().await.map(drop)
}

/// Writes now and then how far an import is, and hears whether it was called off elsewhere. Where
/// there is one writer, there is one server as well, and it is asked.
pub fn tell(db: &Db, place: &Place) {
    if db.has_one_writer() {
        return;
    }
    let (db, underway) = (db.clone(), Arc::downgrade(place.underway()));
    tokio::spawn(async move {
        let mut every = tokio::time::interval(TELL_EVERY);
        loop {
            every.tick().await;
            let Some(underway) = underway.upgrade() else {
                return;
            };
            match write_so_far(&db, &underway).await {
                Ok(true) => {}
                Ok(false) => return underway.stop(Stop::Cancelled),
                Err(error) => {
                    tracing::warn!(%error, "how far an import is could not be written");
                }
            }
        }
    });
}

async fn write_so_far(db: &Db, underway: &Underway) -> Result<bool, DbErr> {
    let row = underway.row();
    let mut edit = Edit::begin(db, Author::Command, "").await?;
    let told = edit.tell_batch(&row).await?;
    edit.commit().await?;
    Ok(told)
}

/// As long as the server lives: imports whose server is gone have failed.
pub fn look_for_lost(db: &Db, imports: &Arc<Imports>) {
    let (db, imports) = (db.clone(), Arc::downgrade(imports));
    tokio::spawn(async move {
        let mut every = tokio::time::interval(LOOK_EVERY);
        loop {
            every.tick().await;
            match end_lost(&db, &imports).await {
                Err(error) if is_closed(&error) => return,
                Err(error) => tracing::warn!(%error, "lost imports could not be looked for"),
                Ok(()) => {}
            }
            if imports.strong_count() == 0 {
                return;
            }
        }
    });
}

async fn end_lost(db: &Db, imports: &Weak<Imports>) -> Result<(), DbErr> {
    let found = import_batch::Entity::find()
        .filter(import_batch::Column::Phase.is_in(UNDER_WAY))
        .all(db.unasked())
        .await?;
    for row in found {
        let Some(imports) = imports.upgrade() else {
            return Ok(());
        };
        let (patience, why) = match row.phase {
            // Nobody else could have it in hand.
            ImportPhase::Running if db.has_one_writer() => (Duration::ZERO, GONE),
            ImportPhase::Running => (LONGEST_SILENCE, GONE),
            _ => (LONGEST_WAIT, NO_FILE),
        };
        let silence = Timestamp::from(Utc::now()).microseconds() - row.seen_at.microseconds();
        if imports.has(row.id) || i128::from(silence) < patience.as_micros() as i128 {
            continue;
        }
        let now = Timestamp::from(Utc::now());
        let row = import_batch::Model {
            phase: ImportPhase::Failed,
            failure: Some(why.to_owned()),
            finished_at: Some(now),
            ..row
        };
        write_end(db, row, &Report::default()).await?;
    }
    Ok(())
}
