//! Random edits by two servers; after each, random totals are those of a full scan.
use entity::{
    country::{self, CountryKind},
    dataset::{self, Grain},
    import_batch::{self, ImportFormat},
    product,
    shipment::{self, ReportedBy},
    value::{Date, Frequency, Status},
};
use libtest_mimic::Failed;
use sea_orm::{EntityTrait, prelude::Uuid};
use waybill::{
    kit::{
        db::Db,
        edit::{Author, Edit},
    },
    totals::{Asked, Totals},
};

use super::{
    naive::{Tables, groups},
    random::{Dice, World, altered, enter, question, record},
};
use crate::harness::{Backend, Template, ensure, waybill};

const STEPS: usize = 40;
const QUESTIONS: usize = 12;
/// Records that are put together with the others rather than kept beside them.
const MUCH: usize = 21_000;

pub async fn equal_a_full_scan(backend: Backend) -> Result<(), Failed> {
    let database = backend.database(Template::Empty).await?;
    // Two servers: one asks, both write.
    let (one, other) = (
        Db::open(&database.url).await?,
        Db::open(&database.url).await?,
    );
    let totals = Totals::new(&one);
    let mut dice = Dice::new();
    let world = enter(&one).await?;
    for step in 0..STEPS {
        let db = if step % 2 == 0 { &one } else { &other };
        change(db, &world, &mut dice).await?;
        // Put together anew now and then, so that changes meet columns as well as a tail.
        if dice.below(6)? == 0 {
            totals.forget();
        }
        let tables = Tables::read(&one).await?;
        for _ in 0..QUESTIONS {
            let asked = question(&world, &mut dice)?;
            let answers = match totals.ask_all(std::slice::from_ref(&asked)).await {
                Ok(answers) => answers,
                // Two aggregates at once are refused.
                Err(waybill::kit::error::Error::BadUserInput(_)) => continue,
                Err(error) => return Err(format!("{error:?}").into()),
            };
            let (found, expected) = (groups(&answers[0]), tables.total(&asked));
            if found != expected {
                return Err(
                    format!("step {step}: {asked:?} is {found:#?}, not {expected:#?}").into(),
                );
            }
        }
    }
    let checked = totals.check().await.map_err(|error| format!("{error:?}"))?;
    ensure(
        (checked.differences, checked.groups > 0),
        (Vec::new(), true),
    )?;
    one.close().await?;
    other.close().await?;
    Ok(())
}

/// One edit, of any kind.
async fn change(db: &Db, world: &World, dice: &mut Dice) -> Result<(), Failed> {
    let rows = shipment::Entity::find().all(&db.read).await?;
    match dice.below(10)? {
        0..=1 => import(db, world, dice, &rows).await,
        2..=5 if !rows.is_empty() => {
            let mut edit = Edit::begin(db, Author::Command, "test").await?;
            for _ in 0..=dice.below(4)? {
                let id = dice.one(&rows)?.id;
                let Some(before) = edit.hold::<shipment::Entity>(id).await? else {
                    return Err("a record is gone".into());
                };
                let after = altered(world, dice, &before)?;
                edit.update::<shipment::Entity>(&before, after).await?;
            }
            edit.commit().await?;
            Ok(())
        }
        6 => {
            let id = dice.one(&world.datasets)?.id;
            let mut edit = Edit::begin(db, Author::Command, "test").await?;
            let before = edit
                .hold::<dataset::Entity>(id)
                .await?
                .ok_or("no dataset")?;
            let status = match before.status {
                Status::Published => Status::Draft,
                _ => Status::Published,
            };
            let after = dataset::Model {
                status,
                version: before.version + 1,
                ..before.clone()
            };
            edit.update::<dataset::Entity>(&before, after).await?;
            edit.commit().await?;
            Ok(())
        }
        7 => {
            let mut edit = Edit::begin(db, Author::Command, "test").await?;
            let id = dice.one(&world.countries)?;
            let before = edit
                .hold::<country::Entity>(id)
                .await?
                .ok_or("no country")?;
            let kind = dice.one(&[CountryKind::Country, CountryKind::Group])?;
            let after = country::Model {
                kind,
                version: before.version + 1,
                ..before.clone()
            };
            edit.update::<country::Entity>(&before, after).await?;
            edit.commit().await?;
            Ok(())
        }
        8 => {
            // A product's code is changed: what is a leaf must be found out anew.
            let mut edit = Edit::begin(db, Author::Command, "test").await?;
            let id = dice.one(&world.products)?;
            let before = edit
                .hold::<product::Entity>(id)
                .await?
                .ok_or("no product")?;
            if before.code.len() == 6 {
                let code = format!("99{:04}", dice.below(9_000)?);
                let after = product::Model {
                    code,
                    version: before.version + 1,
                    ..before.clone()
                };
                edit.update::<product::Entity>(&before, after).await?;
            }
            edit.commit().await?;
            Ok(())
        }
        _ => {
            let mut edit = Edit::begin(db, Author::Command, "test").await?;
            for _ in 0..=dice.below(6)? {
                let row = record(world, dice, Uuid::now_v7().to_string())?;
                edit.insert::<shipment::Entity>(row).await?;
            }
            edit.commit().await?;
            Ok(())
        }
    }
}

