//! The one door for writes: one transaction, one revision, or nothing at all.
#![expect(
    clippy::disallowed_methods,
    reason = "this is the door that the others are sent to"
)]
use chrono::Utc;
use entity::{revision, revision_change, value::Timestamp};
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ActiveValue::Set, ConnectionTrait, DatabaseTransaction,
    DbBackend, DbErr, EntityTrait, IdenStatic, IntoActiveModel, Iterable, ModelTrait, QueryOrder,
    Statement, prelude::Uuid,
};
use serde::Serialize;
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use super::{
    db::{Db, begin},
    record::{id_column, json},
};

/// Any numbers that nothing else in the same database locks.
const BULK_LOCK: i64 = 0x0000_6275_6c6b_6275;
const REVISION_LOCK: i64 = 0x7265_7669_7369_6f6e;
/// What stands before the first revision in the chain of hashes.
const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// A table that the door writes row by row, each row's change on record.
pub trait Editable:
    EntityTrait<
        Model: IntoActiveModel<Self::ActiveModel> + Serialize + Sync,
        ActiveModel: ActiveModelBehavior + Send,
    >
{
}

impl<E> Editable for E where
    E: EntityTrait<
            Model: IntoActiveModel<E::ActiveModel> + Serialize + Sync,
            ActiveModel: ActiveModelBehavior + Send,
        >
{
}

/// Who makes an edit.
#[derive(Clone, Copy, Debug)]
pub enum Author {
    /// Whoever runs the command line.
    Command,
    Curator(Uuid),
}

/// Dropped without [`commit`](Self::commit), an edit leaves no trace.
pub struct Edit {
    transaction: DatabaseTransaction,
    author: Author,
    comment: String,
    import_batch_id: Option<Uuid>,
    changes: Vec<Change>,
    /// The same for all that the edit writes.
    pub now: Timestamp,
}

struct Change {
    record_type: String,
    record_id: Uuid,
    before: Option<String>,
    after: String,
}

impl Edit {
    /// On SQLite this waits for the writer before; `comment` says why the edit is made.
    pub async fn begin(db: &Db, author: Author, comment: impl Into<String>) -> Result<Self, DbErr> {
        Ok(Self {
            transaction: begin(&db.write).await?,
            author,
            comment: comment.into(),
            import_batch_id: None,
            changes: Vec::new(),
            now: Utc::now().into(),
        })
    }

    /// For writing much at once: such edits go one after another, since each looks up what is
    /// there and adds what is not. Other edits go on beside them.
    pub async fn begin_bulk(db: &Db, comment: impl Into<String>) -> Result<Self, DbErr> {
        let edit = Self::begin(db, Author::Command, comment).await?;
        edit.lock(BULK_LOCK).await?;
        Ok(edit)
    }

    /// Whether PostgreSQL plans statements anew each time. A plan kept from when a table was empty
    /// would scan it as it fills; but the checks of foreign keys must keep theirs.
    pub async fn plan_anew(&self, anew: bool) -> Result<(), DbErr> {
        if self.transaction.get_database_backend() == DbBackend::Postgres {
            let mode = if anew { "force_custom_plan" } else { "auto" };
            let set = format!("SET LOCAL plan_cache_mode = {mode}");
            self.transaction.execute_unprepared(&set).await?;
        }
        Ok(())
    }

    /// Waits for a lock that is held to the end of the transaction. On SQLite the transaction
    /// itself is that lock.
    async fn lock(&self, number: i64) -> Result<(), DbErr> {
        if self.transaction.get_database_backend() == DbBackend::Postgres {
            let lock = format!("SELECT pg_advisory_xact_lock({number})");
            self.transaction.execute_unprepared(&lock).await?;
        }
        Ok(())
    }

    /// For reading what the edit has written so far.
    pub fn connection(&self) -> &DatabaseTransaction {
        &self.transaction
    }

    pub async fn insert<E: Editable>(&mut self, row: E::Model) -> Result<E::Model, DbErr> {
        // An active model made from a row counts as unchanged; an insert sets every column.
        let row = row
            .into_active_model()
            .reset_all()
            .insert(&self.transaction)
            .await?;
        self.record::<E>(None, &row)?;
        Ok(row)
    }

    /// Writes the row as it now stands; `before` is how it stood.
    pub async fn update<E: Editable>(
        &mut self,
        before: &E::Model,
        after: E::Model,
    ) -> Result<E::Model, DbErr> {
        let mut row = after.into_active_model().reset_all();
        let id = id_column::<E>();
        row.set(id, before.get(id));
        let after = row.update(&self.transaction).await?;
        self.record::<E>(Some(before), &after)?;
        Ok(after)
    }

