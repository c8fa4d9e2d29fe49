//! Which citations bear a statement out.
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::value::Timestamp;

/// A citation of a statement.
#[sea_orm::model]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "statement_citation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub statement_id: Uuid,
    pub citation_id: Uuid,
    /// Order among the statement's citations, from 1.
    pub position: i32,
    /// When it became a part of its record.
    #[serde(default)]
    pub added_at: Timestamp,
    /// When it was taken out of its record; null while it belongs to it.
    #[serde(default)]
    pub removed_at: Option<Timestamp>,
}

impl ActiveModelBehavior for ActiveModel {}
