//! Rows as the database sends them, taken apart.
//!
//! SeaORM's own way looks each column up by its name, and writes a message for each null only to
//! throw it away: of a request that read 100 shipments, that took a quarter of the server's time.
use sea_orm::{
    ColumnTrait, DbErr, EntityTrait, FromQueryResult, Iterable, ModelTrait, QueryResult,
};

use crate::kit::{cell::Kind, record::Record};

/// Rows of a select that has the columns of the entity first, and in its order.
pub fn models<E: Record>(
    rows: impl ExactSizeIterator<Item = QueryResult>,
) -> Result<Vec<E::Model>, DbErr> {
    let mut models: Vec<E::Model> = Vec::with_capacity(rows.len());
    let mut columns: Option<Vec<(E::Column, Kind)>> = None;
    for row in rows {
        let model = match (models.first(), &columns) {
            (Some(first), Some(columns)) => {
                let mut model = first.clone();
                for (place, (column, kind)) in columns.iter().enumerate() {
                    model.try_set(*column, kind.value(&row, place)?)?;
                }
                model
            }
            _ => E::Model::from_query_result(&row, "")?,
        };
        if models.len() == 1 {
            columns = kinds::<E>();
        }
        models.push(model);
    }
    Ok(models)
}

/// None where a column is no single value.
fn kinds<E: EntityTrait>() -> Option<Vec<(E::Column, Kind)>> {
    let columns = E::Column::iter();
    let kinds = columns.map(|column| Some((column, Kind::of(column.def().get_column_type())?)));
    kinds.collect()
}
