//! How programs sign in.
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::value::{Texts, Timestamp, text_enum};

#[sea_orm::model]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "api_key")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub curator_id: Uuid,
    pub name: String,
    /// Scopes, such as READ and WRITE.
    pub scopes: Texts,
    /// SHA-256 of the key; the key itself is never kept. No history shows it.
    #[serde(skip)]
    pub secret_hash: String,
    /// Null for a key that does not expire.
    pub expires_at: Option<Timestamp>,
    /// Null while the key is good.
    pub revoked_at: Option<Timestamp>,
    /// Null before its first use.
    pub last_used_at: Option<Timestamp>,
    pub created_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

text_enum! {
    /// What an API key may do, within what its curator may.
    pub enum ApiKeyScope {
        /// Read what everyone may.
        Read,
        /// See drafts and withdrawn records.
        Drafts,
        /// Enter, change, publish and withdraw records; that takes to see drafts as well.
        Write,
        /// Manage curators and everybody's keys.
        Admin,
    }
}
