//! Imports under way, and the ways in which they end early.
use std::time::Duration;

use futures_util::future::try_join_all;
use libtest_mimic::Failed;
use reqwest::{Client as Http, Method, header};
use serde_json::{Value, json};
use waybill::kit::{
    db::Db,
    edit::{Author, Edit},
};

use super::{ASK, LONGEST, LOOK, ask, count, ended, figures, import, look, mixed, send};
use crate::{
    harness::{App, Backend, Running, Template, ensure},
    import::csv,
    processes::client::Client,
};

const CANCEL: &str = "mutation ($id: ID!) { cancelImport(input: { id: $id }) {
    importBatch { phase } userErrors { code } } }";

const WATCHERS: usize = 16;

/// Rows enough for some time.
fn many(rows: usize) -> String {
    let periods: Vec<_> = (0..rows)
        .map(|row| (1900 + row % 120, 1 + row / 120 % 12, 4 + row / 1440))
        .map(|(year, month, code)| {
            (
                format!("{year}{month:02}"),
                format!("4401{:02}", code % 100),
            )
        })
        .collect();
    let rows: Vec<_> = periods
        .iter()
        .map(|(period, code)| {
            [
                ("freqCode", "M"),
                ("period", period.as_str()),
                ("cmdCode", code.as_str()),
            ]
        })
        .collect();
    let rows: Vec<&[(&str, &str)]> = rows.iter().map(<[_; 3]>::as_slice).collect();
    csv(&rows)
}

/// Several look at the same time, so that one of them looks just as it ends.
pub async fn shows_progress(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let token = app.as_curator().await?;
    let file = many(8_000);
    let payload = ask(&app, &token, json!({})).await?;
    ensure(&payload["importBatch"]["phase"], &json!("UPLOADING"))?;
    send(&app, &token, &payload, &file).await?;
    let watchers = (0..WATCHERS).map(|_| watch(&app, &token, &payload));
    let seen = tokio::time::timeout(LONGEST, try_join_all(watchers)).await??;
    let in_order = seen.iter().all(|seen| seen.is_sorted());
    let on_the_way = seen.iter().flatten().any(|read| (1..8_000).contains(read));
    ensure((in_order, on_the_way), (true, true))
}

/// How many rows it says to have read until it has ended.
async fn watch(app: &App, token: &str, payload: &Value) -> Result<Vec<i64>, Failed> {
    let mut seen = Vec::new();
    loop {
        let batch = look(app, token, payload).await?;
        seen.push(figures(&batch)[0]);
        let has_ended = batch["finishedAt"].is_string();
        if batch["phase"] != "RUNNING" || has_ended {
            ensure(&batch["phase"], &json!("FINISHED"))?;
            ensure(has_ended, true)?;
            ensure(figures(&batch), [8_000, 8_000, 0, 0])?;
            return Ok(seen);
        }
    }
}

pub async fn called_off(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let token = app.as_curator().await?;
    // One that waits for its file.
    let waiting = ask(&app, &token, json!({})).await?;
    let id = json!({ "id": waiting["importBatch"]["id"] });
    let stranger = app.as_curator().await?;
    let refused = app.ask(&stranger, CANCEL, id.clone()).await?;
    ensure(
        &refused["data"]["cancelImport"]["userErrors"][0]["code"],
        &json!("NOT_FOUND"),
    )?;
    let done = app.ask(&token, CANCEL, id.clone()).await?;
    ensure(
        &done["data"]["cancelImport"],
        &json!({ "importBatch": { "phase": "CANCELLED" }, "userErrors": [] }),
    )?;
    let again = app.ask(&token, CANCEL, id).await?;
    ensure(
        &again["data"]["cancelImport"]["userErrors"][0]["code"],
        &json!("NOT_ALLOWED"),
    )?;
    let late = send(&app, &token, &waiting, &mixed()).await?;
    ensure(late.status().as_u16(), 409)?;
    // One that runs, behind another that writes.
    let running = ask(&app, &token, json!({})).await?;
    let other = Edit::begin_bulk(&app.db, Author::Command, "another").await?;
    send(&app, &token, &running, &mixed()).await?;
    ensure(
        &look(&app, &token, &running).await?["phase"],
        &json!("RUNNING"),
    )?;
    let id = json!({ "id": running["importBatch"]["id"] });
    app.ask(&token, CANCEL, id).await?;
    drop(other);
    let batch = ended(&app, &token, &running).await?;
    ensure(&batch["phase"], &json!("CANCELLED"))?;
    ensure(count(&app).await?, json!([0, 0]))
}

