//! Monthly statistics by a mapping of one's own: totals are those of the file, to the last digit.
use std::collections::BTreeMap;

use libtest_mimic::Failed;
use waybill::kit::db::Db;

use super::{absent, answers};
use crate::harness::{Backend, Template, ensure, real_data, waybill};

const MAPPING: &str = r#"
title = "China's exports by month"

[dataset]
title = "China's exports by month"
grain = "STATISTIC"
currency = "USD"
valuation = "FOB"

[record]
key = ["period", "reporter", "flow", "partner", "product"]
period = { column = "period_dt", format = "%Y-%m-%d", as = "month" }
reporter = { constant = "CN" }
partner = { column = "partner_name", codes = "countries/name" }
flow = { constant = "EXPORT" }
edition = { by = "period" }
product = { column = "hs6", pad = 6 }
value = { column = "val", null = "0" }
net_mass = { column = "qty", null = "0" }
"#;

/// An amount in thousandths.
fn thousandths(text: &str) -> Result<i128, Failed> {
    let (whole, places) = text.split_once('.').unwrap_or((text, ""));
    Ok(format!("{whole}{places:0<3}").parse()?)
}

pub async fn to_russia(backend: Backend) -> Result<(), Failed> {
    let Some(data) = real_data() else {
        return absent();
    };
    let database = backend.database(Template::Empty).await?;
    let path = data.join("monthly/deep_dive_hs6_monthly.csv");
    let folder = tempfile::tempdir()?;
    let mapping = folder.path().join("monthly.toml");
    std::fs::write(&mapping, MAPPING)?;
    let (file, mapping) = (path.display().to_string(), mapping.display().to_string());
    for expected in [[6_442, 6_442, 0, 0], [6_442, 0, 6_442, 0]] {
        let arguments = [
            "import",
            "csv",
            &file,
            "--mapping",
            &mapping,
            "--dataset",
            "monthly",
        ];
        let report = waybill(&database.url, &arguments)?.succeeded()?.report()?;
        ensure(report, expected)?;
    }
    let mut expected: BTreeMap<[String; 2], [i128; 2]> = BTreeMap::new();
    let mut rows = 0;
    for line in std::fs::read_to_string(&path)?.lines().skip(1) {
        let fields: Vec<_> = line.split(',').collect();
        if let [day, "Russia", code, value, mass, _] = fields.as_slice() {
            let sums = expected
                .entry([(*code).to_owned(), (*day).to_owned()])
                .or_default();
            sums[0] += thousandths(value)?;
            sums[1] += thousandths(mass)?;
            rows += 1;
        }
    }
    ensure(rows, 229)?;
    let db = Db::open(&database.url).await?;
    let found = answers(
        &db,
        "SELECT p.code, CAST(s.period_start AS TEXT), CAST(coalesce(sum(s.value), 0) AS TEXT), CAST(coalesce(sum(s.net_mass), 0) AS TEXT) \
         FROM shipment s JOIN product p ON p.id = s.product_id JOIN country i ON i.id = s.importer_id \
         JOIN country e ON e.id = s.exporter_id WHERE i.alpha2 = 'RU' AND e.alpha2 = 'CN' \
         AND s.frequency = 'MONTH' AND s.reported_by = 'EXPORTER' GROUP BY p.code, s.period_start",
    )
    .await?;
    let found = found
        .into_iter()
        .map(|row| match <[String; 4]>::try_from(row) {
            Ok([code, month, value, mass]) => Ok(([code, month], [value.parse()?, mass.parse()?])),
            Err(row) => Err(Failed::from(format!("{row:?} has other columns"))),
        });
    let found: BTreeMap<[String; 2], [i128; 2]> = found.collect::<Result<_, _>>()?;
    ensure(found, expected)?;
    db.close().await?;
    Ok(())
}
