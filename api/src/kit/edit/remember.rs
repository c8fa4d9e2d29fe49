//! Idempotency: what a mutation answered is kept with what it wrote, in one transaction.
#![expect(
    clippy::disallowed_methods,
    reason = "answers are kept by the door, and are no records"
)]
use entity::{idempotency, value::Timestamp};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryTrait,
    prelude::Uuid,
    sea_query::{Expr, OnConflict},
};

use super::{Author, Edit};

/// An answer is kept for as long as a client may try again: two days.
const KEPT_MICROSECONDS: i64 = 48 * 60 * 60 * 1_000_000;

/// Whether an idempotency key was used before.
pub enum Remembered {
    /// No; whoever uses it meanwhile waits for this edit to end.
    Anew,
    /// For the same input: this was the answer.
    Answered(String),
    /// For another input.
    OtherInput,
}

impl Edit {
    pub async fn remember(&mut self, key: &str, input_hash: &str) -> Result<Remembered, DbErr> {
        use idempotency::Column::{CreatedAt, CuratorId, Key};
        let Author::Curator(curator_id) = self.author else {
            return Ok(Remembered::Anew);
        };
        let oldest = Timestamp::from_microseconds(self.now.microseconds() - KEPT_MICROSECONDS);
        idempotency::Entity::delete_many()
            .filter(CreatedAt.lt(oldest))
            .exec(&self.transaction)
            .await?;
        let row = idempotency::Model {
            id: Uuid::now_v7(),
            curator_id,
            key: key.to_owned(),
            input_hash: input_hash.to_owned(),
            answer: None,
            created_at: self.now,
        };
        let id = row.id;
        let insert = idempotency::Entity::insert(row.into_active_model().reset_all())
            .on_conflict(
                OnConflict::columns([CuratorId, Key])
                    .do_nothing()
                    .to_owned(),
            )
            .into_query();
        let inserted = self.transaction.execute(&insert).await?;
        if inserted.rows_affected() == 1 {
            self.remembered = Some(id);
            return Ok(Remembered::Anew);
        }
        let held = idempotency::Entity::find()
            .filter(CuratorId.eq(curator_id))
            .filter(Key.eq(key))
            .one(&self.transaction)
            .await?;
        Ok(match held {
            Some(row) if row.input_hash == input_hash => {
                Remembered::Answered(row.answer.unwrap_or_default())
            }
            _ => Remembered::OtherInput,
        })
    }

    /// What to answer when the key comes again.
    pub async fn answer(&mut self, answer: String) -> Result<(), DbErr> {
        if let Some(id) = self.remembered {
            let update = idempotency::Entity::update_many()
                .col_expr(idempotency::Column::Answer, Expr::val(answer))
                .filter(idempotency::Column::Id.eq(id))
                .into_query();
            self.transaction.execute(&update).await?;
        }
        Ok(())
    }
}
