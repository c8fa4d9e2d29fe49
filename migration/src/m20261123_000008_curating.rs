//! Countries and products are curated, parts leave without a trace lost, and answers are remembered.
use std::time::{SystemTime, UNIX_EPOCH};

use sea_orm_migration::prelude::*;

use crate::dialect;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = since.unwrap_or_default().as_micros().to_string();
        let sql = include_str!("sql/000008_curating.sql").replace(":now", &now);
        dialect::run(manager, &sql).await
    }
}
