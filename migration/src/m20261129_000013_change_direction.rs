//! A change may be stated by its direction alone.
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
            DbBackend::Postgres => include_str!("sql/000013_change_direction.postgres.sql"),
            _ => include_str!("sql/000013_change_direction.sqlite.sql"),
        };
        dialect::run(manager, sql).await
    }
}
