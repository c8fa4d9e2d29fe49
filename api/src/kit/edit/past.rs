//! The past: rows as they stood as of a revision.
use entity::{revision, revision_change, value::Timestamp};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ModelTrait, QueryFilter, QueryOrder, Value,
    prelude::Uuid,
};

use super::{ById, Editable};
use crate::kit::record::column_named;

/// The row as of a revision. None when there was no such row, or no such revision.
pub async fn row_at<E: Editable>(
    db: &impl ConnectionTrait,
    id: Uuid,
    revision: i64,
) -> Result<Option<E::Model>, DbErr> {
    let Some(revision) = revision::Entity::find_by_id(revision).one(db).await? else {
        return Ok(None);
    };
    let own = |numbers| {
        revision_change::Entity::find()
            .filter(revision_change::Column::RecordId.eq(id))
            .filter(numbers)
    };
    let number = revision_change::Column::RevisionNumber;
    let position = revision_change::Column::Position;
    let before = own(number.lte(revision.number))
        .order_by_desc(number)
        .order_by_desc(position)
        .one(db)
        .await?;
    if let Some(change) = before {
        return read::<E>(&change.after).map(Some);
    }
    // What came in by file has no change of its own: it stood as it was before its first change.
    let later = own(number.gt(revision.number))
        .order_by_asc(number)
        .order_by_asc(position)
        .one(db)
        .await?;
    let row = match later {
        Some(change) => change.before.as_deref().map(read::<E>).transpose()?,
        None => E::find().filter_by_id::<E>(id).one(db).await?,
    };
    let Some(row) = row else {
        return Ok(None);
    };
    let was_there = match column_named::<E>("import_batch_id").map(|column| row.get(column)) {
        Some(Value::Uuid(Some(batch))) => {
            let import = revision::Entity::find()
                .filter(revision::Column::ImportBatchId.eq(batch))
                .one(db);
            import
                .await?
                .is_some_and(|import| import.number <= revision.number)
        }
        // Reference data came with the schema, or with an import that it does not name.
        _ => entered_at::<E>(&row).is_none_or(|at| at <= revision.at),
    };
    Ok(was_there.then_some(row))
}

fn read<E: Editable>(text: &str) -> Result<E::Model, DbErr> {
    serde_json::from_str(text).map_err(|error| DbErr::Json(error.to_string()))
}

fn entered_at<E: Editable>(row: &E::Model) -> Option<Timestamp> {
    match row.get(column_named::<E>("created_at")?) {
        Value::BigInt(Some(at)) => Some(Timestamp::from_microseconds(at)),
        _ => None,
    }
}
