//! What a session was, and is, refreshed with: each token once. No record: it has no history.
use sea_orm::entity::prelude::*;

use crate::value::Timestamp;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "refresh_token")]
pub struct Model {
    /// SHA-256 of the token; the token itself is never kept.
    #[sea_orm(primary_key, auto_increment = false)]
    pub hash: String,
    pub session_id: Uuid,
    pub issued_at: Timestamp,
    /// Null before its use. A second use means that somebody else has it.
    pub used_at: Option<Timestamp>,
}

impl ActiveModelBehavior for ActiveModel {}
