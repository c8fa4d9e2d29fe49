//! What is claimed against what is recorded: each verdict, with its reasons.
use entity::{
    claim,
    claim::{ClaimKind, Comparator, Measure},
    claim_subject,
    concordance::{self, ConcordanceRelation},
    dataset::{self, Grain, Valuation},
    edition,
    product::{self, ProductLevel},
    product_list_entry,
    shipment::{self, Flow, ReportedBy},
    statement::Stance,
    value::{Date, Decimal, Frequency, Status},
};
use libtest_mimic::{Failed, Trial};
use sea_orm::{EntityTrait, prelude::Uuid};
use serde_json::{Value, json};

use crate::harness::{
    App, Backend, Desk, Template, country, dataset, ensure, publish, shipment, trial,
};

pub fn trials(backend: &Backend) -> Vec<Trial> {
    vec![
        trial(backend, "checks::each_verdict", each_verdict),
        trial(backend, "checks::comparators", comparators),
        trial(backend, "checks::changes", changes),
        trial(backend, "checks::measures", measures),
        trial(backend, "checks::what_cannot_be_compared", barred),
        trial(backend, "checks::datasets_are_named", named),
    ]
}

/// The goods: drones, which were cameras among others before 2022, and something else.
struct Goods {
    list: Uuid,
    drones: Uuid,
    cameras: Uuid,
    others: Uuid,
}

async fn goods(app: &App) -> Result<Goods, Failed> {
    let editions = edition::Entity::find().all(&app.db.read).await?;
    let mut desk = Desk::open(app).await?;
    let mut ids = Vec::new();
    for (name, code) in [
        ("HS2022", "880621"),
        ("HS2022", "852589"),
        ("HS2022", "690912"),
        ("HS2017", "852580"),
    ] {
        let edition = editions.iter().find(|edition| edition.code == name);
        let row = product::Model {
            id: Uuid::now_v7(),
            edition_id: edition.ok_or("no edition")?.id,
            code: code.to_owned(),
            level: ProductLevel::Subheading,
            status: Status::Published,
            version: 1,
            ..product::Model::default()
        };
        ids.push(desk.edit.insert::<product::Entity>(row).await?.id);
    }
    let [drones, other_cameras, others, cameras] = ids[..] else {
        return Err("four products".into());
    };
    for later_id in [drones, other_cameras] {
        let row = concordance::Model {
            id: Uuid::now_v7(),
            earlier_id: cameras,
            later_id,
            relation: ConcordanceRelation::ManyToMany,
        };
        desk.edit.insert::<concordance::Entity>(row).await?;
    }
    let list = desk.list("drones").await?;
    let entry = product_list_entry::Model {
        product_id: drones,
        valid_from: day("2022-01-01")?,
        ..product_list_entry::Model::default()
    };
    desk.edit
        .set_parts::<product_list_entry::Entity>(list, vec![entry])
        .await?;
    desk.close().await?;
    Ok(Goods {
        list,
        drones,
        cameras,
        others,
    })
}

fn day(text: &str) -> Result<Date, Failed> {
    text.parse()
        .map_err(|()| format!("{text} is no day").into())
}

fn amount(number: i64) -> Option<Decimal> {
    Some(Decimal::from_thousandths(number * 1000))
}

/// From China to Russia in the first half of 2023.
fn stated(comparator: Comparator, number: i64) -> Result<claim::Model, Failed> {
    Ok(claim::Model {
        kind: ClaimKind::Quantity,
        exporter_id: Some(country(156)),
        importer_id: Some(country(643)),
        measure: Some(Measure::Value),
        comparator: Some(comparator),
        amount: amount(number),
        currency: Some("USD".to_owned()),
        period_start: Some(day("2023-01-01")?),
        period_end: Some(day("2023-06-30")?),
        ..claim::Model::default()
    })
}

