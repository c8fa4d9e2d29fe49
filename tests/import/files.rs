//! Files as a whole: other forms, rehearsals, and files of another kind.
use libtest_mimic::{Failed, Trial};
use serde_json::json;

use super::{Bench, csv};
use crate::harness::{Backend, ensure, trial, waybill};

pub fn trials(backend: &Backend) -> Vec<Trial> {
    vec![
        trial(backend, "import::comtrade_json", json_envelope),
        trial(
            backend,
            "import::strict_and_dry_run_keep_nothing",
            nothing_kept,
        ),
        trial(backend, "import::files_of_another_kind", wrong_files),
    ]
}

async fn json_envelope(backend: Backend) -> Result<(), Failed> {
    let bench = Bench::new(&backend).await?;
    let record = |partner: &str, value: &str| {
        format!(
            r#"{{"freqCode":"A","period":"2022","reporterCode":156,"flowCode":"X","partnerCode":{partner},"classificationCode":"H6","cmdCode":"440111","netWgt":null,"isAggregate":false,"primaryValue":{value}}}"#
        )
    };
    let rows = [
        record("643", "1000000000000.001"),
        record("0", "7.0"),
        record("4", r#""x""#),
    ]
    .join(",");
    let envelope = format!(r#"{{"elapsedTime":"0.2 secs","count":3,"data":[{rows}],"error":""}}"#);
    let outcome = bench.comtrade(&envelope, &[])?.succeeded()?;
    ensure(outcome.report()?, [3, 2, 0, 1])?;
    ensure(
        outcome.stderr.contains("record 3, column primaryValue"),
        true,
    )?;
    ensure(
        bench
            .comtrade(format!("[{rows}]"), &[])?
            .succeeded()?
            .report()?,
        [3, 0, 2, 1],
    )?;
    let cut = &envelope[..envelope.len() - 30];
    bench
        .comtrade(cut, &[])?
        .failed_saying("cannot be read as JSON after")?;
    let data = bench
        .ask("{ shipments(orderBy: { field: VALUE, direction: DESC }) { nodes { value } } }")
        .await?;
    ensure(
        &data["shipments"]["nodes"],
        &json!([{ "value": "1000000000000.001" }, { "value": "7" }]),
    )
}

async fn nothing_kept(backend: Backend) -> Result<(), Failed> {
    let bench = Bench::new(&backend).await?;
    let text = csv(&[&[], &[("flowCode", "Q")]]);
    let strict = bench.comtrade(&text, &["--strict"])?;
    ensure(strict.status.success(), false)?;
    ensure(
        strict
            .stderr
            .contains("1 of 2 rows were refused, and nothing is to be kept then"),
        true,
    )?;
    let rehearsed = bench.comtrade(&text, &["--dry-run"])?.succeeded()?;
    ensure(rehearsed.report()?, [2, 1, 0, 1])?;
    ensure(rehearsed.stdout.contains("Nothing was written."), true)?;
    let data = bench
        .ask("{ shipments { totalCount } datasets { totalCount } products { totalCount } }")
        .await?;
    let none = json!({ "totalCount": 0 });
    ensure(
        data,
        json!({ "shipments": none, "datasets": none, "products": none }),
    )
}

async fn wrong_files(backend: Backend) -> Result<(), Failed> {
    let bench = Bench::new(&backend).await?;
    let rows = [
        ("", "it has no column"),
        ("a,b\n1,2", "is not what the mapping comtrade describes"),
        ("{\"data\": []}", "it holds no records"),
        (
            "{\"data\": [{\"a\": 1}]}",
            "is not what the mapping comtrade describes",
        ),
        ("[1]", "cannot be read as JSON"),
    ];
    for (text, words) in rows {
        bench.comtrade(text, &[])?.failed_saying(words)?;
    }
    let missing = waybill(
        &bench.database.url,
        &["import", "comtrade", "/no/such/file", "--dataset", "x"],
    )?;
    missing.failed_saying("/no/such/file")?;
    bench
        .hs("a,b\n1,2", "HS2022")?
        .failed_saying("is not a nomenclature of the HS")?;
    bench
        .hs("hscode,description,parent,level\n44,Wood,TOTAL,2", "HS2023")?
        .failed_saying("no edition HS2023")?;
    let named = waybill(
        &bench.database.url,
        &["import", "comtrade", "x", "--dataset", "Not A Slug"],
    )?;
    named.failed_saying("cannot name a dataset")?;
    let data = bench
        .ask("{ datasets { totalCount } products { totalCount } }")
        .await?;
    ensure(
        data,
        json!({ "datasets": { "totalCount": 0 }, "products": { "totalCount": 0 } }),
    )
}
