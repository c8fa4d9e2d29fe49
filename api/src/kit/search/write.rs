//! Into the index, with the edit that writes the records.
use std::collections::HashMap;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, EntityTrait, Statement, prelude::Uuid};
use serde_json::Value as Json;

use super::document::Document;

/// Documents written at a time.
pub const AT_ONCE: usize = 500;

const POSTGRES: &str = r"
    INSERT INTO search_document (id, kind, status, length, version, words)
    SELECT id, kind, status, length, version, CAST(words AS tsvector)
    FROM json_to_recordset(CAST($1 AS json)) AS document
        (id uuid, kind text, status text, length integer, version integer, words text)
    ON CONFLICT (id) DO UPDATE SET status = excluded.status, length = excluded.length,
        version = excluded.version, words = excluded.words";

const SQLITE: [&str; 2] = [
    r"
    INSERT INTO search_document (id, kind, status, length, version)
    SELECT unhex(value ->> 'id'), value ->> 'kind', value ->> 'status', value ->> 'length',
        value ->> 'version'
    FROM json_each($1) WHERE TRUE
    ON CONFLICT (id) DO UPDATE SET status = excluded.status, length = excluded.length,
        version = excluded.version",
    r"
    INSERT OR REPLACE INTO search_text (rowid, whole, name, text)
    SELECT number, value ->> 'whole', value ->> 'name', value ->> 'text'
    FROM json_each($1) CROSS JOIN search_document ON search_document.id = unhex(value ->> 'id')",
];

/// What is to be written before an edit ends: of each record as it stands last.
#[derive(Default)]
pub struct Pending(HashMap<Uuid, Document>);

impl Pending {
    /// Takes down a row as it stands now, if it is searched.
    pub fn note<E: EntityTrait>(&mut self, row: &E::Model) {
        self.0
            .extend(Document::of::<E>(row).map(|document| (document.id, document)));
    }

    /// Whether it should be written before more comes.
    pub fn is_long(&self) -> bool {
        self.0.len() >= AT_ONCE
    }

    pub async fn write(&mut self, db: &impl ConnectionTrait) -> Result<(), DbErr> {
        let mut documents: Vec<_> = std::mem::take(&mut self.0).into_values().collect();
        // Always in the same order: who writes the same records at the same time waits.
        documents.sort_by_key(|document| document.id);
        for documents in documents.chunks(AT_ONCE) {
            write(db, documents).await?;
        }
        Ok(())
    }
}

pub async fn write(db: &impl ConnectionTrait, documents: &[Document]) -> Result<(), DbErr> {
    let backend = db.get_database_backend();
    let (statements, document): (&[&str], fn(&Document) -> Json) = match backend {
        DbBackend::Postgres => (&[POSTGRES], Document::for_postgres),
        _ => (&SQLITE, Document::for_sqlite),
    };
    let documents: Json = documents.iter().map(document).collect();
    let documents = documents.to_string();
    for sql in statements {
        let values = [documents.as_str().into()];
        let statement = Statement::from_sql_and_values(backend, *sql, values);
        db.execute_raw(statement).await?;
    }
    Ok(())
}