/// A record of the drones that China sold to Russia in a month.
fn monthly(
    dataset: &dataset::Model,
    product: Uuid,
    year: i32,
    month: u32,
    value: i64,
) -> shipment::Model {
    let period = waybill::kit::period::Period::month(year, month);
    let (start, end) = period.map_or_else(Default::default, |period| (period.start, period.end));
    shipment::Model {
        product_id: Some(product),
        period_start: start,
        period_end: end,
        frequency: Frequency::Month,
        value: amount(value),
        currency: Some("USD".to_owned()),
        valuation: Valuation::Fob,
        ..shipment(dataset, &format!("{year}-{month}-{product}"))
    }
}

/// So much in each of these months of a year.
fn months(
    dataset: &dataset::Model,
    product: Uuid,
    year: i32,
    months: std::ops::RangeInclusive<u32>,
    value: i64,
) -> Vec<shipment::Model> {
    months
        .map(|month| monthly(dataset, product, year, month, value))
        .collect()
}

async fn checked(app: &App, claim: &str, datasets: &[&str], fields: &str) -> Result<Value, Failed> {
    let query = format!(
        "query ($text: String!, $datasets: [String!]) {{ claims(filter: {{ text: {{ eq: $text }} }}) {{ nodes {{
            checks(datasets: $datasets) {{ dataset {{ slug }} {fields} }} }} }} }}"
    );
    let datasets = (!datasets.is_empty()).then_some(datasets);
    let variables = json!({ "text": claim, "datasets": datasets });
    let mut data = app.data(&query, variables).await?;
    Ok(data["claims"]["nodes"][0]["checks"].take())
}

/// The verdict, and the codes of the reasons.
fn short(check: &Value) -> Value {
    let reasons = check["reasons"].as_array();
    let codes: Vec<_> = reasons
        .into_iter()
        .flatten()
        .map(|reason| reason["code"].clone())
        .collect();
    json!([check["verdict"], codes])
}

