//! How revisions become known: on this server, from others, and from other processes.
use entity::value::Status;
use libtest_mimic::Failed;
use sea_orm::{
    ConnectionTrait, Database as Connect, FromQueryResult, Statement, sqlx::postgres::PgListener,
};
use serde_json::{Value, json};
use waybill::kit::edit::{Author, Edit};

use super::{
    NUMBERS,
    client::{LONGEST, Socket},
    told, write,
};
use crate::harness::{self, Backend, ensure, tests, waybill};

/// Everybody hears of everything, whoever is slow.
pub async fn many(backend: Backend) -> Result<(), Failed> {
    const SOCKETS: usize = 200;
    let app = told(&backend, &[]).await?;
    let mut sockets = Vec::new();
    for _ in 0..SOCKETS {
        let mut socket = Socket::ready(&app.url, "").await?;
        socket
            .subscribe("1", NUMBERS, json!({ "after": 0 }))
            .await?;
        sockets.push(socket);
    }
    ensure(app.server().live(), SOCKETS)?;
    let mut numbers = Vec::new();
    for slug in ["one", "two", "three", "four", "five"] {
        numbers.push(write(&app.db, slug, Status::Published).await?);
    }
    for socket in &mut sockets {
        for number in &numbers {
            let said = socket.said().await?;
            ensure(
                &said["payload"]["data"]["changes"]["number"],
                &json!(number),
            )?;
        }
    }
    drop(sockets);
    super::until("no socket", || app.server().live() == 0).await
}

/// What an import brings in is told, though it is on record as its batch alone; of a dataset that
/// is a draft to curators alone.
pub async fn imported(backend: Backend) -> Result<(), Failed> {
    let app = told(&backend, &[]).await?;
    let token = app.as_curator().await?;
    let query = "subscription ($after: Int) { changes(after: $after) {
        number imported { format recordCount dataset { slug } shipments(first: 1) { totalCount } }
    } }";
    let start = waybill::kit::edit::last_number(&app.db.read).await?;
    let mut anyone = Socket::ready(&app.url, "").await?;
    let mut curator = Socket::ready(&app.url, &token).await?;
    for socket in [&mut anyone, &mut curator] {
        socket
            .subscribe("1", query, json!({ "after": start }))
            .await?;
    }
    let fixture = |name: &str| tests().join("fixtures").join(name).display().to_string();
    let url = app.database_url.clone();
    let nomenclature = fixture("hs2022.csv");
    let imported = tokio::task::spawn_blocking(move || {
        waybill(
            &url,
            &["import", "hs", &nomenclature, "--edition", "HS2022"],
        )?
        .succeeded()
    });
    let kept = imported.await??.report()?[1];
    for socket in [&mut anyone, &mut curator] {
        let brought = &socket.said().await?["payload"]["data"]["changes"]["imported"];
        let expected = json!({
            "format": "HS", "recordCount": kept, "dataset": null, "shipments": { "totalCount": 0 },
        });
        ensure(brought, &expected)?;
    }

    let url = app.database_url.clone();
    let records = fixture("comtrade.csv");
    let imported = tokio::task::spawn_blocking(move || {
        waybill(
            &url,
            &["import", "comtrade", &records, "--dataset", "brought"],
        )?
        .succeeded()
    });
    let kept = imported.await??.report()?[1];
    for socket in [&mut anyone, &mut curator] {
        let brought = &socket.said().await?["payload"]["data"]["changes"]["imported"];
        let expected = json!({
            "format": "COMTRADE", "recordCount": kept, "dataset": { "slug": "brought" },
            "shipments": { "totalCount": kept },
        });
        ensure(brought, &expected)?;
    }
    Ok(())
}

/// Asking now and then tells what listening would.
pub async fn polled(backend: Backend) -> Result<(), Failed> {
    let app = told(&backend, &[]).await?;
    let mut numbers = Vec::new();
    for number in 0..7 {
        let status = if number == 3 {
            Status::Draft
        } else {
            Status::Published
        };
        let written = write(&app.db, &format!("dataset-{number}"), status).await?;
        numbers.extend((number != 3).then_some(written));
    }
    let query = "query ($after: Int!) { changes(after: $after, first: 2) { nodes { number } pageInfo { hasNextPage } } }";
    let mut found: Vec<i64> = Vec::new();
    loop {
        let after = found.last().copied().unwrap_or_default();
        let answer = app.data(query, json!({ "after": after })).await?;
        let nodes = answer["changes"]["nodes"].as_array().ok_or("no nodes")?;
        found.extend(nodes.iter().filter_map(|node| node["number"].as_i64()));
        if answer["changes"]["pageInfo"]["hasNextPage"] == json!(false) {
            break;
        }
    }
    ensure(found, numbers)?;
    let filter =
        r#"{ changes(after: 0, filter: { comment: { contains: "dataset-5" } }) { totalCount } }"#;
    let filtered = app.data(filter, Value::Null).await?;
    ensure(&filtered["changes"]["totalCount"], &json!(1))
}

/// Whoever commits tells all servers the number, and whoever does not tells nobody.
pub async fn announced(backend: Backend) -> Result<(), Failed> {
    let app = told(&backend, &[]).await?;
    let mut listener = PgListener::connect(&app.database_url).await?;
    listener.listen("waybill_revision").await?;
    let mut edit = Edit::begin(&app.db, Author::Command, "dropped").await?;
    edit.insert::<entity::dataset::Entity>(harness::dataset("dropped"))
        .await?;
    drop(edit);
    for slug in ["one", "two"] {
        let number = write(&app.db, slug, Status::Draft).await?;
        let heard = tokio::time::timeout(LONGEST, listener.recv()).await??;
        ensure(heard.payload(), number.to_string().as_str())?;
    }
    Ok(())
}

#[derive(FromQueryResult)]
struct Listening {
    pid: i32,
}

/// The connection that listens is killed again and again, and comes back; meanwhile and afterwards
/// every revision is told.
pub async fn lost(backend: Backend) -> Result<(), Failed> {
    let app = told(&backend, &[]).await?;
    let mut socket = Socket::ready(&app.url, "").await?;
    socket
        .subscribe("1", NUMBERS, json!({ "after": 0 }))
        .await?;
    let admin = Connect::connect(&app.database_url).await?;
    let listening = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'";
    let mut killed = 0;
    for round in 0..3 {
        let of_round = async {
            loop {
                let statement = Statement::from_string(admin.get_database_backend(), listening);
                let found = Listening::find_by_statement(statement).one(&admin).await?;
                match found.filter(|listening| listening.pid != killed) {
                    Some(found) => return Ok::<_, Failed>(found.pid),
                    None => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
                }
            }
        };
        killed = tokio::time::timeout(LONGEST, of_round).await??;
        admin
            .execute_unprepared(&format!("SELECT pg_terminate_backend({killed})"))
            .await?;
        let number = write(&app.db, &format!("round-{round}"), Status::Published).await?;
        let said = socket.said().await?;
        ensure(
            &said["payload"]["data"]["changes"]["number"],
            &json!(number),
        )?;
    }
    admin.close().await?;
    Ok(())
}
