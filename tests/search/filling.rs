//! Databases that were filled before there was an index, by other rules, or by the thousand rows.
use entity::{
    party::{self, PartyKind},
    value::Status,
};
use libtest_mimic::Failed;
use sea_orm::{ConnectionTrait, Database, EntityTrait, PaginatorTrait, prelude::Uuid};
use serde_json::{Value, json};
use waybill::kit::{
    db::Db,
    edit::{Author, Edit},
};

use super::{SEARCH, named};
use crate::harness::{App, Backend, Template, ensure};

const QUERIES: [&str; 6] = [
    "china",
    "drones",
    "8806",
    "cote ivoire",
    "politico",
    "customs records",
];

async fn answers(app: &App) -> Result<Vec<Value>, Failed> {
    let mut answers = Vec::new();
    for query in QUERIES {
        let answer = app
            .data(SEARCH, json!({ "query": query, "first": 50 }))
            .await?;
        ensure(answer["search"]["totalCount"].as_u64() > Some(0), true)?;
        answers.push(answer);
    }
    Ok(answers)
}

/// Whatever the index lacks, or has by other rules, is right after the next start.
pub async fn old_databases(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Filled).await?;
    let before = answers(&app).await?;
    let is_sqlite = app.database_url.starts_with("sqlite");
    let emptied: &[&str] = match is_sqlite {
        true => &["DELETE FROM search_text", "DELETE FROM search_document"],
        false => &["DELETE FROM search_document"],
    };
    let garbled: &[&str] = match is_sqlite {
        true => &[
            "UPDATE search_document SET version = 0, length = 0",
            "INSERT OR REPLACE INTO search_text (rowid, whole, name, text)
             SELECT number, 'china', 'china', 'china' FROM search_document",
        ],
        false => &["UPDATE search_document SET version = 0, length = 0, words = '''^china'''"],
    };
    for statements in [emptied, garbled] {
        let old = Database::connect(&app.database_url).await?;
        for statement in statements {
            old.execute_unprepared(statement).await?;
        }
        old.close().await?;
        Db::open(&app.database_url).await?.close().await?;
        ensure(answers(&app).await? == before, true)?;
    }
    Ok(())
}

/// Several servers that start at the same time share the work, and nothing is there twice.
pub async fn at_once(backend: Backend) -> Result<(), Failed> {
    let database = backend.database(Template::Filled).await?;
    let db = Db::open(&database.url).await?;
    let count = async || {
        entity::search_document::Entity::find()
            .count(&db.read)
            .await
    };
    let before = count().await?;
    let old = Database::connect(&database.url).await?;
    old.execute_unprepared("UPDATE search_document SET version = 0")
        .await?;
    old.close().await?;
    let starts = (0..4).map(|_| {
        let url = database.url.clone();
        tokio::spawn(async move { Db::open(&url).await?.close().await })
    });
    for start in starts.collect::<Vec<_>>() {
        start.await??;
    }
    ensure(count().await?, before)?;
    db.close().await?;
    Ok(())
}

/// Rows that come in by the thousand are found as well, from the commit on.
pub async fn bulk(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let rows = (1..=1_300).map(|number| party::Model {
        id: Uuid::from_u128(number),
        name: format!("Mill {number}"),
        kind: PartyKind::Company,
        status: Status::Published,
        version: 1,
        ..party::Model::default()
    });
    let rows: Vec<_> = rows.collect();
    let mut edit = Edit::begin(&app.db, Author::Command, "test").await?;
    for rows in rows.chunks(650) {
        edit.insert_batch::<party::Entity>(rows.to_vec()).await?;
    }
    // Alone, a batch makes no revision.
    edit.insert::<entity::dataset::Entity>(crate::harness::dataset("beside"))
        .await?;
    ensure(named(&app, "mill").await?.len(), 0)?;
    edit.commit().await?;
    let found = app
        .data(SEARCH, json!({ "query": "mill", "first": 1 }))
        .await?;
    ensure(&found["search"]["totalCount"], &json!(1_300))?;
    ensure(
        named(&app, "\"mill 1299\"").await?,
        vec!["Mill 1299".to_owned()],
    )
}