async fn each_verdict(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let Goods {
        list,
        drones,
        cameras,
        others,
    } = goods(&app).await?;
    let mut desk = Desk::open(&app).await?;
    let text = "More than 100 dollars";
    let claim = desk
        .figure(text, stated(Comparator::MoreThan, 100)?, Some(list))
        .await?;
    let records = desk.source("Records", None).await?;
    let article = desk.source("Article", None).await?;
    desk.takes(
        article,
        entity::source_link::SourceLinkKind::BasedOn,
        records,
    )
    .await?;
    desk.says(claim, Stance::Asserts, None, article).await?;
    desk.close().await?;

    let year = |set: &dataset::Model| -> Result<_, Failed> {
        Ok(vec![shipment::Model {
            period_start: day("2023-01-01")?,
            period_end: day("2023-12-31")?,
            frequency: Frequency::Year,
            ..monthly(set, drones, 2023, 1, 500)
        }])
    };
    let elsewhere = |set: &dataset::Model| {
        let rows = months(set, drones, 2023, 1..=6, 20).into_iter();
        let rows = rows.map(|row| shipment::Model {
            importer_id: Some(country(276)),
            ..row
        });
        rows.collect::<Vec<_>>()
    };
    let euros = |set: &dataset::Model| {
        let rows = months(set, drones, 2023, 1..=6, 20).into_iter();
        let rows = rows.map(|row| shipment::Model {
            currency: Some("EUR".to_owned()),
            ..row
        });
        rows.collect::<Vec<_>>()
    };
    let unpriced = |set: &dataset::Model| {
        let mut rows = months(set, drones, 2023, 1..=6, 10);
        for row in rows.iter_mut().skip(4) {
            (row.value, row.currency) = (None, None);
        }
        rows
    };
    let own = dataset::Model {
        source_id: Some(records),
        ..dataset("own")
    };
    let totals = dataset::Model {
        grain: Grain::ReportedTotal,
        ..dataset("totals")
    };
    let mut expected = Vec::new();
    let sets = [
        (dataset("agrees"), json!(["CONSISTENT", []])),
        (dataset("disagrees"), json!(["INCONSISTENT", []])),
        (
            dataset("half"),
            json!(["PARTIAL_COVERAGE", ["MONTHS_MISSING"]]),
        ),
        // Half of the months are enough.
        (
            dataset("half-enough"),
            json!(["CONSISTENT", ["MONTHS_MISSING"]]),
        ),
        (
            dataset("euros"),
            json!(["NOT_COMPARABLE", ["CURRENCY_DIFFERS"]]),
        ),
        (dataset("old"), json!(["NOT_COMPARABLE", ["SCOPE_WIDER"]])),
        // Not even all cameras together come to so much.
        (
            dataset("old-less"),
            json!(["INCONSISTENT", ["SCOPE_WIDER"]]),
        ),
        (own, json!(["CONSISTENT", ["SOURCE_IS_DATASET"]])),
        (
            dataset("yearly"),
            json!(["NOT_COMPARABLE", ["DATA_COARSER"]]),
        ),
        (
            dataset("before"),
            json!(["NO_DATA", ["PERIOD_BEYOND_DATA"]]),
        ),
        (dataset("other-goods"), json!(["NO_DATA", ["NO_RECORDS"]])),
        (
            dataset("elsewhere"),
            json!(["NO_DATA", ["TRADE_NOT_REPORTED"]]),
        ),
        (
            dataset("unpriced"),
            json!(["NOT_COMPARABLE", ["FIGURES_MISSING"]]),
        ),
        (totals, json!(["NOT_COMPARABLE", ["GRAIN_NOT_COUNTED"]])),
    ];
    for (set, verdict) in sets {
        let rows = match set.slug.as_str() {
            "agrees" | "own" => months(&set, drones, 2023, 1..=6, 20),
            "disagrees" => months(&set, drones, 2023, 1..=6, 10),
            "half" => months(&set, drones, 2023, 1..=3, 20),
            "half-enough" => months(&set, drones, 2023, 1..=3, 40),
            "euros" => euros(&set),
            "old" => months(&set, cameras, 2023, 1..=6, 20),
            "old-less" => months(&set, cameras, 2023, 1..=6, 10),
            "yearly" => year(&set)?,
            "before" => months(&set, drones, 2021, 1..=12, 20),
            "other-goods" => months(&set, others, 2023, 1..=6, 20),
            "elsewhere" => elsewhere(&set),
            "unpriced" => unpriced(&set),
            _ => Vec::new(),
        };
        expected.push((set.slug.clone(), verdict));
        publish(&app.db, set, rows).await?;
    }
    let fields = "verdict reasons { code message } perspective computed ratio unit recordCount isIndependent acceptedFrom acceptedTo valuation
        coverage { monthsAsked monthsPresent missing }";
    for (slug, verdict) in &expected {
        let found = checked(&app, text, &[slug], fields).await?;
        ensure(found.as_array().map(Vec::len), Some(1))
            .and_then(|()| ensure(short(&found[0]), verdict.clone()))
            .map_err(|error| format!("{slug}: {error:?}"))?;
    }
    let found = checked(&app, text, &["half", "own"], fields).await?;
    let mut half = found[0].clone();
    half["reasons"].take();
    let wanted = json!({
        "dataset": { "slug": "half" }, "verdict": "PARTIAL_COVERAGE", "reasons": null, "perspective": "EXPORTER",
        "computed": "60", "ratio": "0.6", "unit": "USD", "recordCount": 3, "isIndependent": true,
        "acceptedFrom": "100", "acceptedTo": null, "valuation": "FOB",
        "coverage": { "monthsAsked": 6, "monthsPresent": 3, "missing": ["2023-04/2023-06"] },
    });
    ensure(&half, &wanted)?;
    ensure(&found[1]["isIndependent"], &json!(false))
}

