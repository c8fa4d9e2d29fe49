//! One SQL text for both databases: types in capitals are spelled for each.
use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, DbBackend},
};

/// `TEXT` sorts by bytes on both, so that pages and comparisons come out the same.
const POSTGRES: &[(&str, &str)] = &[
    (" TEXT", r#" text COLLATE "C""#),
    (" UUID", " uuid"),
    (" DATE", " date"),
    (" JSON", " jsonb"),
    (" COUNTER", " bigint"),
];
const SQLITE: &[(&str, &str)] = &[
    (" TEXT", " text"),
    (" UUID", " blob"),
    (" DATE", " text"),
    (" JSON", " text"),
    // A SQLite primary key that counts must be spelled just so.
    (" COUNTER", " integer"),
];

pub async fn run(manager: &SchemaManager<'_>, sql: &str) -> Result<(), DbErr> {
    let types = match manager.get_database_backend() {
        DbBackend::Postgres => POSTGRES,
        _ => SQLITE,
    };
    let spelled = types.iter().fold(sql.to_owned(), |sql, (name, spelling)| {
        sql.replace(name, spelling)
    });
    manager
        .get_connection()
        .execute_unprepared(&spelled)
        .await
        .map(drop)
}
