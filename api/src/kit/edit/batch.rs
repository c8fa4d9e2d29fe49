//! Batches of imports: opened, told how far they are, and kept. A batch that brought something in
//! is on record with its revision; that one is under way, or came to nothing, is no change of a
//! record, and no edit that does no more than say so becomes a revision.
#![expect(
    clippy::disallowed_methods,
    reason = "this is the door that the others are sent to"
)]
use entity::{
    import_batch::{Column, Entity, ImportPhase, Model},
    refused_row,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, prelude::Uuid,
    sea_query::Expr,
};

use super::{Edit, history::Change};

/// What has not ended yet.
pub const UNDER_WAY: [ImportPhase; 2] = [ImportPhase::Uploading, ImportPhase::Running];

impl Edit {
    /// From here on rows may refer to the batch.
    pub async fn open_batch(&mut self, batch: Model) -> Result<(), DbErr> {
        let row = batch.into_active_model().reset_all();
        row.insert(&self.transaction).await.map(drop)
    }

    /// The batch that this edit brings in, now that its figures are known.
    pub async fn keep_batch(&mut self, batch: Model) -> Result<(), DbErr> {
        self.import_batch_id = Some(batch.id);
        let row = batch.into_active_model().reset_all();
        let batch = row.update(&self.transaction).await?;
        self.changes
            .push(Change::of::<Entity>(batch.id, None, &batch)?);
        Ok(())
    }

    /// How a batch ended that brought nothing in. False when it had ended before.
    pub async fn end_batch(&mut self, batch: Model) -> Result<bool, DbErr> {
        let id = batch.id;
        let ended = Entity::update_many()
            .set(batch.into_active_model().reset_all())
            .filter(Column::Id.eq(id))
            .filter(Column::Phase.is_in(UNDER_WAY))
            .exec(&self.transaction)
            .await?;
        Ok(ended.rows_affected == 1)
    }

    /// Its file is there. False when it has ended, or another has brought its file.
    pub async fn run_batch(&mut self, batch: &Model) -> Result<bool, DbErr> {
        let claimed = Entity::update_many()
            .col_expr(Column::Phase, Expr::value(ImportPhase::Running))
            .col_expr(Column::Sha256, Expr::value(batch.sha256.clone()))
            .col_expr(Column::BytesReceived, Expr::value(batch.bytes_received))
            .col_expr(Column::SeenAt, Expr::value(self.now))
            .filter(Column::Id.eq(batch.id))
            .filter(Column::Phase.eq(ImportPhase::Uploading))
            .exec(&self.transaction)
            .await?;
        Ok(claimed.rows_affected == 1)
    }

    /// How far a batch is. False when it has ended.
    pub async fn tell_batch(&mut self, batch: &Model) -> Result<bool, DbErr> {
        let told = Entity::update_many()
            .col_expr(Column::RowsRead, Expr::value(batch.rows_read))
            .col_expr(Column::RowsKept, Expr::value(batch.rows_kept))
            .col_expr(Column::RowsUnchanged, Expr::value(batch.rows_unchanged))
            .col_expr(Column::RowsRefused, Expr::value(batch.rows_refused))
            .col_expr(Column::RowsSkipped, Expr::value(batch.rows_skipped))
            .col_expr(Column::Refusals, Expr::value(batch.refusals.clone()))
            .col_expr(Column::BytesReceived, Expr::value(batch.bytes_received))
            .col_expr(Column::SeenAt, Expr::value(self.now))
            .filter(Column::Id.eq(batch.id))
            .filter(Column::Phase.is_in(UNDER_WAY))
            .exec(&self.transaction)
            .await?;
        Ok(told.rows_affected == 1)
    }

    /// The rows that a batch could not take.
    pub async fn refuse_rows(&mut self, rows: Vec<refused_row::Model>) -> Result<(), DbErr> {
        if rows.is_empty() {
            return Ok(());
        }
        self.insert_batch::<refused_row::Entity>(rows).await
    }

    /// The batch as it stands.
    pub async fn batch(&self, id: Uuid) -> Result<Option<Model>, DbErr> {
        Entity::find_by_id(id).one(&self.transaction).await
    }
}
