//! How exports are asked for, and who is shown what.
use entity::value::Status;
use libtest_mimic::Failed;
use reqwest::Method;
use serde_json::{Value, json};

use super::{encoded, fill, get, rows, text, to_russia};
use crate::harness::{App, Backend, Template, dataset, ensure, publish, shipment};

pub async fn names_and_methods(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Filled).await?;
    let refused = [
        (
            "/export/shipments.xlsx",
            404,
            "NOT_FOUND",
            "shipments.parquet",
        ),
        ("/export/parties.csv", 404, "NOT_FOUND", "statements.csv"),
        (
            "/export/shipments.csv?filters={}",
            400,
            "BAD_USER_INPUT",
            "and no other",
        ),
        (
            "/export/shipments.csv?limit=0",
            400,
            "BAD_USER_INPUT",
            "from 1",
        ),
        (
            "/export/shipments.csv?limit=1&limit=2",
            400,
            "BAD_USER_INPUT",
            "twice",
        ),
        (
            "/export/shipments.csv?header=no",
            400,
            "BAD_USER_INPUT",
            "true or false",
        ),
        (
            "/export/shipments.csv?after=x",
            400,
            "BAD_USER_INPUT",
            "the last row that you have",
        ),
        (
            "/export/shipments.csv?filter=%7B",
            400,
            "BAD_USER_INPUT",
            "not an object in JSON",
        ),
    ];
    for (path, status, code, words) in refused {
        let response = get(&app, path).await?;
        ensure((path, response.status().as_u16()), (path, status))?;
        let body: Value = response.json().await?;
        let error = &body["errors"][0];
        ensure((path, &error["extensions"]["code"]), (path, &json!(code)))?;
        let message = error["message"].as_str().unwrap_or_default();
        if !message.contains(words) {
            return Err(format!("{path} does not say {words:?}: {message}").into());
        }
    }
    let posted = app
        .request(Method::POST, "/export/shipments.csv")
        .send()
        .await?;
    ensure(posted.status().as_u16(), 405)?;
    ensure(posted.headers()["allow"].to_str()?, "GET, HEAD")?;
    let bad = app
        .request(Method::GET, "/export/shipments.csv")
        .bearer_auth("none");
    ensure(bad.send().await?.status().as_u16(), 401)?;

    let path = "/export/shipments.csv?limit=3";
    let got = get(&app, path).await?;
    let head = app.request(Method::HEAD, path).send().await?;
    for name in [
        "content-type",
        "content-disposition",
        "cache-control",
        "vary",
    ] {
        ensure(got.headers().get(name), head.headers().get(name))?;
    }
    ensure(
        got.headers()["content-disposition"].to_str()?,
        "attachment; filename=\"waybill-shipments.csv\"",
    )?;
    ensure(got.text().await?.lines().count(), 4)?;
    ensure(head.text().await?, String::new())?;
    ensure(app.server().exports(), 0)?;

    // Packed on the way, it is the same.
    let packed = app
        .request(Method::GET, path)
        .header("accept-encoding", "gzip")
        .send()
        .await?;
    ensure(packed.headers()["content-encoding"].to_str()?, "gzip")?;
    ensure(packed.bytes().await?.starts_with(&[0x1f, 0x8b]), true)?;
    let parquet = app
        .request(Method::GET, "/export/shipments.parquet?limit=3")
        .header("accept-encoding", "gzip")
        .send()
        .await?;
    ensure(parquet.bytes().await?.starts_with(b"PAR1"), true)
}

/// What is wrong with a filter is told in the very words of a variable.
pub async fn errors(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let query = "query ($filter: ShipmentFilter) { shipments(filter: $filter) { nodes { id } } }";
    let filters = [
        json!({ "value": { "gt": 1.5 } }),
        json!({ "nothing": 1, "flow": { "eq": "SIDEWAYS" } }),
        json!({ "during": "2023-13", "periodStart": { "lt": "yesterday" } }),
        json!({ "and": [] }),
        json!({ "id": { "eq": "party_AAAAAAAAAAAAAAAAAAAAAA" } }),
        json!([1]),
    ];
    for filter in filters {
        let asked = app.anonymous(query, json!({ "filter": filter })).await?;
        let path = format!("/export/shipments.csv?filter={}", encoded(&filter));
        let response = get(&app, &path).await?;
        ensure(response.status().as_u16(), 400)?;
        let exported: Value = response.json().await?;
        let told = |answer: &Value| -> Vec<(Value, Value)> {
            let errors = answer["errors"].as_array().cloned().unwrap_or_default();
            let errors = errors.iter();
            errors
                .map(|error| {
                    (
                        error["message"].clone(),
                        error["extensions"]["code"].clone(),
                    )
                })
                .collect()
        };
        ensure(told(&asked).is_empty(), false)?;
        ensure(told(&exported), told(&asked))?;
    }
    Ok(())
}

pub async fn drafts(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let dataset = dataset("standing");
    let with = |key, status| {
        let mut row = shipment(&dataset, key);
        row.status = status;
        row.withdrawal_reason = (status == Status::Withdrawn).then(|| "wrong".to_owned());
        row
    };
    let mut hidden = dataset.clone();
    hidden.status = Status::Published;
    let rows_entered = vec![
        with("seen", Status::Published),
        with("draft", Status::Draft),
        with("withdrawn", Status::Withdrawn),
    ];
    publish(&app.db, hidden, rows_entered).await?;
    let token = app.as_curator().await?;
    for file in ["csv", "jsonl", "parquet"] {
        let path = format!("/export/shipments.{file}");
        let everyone = get(&app, &path).await?.bytes().await?;
        let curator = app
            .request(Method::GET, &path)
            .bearer_auth(&token)
            .send()
            .await?;
        ensure(curator.headers()["cache-control"].to_str()?, "no-store")?;
        let curator = curator.bytes().await?;
        let holds = |bytes: &[u8], word: &str| {
            let mut windows = bytes.windows(word.len());
            windows.any(|window| window == word.as_bytes())
        };
        // Packed columns cannot be searched.
        if file != "parquet" {
            ensure(holds(&everyone, "seen"), true)?;
            ensure(
                [holds(&everyone, "draft"), holds(&everyone, "withdrawn")],
                [false; 2],
            )?;
            ensure(
                [holds(&curator, "draft"), holds(&curator, "withdrawn")],
                [true; 2],
            )?;
        }
        ensure(curator.len() > everyone.len(), true)?;
    }
    // Nor by asking for them.
    let filter = encoded(&json!({ "status": { "eq": "DRAFT" } }));
    ensure(
        rows(&app, &format!("/export/shipments.jsonl?filter={filter}"))
            .await?
            .len(),
        0,
    )
}

/// What rows refer to is read once, not for each of them.
pub async fn statements_a_step(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    fill(&backend, &app.database_url, "few", 100).await?;
    fill(&backend, &app.database_url, "many", 3_000).await?;
    let mut counts = Vec::new();
    for slug in ["few", "many"] {
        let before = app.db.reads();
        let path = format!("/export/shipments.csv?filter={}", to_russia(slug));
        let lines = text(&app, &path).await?.lines().count();
        counts.push((lines, app.db.reads() - before));
    }
    let [(33.., few), (1001, many)] = counts[..] else {
        return Err(format!("{counts:?}").into());
    };
    ensure(many <= few && few < 12, true)
}
