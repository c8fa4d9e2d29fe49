//! Random edits by two servers; after each, random totals are those of a full scan.
use chrono::NaiveDate;
use entity::{
    claim::Comparator,
    country::{self, CountryKind},
    dataset::{self, Grain, Valuation},
    edition,
    import_batch::{self, ImportFormat},
    product::{self, ProductLevel},
    shipment::{self, Flow, ModeOfTransport, ReportedBy},
    value::{Date, Decimal, Frequency, Status},
};
use libtest_mimic::Failed;
use proptest::{prelude::Strategy, test_runner::TestRunner};
use sea_orm::{EntityTrait, prelude::Uuid};
use waybill::{
    kit::{
        db::Db,
        edit::{Author, Edit},
        period::Period,
    },
    totals::{Asked, Breakdown, Dimension, Totals},
};

use super::naive::{Tables, groups};
use crate::harness::{self, Backend, Template, ensure, generate, runner, waybill};

const STEPS: usize = 40;
const QUESTIONS: usize = 12;
/// Records that are put together with the others rather than kept beside them.
const MUCH: usize = 21_000;

/// Draws what the random edits and questions are made of.
struct Dice(TestRunner);

impl Dice {
    fn below(&mut self, most: usize) -> Result<usize, Failed> {
        generate(&mut self.0, &(0..most))
    }

    fn one<T: Clone>(&mut self, of: &[T]) -> Result<T, Failed> {
        let place = self.below(of.len())?;
        Ok(of[place].clone())
    }

    fn some<T: Clone>(&mut self, of: &[T]) -> Result<Option<T>, Failed> {
        match self.below(3)? {
            0 => self.one(of).map(Some),
            _ => Ok(None),
        }
    }

    fn amount(&mut self) -> Result<Option<Decimal>, Failed> {
        let amounts = proptest::prop_oneof![
            0i64..5_000,
            999_999_999_999_000i64..9_223_372_036_854_775_807
        ];
        let amount = generate(&mut self.0, &amounts.prop_map(Decimal::from_thousandths))?;
        Ok((self.below(4)? > 0).then_some(amount))
    }
}

/// What records refer to.
struct World {
    countries: Vec<Uuid>,
    products: Vec<Uuid>,
    datasets: Vec<dataset::Model>,
}

