//! The history: one row a change, each chained to the one before.
use async_graphql::SimpleObject;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::value::Timestamp;

#[sea_orm::model]
#[derive(
    Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel, SimpleObject,
)]
#[sea_orm(table_name = "revision")]
#[graphql(name = "RevisionRow")]
pub struct Model {
    /// Counts the revisions from 1, without gaps, in the order in which they were committed.
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i64,
    /// When it was made.
    pub at: Timestamp,
    /// Who made it; null for the command line.
    #[graphql(skip)]
    pub curator_id: Option<Uuid>,
    /// Why it was made.
    pub comment: String,
    /// The file that it brought in; null for a change by hand.
    #[graphql(skip)]
    pub import_batch_id: Option<Uuid>,
    /// SHA-256 over the hash of the revision before, this one and its changes, 64 lower-case hex digits: whoever holds the last one can tell whether history was altered (`waybill verify`).
    pub hash: String,
}

impl ActiveModelBehavior for ActiveModel {}
