//! Propositions, said by nobody yet.
use async_graphql::SimpleObject;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    searched::Searched,
    value::{Date, Decimal, Status, Timestamp, text_enum},
};

/// A proposition, said by nobody yet: statements assert, deny or doubt it.
#[sea_orm::model]
#[derive(
    Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel, SimpleObject,
)]
#[sea_orm(table_name = "claim")]
#[graphql(name = "ClaimRow")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    #[graphql(skip)]
    pub id: Uuid,
    /// What sort of proposition it is.
    pub kind: ClaimKind,
    /// The proposition in one plain sentence.
    pub text: String,
    /// Language of the text, BCP 47: `en`.
    pub language: String,
    #[graphql(skip)]
    pub exporter_id: Option<Uuid>,
    #[graphql(skip)]
    pub importer_id: Option<Uuid>,
    #[graphql(skip)]
    pub period_start: Option<Date>,
    #[graphql(skip)]
    pub period_end: Option<Date>,
    /// What the amount counts; null when the claim names no figure.
    pub measure: Option<Measure>,
    /// How the amount is meant: `MORE_THAN` 100 million is not 100 million. Null when the claim names no amount.
    pub comparator: Option<Comparator>,
    /// The figure, in the unit or currency; null when the claim names none.
    pub amount: Option<Decimal>,
    /// The upper end when the comparator is `BETWEEN`; null otherwise.
    pub upper_amount: Option<Decimal>,
    /// Currency of an amount of money, ISO 4217: `USD`; null for other measures.
    pub currency: Option<String>,
    /// Unit of a quantity: `kg`, `u`; null for money.
    pub unit: Option<String>,
    /// Change in percent, with its sign: `69` is up by 69 percent. Null when the claim states none, or its direction alone.
    pub change_percent: Option<Decimal>,
    /// Which way it changed, where no more than that is stated. Null when the claim states a change in percent, whose sign says it, or none.
    pub change_direction: Option<ChangeDirection>,
    #[graphql(skip)]
    pub change_base_start: Option<Date>,
    #[graphql(skip)]
    pub change_base_end: Option<Date>,
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
    const NAMES: &'static [Column] = &[];
    const TEXTS: &'static [Column] = &[Column::Text];
}

text_enum! {
    /// What sort of proposition a claim is.
    pub enum ClaimKind {
        /// Some measure had some amount.
        Quantity,
        /// Some measure changed, by some percentage or in some direction.
        Change,
        /// Something happened.
        Event,
        /// Some party stands in some relation to another.
        Relation,
        /// An assessment without a figure.
        Qualitative,
    }
}

text_enum! {
    /// What an amount counts.
    pub enum Measure {
        /// Money paid for the goods.
        Value,
        /// Mass without packing, in kilograms.
        NetMass,
        /// Pieces or another unit.
        Quantity,
        /// Part of a whole, in percent.
        Share,
    }
}

text_enum! {
    /// Which way something changed.
    pub enum ChangeDirection {
        /// It became more.
        Increase,
        /// It became less.
        Decrease,
    }
}

text_enum! {
    /// How a stated amount is meant.
    pub enum Comparator {
        /// This much, as stated and without qualification.
        Exact,
        /// This much, roughly.
        About,
        /// More than this.
        MoreThan,
        /// Less than this.
        LessThan,
        /// From the amount to the upper amount.
        Between,
    }
}
