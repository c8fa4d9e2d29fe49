//! The index of what is searched. Whoever opens the database fills it.
use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sql = match manager.get_database_backend() {
            DbBackend::Postgres => include_str!("sql/000011_search_postgres.sql"),
            _ => include_str!("sql/000011_search_sqlite.sql"),
        };
        let connection = manager.get_connection();
        connection.execute_unprepared(sql).await.map(drop)
    }
}
