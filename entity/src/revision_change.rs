//! What a revision changed, row by row.
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

#[sea_orm::model]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel)]
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
    /// The record whose history it belongs to: this one, or the one that it is a part of.
    pub root_id: Uuid,
    /// Whether the change left that record published.
    pub published: bool,
    /// Whether anyone may see it: once published, and not withdrawn since.
    pub public: bool,
    /// The row as JSON text before the change; null when it was created.
    pub before: Option<String>,
    /// The row as JSON text after the change.
    pub after: String,
}

impl ActiveModelBehavior for ActiveModel {}
