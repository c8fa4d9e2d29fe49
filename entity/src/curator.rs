//! Who may write.
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::value::{Timestamp, text_enum};

#[sea_orm::model]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "curator")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Address to sign in with, lower case.
    pub email: String,
    /// Name that others see beside changes.
    pub name: String,
    pub role: Role,
    /// Argon2id in PHC form; null for those who sign in elsewhere. No history shows it.
    #[serde(skip)]
    pub password_hash: Option<String>,
    /// Issuer and subject at an identity provider, with a space between; null for those who sign
    /// in here alone.
    pub external_subject: Option<String>,
    /// Null while the curator may sign in.
    pub disabled_at: Option<Timestamp>,
    pub version: i32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

text_enum! {
    /// What a curator may do.
    pub enum Role {
        /// Enter, change, publish and withdraw records.
        Curator,
        /// All that, and manage curators and everybody's keys.
        Admin,
    }
}
