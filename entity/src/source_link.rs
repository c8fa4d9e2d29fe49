//! What a source takes from another.
use async_graphql::SimpleObject;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::value::{Timestamp, text_enum};

/// How one source depends on another. Links make a chain back to the roots, and never a circle.
#[sea_orm::model]
#[derive(
    Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel, SimpleObject,
)]
#[sea_orm(table_name = "source_link")]
#[graphql(name = "SourceLinkRow")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    #[graphql(skip)]
    pub id: Uuid,
    #[graphql(skip)]
    pub source_id: Uuid,
    #[graphql(skip)]
    pub target_id: Uuid,
    /// In which way the source depends on the other.
    pub kind: SourceLinkKind,
    /// What exactly was taken; null when the kind says it.
    pub note: Option<String>,
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
    /// In which way a source depends on another.
    pub enum SourceLinkKind {
        /// Refers to it for some of what it says.
        Cites,
        /// Repeats it in full or nearly so.
        Reprints,
        /// Renders it in another language.
        Translates,
        /// Retells or evaluates it.
        BasedOn,
    }
}
