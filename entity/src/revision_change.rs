//! What a revision changed, row by row.
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "revision_change")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub revision_number: i64,
    /// Order within the revision, from 1.
    pub position: i32,
    /// Table of the row.
    pub record_type: String,
    pub record_id: Uuid,
    /// The row as JSON text before the change; null when it was created.
    pub before: Option<String>,
    /// The row as JSON text after the change.
    pub after: String,
}

impl ActiveModelBehavior for ActiveModel {}
