//! Persons and bodies.
use async_graphql::SimpleObject;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    searched::Searched,
    value::{Status, Timestamp, Url, text_enum},
};

/// A person, company, government body, organisation or publisher. Parties speak, publish, ship and receive.
#[sea_orm::model]
#[derive(
    Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel, SimpleObject,
)]
#[sea_orm(table_name = "party")]
#[graphql(name = "PartyRow")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    #[graphql(skip)]
    pub id: Uuid,
    /// Name as the party itself writes it, in English where it does.
    pub name: String,
    /// What sort of party it is.
    pub kind: PartyKind,
    #[graphql(skip)]
    pub country_id: Option<Uuid>,
    /// Who or what it is, in a sentence; null when the name says it.
    pub description: Option<String>,
    /// Web page of its own; null when none is known.
    pub url: Option<Url>,
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
    const NAMES: &'static [Column] = &[Column::Name];
    const TEXTS: &'static [Column] = &[Column::Description];
}

text_enum! {
    /// What sort of party it is.
    pub enum PartyKind {
        /// A human being.
        Person,
        /// A business.
        Company,
        /// A state, ministry, agency or other public body.
        Government,
        /// An association, institute or international body.
        Organisation,
        /// A newspaper, agency or other medium.
        Publisher,
    }
}