pub async fn equal_a_full_scan(backend: Backend) -> Result<(), Failed> {
    let database = backend.database(Template::Empty).await?;
    // Two servers: one asks, both write.
    let (one, other) = (
        Db::open(&database.url).await?,
        Db::open(&database.url).await?,
    );
    let totals = Totals::new(&one);
    let mut dice = Dice(runner());
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

/// Few of each, so that records meet.
async fn enter(db: &Db) -> Result<World, Failed> {
    let editions = edition::Entity::find().all(&db.read).await?;
    let mut edit = Edit::begin(db, Author::Command, "test").await?;
    let mut products = Vec::new();
    for edition in editions
        .iter()
        .filter(|edition| ["HS2017", "HS2022"].contains(&edition.code.as_str()))
    {
        for code in [
            "TOTAL", "44", "4401", "440111", "440112", "4402", "85", "854231",
        ] {
            let row = product::Model {
                id: Uuid::now_v7(),
                edition_id: edition.id,
                code: code.to_owned(),
                level: ProductLevel::of(code).ok_or("no level")?,
                status: Status::Published,
                version: 1,
                created_at: edit.now,
                updated_at: edit.now,
                ..product::Model::default()
            };
            products.push(edit.insert::<product::Entity>(row).await?.id);
        }
    }
    let mut datasets = Vec::new();
    for (slug, grain) in [
        ("statistics", Grain::Statistic),
        ("more", Grain::Statistic),
        ("declarations", Grain::Consignment),
    ] {
        let row = dataset::Model {
            grain,
            ..harness::dataset(slug)
        };
        datasets.push(edit.insert::<dataset::Entity>(row).await?);
    }
    edit.commit().await?;
    Ok(World {
        countries: [156, 643, 276, 0].map(harness::country).to_vec(),
        products,
        datasets,
    })
}

fn record(world: &World, dice: &mut Dice, key: String) -> Result<shipment::Model, Failed> {
    let day = |year, month, day| {
        NaiveDate::from_ymd_opt(year, month, day)
            .map(Date)
            .ok_or("no day")
    };
    let periods = [
        (day(2021, 1, 1)?, day(2021, 12, 31)?, Frequency::Year),
        (day(2022, 1, 1)?, day(2022, 12, 31)?, Frequency::Year),
        (day(2022, 1, 1)?, day(2022, 3, 31)?, Frequency::Quarter),
        (day(2022, 1, 1)?, day(2022, 1, 31)?, Frequency::Month),
        (day(2022, 2, 1)?, day(2022, 2, 28)?, Frequency::Month),
        (day(2022, 2, 1)?, day(2023, 4, 30)?, Frequency::Range),
        (day(2022, 2, 7)?, day(2022, 2, 7)?, Frequency::Day),
    ];
    let (period_start, period_end, frequency) = dice.one(&periods)?;
    let (reported_by, flow) = dice.one(&[
        (ReportedBy::Exporter, Flow::Export),
        (ReportedBy::Exporter, Flow::Export),
        (ReportedBy::Exporter, Flow::ReExport),
        (ReportedBy::Importer, Flow::Import),
        (ReportedBy::ThirdParty, Flow::Export),
    ])?;
    let dataset = dice.one(&world.datasets)?;
    let (value, quantity) = (dice.amount()?, dice.amount()?);
    Ok(shipment::Model {
        reported_by,
        flow,
        exporter_id: Some(dice.one(&world.countries)?)
            .filter(|_| dice.below(9).is_ok_and(|drawn| drawn > 0)),
        importer_id: Some(dice.one(&world.countries)?),
        partner2_id: dice
            .some(&[None, None, Some(harness::country(276))])?
            .flatten(),
        origin_id: dice.some(&world.countries)?,
        dispatch_id: dice.some(&world.countries)?,
        product_id: Some(dice.one(&world.products)?)
            .filter(|_| dice.below(9).is_ok_and(|drawn| drawn > 0)),
        period_start,
        period_end,
        frequency,
        value,
        value_comparator: dice.one(&[
            Comparator::Exact,
            Comparator::Exact,
            Comparator::MoreThan,
        ])?,
        currency: value
            .map(|_| dice.one(&["USD".to_owned(), "EUR".to_owned()]))
            .transpose()?,
        valuation: dice.one(&[Valuation::Cif, Valuation::Fob])?,
        quantity,
        quantity_unit: quantity
            .map(|_| dice.one(&["u".to_owned(), "kg".to_owned()]))
            .transpose()?,
        net_mass: dice.amount()?,
        customs_procedure: dice.some(&[None, None, Some("C06".to_owned())])?.flatten(),
        mode_of_transport: dice
            .some(&[None, Some(ModeOfTransport::Sea), Some(ModeOfTransport::Air)])?
            .flatten(),
        status: dice.one(&[Status::Published, Status::Published, Status::Draft])?,
        ..harness::shipment(&dataset, &key)
    })
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

/// Withdrawn, published again, or with other figures.
fn altered(
    world: &World,
    dice: &mut Dice,
    before: &shipment::Model,
) -> Result<shipment::Model, Failed> {
    let version = before.version + 1;
    Ok(match dice.below(3)? {
        0 => shipment::Model {
            status: Status::Withdrawn,
            withdrawal_reason: Some("wrong".to_owned()),
            version,
            ..before.clone()
        },
        1 => shipment::Model {
            status: Status::Published,
            withdrawal_reason: None,
            version,
            ..before.clone()
        },
        _ => shipment::Model {
            id: before.id,
            dataset_id: before.dataset_id,
            import_batch_id: before.import_batch_id,
            version,
            ..record(world, dice, before.key.clone())?
        },
    })
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

fn question(world: &World, dice: &mut Dice) -> Result<Asked, Failed> {
    let grain = dice.one(&[Grain::Statistic, Grain::Statistic, Grain::Consignment])?;
    let perspective = dice.one(&[
        ReportedBy::Exporter,
        ReportedBy::Exporter,
        ReportedBy::Importer,
        ReportedBy::ThirdParty,
    ])?;
    let mut asked = Asked::new(grain, perspective);
    let datasets: Vec<Uuid> = world.datasets.iter().map(|dataset| dataset.id).collect();
    let few = |dice: &mut Dice, of: &[Uuid]| -> Result<Option<Vec<Uuid>>, Failed> {
        let mut few = Vec::new();
        for _ in 0..=dice.below(2)? {
            few.push(dice.one(of)?);
        }
        few.dedup();
        Ok((dice.below(3)? == 0).then_some(few))
    };
    asked.datasets = few(dice, &datasets)?;
    asked.exporters = few(dice, &world.countries)?;
    asked.importers = few(dice, &world.countries)?;
    asked.products = few(dice, &world.products)?;
    asked.origins = few(dice, &world.countries)?;
    let periods: [Period; 3] = [
        "2022".parse()?,
        "2022-01/2022-02".parse()?,
        "2021/2022".parse()?,
    ];
    asked.period = dice.some(&periods)?;
    asked.frequency = dice
        .some(&[None, Some(Frequency::Month), Some(Frequency::Year)])?
        .flatten();
    asked.flows = dice.some(&[vec![Flow::ReExport], vec![Flow::Export, Flow::ReExport]])?;
    asked.currency = dice.some(&["USD".to_owned()])?;
    asked.level = dice
        .some(&[
            None,
            Some(ProductLevel::Heading),
            Some(ProductLevel::Chapter),
        ])?
        .flatten();
    asked.breakdown = dice
        .some(&[
            None,
            None,
            Some(Breakdown::ModeOfTransport),
            Some(Breakdown::SecondPartner),
            Some(Breakdown::CustomsProcedure),
        ])?
        .flatten();
    asked.modes = dice
        .some(&[None, Some(vec![ModeOfTransport::Sea])])?
        .flatten();
    let dimensions = [
        Dimension::Dataset,
        Dimension::Exporter,
        Dimension::Importer,
        Dimension::Reporter,
        Dimension::Chapter,
        Dimension::Heading,
        Dimension::Subheading,
        Dimension::Edition,
        Dimension::Currency,
        Dimension::Year,
        Dimension::Quarter,
        Dimension::Month,
        Dimension::ModeOfTransport,
        Dimension::Origin,
        Dimension::Dispatch,
    ];
    for _ in 0..dice.below(4)? {
        let dimension = dice.one(&dimensions)?;
        if !asked.group_by.contains(&dimension) {
            asked.group_by.push(dimension);
        }
    }
    Ok(asked)
}

/// A backup in place of the database: what was kept of the other is of no use.
pub async fn restored(backend: Backend) -> Result<(), Failed> {
    let database = backend.database(Template::Empty).await?;
    let db = Db::open(&database.url).await?;
    let totals = Totals::new(&db);
    let world = enter(&db).await?;
    let mut dice = Dice(runner());
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
    let mut dice = Dice(runner());
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
