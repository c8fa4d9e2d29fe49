//! What is measured: money with and without freight, pieces, masses; by each side alone.
use entity::{
    claim::{self, Comparator, Measure},
    claim_subject,
    dataset::{self, Grain, Valuation},
    shipment::{self, Flow, ReportedBy},
    statement::Stance,
};
use libtest_mimic::Failed;
use sea_orm::prelude::Uuid;
use serde_json::{Value, json};

use super::{Goods, amount, checked, goods, monthly, months, short, stated};
use crate::harness::{App, Backend, Desk, Template, dataset, ensure, publish};

pub async fn measures(backend: Backend) -> Result<(), Failed> {
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
    let source = desk.source("Own", None).await?;
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
