//! Imports over the API: a batch is there from when it is asked for, and its refused rows are rows.
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
        // SQLite cannot let a column be null that must not be: there the table is made anew.
        let batches = match manager.get_connection().get_database_backend() {
            DbBackend::Postgres => include_str!("sql/000010_uploads.postgres.sql"),
            _ => include_str!("sql/000010_uploads.sqlite.sql"),
        };
        dialect::run(manager, batches).await?;
        dialect::run(manager, include_str!("sql/000010_uploads.sql")).await
    }
}
