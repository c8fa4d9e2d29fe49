//! Releases of trade records.
use async_graphql::SimpleObject;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    searched::Searched,
    value::{PartialDate, Status, Timestamp, text_enum},
};

/// A release of trade records by one publisher, all of one grain.
#[sea_orm::model]
#[derive(
    Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel, SimpleObject,
)]
#[sea_orm(table_name = "dataset")]
#[graphql(name = "DatasetRow")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    #[graphql(skip)]
    pub id: Uuid,
    /// Name in addresses, commands and queries: `comtrade-eu-wood`.
    pub slug: String,
    /// Title for people.
    pub title: String,
    /// What one record of it is. Records of different grains are never added up.
    pub grain: Grain,
    /// Currency of its values, ISO 4217: `USD`. Null when each record has its own.
    pub currency: Option<String>,
    /// What its values include, where a record does not say otherwise.
    pub valuation: Valuation,
    #[graphql(skip)]
    pub publisher_id: Option<Uuid>,
    #[graphql(skip)]
    pub source_id: Option<Uuid>,
    /// Terms under which its records may be used; null when unknown.
    pub licence: Option<String>,
    /// What it holds and how it was made; null when nobody wrote it down.
    pub description: Option<String>,
    /// When it was released; null when unknown.
    pub released_on: Option<PartialDate>,
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
    /// What one record of a dataset is.
    pub enum Grain {
        /// A single declaration of goods to customs.
        Consignment,
        /// An official aggregate: reporter, partner, flow, period and HS code.
        Statistic,
        /// A total as a source states it, such as "more than $100 million since January".
        ReportedTotal,
    }
}

text_enum! {
    /// What the value of traded goods includes (Incoterms).
    pub enum Valuation {
        /// Cost, insurance and freight to the importer's border.
        Cif,
        /// Free on board at the exporter's border, without freight and insurance.
        Fob,
        /// Not stated.
        Unknown,
    }
}
