//! The one door for writes: one transaction, one revision, or nothing at all.
#![expect(
    clippy::disallowed_methods,
    reason = "this is the door that the others are sent to"
)]
use chrono::Utc;
use entity::value::Timestamp;
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait,
    IntoActiveModel, ModelTrait, QuerySelect, Statement, prelude::Uuid,
};
use serde::{Serialize, de::DeserializeOwned};
use tokio::sync::watch;

use super::{
    access::Permission,
    db::{Db, Transaction},
    record::id_column,
    search::Pending,
};

mod batch;
mod binary;
mod bulk;
mod history;
mod parts;
mod past;
mod remember;

pub use batch::UNDER_WAY;
pub use history::{Broken, Verified, is_published, last_number, verify};
pub(crate) use parts::part;
pub use parts::{Belonging, Part};
pub use past::row_at;
pub use remember::Remembered;

use history::Change;

/// A table that the door writes row by row, each row's change on record.
pub trait Editable:
    EntityTrait<
        Model: IntoActiveModel<Self::ActiveModel> + Serialize + DeserializeOwned + PartialEq + Sync,
        ActiveModel: ActiveModelBehavior + Send,
    >
{
}

impl<E> Editable for E where
    E: EntityTrait<
            Model: IntoActiveModel<E::ActiveModel>
                       + Serialize
                       + DeserializeOwned
                       + PartialEq
                       + Sync,
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

impl<P: Permission> From<&P> for Author {
    fn from(permit: &P) -> Self {
        Self::Curator(permit.curator_id())
    }
}

/// What the revision before leaves to the next one.
struct Next {
    number: i64,
    hash_before: String,
    /// When the one before was made: time does not run backwards in the history.
    not_before: Timestamp,
}

/// Dropped without [`commit`](Self::commit), an edit leaves no trace.
pub struct Edit {
    transaction: Transaction,
    author: Author,
    comment: String,
    import_batch_id: Option<Uuid>,
    changes: Vec<Change>,
    /// What is to be found by its words from the same moment on.
    found_by: Pending,
    /// The answer that is to be kept for when its key comes again.
    remembered: Option<Uuid>,
    /// The next revision's number and the hash before it, once nobody else can take them.
    next: Option<Next>,
    /// Whether it writes much at once.
    is_bulk: bool,
    /// Who waits for revisions is told of this one.
    announced: watch::Sender<i64>,
    /// The same for all that the edit writes.
    pub now: Timestamp,
}

impl Edit {
    /// On SQLite this waits for the writer before; `comment` says why the edit is made.
    pub async fn begin(db: &Db, author: Author, comment: impl Into<String>) -> Result<Self, DbErr> {
        Ok(Self {
            transaction: db.begin().await?,
            author,
            comment: comment.into(),
            import_batch_id: None,
            changes: Vec::new(),
            found_by: Pending::default(),
            remembered: None,
            next: None,
            is_bulk: false,
            announced: db.announced.clone(),
            now: Utc::now().into(),
        })
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

    /// Edits that mean to enter what goes by the same name go one after another.
    pub async fn lock_name(&self, name: &str) -> Result<(), DbErr> {
        if self.transaction.get_database_backend() == DbBackend::Postgres {
            let lock = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))";
            let lock = Statement::from_sql_and_values(DbBackend::Postgres, lock, [name.into()]);
            self.transaction.execute_raw(lock).await?;
        }
        Ok(())
    }

    /// The row with this id, which nobody else changes until the edit ends.
    pub async fn hold<E: Editable>(&self, id: Uuid) -> Result<Option<E::Model>, DbErr> {
        let row = E::find().filter_by_id::<E>(id).lock_exclusive();
        row.one(&self.transaction).await
    }

    /// The row with this id, which others may read meanwhile, and nobody changes.
    pub async fn rely_on<E: Editable>(&self, id: Uuid) -> Result<Option<E::Model>, DbErr> {
        let row = E::find().filter_by_id::<E>(id).lock_shared();
        row.one(&self.transaction).await
    }

    /// For reading what the edit has written so far.
    pub fn connection(&self) -> &Transaction {
        &self.transaction
    }

    pub async fn insert<E: Editable>(&mut self, row: E::Model) -> Result<E::Model, DbErr> {
        let id = row.get(id_column::<E>()).unwrap();
        self.insert_part::<E>(id, row).await
    }

    /// A row whose change belongs to the history of another record.
    pub async fn insert_part<E: Editable>(
        &mut self,
        root_id: Uuid,
        row: E::Model,
    ) -> Result<E::Model, DbErr> {
        // An active model made from a row counts as unchanged; an insert sets every column.
        let row = row
            .into_active_model()
            .reset_all()
            .insert(&self.transaction)
            .await?;
        self.changes.push(Change::of::<E>(root_id, None, &row)?);
        self.found_by.note::<E>(&row);
        Ok(row)
    }

    /// Writes the row as it now stands; `before` is how it stood.
    pub async fn update<E: Editable>(
        &mut self,
        before: &E::Model,
        after: E::Model,
    ) -> Result<E::Model, DbErr> {
        let id = before.get(id_column::<E>()).unwrap();
        self.update_part::<E>(id, before, after).await
    }

    async fn update_part<E: Editable>(
        &mut self,
        root_id: Uuid,
        before: &E::Model,
        after: E::Model,
    ) -> Result<E::Model, DbErr> {
        let mut row = after.into_active_model().reset_all();
        let id = id_column::<E>();
        row.set(id, before.get(id));
        let after = row.update(&self.transaction).await?;
        self.changes
            .push(Change::of::<E>(root_id, Some(before), &after)?);
        self.found_by.note::<E>(&after);
        Ok(after)
    }
}

/// Selects by the primary key, whose type the kit takes to be a UUID.
trait ById: Sized {
    fn filter_by_id<E: EntityTrait>(self, id: Uuid) -> Self;
}

impl<S: sea_orm::QueryFilter> ById for S {
    fn filter_by_id<E: EntityTrait>(self, id: Uuid) -> Self {
        use sea_orm::ColumnTrait;
        self.filter(id_column::<E>().eq(id))
    }
}
