//! `SIGKILL` in the middle of writes: what was acknowledged is there, the rest is whole or absent.
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use entity::{
    citation, claim, party, revision, revision_change, source, statement, statement_citation,
};
use libtest_mimic::Failed;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;
use waybill::kit::db::Db;

use super::{
    LONGEST, after_the_others,
    client::{Client, Written, refusal},
    history,
};
use crate::harness::{Backend, Running, Template, ensure, generate, runner};

const ROUNDS: usize = 8;
const CLIENTS: usize = 6;

pub async fn servers(backend: Backend) -> Result<(), Failed> {
    let database = backend.database(Template::Empty).await?;
    let db = Db::open(&database.url).await?;
    let client = Client::enter(&db).await?;
    db.close().await?;
    let mut random = runner();
    let mut cut_off = 0;
    for round in 0..ROUNDS {
        let server = Running::serve(&database.url, &[])?;
        let writers: Vec<_> = (0..CLIENTS)
            .map(|number| {
                let name = format!("{round}-{number}");
                tokio::spawn(write(client.clone(), server.url.clone(), name))
            })
            .collect();
        // However slow the machine: in the middle of writes, which the first answer begins.
        let before = acknowledged(&client);
        let began = Instant::now();
        while acknowledged(&client) == before && began.elapsed() < LONGEST {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let millis = generate(&mut random, &(0_u64..250))?;
        tokio::time::sleep(Duration::from_millis(millis)).await;
        // Killed, not asked to stop.
        drop(server);
        for writer in writers {
            writer.await??;
        }
        let db = after_the_others(&database.url).await?;
        let revisions = history(&database.url, &db).await?;
        cut_off += compare(&client.written(), &revisions)?;
        whole(&db, &revisions).await?;
        db.close().await?;
    }
    let acknowledged = acknowledged(&client);
    if acknowledged < ROUNDS || cut_off == 0 {
        return Err(format!("{acknowledged} acknowledged, {cut_off} cut off: too few").into());
    }
    Ok(())
}

fn acknowledged(client: &Client) -> usize {
    client.written().values().flatten().count()
}

/// Writes until the server is gone.
async fn write(client: Client, url: String, name: String) -> Result<(), Failed> {
    for number in 0.. {
        let name = format!("{name}-{number}");
        let new = json!({ "name": name, "kind": "COMPANY", "publish": true });
        let comment = format!("party {name}");
        let Some(party) = client.send(&url, "createParty", new, &comment).await? else {
            break;
        };
        let id = &party["party"]["id"];
        let change = json!({ "id": id, "version": 1, "description": "Invented." });
        let comment = format!("update {name}");
        let Some(update) = client.send(&url, "updateParty", change, &comment).await? else {
            break;
        };
        let cite =
            |page: u8| json!({ "source": { "id": null }, "locator": format!("page {page}") });
        let mut citations = [cite(1), cite(2)];
        let title = format!("Source of {name}");
        citations[0]["source"] = json!({ "create": { "kind": "REPORT", "title": title } });
        citations[1]["source"] = json!({ "create": { "kind": "REPORT", "title": title } });
        let new = json!({
            "claim": { "create": { "kind": "EVENT", "text": format!("Claim of {name}") } },
            "speaker": { "create": { "name": format!("Speaker of {name}"), "kind": "PERSON" } },
            "stance": "ASSERTS", "form": "PARAPHRASE", "text": format!("Statement of {name}"),
            "citations": citations,
            "publish": true,
        });
        let comment = format!("statement {name}");
        let Some(said) = client.send(&url, "createStatement", new, &comment).await? else {
            break;
        };
        for payload in [party, update, said] {
            ensure(refusal(&payload), None)?;
        }
    }
    Ok(())
}

/// Each acknowledged mutation is the revision that it was told, and no other revision was never
/// sent. Answers how many are in neither way known: sent, and cut off.
fn compare(written: &Written, revisions: &[revision::Model]) -> Result<usize, Failed> {
    let mut stored = BTreeMap::new();
    for revision in revisions.iter().skip(1) {
        ensure(stored.insert(&revision.comment, revision.number), None)?;
        if !written.contains_key(&revision.comment) {
            return Err(format!("nobody sent {revision:?}").into());
        }
    }
    let mut cut_off = 0;
    for (comment, acknowledged) in written {
        match acknowledged {
            Some(number) => ensure((comment, stored.get(comment)), (comment, Some(number)))?,
            None => cut_off += 1,
        }
    }
    Ok(cut_off)
}

/// Each revision has all its changes, and the tables hold what the revisions say and nothing else.
async fn whole(db: &Db, revisions: &[revision::Model]) -> Result<(), Failed> {
    let mut changes: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    for change in revision_change::Entity::find().all(&db.read).await? {
        let of_revision = changes.entry(change.revision_number).or_default();
        of_revision.push(change.record_type);
    }
    let mut entered: BTreeMap<&str, u64> = BTreeMap::new();
    for revision in revisions.iter().skip(1) {
        let what = revision.comment.split(' ').next().unwrap_or_default();
        *entered.entry(what).or_default() += 1;
        let mut changed = changes.remove(&revision.number).unwrap_or_default();
        changed.sort_unstable();
        let expected: &[&str] = match what {
            "statement" => &[
                "citation",
                "citation",
                "claim",
                "party",
                "source",
                "source",
                "statement",
                "statement_citation",
                "statement_citation",
            ],
            _ => &["party"],
        };
        ensure(changed, expected.iter().map(ToString::to_string).collect())?;
    }
    let count = |what| entered.get(what).copied().unwrap_or_default();
    let (parties, updates, statements) = (count("party"), count("update"), count("statement"));
    let updated = party::Entity::find()
        .filter(party::Column::Version.eq(2))
        .filter(party::Column::Description.is_not_null());
    let found = [
        party::Entity::find().count(&db.read).await?,
        updated.count(&db.read).await?,
        statement::Entity::find().count(&db.read).await?,
        claim::Entity::find().count(&db.read).await?,
        source::Entity::find().count(&db.read).await?,
        citation::Entity::find().count(&db.read).await?,
        statement_citation::Entity::find().count(&db.read).await?,
    ];
    let twice = statements * 2;
    let expected = [
        parties + statements,
        updates,
        statements,
        statements,
        twice,
        twice,
        twice,
    ];
    ensure(found, expected)
}
