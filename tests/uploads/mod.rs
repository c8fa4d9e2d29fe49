//! Imports over the API: asked for, uploaded, read in the background, and told of.
use std::time::Duration;

use libtest_mimic::{Failed, Trial};
use reqwest::{Method, Response, header};
use serde_json::{Value, json};

use crate::{
    harness::{App, Backend, ensure, trial},
    import::csv,
};

mod ends;
mod files;
mod senders;

pub fn trials(backend: &Backend) -> Vec<Trial> {
    vec![
        trial(backend, "uploads::a_file_comes_in", files::comes_in),
        trial(
            backend,
            "uploads::a_rehearsal_writes_nothing",
            files::rehearsal,
        ),
        trial(backend, "uploads::all_or_nothing", files::all_or_nothing),
        trial(
            backend,
            "uploads::the_same_records_as_by_the_command_line",
            files::as_by_command,
        ),
        trial(backend, "uploads::two_at_once", files::two_at_once),
        trial(
            backend,
            "uploads::how_far_it_is_shows_while_it_runs",
            ends::shows_progress,
        ),
        trial(backend, "uploads::called_off", ends::called_off),
        trial(backend, "uploads::asked_for_twice", ends::asked_twice),
        trial(
            backend,
            "uploads::a_server_that_was_killed",
            ends::server_killed,
        ),
        trial(
            backend,
            "uploads::only_the_author_may_bring_the_file",
            senders::permissions,
        ),
        trial(
            backend,
            "uploads::files_that_are_not_taken",
            senders::not_taken,
        ),
        trial(
            backend,
            "uploads::slow_senders_and_those_that_hang_up",
            senders::cut_off,
        ),
    ]
}

/// An import would have ended long before.
const LONGEST: Duration = Duration::from_secs(120);

const ASK: &str = "mutation ($input: ImportShipmentsInput!) { importShipments(input: $input) {
    importBatch { id phase } uploadPath userErrors { code message path } } }";
const LOOK: &str = "query ($id: ID!) { importBatch(id: $id) {
    id phase failure dryRun errorPolicy bytesReceived sha256 rowsRead rowsKept rowsUnchanged rowsRefused
    finishedAt refusals { line column reason } refusedRows { totalCount nodes { position line column message } }
    revision { number comment curator { name } } curator { name } dataset { slug } } }";

/// Asks for an import; answers the payload.
async fn ask(app: &App, token: &str, input: Value) -> Result<Value, Failed> {
    let mut whole = json!({ "dataset": "tried", "mapping": { "name": "comtrade" } });
    if let (Some(whole), Some(more)) = (whole.as_object_mut(), input.as_object()) {
        whole.extend(more.clone());
    }
    let mut answer = app.ask(token, ASK, json!({ "input": whole })).await?;
    match answer.get("errors") {
        None => Ok(answer["data"]["importShipments"].take()),
        Some(errors) => Err(format!("it answered {errors}").into()),
    }
}

/// Sends a file to where the payload says.
async fn send(app: &App, token: &str, payload: &Value, file: &str) -> Result<Response, Failed> {
    let path = payload["uploadPath"].as_str().ok_or("no path")?;
    let request = app
        .request(Method::PUT, path)
        .bearer_auth(token)
        .header(header::CONTENT_TYPE, "text/csv")
        .body(file.to_owned());
    Ok(request.send().await?)
}

/// The import as it stands.
async fn look(app: &App, token: &str, payload: &Value) -> Result<Value, Failed> {
    let id = &payload["importBatch"]["id"];
    let mut answer = app.ask(token, LOOK, json!({ "id": id })).await?;
    match answer.get("errors") {
        None => Ok(answer["data"]["importBatch"].take()),
        Some(errors) => Err(format!("it answered {errors}").into()),
    }
}

/// The import once it has ended.
async fn ended(app: &App, token: &str, payload: &Value) -> Result<Value, Failed> {
    let end = async {
        loop {
            let batch = look(app, token, payload).await?;
            if !matches!(batch["phase"].as_str(), Some("UPLOADING" | "RUNNING")) {
                return Ok::<_, Failed>(batch);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(LONGEST, end).await?
}

/// All of it: asked for, sent, and ended.
async fn import(app: &App, token: &str, input: Value, file: &str) -> Result<Value, Failed> {
    let payload = ask(app, token, input).await?;
    ensure(&payload["userErrors"], &json!([]))?;
    let sent = send(app, token, &payload, file).await?;
    ensure(sent.status().as_u16(), 202)?;
    ended(app, token, &payload).await
}

/// Read, kept, unchanged, refused.
fn figures(batch: &Value) -> [i64; 4] {
    ["rowsRead", "rowsKept", "rowsUnchanged", "rowsRefused"]
        .map(|name| batch[name].as_i64().unwrap_or(-1))
}

/// Three good rows and one that is none.
fn mixed() -> String {
    csv(&[
        &[],
        &[("partnerCode", "4")],
        &[("flowCode", "Q")],
        &[("partnerCode", "276"), ("primaryValue", "7.087")],
    ])
}

async fn count(app: &App) -> Result<Value, Failed> {
    let query = "{ shipments { totalCount } datasets { totalCount } }";
    let data = app.data(query, json!({})).await?;
    Ok(json!([
        data["shipments"]["totalCount"],
        data["datasets"]["totalCount"]
    ]))
}
