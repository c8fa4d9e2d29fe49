//! What is searched of each record, indexed. The words themselves are in a form of each database's own.
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::value::Status;

#[sea_orm::model]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "search_document")]
pub struct Model {
    /// The id of the record.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Table of the record.
    pub kind: String,
    /// Where the record stands.
    pub status: Status,
    /// How many words it says, in its first name and its texts.
    pub length: i32,
    /// Which way of making words of texts it was written in.
    pub version: i32,
}

impl ActiveModelBehavior for ActiveModel {}