async fn comparators(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let Goods { list, drones, .. } = goods(&app).await?;
    let (whole, half) = (dataset("whole"), dataset("half"));
    let rows = months(&whole, drones, 2023, 1..=6, 20);
    publish(&app.db, whole, rows).await?;
    let rows = months(&half, drones, 2023, 1..=3, 40);
    publish(&app.db, half, rows).await?;
    // Both come to 120; the second may be more.
    for (comparator, number, upper, of_whole, of_half) in [
        (
            Comparator::Exact,
            120,
            None,
            "CONSISTENT",
            "PARTIAL_COVERAGE",
        ),
        (
            Comparator::Exact,
            121,
            None,
            "INCONSISTENT",
            "PARTIAL_COVERAGE",
        ),
        (Comparator::Exact, 110, None, "INCONSISTENT", "INCONSISTENT"),
        (
            Comparator::About,
            115,
            None,
            "CONSISTENT",
            "PARTIAL_COVERAGE",
        ),
        (Comparator::About, 100, None, "INCONSISTENT", "INCONSISTENT"),
        (Comparator::MoreThan, 119, None, "CONSISTENT", "CONSISTENT"),
        (
            Comparator::MoreThan,
            120,
            None,
            "INCONSISTENT",
            "PARTIAL_COVERAGE",
        ),
        (
            Comparator::LessThan,
            121,
            None,
            "CONSISTENT",
            "PARTIAL_COVERAGE",
        ),
        (
            Comparator::LessThan,
            120,
            None,
            "INCONSISTENT",
            "INCONSISTENT",
        ),
        (
            Comparator::Between,
            100,
            Some(120),
            "CONSISTENT",
            "PARTIAL_COVERAGE",
        ),
        (
            Comparator::Between,
            50,
            Some(100),
            "INCONSISTENT",
            "INCONSISTENT",
        ),
    ] {
        let text = format!("{comparator:?} {number}");
        let figure = claim::Model {
            upper_amount: upper.and_then(amount),
            ..stated(comparator, number)?
        };
        let mut desk = Desk::open(&app).await?;
        desk.figure(&text, figure, Some(list)).await?;
        desk.close().await?;
        let found = checked(&app, &text, &["whole", "half"], "verdict computed").await?;
        let verdicts = json!([found[0]["verdict"], found[1]["verdict"]]);
        ensure(verdicts, json!([of_whole, of_half]))
            .map_err(|error| format!("{text}: {error:?}"))?;
    }
    Ok(())
}

