//! Stated changes, from each base that may be meant.
use entity::claim::{self, ChangeDirection, ClaimKind, Comparator};
use libtest_mimic::Failed;
use serde_json::{Value, json};

use super::{Goods, amount, checked, day, goods, months, short, stated};
use crate::harness::{App, Backend, Desk, Template, dataset, ensure, publish};

pub async fn changes(backend: Backend) -> Result<(), Failed> {
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

/// "It declined": from which base, and whether what is missing could turn it.
pub async fn directions(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let Goods { list, drones, .. } = goods(&app).await?;
    // Less than the year before as a whole, more than in its same months, or than nothing.
    for (slug, months_before, before, now) in [
        ("fallen", 1..=12, 10, 5),
        ("risen", 1..=12, 10, 15),
        ("alike", 1..=6, 10, 10),
        ("from-nothing", 1..=12, 0, 15),
        ("base-cut", 2..=12, 10, 5),
    ] {
        let set = dataset(slug);
        let mut rows = months(&set, drones, 2022, months_before, before);
        rows.extend(months(&set, drones, 2023, 1..=6, now));
        publish(&app.db, set, rows).await?;
    }
    let mut desk = Desk::open(&app).await?;
    for (text, direction) in [
        ("It rose", ChangeDirection::Increase),
        ("It declined", ChangeDirection::Decrease),
    ] {
        let figure = claim::Model {
            change_direction: Some(direction),
            amount: None,
            comparator: None,
            ..stated(Comparator::Exact, 1)?
        };
        desk.figure(text, figure, Some(list)).await?;
    }
    desk.close().await?;
    let fields = "verdict changes { basis changePercent verdict reasons { code } }";
    for (slug, percents, rose, declined) in [
        (
            "fallen",
            json!(["-50", "-75"]),
            ["INCONSISTENT"; 2],
            ["CONSISTENT"; 2],
        ),
        (
            "risen",
            json!(["50", "-25"]),
            ["CONSISTENT", "INCONSISTENT"],
            ["INCONSISTENT", "CONSISTENT"],
        ),
        // The year before is not whole: it may have been more, never less.
        (
            "alike",
            json!(["0", "0"]),
            ["INCONSISTENT", "INCONSISTENT"],
            ["INCONSISTENT", "PARTIAL_COVERAGE"],
        ),
        (
            "from-nothing",
            json!([null, null]),
            ["CONSISTENT"; 2],
            ["INCONSISTENT"; 2],
        ),
        // With January 2022 there, the decline would be no smaller.
        (
            "base-cut",
            json!(["-40", "-72.727"]),
            ["INCONSISTENT"; 2],
            ["CONSISTENT"; 2],
        ),
    ] {
        for (text, verdicts) in [("It rose", rose), ("It declined", declined)] {
            let check = &checked(&app, text, &[slug], fields).await?[0];
            let part = |name: &str| -> Vec<Value> {
                let changes = check["changes"].as_array().into_iter().flatten();
                changes.map(|change| change[name].clone()).collect()
            };
            let named = json!([["SAME_MONTHS_YEAR_BEFORE"], ["FULL_YEAR_BEFORE"]]);
            ensure(json!(part("basis")), named)?;
            ensure(json!(part("changePercent")), percents.clone())?;
            ensure(json!(part("verdict")), json!(verdicts))
                .map_err(|error| format!("{text}, {slug}: {error:?}"))?;
        }
    }
    Ok(())
}
