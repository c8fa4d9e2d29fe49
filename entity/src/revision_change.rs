//! What a revision changed, row by row.
use async_graphql::SimpleObject;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

#[sea_orm::model]
#[derive(
    Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel, SimpleObject,
)]
#[sea_orm(table_name = "revision_change")]
#[graphql(name = "RevisionChangeRow")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    #[graphql(skip)]
    pub id: Uuid,
    #[graphql(skip)]
    pub revision_number: i64,
    /// Order within the revision, from 1.
    pub position: i32,
    /// Table of the row.
    #[graphql(skip)]
    pub record_type: String,
    #[graphql(skip)]
    pub record_id: Uuid,
    /// The record whose history it belongs to: this one, or the one that it is a part of.
    #[graphql(skip)]
    pub root_id: Uuid,
    /// Whether the change left that record published.
    #[graphql(skip)]
    pub published: bool,
    /// Whether anyone may see it: once published, and not withdrawn since.
    #[graphql(skip)]
    pub public: bool,
    /// The row as JSON text before the change; null when it was created.
    #[graphql(skip)]
    pub before: Option<String>,
    /// The row as JSON text after the change.
    #[graphql(skip)]
    pub after: String,
}

impl ActiveModelBehavior for ActiveModel {}