async fn changes(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let Goods { list, drones, .. } = goods(&app).await?;
    let grown = dataset("grown");
    let mut rows = months(&grown, drones, 2022, 1..=12, 10);
    rows.extend(months(&grown, drones, 2023, 1..=6, 15));
    publish(&app.db, grown, rows).await?;
    let new = dataset("new");
    let rows = months(&new, drones, 2023, 1..=6, 15);
    publish(&app.db, new, rows).await?;
    let nothing = dataset("nothing");
    let mut rows = months(&nothing, drones, 2022, 1..=12, 0);
    rows.extend(months(&nothing, drones, 2023, 1..=6, 15));
    publish(&app.db, nothing, rows).await?;
    let cut = dataset("cut");
    let mut rows = months(&cut, drones, 2022, 2..=12, 10);
    rows.extend(months(&cut, drones, 2023, 1..=6, 15));
    publish(&app.db, cut, rows).await?;

    let figure = |percent, base: Option<[&str; 2]>| -> Result<_, Failed> {
        let base = base.map(|[start, end]| Ok::<_, Failed>((day(start)?, day(end)?)));
        let base = base.transpose()?;
        Ok(claim::Model {
            kind: ClaimKind::Change,
            change_percent: amount(percent),
            change_base_start: base.map(|(start, _)| start),
            change_base_end: base.map(|(_, end)| end),
            amount: None,
            comparator: None,
            ..stated(Comparator::Exact, 1)?
        })
    };
    let mut desk = Desk::open(&app).await?;
    desk.figure("Up by half", figure(50, None)?, Some(list))
        .await?;
    let of_2022 = Some(["2022-01-01", "2022-12-31"]);
    desk.figure("Up by half from 2022", figure(50, of_2022)?, Some(list))
        .await?;
    desk.close().await?;

    let fields = "verdict reasons { code message } computed ratio acceptedFrom changes { basis base baseFigure baseRecordCount changePercent verdict reasons { code message } }";
    let of = async |claim: &str, set: &str| -> Result<Value, Failed> {
        let found = checked(&app, claim, &[set], fields).await?;
        let changes = found[0]["changes"].as_array().cloned().unwrap_or_default();
        let changes: Vec<_> = changes
            .iter()
            .map(|change| {
                json!([
                    change["basis"],
                    change["base"],
                    change["baseFigure"],
                    change["changePercent"],
                    short(change)
                ])
            })
            .collect();
        Ok(json!([found[0]["verdict"], found[0]["computed"], changes]))
    };
    ensure(
        of("Up by half", "grown").await?,
        json!([
            "CONSISTENT",
            "90",
            [
                [
                    ["SAME_MONTHS_YEAR_BEFORE"],
                    "2022-01/2022-06",
                    "60",
                    "50",
                    ["CONSISTENT", []]
                ],
                [
                    ["FULL_YEAR_BEFORE"],
                    "2022",
                    "120",
                    "-25",
                    ["INCONSISTENT", []]
                ],
            ]
        ]),
    )?;
    ensure(
        of("Up by half from 2022", "grown").await?,
        json!([
            "INCONSISTENT",
            "90",
            [
                [
                    ["STATED", "FULL_YEAR_BEFORE"],
                    "2022",
                    "120",
                    "-25",
                    ["INCONSISTENT", []]
                ],
                [
                    ["SAME_MONTHS_YEAR_BEFORE"],
                    "2022-01/2022-06",
                    "60",
                    "50",
                    ["CONSISTENT", []]
                ],
            ]
        ]),
    )?;
    ensure(
        of("Up by half from 2022", "new").await?,
        json!([
            "NO_DATA",
            "90",
            [
                [
                    ["STATED", "FULL_YEAR_BEFORE"],
                    "2022",
                    null,
                    null,
                    ["NO_DATA", ["BASE_WITHOUT_DATA"]]
                ],
                [
                    ["SAME_MONTHS_YEAR_BEFORE"],
                    "2022-01/2022-06",
                    null,
                    null,
                    ["NO_DATA", ["BASE_WITHOUT_DATA"]]
                ],
            ]
        ]),
    )?;
    ensure(
        of("Up by half from 2022", "nothing").await?,
        json!([
            "NOT_COMPARABLE",
            "90",
            [
                [
                    ["STATED", "FULL_YEAR_BEFORE"],
                    "2022",
                    "0",
                    null,
                    ["NOT_COMPARABLE", ["BASE_IS_ZERO"]]
                ],
                [
                    ["SAME_MONTHS_YEAR_BEFORE"],
                    "2022-01/2022-06",
                    "0",
                    null,
                    ["NOT_COMPARABLE", ["BASE_IS_ZERO"]]
                ],
            ]
        ]),
    )?;
    // With January 2022 missing, the base may be higher, and the change lower.
    ensure(
        of("Up by half", "cut").await?,
        json!([
            "PARTIAL_COVERAGE",
            "90",
            [
                [
                    ["SAME_MONTHS_YEAR_BEFORE"],
                    "2022-01/2022-06",
                    "50",
                    "80",
                    ["PARTIAL_COVERAGE", ["MONTHS_MISSING", "MONTHS_DIFFER"]]
                ],
                [
                    ["FULL_YEAR_BEFORE"],
                    "2022",
                    "110",
                    "-18.182",
                    ["INCONSISTENT", ["MONTHS_MISSING"]]
                ],
            ]
        ]),
    )
}

