//! How statements answer one another.
use async_graphql::SimpleObject;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::value::{Timestamp, text_enum};

/// How one statement relates to another.
#[sea_orm::model]
#[derive(
    Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel, SimpleObject,
)]
#[sea_orm(table_name = "statement_link")]
#[graphql(name = "StatementLinkRow")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    #[graphql(skip)]
    pub id: Uuid,
    #[graphql(skip)]
    pub statement_id: Uuid,
    #[graphql(skip)]
    pub target_id: Uuid,
    /// In which way it relates to the other.
    pub kind: StatementLinkKind,
    /// When it became a part of its record.
    #[serde(default)]
    #[graphql(skip)]
    pub added_at: Timestamp,
    /// When it was taken out of its record; null while it belongs to it.
    #[serde(default)]
    #[graphql(skip)]
    pub removed_at: Option<Timestamp>,
}

impl ActiveModelBehavior for ActiveModel {}

text_enum! {
    /// In which way one statement relates to another.
    pub enum StatementLinkKind {
        /// Answers it.
        RespondsTo,
        /// Says the same again.
        Repeats,
        /// Puts it right.
        Corrects,
        /// Takes its place.
        Supersedes,
    }
}
