//! Places in sources.
use async_graphql::SimpleObject;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// A place in a source, and the words that stand there.
#[sea_orm::model]
#[derive(
    Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel, SimpleObject,
)]
#[sea_orm(table_name = "citation")]
#[graphql(name = "CitationRow")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    #[graphql(skip)]
    pub id: Uuid,
    #[graphql(skip)]
    pub source_id: Uuid,
    /// Where in the source: `p. 4`, `paragraph 2`, `row 1042`. Null for the source as a whole.
    pub locator: Option<String>,
    /// The exact words, unaltered; null when none are quoted.
    pub quote: Option<String>,
    /// Words right before the quote that make it unique in the source (W3C TextQuoteSelector); null when not needed.
    pub prefix: Option<String>,
    /// Words right after the quote that make it unique in the source (W3C TextQuoteSelector); null when not needed.
    pub suffix: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
