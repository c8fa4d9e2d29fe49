//! Products: the items of an edition.
use async_graphql::SimpleObject;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    searched::Searched,
    value::{Status, Timestamp, text_enum},
};

/// An item of an edition of the Harmonized System: a chapter, heading, subheading or national line.
#[sea_orm::model]
#[derive(
    Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel, SimpleObject,
)]
#[sea_orm(table_name = "product")]
#[graphql(name = "ProductRow")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    #[graphql(skip)]
    pub id: Uuid,
    #[graphql(skip)]
    pub edition_id: Uuid,
    #[graphql(skip)]
    pub parent_id: Option<Uuid>,
    /// HS code as text, since leading zeros count: `010121`. `TOTAL` stands for all goods.
    pub code: String,
    /// Depth in the nomenclature.
    pub level: ProductLevel,
    /// English description. Null when records name the code, but its nomenclature was never imported.
    pub description: Option<String>,
    /// Roman number of the HS section: `XVII`. Null when the nomenclature as imported names none.
    pub section: Option<String>,
    /// Unit in which the quantity of these goods is counted, as UN Comtrade abbreviates it: `u`, `kg`. Null when none is set.
    pub unit: Option<String>,
    /// Where the record stands.
    #[serde(default = "Status::published")]
    pub status: Status,
    /// Why the record was withdrawn; null while it is not.
    #[serde(default)]
    pub withdrawal_reason: Option<String>,
    /// Counts the record's changes, from 1.
    #[serde(default)]
    pub version: i32,
    /// When the record was entered.
    #[serde(default)]
    pub created_at: Timestamp,
    /// When the record was last changed.
    #[serde(default)]
    pub updated_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

impl Searched for Entity {
    const NAMES: &'static [Column] = &[Column::Code];
    const TEXTS: &'static [Column] = &[Column::Description];
}

text_enum! {
    /// Depth of a product in the nomenclature.
    pub enum ProductLevel {
        /// All goods.
        Total,
        /// Two digits.
        Chapter,
        /// Four digits.
        Heading,
        /// Six digits: the finest level that is the same in all countries.
        Subheading,
        /// Eight to ten digits, set by one country or customs union.
        National,
    }
}

impl ProductLevel {
    /// The level that a code has by its length; null when it is no HS code.
    pub fn of(code: &str) -> Option<Self> {
        if code == "TOTAL" {
            return Some(Self::Total);
        }
        if !code.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        Some(match code.len() {
            2 => Self::Chapter,
            4 => Self::Heading,
            6 => Self::Subheading,
            7..=10 => Self::National,
            _ => return None,
        })
    }
}
