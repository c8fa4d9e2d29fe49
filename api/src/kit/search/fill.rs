//! Records that are not in the index yet, or by older rules, come into it: whatever wrote them.
use std::time::Duration;

use entity::searched::{TABLES, Table};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement, prelude::Uuid};
use serde_json::Value as Json;

use super::{
    VERSION,
    document::{Document, texts},
    write::{AT_ONCE, write},
};
use crate::kit::{db::Db, error::is_closed};

/// Any number that nothing else in the same database locks.
const FILL_LOCK: i64 = 0x0066_696c_6c77_6f72;
const MOST_ATTEMPTS: u32 = 20;
const PAUSE: Duration = Duration::from_secs(3);

/// The same, in the background of a server: what is asked for is answered meanwhile.
pub fn begin(db: &Db) {
    let db = db.clone();
    tokio::spawn(async move {
        for _ in 0..MOST_ATTEMPTS {
            match fill(&db).await {
                Ok(()) => return,
                Err(error) if is_closed(&error) => return,
                // It may have met somebody who writes, and given way.
                Err(error) => tracing::warn!(%error, "the search index cannot be filled yet"),
            }
            tokio::time::sleep(PAUSE).await;
        }
    });
}

/// Fills an index that nothing is in, such as one that has just come: then there is nothing that
/// could be found meanwhile.
pub async fn fill_new(db: &Db) -> Result<(), DbErr> {
    let sql = "SELECT 1 AS one FROM search_document WHERE version = $1 LIMIT 1";
    let backend = db.write.get_database_backend();
    let any = Statement::from_sql_and_values(backend, sql, [VERSION.into()]);
    match db.write.query_one_raw(any).await? {
        Some(_) => Ok(()),
        None => fill(db).await,
    }
}

/// Brings the index up to date, some hundred records at a time. Servers that start at once share
/// the work, and one that is stopped halfway leaves the rest to the next.
pub async fn fill(db: &Db) -> Result<(), DbErr> {
    let mut filled = 0;
    for table in TABLES.iter() {
        let mut after = Uuid::nil();
        while let Some(last) = fill_some(db, table, after).await? {
            after = last;
            filled += 1;
        }
    }
    if filled > 0 {
        tracing::debug!(batches = filled, "the search index was filled");
    }
    Ok(())
}

/// The next records of a table after an id; answers with the last one's, or none at the end.
async fn fill_some(db: &Db, table: &Table, after: Uuid) -> Result<Option<Uuid>, DbErr> {
    // Most times there is nothing to do: then nobody is kept waiting.
    if missing(&db.write, table, after, false).await?.is_empty() {
        return Ok(None);
    }
    let transaction = db.begin().await?;
    if transaction.get_database_backend() == DbBackend::Postgres {
        let lock = format!("SELECT pg_advisory_xact_lock({FILL_LOCK})");
        transaction.execute_unprepared(&lock).await?;
    }
    // Held, so that nobody changes them between here and there.
    let documents = missing(&transaction, table, after, true).await?;
    write(&transaction, &documents).await?;
    transaction.commit().await?;
    Ok(documents.last().map(|document| document.id))
}

async fn missing(
    db: &impl ConnectionTrait,
    table: &Table,
    after: Uuid,
    all: bool,
) -> Result<Vec<Document>, DbErr> {
    let backend = db.get_database_backend();
    let columns = table.columns.iter();
    let columns: Vec<_> = columns
        .map(|column| format!(r#"CAST(record."{0}" AS text) AS "{0}""#, column.name))
        .collect();
    let hold = match backend {
        DbBackend::Postgres if all => "FOR SHARE OF record",
        _ => "",
    };
    // A lookup for each record: as an anti-join, PostgreSQL would compare all with all in tables
    // that it has no statistics of.
    let sql = format!(
        r#"SELECT record.id, record.status, {} FROM "{}" AS record
        WHERE record.id > $1 AND (
            SELECT document.version FROM search_document AS document WHERE document.id = record.id
        ) IS DISTINCT FROM $2
        ORDER BY record.id LIMIT {} {hold}"#,
        columns.join(", "),
        table.name,
        if all { AT_ONCE } else { 1 },
    );
    let statement = Statement::from_sql_and_values(backend, sql, [after.into(), VERSION.into()]);
    let rows = db.query_all_raw(statement).await?;
    rows.iter().map(|row| document(table, row)).collect()
}

fn document(table: &Table, row: &QueryResult) -> Result<Document, DbErr> {
    let mut fields = Vec::new();
    for column in &table.columns {
        let text: Option<String> = row.try_get("", column.name)?;
        let value = match text {
            Some(text) if column.is_list => {
                serde_json::from_str(&text).map_err(|error| DbErr::Json(error.to_string()))?
            }
            Some(text) => Json::String(text),
            None => Json::Null,
        };
        fields.extend(texts(column, Some(value)));
    }
    let status: String = row.try_get("", "status")?;
    let id = row.try_get("", "id")?;
    Ok(Document::new(table, id, Json::String(status), &fields))
}
