//! Two edits, each holding what the other waits for: PostgreSQL ends one, which is made again.
use std::time::Duration;

use entity::party;
use libtest_mimic::Failed;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, prelude::Uuid};
use serde_json::{Value, json};
use waybill::kit::{
    db::Db,
    edit::{Author, Edit},
};

use super::{
    client::{Client, refusal},
    history,
};
use crate::harness::{Backend, Running, Template, ensure};

pub async fn two_edits(backend: Backend) -> Result<(), Failed> {
    let database = backend.database(Template::Empty).await?;
    let db = Db::open(&database.url).await?;
    let client = Client::enter(&db).await?;
    let server = Running::serve(&database.url, &[])?;
    let (speaker, speaker_key) = enter(&client, &server.url, &db, "Speaker").await?;
    let (publisher, publisher_key) = enter(&client, &server.url, &db, "Publisher").await?;

    let ours = Edit::begin(&db, Author::Command, "test").await?;
    ours.hold::<party::Entity>(publisher_key).await?;
    // Relies on the speaker, then waits for the publisher.
    let new = json!({
        "claim": { "create": { "kind": "EVENT", "text": "Claim" } },
        "speaker": { "id": speaker },
        "stance": "ASSERTS", "form": "PARAPHRASE", "text": "Statement",
        "citations": [{ "source": { "create": {
            "kind": "REPORT", "title": "Source", "publisher": { "id": publisher },
        } } }],
        "publish": true,
    });
    let (theirs, url) = (client.clone(), server.url.clone());
    let statement =
        tokio::spawn(async move { theirs.send(&url, "createStatement", new, "statement").await });
    // Longer than it takes to come to wait, shorter than PostgreSQL waits before it looks.
    tokio::time::sleep(Duration::from_millis(500)).await;
    ours.hold::<party::Entity>(speaker_key).await?;
    drop(ours);

    let payload = statement.await??.ok_or("the server is gone")?;
    ensure(refusal(&payload), None)?;
    ensure(payload["revision"].as_i64(), Some(4))?;
    ensure(history(&database.url, &db).await?.len(), 4)
}

/// A new party: its global id and its key.
async fn enter(client: &Client, url: &str, db: &Db, name: &str) -> Result<(Value, Uuid), Failed> {
    let new = json!({ "name": name, "kind": "ORGANISATION", "publish": true });
    let payload = client.send(url, "createParty", new, name).await?;
    let id = payload.ok_or("the server is gone")?["party"]["id"].take();
    let row = party::Entity::find()
        .filter(party::Column::Name.eq(name))
        .one(&db.read)
        .await?;
    Ok((id, row.ok_or("no such party")?.id))
}
