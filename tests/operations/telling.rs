//! The log and the figures: enough to run a server by, and nothing that is anybody's secret.
use libtest_mimic::Failed;
use reqwest::Client;
use serde_json::{Value, json};

use crate::harness::{Backend, Running, Template, address, ensure};

const SECRET: &str = "hunter2-hunter2";

pub async fn ask(server: &Running, body: Value) -> Result<Value, Failed> {
    let request = Client::new().post(format!("{}/graphql", server.url));
    Ok(request.json(&body).send().await?.json().await?)
}

/// More lines than a pipe holds, some 64 KiB.
pub async fn unread(backend: Backend) -> Result<(), Failed> {
    let database = backend.database(Template::Empty).await?;
    let server = Running::unread(&database.url)?;
    for _ in 0..600 {
        let answer = ask(&server, json!({ "query": "{ __typename }" })).await?;
        ensure(answer["data"]["__typename"].as_str(), Some("Query"))?;
    }
    Ok(())
}

pub async fn log(backend: Backend) -> Result<(), Failed> {
    let database = backend.database(Template::Filled).await?;
    let server = Running::serve(&database.url, &["--log-format", "json"])?;
    let named = "query Countries($text: String) { countries(first: 2, filter: { name: { eq: $text } }) { totalCount nodes { name } } }";
    let variables = json!({ "text": SECRET });
    ask(
        &server,
        json!({ "query": named, "operationName": "Countries", "variables": variables }),
    )
    .await?;
    let sign_in = r#"mutation ($email: String!, $password: String!) {
        signIn(input: { email: $email, password: $password }) { userErrors { code } } }"#;
    let variables = json!({ "email": format!("{SECRET}@example.org"), "password": SECRET });
    ask(&server, json!({ "query": sign_in, "variables": variables })).await?;
    let long = format!("query {} {{ __typename }}", "N".repeat(5000));
    ask(
        &server,
        json!({ "query": long, "operationName": "N".repeat(5000) }),
    )
    .await?;
    let refused = Client::new()
        .post(format!("{}/graphql?token={SECRET}", server.url))
        .bearer_auth(SECRET)
        .json(&json!({ "query": "{ __typename }" }));
    ensure(refused.send().await?.status().as_u16(), 401)?;
    reqwest::get(format!("{}/health/live", server.url)).await?;
    server.stop()?;
    let (_, log) = server.wait()?;

    ensure(log.contains(SECRET), false)?;
    let lines: Vec<Value> = log
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()?;
    let answered: Vec<_> = lines
        .iter()
        .filter(|line| line["message"] == "answered")
        .map(|line| &line["span"])
        .collect();
    // One each, and none for the machine that looks whether it lives.
    ensure(answered.len(), 4)?;
    let [countries, sign_in, long, refused] = answered.as_slice() else {
        return Err(format!("these lines: {answered:?}").into());
    };
    let expected = [
        ("operation", json!("Countries")),
        ("operation_type", json!("query")),
        ("caller", json!("anonymous")),
        ("method", json!("POST")),
        ("path", json!("/graphql")),
        ("status", json!(200)),
        // The page and its count.
        ("sql", json!(2)),
    ];
    for (field, value) in expected {
        ensure((field, &countries[field]), (field, &value))?;
    }
    ensure(countries["id"].as_str().map(str::len), Some(36))?;
    ensure(
        countries["milliseconds"]
            .as_f64()
            .is_some_and(|took| took > 0.0),
        true,
    )?;
    ensure(
        countries["bytes"].as_u64().is_some_and(|bytes| bytes > 20),
        true,
    )?;
    ensure(&sign_in["operation_type"], &json!("mutation"))?;
    let shown = long["operation"].as_str().map(str::len);
    ensure(
        shown.is_some_and(|length| (10..100).contains(&length)),
        true,
    )?;
    ensure(&refused["status"], &json!(401))
}

pub async fn metrics(backend: Backend) -> Result<(), Failed> {
    let database = backend.database(Template::Filled).await?;
    let server = Running::serve(&database.url, &["--metrics-listen", "127.0.0.1:0"])?;
    let figures = address(&server.said, "metrics on ").ok_or("no address of the metrics")?;
    let query = "query Unheard { countries(first: 2) { nodes { name } } }";
    for _ in 0..3 {
        ask(&server, json!({ "query": query })).await?;
    }
    ask(&server, json!({ "query": "{ nothing }" })).await?;
    ask(&server, json!({ "query": r#"{ node(id: "x") { id } }"# })).await?;
    for path in ["/none", "/neither", "/metrics"] {
        let answer = reqwest::get(format!("{}{path}", server.url)).await?;
        ensure((path, answer.status().as_u16()), (path, 404))?;
    }
    let answer = reqwest::get(figures).await?;
    let media = answer.headers()["content-type"].to_str()?.to_owned();
    ensure(media.starts_with("application/openmetrics-text"), true)?;
    let text = answer.text().await?;
    let lines = [
        r#"waybill_requests_total{path="/graphql",status="200"} 5"#,
        r#"waybill_requests_total{path="other",status="404"} 3"#,
        r#"waybill_operations_total{type="query",code="OK"} 3"#,
        // What does not even run counts as a request alone.
        r#"waybill_operations_total{type="query",code="BAD_USER_INPUT"} 1"#,
        "waybill_requests_in_flight 0",
        "waybill_request_duration_seconds_count 8",
        r#"waybill_pool_connections_most{pool="read"} 8"#,
    ];
    for line in lines {
        if !text.lines().any(|found| found == line) {
            return Err(format!("no {line} in {text}").into());
        }
    }
    let above_zero = [
        "waybill_sql_reads_total",
        "waybill_sql_writes_total",
        "waybill_revision",
        "waybill_process_resident_memory_bytes",
        r#"waybill_pool_connections_open{pool="write"}"#,
    ];
    for name in above_zero {
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        let figure = line.and_then(|figure| figure.trim().parse::<u64>().ok());
        ensure(
            (name, figure.is_some_and(|figure| figure > 0)),
            (name, true),
        )?;
    }
    // Nothing that a client chose.
    ensure(
        ["Unheard", "neither"].map(|word| text.contains(word)),
        [false; 2],
    )
}