async fn measures(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let Goods { list, drones, .. } = goods(&app).await?;
    // Both sides report, and never add up.
    let both = dataset("both");
    let rows = months(&both, drones, 2023, 1..=6, 20).into_iter();
    let rows = rows.flat_map(|row| {
        let row = shipment::Model {
            quantity: amount(3),
            quantity_unit: Some("u".to_owned()),
            net_mass: amount(2),
            net_mass_estimated: true,
            ..row
        };
        let other = shipment::Model {
            id: Uuid::now_v7(),
            key: format!("{}-import", row.key),
            reported_by: ReportedBy::Importer,
            flow: Flow::Import,
            value: amount(25),
            valuation: Valuation::Cif,
            ..row.clone()
        };
        [row, other]
    });
    let rows = rows.collect();
    publish(&app.db, both, rows).await?;
    let quantity = |measure, unit: Option<&str>, number| -> Result<_, Failed> {
        Ok(claim::Model {
            measure: Some(measure),
            unit: unit.map(str::to_owned),
            currency: None,
            ..stated(Comparator::Exact, number)?
        })
    };
    let mut desk = Desk::open(&app).await?;
    for (text, figure) in [
        ("Dollars", stated(Comparator::Exact, 120)?),
        ("Pieces", quantity(Measure::Quantity, Some("u"), 18)?),
        ("Pairs", quantity(Measure::Quantity, Some("2u"), 9)?),
        ("Mass", quantity(Measure::NetMass, None, 12)?),
        ("Share", quantity(Measure::Share, None, 10)?),
    ] {
        desk.figure(text, figure, Some(list)).await?;
    }
    // A figure that is said to be without freight.
    let text = "Free on board";
    let claim = desk
        .figure(text, stated(Comparator::LessThan, 130)?, Some(list))
        .await?;
    let (source, _) = (desk.source("Own", None).await?, ());
    desk.says(claim, Stance::Asserts, None, source).await?;
    desk.close().await?;
    let totals = dataset::Model {
        grain: Grain::ReportedTotal,
        ..dataset("totals")
    };
    let row = monthly(&totals, drones, 2023, 1, 130);
    let record = row.id;
    publish(&app.db, totals, vec![row]).await?;
    let mut desk = Desk::open(&app).await?;
    let subjects = [(None, Some(list)), (Some(record), None)];
    let subjects = subjects.into_iter().zip(1..);
    let subjects =
        subjects.map(
            |((shipment_id, product_list_id), position)| claim_subject::Model {
                position,
                shipment_id,
                product_list_id,
                ..claim_subject::Model::default()
            },
        );
    let subjects = subjects.collect();
    desk.edit
        .set_parts::<claim_subject::Entity>(claim, subjects)
        .await?;
    desk.close().await?;

    let fields = "perspective verdict computed unit valuation reasons { code message }";
    for (claim, expected) in [
        (
            "Dollars",
            json!([
                ["EXPORTER", "120", "USD", "FOB", ["CONSISTENT", []]],
                ["IMPORTER", "150", "USD", "CIF", ["INCONSISTENT", []]]
            ]),
        ),
        (
            "Pieces",
            json!([
                [
                    "EXPORTER",
                    "18",
                    "u",
                    "FOB",
                    ["CONSISTENT", ["ESTIMATED_VALUES"]]
                ],
                [
                    "IMPORTER",
                    "18",
                    "u",
                    "CIF",
                    ["CONSISTENT", ["ESTIMATED_VALUES"]]
                ]
            ]),
        ),
        (
            "Pairs",
            json!([
                [
                    "EXPORTER",
                    null,
                    null,
                    "FOB",
                    ["NOT_COMPARABLE", ["UNIT_DIFFERS", "ESTIMATED_VALUES"]]
                ],
                [
                    "IMPORTER",
                    null,
                    null,
                    "CIF",
                    ["NOT_COMPARABLE", ["UNIT_DIFFERS", "ESTIMATED_VALUES"]]
                ]
            ]),
        ),
        (
            "Mass",
            json!([
                [
                    "EXPORTER",
                    "12",
                    "kg",
                    "FOB",
                    ["CONSISTENT", ["ESTIMATED_VALUES"]]
                ],
                [
                    "IMPORTER",
                    "12",
                    "kg",
                    "CIF",
                    ["CONSISTENT", ["ESTIMATED_VALUES"]]
                ]
            ]),
        ),
        (
            "Share",
            json!([[
                null,
                null,
                null,
                null,
                ["NOT_COMPARABLE", ["MEASURE_NOT_COMPUTED"]]
            ]]),
        ),
        // 150 with freight may be less than 130 without it.
        (
            "Free on board",
            json!([
                ["EXPORTER", "120", "USD", "FOB", ["CONSISTENT", []]],
                [
                    "IMPORTER",
                    "150",
                    "USD",
                    "CIF",
                    ["NOT_COMPARABLE", ["CIF_AGAINST_FOB"]]
                ]
            ]),
        ),
    ] {
        let found = checked(&app, claim, &["both"], fields).await?;
        let found = found.as_array().cloned().unwrap_or_default();
        let found: Vec<_> = found
            .iter()
            .map(|check| {
                json!([
                    check["perspective"],
                    check["computed"],
                    check["unit"],
                    check["valuation"],
                    short(check)
                ])
            })
            .collect();
        ensure(Value::from(found), expected).map_err(|error| format!("{claim}: {error:?}"))?;
    }
    Ok(())
}

