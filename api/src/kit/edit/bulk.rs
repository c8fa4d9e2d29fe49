//! Much at once: files go in by the thousand rows, on record as their import batch alone.
#![expect(
    clippy::disallowed_methods,
    reason = "this is the door that the others are sent to"
)]
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DbBackend, DbErr, IdenStatic, IntoActiveModel, Iterable,
    ModelTrait, Statement,
};
use serde_json::Value as Json;

use super::{Author, Edit, Editable};
use crate::kit::{db::Db, record::json};

/// Any number that nothing else in the same database locks.
const BULK_LOCK: i64 = 0x0000_6275_6c6b_6275;

impl Edit {
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

    /// New rows by the thousand, on record as their import batch alone.
    pub async fn insert_batch<E: Editable>(&mut self, rows: Vec<E::Model>) -> Result<(), DbErr> {
        for row in &rows {
            self.found_by.note::<E>(row);
        }
        if self.found_by.is_long() {
            self.found_by.write(&self.transaction).await?;
        }
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
}
