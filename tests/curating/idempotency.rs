//! Sent again under its key, a mutation answers as the first time and is carried out once.
use futures_util::future::join_all;
use libtest_mimic::{Failed, Trial};
use reqwest::Method;
use serde_json::{Value, json};

use super::{Desk, somebody};
use crate::harness::{Backend, Template, ensure, trial};

pub fn trials(backend: &Backend) -> Vec<Trial> {
    vec![
        trial(backend, "curating::idempotency_by_argument", by_argument),
        trial(backend, "curating::idempotency_by_header", by_header),
        trial(backend, "curating::idempotency_at_once", at_once),
    ]
}

fn keyed(name: &str, key: &str) -> Value {
    let mut input = somebody(name);
    input["idempotencyKey"] = key.into();
    input["evenIfKnown"] = true.into();
    input
}

async fn by_argument(backend: Backend) -> Result<(), Failed> {
    let desk = Desk::open(&backend, Template::Empty).await?;
    let first = desk.must("create", "Party", keyed("Once", "a")).await?;
    // Even what happened since does not change the answer.
    desk.must("update", "Party", first.with(json!({ "name": "Renamed" })))
        .await?;
    let again = desk.must("create", "Party", keyed("Once", "a")).await?;
    ensure(again.0.clone(), first.0.clone())?;
    desk.refused(
        "create",
        "Party",
        keyed("Twice", "a"),
        &[("KEY_REUSED", "idempotencyKey")],
    )
    .await?;
    desk.refused("create", "Party", keyed("", "b"), &[("REQUIRED", "name")])
        .await?;
    // What was refused was not done: the key is free.
    desk.must("create", "Party", keyed("Now right", "b"))
        .await?;
    desk.refused(
        "create",
        "Party",
        keyed("x", ""),
        &[("INVALID", "idempotencyKey")],
    )
    .await?;
    let count = desk.ask("{ parties { totalCount } }", json!({})).await?;
    ensure(count["parties"]["totalCount"].as_u64(), Some(2))?;
    // Another curator's keys are their own.
    let other = desk.app.as_curator().await?;
    let query =
        "mutation ($input: CreatePartyInput!) { createParty(input: $input) { party { name } } }";
    let theirs = desk
        .app
        .ask(&other, query, json!({ "input": keyed("Theirs", "a") }))
        .await?;
    ensure(
        theirs["data"]["createParty"]["party"]["name"].as_str(),
        Some("Theirs"),
    )
}

async fn by_header(backend: Backend) -> Result<(), Failed> {
    let desk = Desk::open(&backend, Template::Empty).await?;
    let query = "mutation { a: createParty(input: { name: \"A\", kind: PERSON, evenIfKnown: true }) { party { id } }
        b: createParty(input: { name: \"B\", kind: PERSON, evenIfKnown: true }) { party { id } } }";
    let send = async || -> Result<Value, Failed> {
        let request = desk.app.request(Method::POST, "/graphql");
        let request = request
            .bearer_auth(&desk.token)
            .header("Idempotency-Key", "one request");
        Ok(request
            .json(&json!({ "query": query }))
            .send()
            .await?
            .json()
            .await?)
    };
    let first = send().await?;
    ensure(first["data"]["a"]["party"]["id"].is_string(), true)?;
    ensure(send().await?, first)?;
    let count = desk.ask("{ parties { totalCount } }", json!({})).await?;
    ensure(count["parties"]["totalCount"].as_u64(), Some(2))
}

async fn at_once(backend: Backend) -> Result<(), Failed> {
    let desk = Desk::open(&backend, Template::Empty).await?;
    let sent = (0..10).map(|_| desk.must("create", "Party", keyed("Once", "a")));
    let mut ids = Vec::new();
    for done in join_all(sent).await {
        ids.push(done?.id());
    }
    ids.dedup();
    ensure(ids.len(), 1)?;
    let count = desk
        .ask(
            "{ parties { totalCount } revisions { totalCount } }",
            json!({}),
        )
        .await?;
    ensure(count["parties"]["totalCount"].as_u64(), Some(1))
}