    /// New rows by the thousand, on record as their import batch alone.
    pub async fn insert_batch<E: Editable>(&mut self, rows: Vec<E::Model>) -> Result<(), DbErr> {
        if self.transaction.get_database_backend() == DbBackend::Postgres {
            return self.insert_as_json::<E>(&rows).await;
        }
        let rows = rows
            .into_iter()
            .map(|row| row.into_active_model().reset_all());
        E::insert_many(rows)
            .exec_without_returning(&self.transaction)
            .await?;
        Ok(())
    }

    /// One parameter for all rows, so that the statement is the same however many there are.
    async fn insert_as_json<E: Editable>(&self, rows: &[E::Model]) -> Result<(), DbErr> {
        let columns: Vec<E::Column> = E::Column::iter().collect();
        // What an object leaves out is null.
        let object = |row: &E::Model| -> Json {
            let fields = columns
                .iter()
                .map(|column| (column.as_str().to_owned(), json(row.get(*column))))
                .filter(|(_, value)| !value.is_null());
            Json::Object(fields.collect())
        };
        let rows: Vec<Json> = rows.iter().map(object).collect();
        let table = E::default().table_name().to_owned();
        let sql = format!(
            r#"INSERT INTO "{table}" SELECT * FROM json_populate_recordset(NULL::"{table}", $1::json)"#
        );
        let values = [Json::from(rows).to_string().into()];
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
        self.transaction.execute_raw(statement).await?;
        Ok(())
    }

    /// The batch that this edit brings in, once its figures are known.
    pub async fn batch(&mut self, batch: entity::import_batch::Model) -> Result<(), DbErr> {
        self.import_batch_id = Some(batch.id);
        self.insert::<entity::import_batch::Entity>(batch).await?;
        Ok(())
    }

    fn record<E: Editable>(
        &mut self,
        before: Option<&E::Model>,
        after: &E::Model,
    ) -> Result<(), DbErr> {
        let json = |row: &E::Model| {
            serde_json::to_string(row).map_err(|error| DbErr::Json(error.to_string()))
        };
        self.changes.push(Change {
            record_type: E::default().table_name().to_owned(),
            record_id: after.get(id_column::<E>()).unwrap(),
            before: before.map(json).transpose()?,
            after: json(after)?,
        });
        Ok(())
    }

    /// Makes all of it visible at once, as the next revision, and answers with its number.
    pub async fn commit(self) -> Result<i64, DbErr> {
        // From here to the commit nobody else has a number: they have no gaps and follow the commits.
        self.lock(REVISION_LOCK).await?;
        let transaction = &self.transaction;
        let last = revision::Entity::find()
            .order_by_desc(revision::Column::Number)
            .one(transaction)
            .await?;
        let (number, chained) = match &last {
            Some(last) => (last.number + 1, last.hash.as_str()),
            None => (1, GENESIS),
        };
        let revision = revision::Model {
            number,
            at: self.now,
            curator_id: match self.author {
                Author::Command => None,
                Author::Curator(id) => Some(id),
            },
            comment: self.comment,
            import_batch_id: self.import_batch_id,
            hash: String::new(),
        };
        let hash = hash(chained, &revision, &self.changes)?;
        let revision = revision::Model { hash, ..revision };
        revision
            .into_active_model()
            .reset_all()
            .insert(transaction)
            .await?;
        for (change, position) in self.changes.into_iter().zip(1..) {
            let row = revision_change::ActiveModel {
                id: Set(Uuid::now_v7()),
                revision_number: Set(number),
                position: Set(position),
                record_type: Set(change.record_type),
                record_id: Set(change.record_id),
                before: Set(change.before),
                after: Set(change.after),
            };
            row.insert(transaction).await?;
        }
        self.transaction.commit().await?;
        Ok(number)
    }
}

/// Covers the hash before, so that no revision can be altered unseen.
fn hash(before: &str, revision: &revision::Model, changes: &[Change]) -> Result<String, DbErr> {
    let parts: Vec<_> = changes
        .iter()
        .map(|change| {
            (
                &change.record_type,
                change.record_id,
                &change.before,
                &change.after,
            )
        })
        .collect();
    let text = serde_json::to_vec(&(before, revision, parts))
        .map_err(|error| DbErr::Json(error.to_string()))?;
    Ok(format!("{:x}", Sha256::digest(text)))
}
