//! Server-sent events, each operation on a connection of its own.
use entity::value::Status;
use libtest_mimic::Failed;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::{
    NUMBERS,
    client::{Event, Events},
    told, until, write,
};
use crate::harness::{App, Backend, ensure};

pub fn post(app: &App, query: &str, variables: Value) -> RequestBuilder {
    let body = json!({ "query": query, "variables": variables });
    app.request(Method::POST, "/graphql").json(&body)
}

fn complete() -> Event {
    Event {
        name: "complete".to_owned(),
        ..Event::default()
    }
}

pub async fn over_http(backend: Backend) -> Result<(), Failed> {
    let app = told(&backend, &[]).await?;
    for request in [
        post(&app, "{ __typename }", Value::Null),
        app.request(Method::GET, "/graphql?query={__typename}"),
    ] {
        let mut events = Events::open(request).await?;
        let next = events.next().await?.ok_or("no event")?;
        ensure((next.name.as_str(), next.id), ("next", None))?;
        ensure(next.data, json!({ "data": { "__typename": "Query" } }))?;
        ensure(events.next().await?, Some(complete()))?;
        ensure(events.next().await?, None)?;
    }

    let first = write(&app.db, "one", Status::Published).await?;
    let mut events = Events::open(post(&app, NUMBERS, json!({ "after": 0 }))).await?;
    let mut fresh = Events::open(post(&app, NUMBERS, Value::Null)).await?;
    // From now on begins once it waits.
    until("two subscriptions", || app.server().subscriptions() == 2).await?;
    let second = write(&app.db, "two", Status::Published).await?;
    for number in [first, second] {
        let next = events.next().await?.ok_or("no event")?;
        ensure(next.id, Some(number))?;
        ensure(&next.data["data"]["changes"]["number"], &json!(number))?;
    }
    let next = fresh.next().await?.ok_or("no event")?;
    ensure(next.id, Some(second))
}

/// A page's `EventSource` sees nothing of another status; who may not come in gets theirs.
pub async fn refusals(backend: Backend) -> Result<(), Failed> {
    let app = told(&backend, &[]).await?;
    let several = "subscription { changes { number } again: changes { number } }";
    for wrong in ["{ nope }", "{", "", several] {
        let mut events = Events::open(post(&app, wrong, Value::Null)).await?;
        let next = events.next().await?.ok_or("no event")?;
        let code = &next.data["errors"][0]["extensions"]["code"];
        ensure(
            (code, next.data.get("data")),
            (&json!("BAD_USER_INPUT"), None),
        )?;
        ensure(events.next().await?, Some(complete()))?;
    }
    let mutation = r#"mutation{signOut(input:{refreshToken:"x"}){userErrors{code}}}"#;
    let statuses = [
        (post(&app, NUMBERS, Value::Null).bearer_auth("no"), 401),
        (
            app.request(Method::GET, &format!("/graphql?query={mutation}")),
            405,
        ),
        (app.request(Method::POST, "/graphql").body("{}"), 415),
        (
            post(&app, NUMBERS, Value::Null).header("last-event-id", "x"),
            400,
        ),
    ];
    for (request, status) in statuses {
        let request = request.header("accept", "text/event-stream");
        let response = request.send().await?;
        ensure(response.status().as_u16(), status)?;
        let answer: Value = response.json().await?;
        ensure(answer["errors"][0]["message"].is_string(), true)?;
    }
    // Whoever wants one answer is told where subscriptions are to be had.
    let answer = post(&app, NUMBERS, Value::Null).send().await?;
    ensure(answer.text().await?.contains("text/event-stream"), true)
}

pub async fn comes_back(backend: Backend) -> Result<(), Failed> {
    let app = told(&backend, &[]).await?;
    let mut numbers = Vec::new();
    for slug in ["one", "two", "three"] {
        numbers.push(write(&app.db, slug, Status::Published).await?);
    }
    let address = "/graphql?query=subscription{changes(after:0){number}}";
    let mut events = Events::open(app.request(Method::GET, address)).await?;
    let seen = events.next().await?.and_then(|event| event.id);
    ensure(seen, Some(numbers[0]))?;
    drop(events);
    let again = app.request(Method::GET, address);
    let again = again.header("last-event-id", numbers[0].to_string());
    let mut events = Events::open(again).await?;
    for number in &numbers[1..] {
        ensure(
            events.next().await?.and_then(|event| event.id),
            Some(*number),
        )?;
    }
    Ok(())
}
