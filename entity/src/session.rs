//! A curator signed in on one device, from signing in to signing out. No record: it has no history.
use sea_orm::entity::prelude::*;

use crate::value::Timestamp;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "session")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub curator_id: Uuid,
    pub created_at: Timestamp,
    /// When it was last refreshed.
    pub last_used_at: Timestamp,
    /// However often it is refreshed, it ends here.
    pub expires_at: Timestamp,
    /// Null while it goes on.
    pub ended_at: Option<Timestamp>,
}

impl ActiveModelBehavior for ActiveModel {}
