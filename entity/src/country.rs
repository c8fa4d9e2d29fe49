//! Countries and customs areas.
use async_graphql::SimpleObject;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    searched::Searched,
    value::{Date, Status, Timestamp, text_enum},
};

/// A country or customs area, as trade statistics know it.
#[sea_orm::model]
#[derive(
    Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel, SimpleObject,
)]
#[sea_orm(table_name = "country")]
#[graphql(name = "CountryRow")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    #[graphql(skip)]
    pub id: Uuid,
    /// UN M49 code, three digits: `156`. For an area that M49 lacks, the code that UN Comtrade gives it: `490`.
    pub m49: String,
    /// ISO 3166-1 alpha-2 code; null for areas without one.
    pub alpha2: Option<String>,
    /// ISO 3166-1 alpha-3 code; null for areas without one. Not unique over time: `DEU` is 276 and 280.
    pub alpha3: Option<String>,
    /// English short name.
    pub name: String,
    /// What sort of area it is.
    pub kind: CountryKind,
    /// First day it existed; null when that is before the records begin.
    pub valid_from: Option<Date>,
    /// Last day it existed; null while it exists.
    pub valid_until: Option<Date>,
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
    const NAMES: &'static [Column] = &[Column::Name, Column::M49, Column::Alpha2, Column::Alpha3];
    const TEXTS: &'static [Column] = &[];
}

text_enum! {
    /// What sort of area a country is.
    pub enum CountryKind {
        /// A country or territory of ISO 3166-1.
        Country,
        /// A country that has ended, such as the USSR.
        FormerCountry,
        /// An area that statistics report by itself without an ISO code, or goods whose country is not known.
        CustomsArea,
        /// Several countries together, such as the World or the European Union: an aggregate.
        Group,
    }
}
