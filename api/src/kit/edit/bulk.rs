//! Much at once: files go in by the thousand rows, on record as their import batch alone.
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DbBackend, DbErr, IdenStatic, IntoActiveModel, Iterable,
    ModelTrait, Values,
};

use super::{Author, Edit, Editable, binary};
use crate::kit::db::Db;

/// Any number that nothing else in the same database locks.
const BULK_LOCK: i64 = 0x0000_6275_6c6b_6275;
/// Rows that go to SQLite by one statement: beginning and ending one costs a quarter of a row, and a
/// long one is held in memory from then on.
const TOGETHER: usize = 200;
/// Fewer rows go to PostgreSQL as one statement: a bulk load ends with two short messages, and the
/// driver lets TCP hold back the second until the first is acknowledged, which takes it 40 ms.
const FEW: usize = 100;
/// Memory for SQLite's pages, in KiB: without it, a table with so many indexes is written to the disk
/// and read again while it grows.
const SQLITE_PAGES: u32 = 32 * 1024;
/// What SQLite has by itself.
const FEW_PAGES: u32 = 2000;

impl Edit {
    /// For writing much at once: such edits go one after another, since each looks up what is
    /// there and adds what is not. Other edits go on beside them.
    pub async fn begin_bulk(
        db: &Db,
        author: Author,
        comment: impl Into<String>,
    ) -> Result<Self, DbErr> {
        let mut edit = Self::begin(db, author, comment).await?;
        if edit.transaction.get_database_backend() == DbBackend::Postgres {
            // However long the others take, and however much there is to check.
            let patient = "SET LOCAL statement_timeout = 0";
            edit.transaction.execute_unprepared(patient).await?;
        }
        edit.lock(BULK_LOCK).await?;
        edit.keep_many_pages().await?;
        edit.is_bulk = true;
        Ok(edit)
    }

    /// SQLite writes with more pages in memory. An edit that comes to nothing leaves them to the next.
    async fn keep_many_pages(&self) -> Result<(), DbErr> {
        self.keep_pages(SQLITE_PAGES).await
    }

    pub(super) async fn keep_few_pages(&self) -> Result<(), DbErr> {
        self.keep_pages(FEW_PAGES).await
    }

    async fn keep_pages(&self, kibibytes: u32) -> Result<(), DbErr> {
        if self.transaction.get_database_backend() == DbBackend::Sqlite {
            let keep = format!("PRAGMA cache_size = -{kibibytes}");
            self.transaction.execute_unprepared(&keep).await?;
        }
        Ok(())
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
            return match rows.len() {
                ..FEW => self.send_in::<E>(rows).await,
                _ => self.copy_in::<E>(&rows).await,
            };
        }
        let (together, rest) = rows.split_at(rows.len() / TOGETHER * TOGETHER);
        let sets = together.chunks(TOGETHER).map(values::<E>);
        self.transaction
            .repeat(&insert::<E>(TOGETHER), sets)
            .await?;
        if rest.is_empty() {
            return Ok(());
        }
        let insert = insert::<E>(rest.len());
        let rest = std::iter::once(values::<E>(rest));
        self.transaction.repeat(&insert, rest).await
    }

    async fn send_in<E: Editable>(&self, rows: Vec<E::Model>) -> Result<(), DbErr> {
        if rows.is_empty() {
            return Ok(());
        }
        let rows = rows
            .into_iter()
            .map(|row| row.into_active_model().reset_all());
        E::insert_many(rows)
            .exec_without_returning(&self.transaction)
            .await
            .map(drop)
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

/// The statement that takes so many rows.
fn insert<E: Editable>(count: usize) -> String {
    let columns = E::Column::iter().map(|column| format!(r#""{}""#, column.as_str()));
    let columns: Vec<_> = columns.collect();
    let row = format!("({})", vec!["?"; columns.len()].join(", "));
    let rows = vec![row; count].join(", ");
    let (table, columns) = (E::default().table_name().to_owned(), columns.join(", "));
    format!(r#"INSERT INTO "{table}" ({columns}) VALUES {rows}"#)
}

/// All values of some rows, one row after the other.
fn values<E: Editable>(rows: &[E::Model]) -> Values {
    let values = rows
        .iter()
        .flat_map(|row| E::Column::iter().map(|column| row.get(column)));
    Values(values.collect())
}
