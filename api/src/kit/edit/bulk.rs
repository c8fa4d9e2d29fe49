//! Much at once: files go in by the thousand rows, on record as their import batch alone.
#![expect(
    clippy::disallowed_methods,
    reason = "this is the door that the others are sent to"
)]
use sea_orm::{ActiveModelTrait, ConnectionTrait, DbBackend, DbErr, IntoActiveModel, Iterable};

use super::{Author, Edit, Editable, binary};
use crate::kit::db::Db;

/// Any number that nothing else in the same database locks.
const BULK_LOCK: i64 = 0x0000_6275_6c6b_6275;
/// SQLite takes so many values in one statement.
const SQLITE_VALUES: usize = 32_766;

impl Edit {
    /// For writing much at once: such edits go one after another, since each looks up what is
    /// there and adds what is not. Other edits go on beside them.
    pub async fn begin_bulk(
        db: &Db,
        author: Author,
        comment: impl Into<String>,
    ) -> Result<Self, DbErr> {
        let edit = Self::begin(db, author, comment).await?;
        if edit.transaction.get_database_backend() == DbBackend::Postgres {
            // However long the others take, and however much there is to check.
            let patient = "SET LOCAL statement_timeout = 0";
            edit.transaction.execute_unprepared(patient).await?;
        }
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

    /// New rows by the thousand, on record as their import batch alone: by the database's own bulk
    /// load on PostgreSQL, and by statements of many rows on SQLite.
    pub async fn insert_batch<E: Editable>(&mut self, rows: Vec<E::Model>) -> Result<(), DbErr> {
        for row in &rows {
            self.found_by.note::<E>(row);
        }
        if self.found_by.is_long() {
            self.found_by.write(&self.transaction).await?;
        }
        if self.transaction.get_database_backend() == DbBackend::Postgres {
            return self.copy_in::<E>(&rows).await;
        }
        let at_once = SQLITE_VALUES / E::Column::iter().count();
        let mut rows = rows
            .into_iter()
            .map(|row| row.into_active_model().reset_all())
            .peekable();
        while rows.peek().is_some() {
            E::insert_many(rows.by_ref().take(at_once))
                .exec_without_returning(&self.transaction)
                .await?;
        }
        Ok(())
    }

    async fn copy_in<E: Editable>(&self, rows: &[E::Model]) -> Result<(), DbErr> {
        let mut pieces = binary::Pieces::<E>::of(rows);
        let statement = binary::statement::<E>();
        let copied = self.transaction.copy_in(&statement, &mut pieces).await;
        match pieces.failed {
            Some(why) => Err(why),
            None => copied.map(drop),
        }
    }
}
