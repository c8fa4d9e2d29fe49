//! What random edits and questions are made of.
use chrono::NaiveDate;
use entity::{
    claim::Comparator,
    dataset::{self, Grain, Valuation},
    edition,
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
    totals::{Asked, Breakdown, Dimension},
};

use crate::harness::{self, generate, runner};

/// Draws what the random edits and questions are made of.
pub struct Dice(TestRunner);

impl Dice {
    pub fn new() -> Self {
        Self(runner())
    }

    pub fn below(&mut self, most: usize) -> Result<usize, Failed> {
        generate(&mut self.0, &(0..most))
    }

    pub fn one<T: Clone>(&mut self, of: &[T]) -> Result<T, Failed> {
        let place = self.below(of.len())?;
        Ok(of[place].clone())
    }

    pub fn some<T: Clone>(&mut self, of: &[T]) -> Result<Option<T>, Failed> {
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
pub struct World {
    pub countries: Vec<Uuid>,
    pub products: Vec<Uuid>,
    pub datasets: Vec<dataset::Model>,
}

/// Few of each, so that records meet.
pub async fn enter(db: &Db) -> Result<World, Failed> {
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

pub fn record(world: &World, dice: &mut Dice, key: String) -> Result<shipment::Model, Failed> {
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

/// Withdrawn, published again, or with other figures.
pub fn altered(
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

pub fn question(world: &World, dice: &mut Dice) -> Result<Asked, Failed> {
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
