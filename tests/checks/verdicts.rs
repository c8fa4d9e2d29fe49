//! One claim against datasets made to give each verdict, and each comparator.
use entity::{
    claim::{self, Comparator},
    dataset::{self, Grain},
    shipment,
    source_link::SourceLinkKind,
    statement::Stance,
    value::Frequency,
};
use libtest_mimic::Failed;
use serde_json::json;

use super::{Goods, amount, checked, day, goods, monthly, months, short, stated};
use crate::harness::{App, Backend, Desk, Template, country, dataset, ensure, publish};

pub async fn each_verdict(backend: Backend) -> Result<(), Failed> {
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
    desk.takes(article, SourceLinkKind::BasedOn, records)
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
    let fields = "verdict reasons { code message } perspective computed ratio unit recordCount records { totalCount } isIndependent acceptedFrom acceptedTo valuation
        coverage { monthsAsked monthsPresent missing }";
    for (slug, verdict) in &expected {
        let found = checked(&app, text, &[slug], fields).await?;
        ensure(found.as_array().map(Vec::len), Some(1))
            .and_then(|()| ensure(short(&found[0]), verdict.clone()))
            .and_then(|()| ensure(&found[0]["records"]["totalCount"], &found[0]["recordCount"]))
            .map_err(|error| format!("{slug}: {error:?}"))?;
    }
    let found = checked(&app, text, &["half", "own"], fields).await?;
    let mut half = found[0].clone();
    half["reasons"].take();
    let wanted = json!({
        "dataset": { "slug": "half" }, "verdict": "PARTIAL_COVERAGE", "reasons": null, "perspective": "EXPORTER",
        "computed": "60", "ratio": "0.6", "unit": "USD", "recordCount": 3, "records": { "totalCount": 3 }, "isIndependent": true,
        "acceptedFrom": "100", "acceptedTo": null, "valuation": "FOB",
        "coverage": { "monthsAsked": 6, "monthsPresent": 3, "missing": ["2023-04/2023-06"] },
    });
    ensure(&half, &wanted)?;
    ensure(&found[1]["isIndependent"], &json!(false))
}

pub async fn comparators(backend: Backend) -> Result<(), Failed> {
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
