//! `SIGKILL` in the middle of an import: all of its rows are there, or nothing of it.
use std::time::{Duration, Instant};

use entity::{dataset, import_batch, revision, shipment};
use libtest_mimic::Failed;
use sea_orm::{EntityTrait, PaginatorTrait};
use waybill::kit::db::Db;

use super::{after_the_others, history};
use crate::{
    harness::{Backend, Template, begin, ensure, generate, runner, waybill},
    import::csv,
};

const ROWS: u64 = 2_000;
const ROUNDS: u64 = 4;

pub async fn killed(backend: Backend) -> Result<(), Failed> {
    let database = backend.database(Template::Empty).await?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("records.csv").display().to_string();
    std::fs::write(&file, records())?;

    // One that nobody kills tells how long one takes.
    let (report, mut takes) = import(&database.url, &file, "whole")?;
    ensure(report, [ROWS, ROWS, 0, 0])?;
    let (mut random, mut cut_off) = (runner(), false);
    for number in 1..=ROUNDS {
        let name = format!("killed-{number}");
        let mut running = begin(&database.url, &arguments(&file, &name))?;
        // Some early, some late.
        let part = takes / ROUNDS;
        let millis = part * (number - 1) + generate(&mut random, &(0..part))?;
        tokio::time::sleep(Duration::from_millis(millis)).await;
        running.kill()?;
        running.wait()?;
        let db = after_the_others(&database.url).await?;
        history(&database.url, &db).await?;
        let found = traces(&db).await?;
        let is_there = found[0] > number;
        ensure(found, traces_of(number + u64::from(is_there)))?;
        cut_off |= !is_there;

        let (report, took) = import(&database.url, &file, &name)?;
        if is_there {
            ensure(report, [ROWS, 0, ROWS, 0])?;
        } else {
            ensure(report, [ROWS, ROWS, 0, 0])?;
            takes = took;
        }
        history(&database.url, &db).await?;
        ensure(traces(&db).await?, traces_of(number + 1))?;
        db.close().await?;
    }
    ensure(cut_off, true)
}

fn arguments<'a>(file: &'a str, dataset: &'a str) -> [&'a str; 5] {
    ["import", "comtrade", file, "--dataset", dataset]
}

/// What a whole import reports, and how many milliseconds it took.
fn import(url: &str, file: &str, dataset: &str) -> Result<([u64; 4], u64), Failed> {
    let began = Instant::now();
    let outcome = waybill(url, &arguments(file, dataset))?.succeeded()?;
    let took = u64::try_from(began.elapsed().as_millis())?;
    Ok((outcome.report()?, took))
}

/// What imports leave: revisions, batches, datasets, shipments.
async fn traces(db: &Db) -> Result<[u64; 4], Failed> {
    Ok([
        revision::Entity::find().count(&db.read).await?,
        import_batch::Entity::find().count(&db.read).await?,
        dataset::Entity::find().count(&db.read).await?,
        shipment::Entity::find().count(&db.read).await?,
    ])
}

/// The traces of so many imports that ended.
const fn traces_of(imports: u64) -> [u64; 4] {
    [imports, imports, imports, imports * ROWS]
}

/// As many records, each of goods of its own.
fn records() -> String {
    let codes: Vec<_> = (0..ROWS).map(|row| (100_000 + row).to_string()).collect();
    let rows: Vec<_> = codes
        .iter()
        .map(|code| [("cmdCode", code.as_str())])
        .collect();
    let rows: Vec<&[_]> = rows.iter().map(<[_; 1]>::as_slice).collect();
    csv(&rows)
}
