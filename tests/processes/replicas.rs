//! A copy to read from: who cannot have written reads it, everybody else what was written last.
use libtest_mimic::Failed;
use serde_json::{Value, json};
use waybill::kit::db::Db;

use super::client::Client;
use crate::harness::{Backend, Running, Template, dataset, ensure, publish, waybill};

const DATASETS: &str = r#"{ datasets(filter: { slug: { eq: "new" } }) { nodes { title } } }"#;

/// A copy that does not follow stands in for one that is far behind.
pub async fn behind(backend: Backend) -> Result<(), Failed> {
    let database = backend.database(Template::Empty).await?;
    let Backend::Postgres(_) = backend else {
        let refused = waybill(
            &database.url,
            &["serve", "--read-database-url", "postgres://127.0.0.1/x"],
        )?;
        return refused.failed_saying("--read-database-url");
    };
    let replica = backend.copy(&database).await?;
    let db = Db::open(&database.url).await?;
    let client = Client::enter(&db).await?;
    publish(&db, dataset("new"), Vec::new()).await?;
    db.close().await?;

    let server = Running::serve(&database.url, &["--read-database-url", &replica.url])?;
    let ready = reqwest::get(format!("{}/health/ready", server.url)).await?;
    ensure(ready.status().as_u16(), 200)?;
    ensure(found(&server, None).await?, 0)?;
    ensure(found(&server, Some(&client)).await?, 1)?;
    // Their own writing, at once.
    let input = json!({ "name": "Written", "kind": "COMPANY" });
    let written = client
        .send(&server.url, "createParty", input, "written")
        .await?;
    let written = written.ok_or("the server is gone")?;
    let query = "query ($id: ID!) { node(id: $id) { id } }";
    let variables = json!({ "id": written["party"]["id"] });
    let answer = client.ask(&server.url, query, variables).await?;
    ensure(&answer["data"]["node"]["id"], &written["party"]["id"])?;
    drop(server);

    // Without the copy, everybody sees it.
    let server = Running::serve(&database.url, &[])?;
    ensure(found(&server, None).await?, 1)
}

async fn found(server: &Running, client: Option<&Client>) -> Result<usize, Failed> {
    let answer: Value = match client {
        Some(client) => client.ask(&server.url, DATASETS, json!({})).await?,
        None => {
            let request = reqwest::Client::new().post(format!("{}/graphql", server.url));
            let request = request.json(&json!({ "query": DATASETS }));
            request.send().await?.json().await?
        }
    };
    let nodes = answer.pointer("/data/datasets/nodes");
    let nodes = nodes.and_then(Value::as_array);
    nodes
        .map(Vec::len)
        .ok_or_else(|| format!("no datasets in {answer}").into())
}

/// Another database is no replica of this one; one that is away is none either.
pub async fn foreign(backend: Backend) -> Result<(), Failed> {
    let Backend::Postgres(_) = backend else {
        return Ok(());
    };
    let database = backend.database(Template::Empty).await?;
    let other = backend.database(Template::Bare).await?;
    let sqlite = "sqlite://x.db";
    let away = "postgres://someone:hunter2@127.0.0.1:1/none";
    let rows = [
        (other.url.as_str(), "the replica's schema"),
        (sqlite, "a replica is a PostgreSQL server"),
        (away, "its replica"),
    ];
    for (url, words) in rows {
        let arguments = [
            "serve",
            "--connect-timeout",
            "300ms",
            "--read-database-url",
            url,
        ];
        let outcome = waybill(&database.url, &arguments)?;
        outcome.failed_saying(words)?;
        ensure(outcome.stderr.contains("hunter2"), false)?;
    }
    Ok(())
}
