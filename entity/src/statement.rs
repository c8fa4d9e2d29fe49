//! Who says what of a claim.
use async_graphql::SimpleObject;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    searched::Searched,
    value::{PartialDate, Status, Timestamp, text_enum},
};

/// One party's position on one claim, with its source.
#[sea_orm::model]
#[derive(
    Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel, SimpleObject,
)]
#[sea_orm(table_name = "statement")]
#[graphql(name = "StatementRow")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    #[graphql(skip)]
    pub id: Uuid,
    #[graphql(skip)]
    pub claim_id: Uuid,
    #[graphql(skip)]
    pub speaker_id: Option<Uuid>,
    /// The speaker's role at that time; null when it does not matter or is not known.
    pub speaker_role: Option<String>,
    /// The position taken.
    pub stance: Stance,
    /// In which form the words have come down.
    pub form: StatementForm,
    /// How sure the speaker sounds; null when nothing tells.
    pub certainty: Option<Certainty>,
    /// The words, or for a paraphrase what was said.
    pub text: String,
    /// Language of the text, BCP 47: `en`.
    pub language: String,
    /// The text in English; null when it is English, or nobody has translated it.
    pub translation: Option<String>,
    /// When it was said, as precisely as it is known; null when it is not known.
    pub said_on: Option<PartialDate>,
    /// How it ranks among the statements on its claim.
    pub rank: Rank,
    /// Why the statement is deprecated or preferred; null when its rank is `NORMAL`.
    pub rank_reason: Option<String>,
    /// What a reader should know of this statement; null when nothing.
    pub note: Option<String>,
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
    const TEXTS: &'static [Column] = &[Column::Text, Column::Translation];
}

text_enum! {
    /// The position that a statement takes on its claim.
    pub enum Stance {
        /// Says that it is so.
        Asserts,
        /// Says that it is not so.
        Denies,
        /// Says that it may not be so, or that evidence is missing.
        Doubts,
        /// Refuses to take a position.
        Declines,
        /// Takes back what the speaker said before.
        Retracts,
    }
}

text_enum! {
    /// In which form words have come down.
    pub enum StatementForm {
        /// Word for word, as a whole; its citation carries the quote.
        DirectQuote,
        /// Some words are quoted, the rest is retold.
        PartialQuote,
        /// Retold in other words.
        Paraphrase,
        /// Stands in a document.
        Document,
    }
}

text_enum! {
    /// How sure a speaker sounds.
    pub enum Certainty {
        /// No reservation.
        Certain,
        /// Probably so, hinted or believed.
        Likely,
        /// May be so.
        Possible,
    }
}

text_enum! {
    /// How a statement ranks among those on the same claim.
    pub enum Rank {
        /// The best there is, for the reason given.
        Preferred,
        /// One among others.
        Normal,
        /// Known to be wrong or superseded, for the reason given.
        Deprecated,
    }
}
