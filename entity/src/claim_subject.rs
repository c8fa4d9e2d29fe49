//! What a claim is about.
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::value::Timestamp;

/// One thing that a claim is about: exactly one of the four is set.
#[sea_orm::model]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "claim_subject")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub claim_id: Uuid,
    /// Order among the claim's subjects, from 1.
    pub position: i32,
    pub country_id: Option<Uuid>,
    pub product_id: Option<Uuid>,
    pub product_list_id: Option<Uuid>,
    pub shipment_id: Option<Uuid>,
    /// When it became a part of its record.
    #[serde(default)]
    pub added_at: Timestamp,
    /// When it was taken out of its record; null while it belongs to it.
    #[serde(default)]
    pub removed_at: Option<Timestamp>,
}

impl ActiveModelBehavior for ActiveModel {}
