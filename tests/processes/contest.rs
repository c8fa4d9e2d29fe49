//! A hundred clients change one record at once: one wins each version, and in the end all are in.
use libtest_mimic::Failed;
use serde_json::json;
use waybill::kit::db::Db;

use super::{
    after_the_others,
    client::{Client, refusal},
    history,
    together::{change, versions},
};
use crate::harness::{Backend, Running, Template, ensure};

const CLIENTS: usize = 100;

pub async fn a_hundred(backend: Backend) -> Result<(), Failed> {
    let database = backend.database(Template::Empty).await?;
    let db = Db::open(&database.url).await?;
    let client = Client::enter(&db).await?;
    db.close().await?;
    let server = Running::serve(&database.url, &[])?;
    let new = json!({ "name": "Contested", "kind": "COMPANY" });
    let party = client
        .send(&server.url, "createParty", new, "entered")
        .await?;
    let id = party.ok_or("the server is gone")?["party"]["id"].take();

    // All with version 1: one wins, and the others are told where it stands.
    let tries: Vec<_> = (0..CLIENTS)
        .map(|number| {
            let (client, url, id) = (client.clone(), server.url.clone(), id.clone());
            tokio::spawn(async move {
                let text = format!("change {number}");
                let input = json!({ "id": id, "version": 1, "description": text });
                client.send(&url, "updateParty", input, &text).await
            })
        })
        .collect();
    let mut late = Vec::new();
    for (number, done) in tries.into_iter().enumerate() {
        let payload = done.await??.ok_or("the server is gone")?;
        ensure(payload["party"]["version"].as_i64(), Some(2))?;
        match refusal(&payload) {
            None => ensure(payload["revision"].as_i64(), Some(3))?,
            Some("CONFLICT") => late.push(number),
            Some(_) => return Err(format!("{number} answered {payload}").into()),
        }
    }
    ensure(late.len(), CLIENTS - 1)?;

    // Until all are in.
    let tries: Vec<_> = late
        .into_iter()
        .map(|number| {
            let (client, url, id) = (client.clone(), server.url.clone(), id.clone());
            let text = format!("change {number}");
            tokio::spawn(async move { change(&client, &url, &id, 2, &text).await })
        })
        .collect();
    for done in tries {
        done.await??;
    }
    drop(server);
    let db = after_the_others(&database.url).await?;
    let revisions = history(&database.url, &db).await?;
    ensure(revisions.len(), CLIENTS + 2)?;
    versions(&db, CLIENTS + 1).await
}
