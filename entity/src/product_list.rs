//! Named sets of products.
use async_graphql::SimpleObject;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    searched::Searched,
    value::{Status, Timestamp, text_enum},
};

/// A named set of products: a control list with tiers, or a topic such as "drones".
#[sea_orm::model]
#[derive(
    Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel, SimpleObject,
)]
#[sea_orm(table_name = "product_list")]
#[graphql(name = "ProductListRow")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    #[graphql(skip)]
    pub id: Uuid,
    /// Name in addresses and queries: `drones`.
    pub slug: String,
    /// Title for people.
    pub title: String,
    /// What sort of list it is.
    pub kind: ProductListKind,
    /// What the list is for, and why these products; null when nobody wrote it down.
    pub description: Option<String>,
    #[graphql(skip)]
    pub publisher_id: Option<Uuid>,
    #[graphql(skip)]
    pub source_id: Option<Uuid>,
    /// Where the record stands.
    pub status: Status,
    /// Why the record was withdrawn; null while it is not.
    pub withdrawal_reason: Option<String>,
    /// Counts the record's changes, from 1.
    pub version: i32,
    /// When the record was entered.
    pub created_at: Timestamp,
    /// When the record was last changed.
    pub updated_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

impl Searched for Entity {
    const NAMES: &'static [Column] = &[Column::Title, Column::Slug];
    const TEXTS: &'static [Column] = &[Column::Description];
}

text_enum! {
    /// What sort of product list it is.
    pub enum ProductListKind {
        /// Published by an authority, with force or as guidance.
        ControlList,
        /// Put together by a curator to give a common word its HS codes.
        Topic,
    }
}
