//! Who hears what, and for how long.
use std::time::Duration;

use entity::{api_key, curator::Role, value::Status};
use libtest_mimic::Failed;
use serde_json::{Value, json};
use waybill::kit::edit::{Author, Edit, last_number};

use super::{
    NUMBERS,
    client::{Events, Socket},
    events::post,
    key, told, write,
};
use crate::harness::{App, Backend, ensure};

/// Anybody hears of what is published, and only of that; curators hear of it all.
pub async fn drafts(backend: Backend) -> Result<(), Failed> {
    let app = told(&backend, &[]).await?;
    let token = app.as_curator().await?;
    let start = last_number(&app.db.read).await?;
    let query = "subscription ($after: Int) { changes(after: $after) { number comment changes { nodes { after } } } }";
    let variables = json!({ "after": start });
    let mut anyone = Socket::ready(&app.url, "").await?;
    anyone.subscribe("1", query, variables.clone()).await?;
    let mut anyone_else = Events::open(post(&app, query, variables.clone())).await?;
    let mut curator = Socket::ready(&app.url, &token).await?;
    curator.subscribe("1", query, variables.clone()).await?;
    let (mut public, mut all) = (Vec::new(), Vec::new());
    for number in 0..20 {
        let status = if number % 3 == 0 {
            Status::Draft
        } else {
            Status::Published
        };
        let written = write(&app.db, &format!("dataset-{number}"), status).await?;
        all.push(written);
        public.extend((status == Status::Published).then_some(written));
    }
    for number in public {
        let said = anyone.said().await?;
        let heard = anyone_else.next().await?.ok_or("the stream ended")?;
        for event in [&said["payload"], &heard.data] {
            let change = &event["data"]["changes"];
            ensure(&change["number"], &json!(number))?;
            ensure(event.to_string().contains("DRAFT"), false)?;
            ensure(change["changes"]["nodes"].as_array().map(Vec::len), Some(1))?;
        }
    }
    for number in all {
        let change = &curator.said().await?["payload"]["data"]["changes"];
        ensure(&change["number"], &json!(number))?;
        ensure(change["changes"]["nodes"].as_array().map(Vec::len), Some(1))?;
    }
    Ok(())
}

pub async fn expired(backend: Backend) -> Result<(), Failed> {
    let app = told(&backend, &[]).await?;
    let (curator, _) = app.signed_in(Role::Curator).await?;
    let (key, _) = key(&app, &curator, Some(Duration::from_secs(3))).await?;
    let mut socket = Socket::ready(&app.url, &key).await?;
    socket.subscribe("1", NUMBERS, Value::Null).await?;
    let mut events = Events::open(post(&app, NUMBERS, Value::Null).bearer_auth(&key)).await?;
    let (code, why) = socket.closed().await?;
    ensure((code, why.contains("expired")), (4403, true))?;
    ended_unauthenticated(&mut events).await?;
    // It has expired indeed.
    let again = app.ask(&key, "{ __typename }", Value::Null).await?;
    ensure(
        &again["errors"][0]["extensions"]["code"],
        &json!("UNAUTHENTICATED"),
    )
}

async fn ended_unauthenticated(events: &mut Events) -> Result<(), Failed> {
    let next = events.next().await?.ok_or("no event")?;
    let code = &next.data["errors"][0]["extensions"]["code"];
    ensure(code, &json!("UNAUTHENTICATED"))?;
    let name = events.next().await?.map(|event| event.name);
    ensure(name.as_deref(), Some("complete"))
}

async fn revoke(app: &App, row: &api_key::Model) -> Result<i64, Failed> {
    let mut edit = Edit::begin(&app.db, Author::Command, "revokes a key").await?;
    let revoked = api_key::Model {
        revoked_at: Some(edit.now),
        ..row.clone()
    };
    edit.update::<api_key::Entity>(row, revoked).await?;
    Ok(edit.commit().await?.ok_or("nothing was written")?)
}

pub async fn revoked(backend: Backend) -> Result<(), Failed> {
    // With the next revision, however seldom it is looked otherwise.
    let app = told(&backend, &["--recheck-interval", "10m"]).await?;
    let (curator, _) = app.signed_in(Role::Curator).await?;
    let (secret, row) = key(&app, &curator, None).await?;
    // Whoever subscribes from now on may begin a moment later.
    let after = json!({ "after": last_number(&app.db.read).await? });
    let mut socket = Socket::ready(&app.url, &secret).await?;
    socket.subscribe("1", NUMBERS, after.clone()).await?;
    let mut events = Events::open(post(&app, NUMBERS, after).bearer_auth(&secret)).await?;
    let before = write(&app.db, "before", Status::Draft).await?;
    let heard = socket.said().await?;
    ensure(
        &heard["payload"]["data"]["changes"]["number"],
        &json!(before),
    )?;
    ensure(
        events.next().await?.and_then(|event| event.id),
        Some(before),
    )?;
    revoke(&app, &row).await?;
    let heard = socket.said().await?;
    let code = &heard["payload"]["errors"][0]["extensions"]["code"];
    ensure(code, &json!("UNAUTHENTICATED"))?;
    ensure(&socket.said().await?["type"], &json!("complete"))?;
    ended_unauthenticated(&mut events).await?;
    socket.close().await?;

    // And soon even when there is none.
    let app = told(&backend, &["--recheck-interval", "200ms"]).await?;
    let (curator, _) = app.signed_in(Role::Curator).await?;
    let (secret, row) = key(&app, &curator, None).await?;
    let mut socket = Socket::ready(&app.url, &secret).await?;
    revoke(&app, &row).await?;
    let (code, why) = socket.closed().await?;
    ensure((code, why.contains("revoked")), (4403, true))
}