/// A file's rows: new ones without changes of their own, and others changed.
async fn import(
    db: &Db,
    world: &World,
    dice: &mut Dice,
    rows: &[shipment::Model],
) -> Result<(), Failed> {
    let new = dice.below(20)?;
    import_rows(db, world, dice, new, rows).await
}

async fn import_rows(
    db: &Db,
    world: &World,
    dice: &mut Dice,
    count: usize,
    rows: &[shipment::Model],
) -> Result<(), Failed> {
    let mut edit = Edit::begin_bulk(db, Author::Command, "test").await?;
    let batch = Uuid::now_v7();
    let opened = import_batch::Model {
        id: batch,
        format: ImportFormat::Comtrade,
        file_name: "test.csv".to_owned(),
        sha256: Some("0".repeat(64)),
        refusals: serde_json::json!([]),
        started_at: edit.now,
        finished_at: Some(edit.now),
        ..import_batch::Model::default()
    };
    edit.open_batch(opened.clone()).await?;
    let mut new = Vec::new();
    for place in 0..=count {
        let row = record(world, dice, Uuid::now_v7().to_string())?;
        let mut row = shipment::Model {
            import_batch_id: Some(batch),
            status: Status::Published,
            ..row
        };
        if count >= MUCH {
            // Each of a day of its own, or a full scan would compare all with all.
            let day = row.period_start.0 + chrono::Days::new(place as u64);
            (row.period_start, row.period_end) = (Date(day), Date(day));
            row.frequency = Frequency::Day;
        }
        new.push(row);
    }
    for rows in new.chunks(500) {
        edit.insert_batch::<shipment::Entity>(rows.to_vec()).await?;
    }
    if !rows.is_empty() && dice.below(2)? == 0 {
        let before = dice.one(rows)?;
        let before = edit
            .hold::<shipment::Entity>(before.id)
            .await?
            .ok_or("no record")?;
        let after = altered(world, dice, &before)?;
        let after = shipment::Model {
            import_batch_id: Some(batch),
            ..after
        };
        edit.update::<shipment::Entity>(&before, after).await?;
    }
    edit.keep_batch(opened).await?;
    edit.commit().await?;
    Ok(())
}

/// A backup in place of the database: what was kept of the other is of no use.
pub async fn restored(backend: Backend) -> Result<(), Failed> {
    let database = backend.database(Template::Empty).await?;
    let db = Db::open(&database.url).await?;
    let totals = Totals::new(&db);
    let world = enter(&db).await?;
    let mut dice = Dice::new();
    import(&db, &world, &mut dice, &[]).await?;
    let asked = Asked::new(Grain::Statistic, ReportedBy::Exporter);
    let ask = async || -> Result<_, Failed> {
        let answers = totals.ask_all(std::slice::from_ref(&asked)).await;
        Ok(groups(&answers.map_err(|error| format!("{error:?}"))?[0]))
    };
    ask().await?;
    // Another history of the same length: its last hash tells.
    let hash = "f".repeat(64);
    let sql = format!(
        "UPDATE revision SET hash = '{hash}' WHERE number = (SELECT max(number) FROM revision)"
    );
    let more = "UPDATE shipment SET value = 1, currency = 'USD', value_comparator = 'EXACT'";
    let other = sea_orm::Database::connect(&database.url).await?;
    for statement in [&*sql, more] {
        sea_orm::ConnectionTrait::execute_unprepared(&other, statement).await?;
    }
    other.close().await?;
    ensure(ask().await?, Tables::read(&db).await?.total(&asked))?;
    db.close().await?;
    Ok(())
}

/// More changes at once than are kept beside the columns.
pub async fn much_at_once(backend: Backend) -> Result<(), Failed> {
    let database = backend.database(Template::Empty).await?;
    let db = Db::open(&database.url).await?;
    let totals = Totals::new(&db);
    let world = enter(&db).await?;
    let mut dice = Dice::new();
    for rows in [50, MUCH, 50] {
        import_rows(&db, &world, &mut dice, rows, &[]).await?;
        let checked = totals.check().await.map_err(|error| format!("{error:?}"))?;
        ensure(checked.differences, Vec::new())?;
    }
    db.close().await?;
    Ok(())
}

pub async fn by_the_command(backend: Backend) -> Result<(), Failed> {
    let database = backend.database(Template::Filled).await?;
    let outcome = waybill(&database.url, &["check"])?.succeeded()?;
    ensure(outcome.stdout.contains("same counts and sums"), true)
}