async fn barred(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let Goods { list, drones, .. } = goods(&app).await?;
    let any = dataset("any");
    let rows = months(&any, drones, 2023, 1..=6, 20);
    publish(&app.db, any, rows).await?;
    let figure = stated(Comparator::Exact, 120)?;
    let no_trade = claim::Model {
        exporter_id: None,
        importer_id: None,
        period_start: None,
        period_end: None,
        ..figure.clone()
    };
    let mut desk = Desk::open(&app).await?;
    desk.figure("No goods", figure.clone(), None).await?;
    desk.figure("No trade", no_trade, Some(list)).await?;
    desk.claim("No figure").await?;
    desk.close().await?;
    let fields = "verdict perspective reasons { code message }";
    let found = checked(&app, "No goods", &[], fields).await?;
    ensure(
        short(&found[0]),
        json!(["NOT_COMPARABLE", ["SCOPE_NOT_MAPPED"]]),
    )?;
    let found = checked(&app, "No trade", &[], fields).await?;
    let expected = json!([
        "NOT_COMPARABLE",
        ["SCOPE_NOT_MAPPED", "TRADE_NOT_NAMED", "PERIOD_NOT_STATED"]
    ]);
    ensure(short(&found[0]), expected)?;
    let found = checked(&app, "No figure", &[], fields).await?;
    ensure(&found, &json!([]))
}

async fn named(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let Goods { list, drones, .. } = goods(&app).await?;
    // One that holds the trade comes before those that do not, and a draft is none.
    for (slug, status) in [
        ("a-empty", Status::Published),
        ("b-trade", Status::Published),
        ("c-draft", Status::Draft),
    ] {
        let set = dataset::Model {
            status,
            ..dataset(slug)
        };
        let rows = match slug {
            "a-empty" => Vec::new(),
            _ => months(&set, drones, 2023, 1..=6, 20),
        };
        publish(&app.db, set, rows).await?;
    }
    let mut desk = Desk::open(&app).await?;
    desk.figure("Named", stated(Comparator::Exact, 120)?, Some(list))
        .await?;
    desk.close().await?;
    let found = checked(&app, "Named", &[], "verdict").await?;
    let expected = json!([{ "dataset": { "slug": "b-trade" }, "verdict": "CONSISTENT" },
        { "dataset": { "slug": "a-empty" }, "verdict": "NO_DATA" }]);
    ensure(&found, &expected)?;
    for slug in ["c-draft", "nowhere"] {
        let query =
            format!("{{ claims {{ nodes {{ checks(datasets: [\"{slug}\"]) {{ verdict }} }} }} }}");
        let answer = app.anonymous(&query, json!({})).await?;
        ensure(
            &answer["errors"][0]["extensions"]["code"],
            &json!("BAD_USER_INPUT"),
        )?;
    }
    Ok(())
}
