//! The history: one row a change, each chained to the one before.
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::value::Timestamp;

#[sea_orm::model]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "revision")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i64,
    /// When it was committed.
    pub at: Timestamp,
    /// Who made it; null for the command line.
    pub curator_id: Option<Uuid>,
    /// Why it was made.
    pub comment: String,
    /// The file that it brought in; null for a change by hand.
    pub import_batch_id: Option<Uuid>,
    /// SHA-256 over the hash before, this row and its changes, as hex.
    pub hash: String,
}

impl ActiveModelBehavior for ActiveModel {}
