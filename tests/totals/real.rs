//! Real files of UN Comtrade, where they are at hand: totals are those of the file, read once more.
use std::collections::BTreeMap;

use entity::value::Decimal;
use libtest_mimic::Failed;
use serde_json::json;

use crate::harness::{self, App, Backend, Template, ensure, waybill};

/// A year, a reporter's M49 code and a code of the HS, with the value in thousandths.
type Rows = Vec<(String, String, String, i128)>;

pub async fn comtrade(backend: Backend) -> Result<(), Failed> {
    let Some(data) = harness::real_data() else {
        harness::say("totals: ../shared/data is absent, nothing compared");
        return Ok(());
    };
    let database = backend.database(Template::Empty).await?;
    let (wood, bulk) = (
        "eu27_wood_imports_world_2018-2022.csv",
        "bulk_h0_2000_100rows.csv",
    );
    for (name, dataset) in [(wood, "wood"), (bulk, "bulk")] {
        let file = data.join("comtrade").join(name).display().to_string();
        waybill(
            &database.url,
            &["import", "comtrade", &file, "--dataset", dataset],
        )?
        .succeeded()?;
    }
    let app = App::over(database).await?;

    // Chapters, headings and subheadings stand in one file, of the World alone: each reporter's
    // finest rows count, and nothing when the World is not asked for.
    let rows = read(&data.join("comtrade").join(wood), |row| {
        row("partnercode") == "0"
    })?;
    let mut years: BTreeMap<&str, i128> = BTreeMap::new();
    for (year, reporter, code, value) in &rows {
        let has_finer = rows.iter().any(|(other_year, other, finer, _)| {
            (other_year, other) == (year, reporter)
                && finer != code
                && finer.starts_with(code.as_str())
        });
        if !has_finer {
            *years.entry(year).or_default() += value;
        }
    }
    let query = "{
        world: tradeTotals(grain: STATISTIC, perspective: IMPORTER, groupBy: [YEAR],
            filter: { dataset: { slug: { eq: \"wood\" } }, exporter: { m49: { eq: \"000\" } } }) {
            rows { period value }
        }
        countries: tradeTotals(grain: STATISTIC, perspective: IMPORTER,
            filter: { dataset: { slug: { eq: \"wood\" } } }) { total { recordCount value } }
        partners: tradeTotals(grain: STATISTIC, perspective: EXPORTER,
            filter: { dataset: { slug: { eq: \"bulk\" } } }) { total { recordCount value } }
        publisher: tradeTotals(grain: STATISTIC, perspective: EXPORTER,
            filter: { dataset: { slug: { eq: \"bulk\" } }, importer: { m49: { eq: \"000\" } } }) { total { value } }
    }";
    let found = app.data(query, json!({})).await?;
    let expected: Vec<_> = years
        .into_iter()
        .map(|(year, value)| json!({ "period": year, "value": text(value) }))
        .collect();
    ensure(&found["world"]["rows"], &json!(expected))?;
    ensure(
        &found["countries"]["total"],
        &json!({ "recordCount": 0, "value": null }),
    )?;

    // The file was cut off after 99 partners: they add up to what it has of them, and are not
    // added to the publisher's World, which stands beside them.
    let partners = read(&data.join("comtrade").join(bulk), |row| {
        row("partnercode") != "0"
    })?;
    let world = read(&data.join("comtrade").join(bulk), |row| {
        row("partnercode") == "0"
    })?;
    let sum = |rows: &Rows| text(rows.iter().map(|(.., value)| value).sum());
    let total = json!({ "recordCount": partners.len(), "value": sum(&partners) });
    ensure(&found["partners"]["total"], &total)?;
    ensure(&found["publisher"]["total"]["value"], &json!(sum(&world)))
}

/// The rows of a file for which something holds.
fn read(
    file: &std::path::Path,
    holds: impl Fn(&dyn Fn(&str) -> String) -> bool,
) -> Result<Rows, Failed> {
    let mut reader = csv::Reader::from_path(file)?;
    let plain = |name: &str| name.replace('_', "").to_lowercase();
    let names: Vec<String> = reader.headers()?.iter().map(plain).collect();
    let mut rows = Rows::new();
    for record in reader.records() {
        let record = record?;
        let column = |name: &str| {
            let place = names.iter().position(|own| own == name);
            place
                .and_then(|place| record.get(place))
                .unwrap_or_default()
                .to_owned()
        };
        if holds(&column) {
            let value: Decimal = column("primaryvalue").parse()?;
            let value = i128::from(value.thousandths());
            rows.push((
                column("period"),
                column("reportercode"),
                column("cmdcode"),
                value,
            ));
        }
    }
    Ok(rows)
}

fn text(thousandths: i128) -> String {
    waybill::kit::sum::DecimalSum(thousandths).to_string()
}
