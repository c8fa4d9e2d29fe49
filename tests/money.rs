//! Money: what went in comes out, and sums are exact, at three decimals and at 10^12.
use chrono::{NaiveDate, TimeDelta};
use entity::{
    shipment,
    value::{Date, Decimal},
};
use libtest_mimic::{Failed, Trial};
use proptest::prelude::*;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;
use waybill::kit::cell::{Cell, Form};

use crate::harness::{App, Backend, Template, dataset, generate, publish, runner, shipment, trial};

pub fn trials(backend: &Backend) -> Vec<Trial> {
    vec![
        trial(backend, "money::texts_come_back", texts_come_back),
        trial(
            backend,
            "money::values_come_back_and_add_up",
            values_come_back,
        ),
    ]
}

/// As pages have it that are written from their rows.
fn written(cell: &Cell<'_>, form: Form) -> String {
    let mut out = Vec::new();
    cell.write(form, &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

async fn texts_come_back(_: Backend) -> Result<(), Failed> {
    let mut runner = runner();
    runner.run(&any::<i64>(), |thousandths| {
        let decimal = Decimal::from_thousandths(thousandths);
        prop_assert_eq!(decimal.to_string().parse(), Ok(decimal));
        let cell = Cell::Number(thousandths);
        prop_assert_eq!(written(&cell, Form::Decimal), format!("\"{decimal}\""));
        Ok(())
    })?;
    let days = -800_000i64..3_600_000;
    runner.run(&days, |day| {
        let date = NaiveDate::default() + TimeDelta::days(day);
        let shown = format!("\"{}\"", Date(date));
        prop_assert_eq!(written(&Cell::Date(date), Form::Plain), shown);
        Ok(())
    })?;
    let rows = [
        ("7.087", Some("7.087")),
        ("16296865315.381", Some("16296865315.381")),
        ("1000000000000.001", Some("1000000000000.001")),
        ("6804128143.0", Some("6804128143")),
        ("-0.5", Some("-0.5")),
        ("1.5E+3", Some("1500")),
        ("9223372036854775.807", Some("9223372036854775.807")),
        ("9223372036854775.808", None),
        ("0.0001", None),
        ("0.30000000000000004", None),
        ("1,000", None),
        ("1_000", None),
        ("", None),
        ("NaN", None),
        ("1e99", None),
    ];
    for (text, expected) in rows {
        let found = text
            .parse::<Decimal>()
            .ok()
            .map(|decimal| decimal.to_string());
        if found.as_deref() != expected {
            return Err(format!("{text} is {found:?}, not {expected:?}").into());
        }
    }
    Ok(())
}

async fn values_come_back(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let mut runner = runner();
    let around = prop_oneof![0i64..10_000, 999_999_999_999_000i64..1_000_000_000_999_999];
    let values = proptest::collection::vec(around, 200);
    let values = generate(&mut runner, &values)?;
    let dataset = dataset("money");
    let rows = values
        .iter()
        .enumerate()
        .map(|(place, value)| shipment::Model {
            value: Some(Decimal::from_thousandths(*value)),
            currency: Some("USD".to_owned()),
            net_mass: Some(Decimal::from_thousandths(*value)),
            ..shipment(&dataset, &format!("{place:03}"))
        });
    let rows = rows.collect();
    publish(&app.db, dataset, rows).await?;

    let query = "{ shipments(first: 200, orderBy: { field: KEY }) { nodes { value netMass } } }";
    let data = app.data(query, json!({})).await?;
    let nodes = data["shipments"]["nodes"].as_array().ok_or("no nodes")?;
    let found: Vec<_> = nodes
        .iter()
        .map(|node| (node["value"].as_str(), node["netMass"].as_str()))
        .collect();
    let texts: Vec<_> = values
        .iter()
        .map(|value| Decimal::from_thousandths(*value).to_string())
        .collect();
    let expected: Vec<_> = texts
        .iter()
        .map(|text| (Some(text.as_str()), Some(text.as_str())))
        .collect();
    if found != expected {
        return Err("values did not come back as they went in".into());
    }

    let sql = "SELECT CAST(sum(value) AS text) AS total FROM shipment";
    let statement = Statement::from_string(app.db.read.get_database_backend(), sql);
    let row = app
        .db
        .read
        .query_one_raw(statement)
        .await?
        .ok_or("no sum")?;
    let total: String = row.try_get("", "total")?;
    let expected: i64 = values.iter().sum();
    if total != expected.to_string() {
        return Err(format!("the sum is {total}, not {expected}").into());
    }
    Ok(())
}
