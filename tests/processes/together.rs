//! Two servers on one database: one history, whose numbers follow each other without a gap.
use std::collections::{BTreeMap, BTreeSet};

use entity::{party, revision_change};
use libtest_mimic::Failed;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, prelude::Uuid};
use serde_json::{Value, json};
use waybill::kit::db::Db;

use super::{
    after_the_others,
    client::{Client, refusal},
    history,
};
use crate::harness::{Backend, Running, Template, ensure};

/// On each server.
const CLIENTS: usize = 8;
/// Of each client: some of a party of its own, as many of the one that all share.
const CHANGES: usize = 5;

pub async fn two_servers(backend: Backend) -> Result<(), Failed> {
    let database = backend.database(Template::Empty).await?;
    let db = Db::open(&database.url).await?;
    let client = Client::enter(&db).await?;
    db.close().await?;
    let servers = [
        Running::serve(&database.url, &[])?,
        Running::serve(&database.url, &[])?,
    ];
    let shared = enter(&client, &servers[0].url, "shared").await?;
    let mut writers = Vec::new();
    for (place, server) in servers.iter().enumerate() {
        for number in 0..CLIENTS {
            let name = format!("{place}-{number}");
            let write = write(client.clone(), server.url.clone(), name, shared.clone());
            writers.push(tokio::spawn(write));
        }
    }
    for writer in writers {
        writer.await??;
    }
    drop(servers);

    let db = after_the_others(&database.url).await?;
    let revisions = history(&database.url, &db).await?;
    let stored: BTreeMap<_, _> = revisions
        .iter()
        .map(|revision| (revision.comment.as_str(), revision.number))
        .collect();
    let written = client.written();
    // Every revision is the answer to one mutation, but for the curator's own.
    let acknowledged: BTreeSet<_> = written.values().flatten().collect();
    ensure(acknowledged.len(), revisions.len() - 1)?;
    for (comment, number) in &written {
        ensure(
            (comment, stored.get(comment.as_str())),
            (comment, number.as_ref()),
        )?;
    }
    let clients = 2 * CLIENTS;
    ensure(revisions.len(), 2 + clients * (1 + 2 * CHANGES))?;
    versions(&db, clients * CHANGES + 1).await
}

/// The id of a new party.
async fn enter(client: &Client, url: &str, name: &str) -> Result<Value, Failed> {
    let new = json!({ "name": name, "kind": "COMPANY" });
    let comment = format!("{name} entered");
    let entered = client.send(url, "createParty", new, &comment).await?;
    let mut entered = entered.ok_or("the server is gone")?;
    ensure(refusal(&entered), None)?;
    Ok(entered["party"]["id"].take())
}

async fn write(client: Client, url: String, name: String, shared: Value) -> Result<(), Failed> {
    let own = enter(&client, &url, &name).await?;
    let (mut own_version, mut shared_version) = (1, 1);
    for number in 0..CHANGES {
        for (id, version, whose) in [
            (&own, &mut own_version, "own"),
            (&shared, &mut shared_version, "shared"),
        ] {
            let text = format!("{name} changes its {whose} {number}");
            *version = change(&client, &url, id, *version, &text).await?;
        }
    }
    ensure(own_version, 1 + i64::try_from(CHANGES)?)
}

/// Describes a party, as often as it takes: whoever is late looks at what stands now. Answers the
/// version that came of it.
pub async fn change(
    client: &Client,
    url: &str,
    id: &Value,
    mut version: i64,
    text: &str,
) -> Result<i64, Failed> {
    loop {
        let input = json!({ "id": id, "version": version, "description": text });
        let payload = client.send(url, "updateParty", input, text).await?;
        let payload = payload.ok_or("the server is gone")?;
        let current = payload["party"]["version"].as_i64();
        let current = current.ok_or_else(|| format!("no party in {payload}"))?;
        match refusal(&payload) {
            None => {
                ensure(current, version + 1)?;
                return Ok(current);
            }
            Some("CONFLICT") if current > version => version = current,
            _ => return Err(format!("version {version} answered {payload}").into()),
        }
    }
}

/// Each party's versions follow each other as the revisions do; the highest is as high as this.
pub async fn versions(db: &Db, highest: usize) -> Result<(), Failed> {
    use revision_change::Column;
    let changes = revision_change::Entity::find()
        .filter(Column::RecordType.eq("party"))
        .order_by_asc(Column::RevisionNumber)
        .all(&db.read)
        .await?;
    let mut last: BTreeMap<Uuid, i32> = BTreeMap::new();
    for change in changes {
        let after: party::Model = serde_json::from_str(&change.after)?;
        let before = last.insert(after.id, after.version).unwrap_or_default();
        ensure(after.version, before + 1)?;
    }
    for party in party::Entity::find().all(&db.read).await? {
        ensure(last.get(&party.id), Some(&party.version))?;
    }
    let found = last.values().copied().max().unwrap_or_default();
    ensure(usize::try_from(found)?, highest)
}
