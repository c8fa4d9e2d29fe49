//! Files of any kind come in: by a mapping, as a list, as a concordance, as countries.
use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, DbBackend},
};

use crate::dialect;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite cannot change a check: there the table is made anew.
        let sql = match manager.get_connection().get_database_backend() {
            DbBackend::Postgres => include_str!("sql/000009_mappings.postgres.sql"),
            _ => include_str!("sql/000009_mappings.sqlite.sql"),
        };
        dialect::run(manager, sql).await
    }
}
