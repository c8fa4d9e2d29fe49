//! Rows of files that could not be taken.
use async_graphql::InputObject;
use entity::{import_batch, refused_row};
use sea_orm::Condition;
use serde_json::Value as Json;

use crate::kit::{
    error::Result,
    fields::{concept, fields, order},
    filter::{Filter, Scope},
    operators::TextFilter,
};

concept! {
    /// A row of a file that could not be taken.
    RefusedRow of refused_row, filtered by RefusedRowFilter, ordered by RefusedRowOrderField,
    visible when |view| match view.is_public() {
        true => Condition::any(),
        false => Condition::all(),
    }
}

fields! {
    #[ComplexObject]
    impl RefusedRow {
        concept;

        connections {}

        /// Where it stands, and what is wrong, in one line.
        async fn message(&self) -> String {
            let row = &self.row;
            let place = match (row.line, row.record) {
                (Some(line), _) => format!("line {line}"),
                (None, record) => format!("record {}", record.unwrap_or_default()),
            };
            match &row.column_name {
                Some(column) => format!("{place}, column {column}: {}", row.reason),
                None => format!("{place}: {}", row.reason),
            }
        }
    }
}

impl RefusedRow {
    /// Those that a batch itself remembers.
    pub fn read(batch: &import_batch::Model) -> Vec<Self> {
        let refused = batch.refusals.as_array().map(Vec::as_slice);
        let numbered = refused.unwrap_or_default().iter().zip(1..);
        let text = |row: &Json, name: &str| row[name].as_str().map(str::to_owned);
        let rows = numbered.map(|(row, position)| {
            Self::from(refused_row::Model {
                import_batch_id: batch.id,
                position,
                line: row["line"].as_i64(),
                record: row["record"].as_i64(),
                column_name: text(row, "column"),
                reason: text(row, "reason").unwrap_or_default(),
                ..refused_row::Model::default()
            })
        });
        rows.collect()
    }
}

/// Which refused rows.
#[derive(InputObject)]
pub struct RefusedRowFilter {
    /// All of these hold.
    and: Option<Vec<RefusedRowFilter>>,
    /// At least one of these holds.
    or: Option<Vec<RefusedRowFilter>>,
    /// This does not hold.
    not: Option<Box<RefusedRowFilter>>,
    /// By the column, as the file spells it.
    column: Option<TextFilter>,
    /// By what is wrong.
    reason: Option<TextFilter>,
}

impl Filter for RefusedRowFilter {
    type Entity = refused_row::Entity;

    fn condition(self, scope: Scope<'_>) -> Result<Condition> {
        use refused_row::Column;
        let Self {
            and,
            or,
            not,
            column,
            reason,
        } = self;
        Ok(scope
            .logic(and, or, not)?
            .on(column, Column::ColumnName)?
            .on(reason, Column::Reason)?
            .done())
    }
}

order! {
    /// What refused rows can be ordered by.
    RefusedRowOrderField of refused_row {
        /// The order in which they were refused, which is that of the file.
        Position,
    }
}
