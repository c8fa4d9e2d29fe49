//! Editions of the Harmonized System.
use async_graphql::SimpleObject;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::value::{Date, Timestamp};

/// An edition of the Harmonized System (HS), the World Customs Organization's nomenclature of goods. A code means something only within its edition.
#[sea_orm::model]
#[derive(
    Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel, SimpleObject,
)]
#[sea_orm(table_name = "edition")]
#[graphql(name = "EditionRow")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    #[graphql(skip)]
    pub id: Uuid,
    /// `HS` and the year: `HS2022`.
    pub code: String,
    /// What UN Comtrade calls it: `H6`.
    pub comtrade_code: String,
    /// Full name.
    pub name: String,
    /// First day it was in force.
    pub in_force_from: Date,
    /// Last day it was in force; null while it is.
    pub in_force_until: Option<Date>,
    /// When its nomenclature was imported. Null before that: its products are then only those that records name.
    pub nomenclature_at: Option<Timestamp>,
}

impl ActiveModelBehavior for ActiveModel {}
