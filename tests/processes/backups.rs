//! Copies of the embedded database, made while others write.
use std::os::unix::fs::PermissionsExt;

use libtest_mimic::Failed;
use serde_json::json;
use waybill::kit::db::Db;

use super::{client::Client, history};
use crate::harness::{Backend, Running, Template, ensure, waybill};

/// Of each writer, one after another.
const WRITES: usize = 30;
const WRITERS: usize = 3;

pub async fn while_writing(backend: Backend) -> Result<(), Failed> {
    let database = backend.database(Template::Filled).await?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("a copy?.db");
    let name = file.to_str().ok_or("no name")?;
    if let Backend::Postgres(_) = backend {
        return waybill(&database.url, &["backup", name])?.failed_saying("pg_dump");
    }
    let db = Db::open(&database.url).await?;
    let client = Client::enter(&db).await?;
    let before = history(&database.url, &db).await?.len();
    let server = Running::serve(&database.url, &[])?;
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (client, url) = (client.clone(), server.url.clone());
            tokio::spawn(async move {
                for number in 0..WRITES {
                    let party = json!({ "name": format!("{writer} {number}"), "kind": "COMPANY" });
                    let comment = format!("{writer} enters {number}");
                    let sent = client.send(&url, "createParty", party, &comment).await;
                    sent.map_err(|error| format!("{error:?}"))?;
                }
                Ok::<_, String>(())
            })
        })
        .collect();
    // Some was written, and some is to be written yet.
    while client.written().values().flatten().count() < WRITES / 2 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let url = database.url.clone();
    let target = name.to_owned();
    let made = tokio::task::spawn_blocking(move || {
        let outcome = waybill(&url, &["backup", &target]);
        outcome
            .and_then(crate::harness::Outcome::succeeded)
            .map(|outcome| outcome.stdout)
            .map_err(|error| format!("{error:?}"))
    });
    let made = made.await??;
    for writer in writers {
        writer.await??;
    }
    drop(server);
    let after = history(&database.url, &db).await?;
    db.close().await?;

    ensure(after.len(), before + WRITERS * WRITES)?;
    let mode = std::fs::metadata(&file)?.permissions().mode() & 0o777;
    ensure(mode, 0o600)?;
    // Nothing else is left beside it.
    ensure(std::fs::read_dir(folder.path())?.count(), 1)?;
    waybill(&database.url, &["backup", name])?.failed_saying("is there already")?;

    // A database of its own, whose history is the beginning of the other's.
    let restored = folder.path().join("restored.db");
    std::fs::copy(&file, &restored)?;
    let url = format!("sqlite://{}?mode=rw", restored.display());
    let copy = Db::open(&url).await?;
    let copied = history(&url, &copy).await?;
    copy.close().await?;
    ensure(
        (before + WRITES / 2..=after.len()).contains(&copied.len()),
        true,
    )?;
    let last = copied.last().ok_or("no revision")?;
    ensure(Some(last), after.get(copied.len() - 1))?;
    ensure(made.contains(&format!("{} revisions", copied.len())), true)
}
