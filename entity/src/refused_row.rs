//! Rows of files that could not be taken.
use async_graphql::SimpleObject;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// A row of a file that could not be taken.
#[sea_orm::model]
#[derive(
    Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel, SimpleObject,
)]
#[sea_orm(table_name = "refused_row")]
#[graphql(name = "RefusedRowRow")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    #[graphql(skip)]
    pub id: Uuid,
    #[graphql(skip)]
    pub import_batch_id: Uuid,
    /// Counts the refused rows of the import, from 1.
    pub position: i64,
    /// The line on which it begins, the first being 1. Null in a file that has no lines, such as JSON.
    pub line: Option<i64>,
    /// Its number among the records of a JSON file, the first being 1. Null in a file of lines.
    pub record: Option<i64>,
    /// The column as the file spells it. Null when the row as a whole is wrong.
    #[graphql(name = "column")]
    pub column_name: Option<String>,
    /// What is wrong.
    pub reason: String,
}

impl ActiveModelBehavior for ActiveModel {}
