//! Which products a list holds, and when.
use async_graphql::SimpleObject;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::value::{Date, Timestamp};

/// A product's membership of a list, from a date on.
#[sea_orm::model]
#[derive(
    Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel, SimpleObject,
)]
#[sea_orm(table_name = "product_list_entry")]
#[graphql(name = "ProductListEntryRow")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    #[graphql(skip)]
    pub id: Uuid,
    #[graphql(skip)]
    pub product_list_id: Uuid,
    #[graphql(skip)]
    pub product_id: Uuid,
    /// Tier within the list: `3.A`; null when the list has no tiers.
    pub tier: Option<String>,
    /// First day of the membership.
    pub valid_from: Date,
    /// Last day of the membership; null while it lasts.
    pub valid_until: Option<Date>,
    /// Why the product belongs to the list; null when it needs no reason.
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
