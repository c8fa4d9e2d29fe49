//! When API keys were last used: written at most once a minute, and no request waits for it.
#![expect(
    clippy::disallowed_methods,
    reason = "that a key was used is no change of a record"
)]
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use chrono::Utc;
use entity::{api_key, value::Timestamp};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, prelude::Uuid, sea_query::Expr};

use crate::kit::db::Db;

const INTERVAL: Duration = Duration::from_secs(60);

#[derive(Default)]
pub struct Uses(Mutex<HashMap<Uuid, Instant>>);

impl Uses {
    pub fn note(&self, db: &Db, key: Uuid) {
        let now = Instant::now();
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if noted
            .get(&key)
            .is_some_and(|last| now.duration_since(*last) < INTERVAL)
        {
            return;
        }
        // Only keys that exist come here: there are no more of them than were made.
        noted.insert(key, now);
        drop(noted);
        let db = db.clone();
        tokio::spawn(async move {
            if let Err(error) = write(&db, key).await {
                tracing::warn!(%error, "when an API key was used could not be written");
            }
        });
    }
}

async fn write(db: &Db, key: Uuid) -> Result<(), DbErr> {
    let now = Timestamp::from(Utc::now());
    let transaction = db.begin_unrecorded().await?;
    api_key::Entity::update_many()
        .col_expr(api_key::Column::LastUsedAt, Expr::value(now))
        .filter(api_key::Column::Id.eq(key))
        .exec(&transaction)
        .await?;
    transaction.commit().await
}