pub async fn asked_twice(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let token = app.as_curator().await?;
    let input = json!({ "idempotencyKey": "once" });
    let first = ask(&app, &token, input.clone()).await?;
    let second = ask(&app, &token, input.clone()).await?;
    ensure(&first, &second)?;
    let mut other = input;
    other["dataset"] = json!("another");
    let refused = ask(&app, &token, other).await?;
    ensure(&refused["userErrors"][0]["code"], &json!("KEY_REUSED"))?;
    let wrong =
        json!({ "dataset": "Not A Slug", "mapping": { "name": "none" }, "fileName": "a/b" });
    let refused = ask(&app, &token, wrong).await?;
    let paths: Vec<_> = refused["userErrors"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|error| error["path"].to_string())
        .collect();
    ensure(
        paths,
        [r#"["dataset"]"#, r#"["fileName"]"#, r#"["mapping","name"]"#]
            .map(String::from)
            .to_vec(),
    )
}

/// What was not whole when the server was killed is not there, and says so.
pub async fn server_killed(backend: Backend) -> Result<(), Failed> {
    let database = backend.database(Template::Empty).await?;
    let db = Db::open(&database.url).await?;
    let client = Client::enter(&db).await?;
    db.close().await?;
    let server = Running::serve(&database.url, &[])?;
    let http = Http::new();
    let input = json!({ "input": { "dataset": "tried", "mapping": { "name": "comtrade" } } });
    let mut asked = query(&http, &client, &server.url, ASK, input).await?;
    let payload = asked["data"]["importShipments"].take();
    let path = payload["uploadPath"].as_str().ok_or("no path")?;
    let request = http
        .request(Method::PUT, format!("{}{path}", server.url))
        .bearer_auth(client.key())
        .header(header::CONTENT_TYPE, "text/csv")
        .body(many(20_000));
    ensure(request.send().await?.status().as_u16(), 202)?;
    let id = json!({ "id": payload["importBatch"]["id"] });
    let begun = async {
        loop {
            let answer = query(&http, &client, &server.url, LOOK, id.clone()).await?;
            if figures(&answer["data"]["importBatch"])[0] > 0 {
                return Ok::<_, Failed>(answer["data"]["importBatch"]["phase"].clone());
            }
        }
    };
    ensure(
        tokio::time::timeout(LONGEST, begun).await??,
        json!("RUNNING"),
    )?;
    // Killed, not asked to stop.
    drop(server);
    let server = Running::serve(&database.url, &[])?;
    let found_out = async {
        loop {
            let answer = query(&http, &client, &server.url, LOOK, id.clone()).await?;
            let batch = answer["data"]["importBatch"].clone();
            if batch["phase"] != "RUNNING" {
                return Ok::<_, Failed>(batch);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let batch = tokio::time::timeout(LONGEST, found_out).await??;
    ensure(&batch["phase"], &json!("FAILED"))?;
    let failure = batch["failure"].as_str().unwrap_or_default();
    ensure(
        failure.contains("the server that had it in hand is gone"),
        true,
    )?;
    drop(server);
    let app = App::over(database).await?;
    ensure(count(&app).await?, json!([0, 0]))?;
    let token = app.as_curator().await?;
    let batch = import(&app, &token, json!({}), &mixed()).await?;
    ensure(figures(&batch), [4, 3, 0, 1])
}

async fn query(
    http: &Http,
    client: &Client,
    url: &str,
    query: &str,
    variables: Value,
) -> Result<Value, Failed> {
    let request = http
        .post(format!("{url}/graphql"))
        .bearer_auth(client.key())
        .json(&json!({ "query": query, "variables": variables }));
    Ok(request.send().await?.json().await?)
}
