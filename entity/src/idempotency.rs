//! What mutations answered, for those who send them again.
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::value::Timestamp;

#[sea_orm::model]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub curator_id: Uuid,
    /// The caller's own, unique among theirs.
    pub key: String,
    /// SHA-256 over the mutation's name and input, as hex.
    pub input_hash: String,
    /// The answer as JSON text.
    pub answer: Option<String>,
    pub created_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}
