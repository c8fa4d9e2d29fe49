//! Documents and data releases.
use async_graphql::SimpleObject;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    searched::Searched,
    value::{PartialDate, Status, Texts, Timestamp, Url, text_enum},
};

/// A document or data release that records and statements rest on.
#[sea_orm::model]
#[derive(
    Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel, SimpleObject,
)]
#[sea_orm(table_name = "source")]
#[graphql(name = "SourceRow")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    #[graphql(skip)]
    pub id: Uuid,
    /// What sort of document it is.
    pub kind: SourceKind,
    /// Title as published; for an untitled document, what it is.
    pub title: String,
    #[graphql(skip)]
    pub publisher_id: Option<Uuid>,
    #[graphql(skip)]
    pub authors: Texts,
    /// When it was published, as precisely as it is known; null when it is not known.
    pub published_on: Option<PartialDate>,
    /// Language it is written in, BCP 47: `en`. Null for data without words.
    pub language: Option<String>,
    /// Where it was published; null when it is not on the web, or its address is not known.
    pub url: Option<Url>,
    /// A copy in a web archive; null when none is known.
    pub archived_url: Option<Url>,
    /// When the copy that was read was fetched; null when no copy was kept.
    pub retrieved_at: Option<Timestamp>,
    /// SHA-256 of the copy that was read, 64 lower-case hex digits; null when no copy was kept.
    pub sha256: Option<String>,
    /// What a reader should know of this source, such as a doubtful translation; null when nothing.
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
    const NAMES: &'static [Column] = &[Column::Title];
    const TEXTS: &'static [Column] = &[Column::Authors, Column::Note];
}

text_enum! {
    /// What sort of document a source is.
    pub enum SourceKind {
        /// A report by a newspaper, agency or other medium.
        Article,
        /// Words of a government or other body, published by itself.
        OfficialStatement,
        /// A document of a government or other body, published or leaked.
        OfficialDocument,
        /// Records, such as a statistics office's or a customs service's.
        DataRelease,
        /// A study or paper.
        Report,
        /// A conversation or talk, as recorded.
        Interview,
    }
}
