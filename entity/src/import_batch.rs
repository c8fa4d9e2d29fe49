//! What came in by file.
use async_graphql::SimpleObject;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::value::{Timestamp, text_enum};

/// One import of one file.
#[sea_orm::model]
#[derive(
    Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel, SimpleObject,
)]
#[sea_orm(table_name = "import_batch")]
#[graphql(name = "ImportBatchRow")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    #[graphql(skip)]
    pub id: Uuid,
    #[graphql(skip)]
    pub dataset_id: Option<Uuid>,
    /// What sort of file it was.
    pub format: ImportFormat,
    /// Name of the file, without its folder.
    pub file_name: String,
    /// SHA-256 of the file, 64 lower-case hex digits.
    pub sha256: String,
    /// Rows in the file.
    pub rows_read: i64,
    /// Rows that were new or brought other figures.
    pub rows_kept: i64,
    /// Rows that the database held already, just so.
    pub rows_unchanged: i64,
    /// Rows that could not be taken.
    pub rows_refused: i64,
    /// Rows that the mapping leaves out, such as totals among the figures that make them up.
    #[serde(default)]
    pub rows_skipped: i64,
    /// The mapping that the file was read by, as TOML. Null for formats that need none.
    #[serde(default)]
    pub mapping: Option<String>,
    #[graphql(skip)]
    pub refusals: Json,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

text_enum! {
    /// What sort of file was imported.
    pub enum ImportFormat {
        /// A nomenclature of the Harmonized System.
        Hs,
        /// Records of UN Comtrade.
        Comtrade,
        /// Records of any form that a mapping describes.
        Mapping,
        /// Products of a list, such as a control list.
        List,
        /// Which codes of one edition of the Harmonized System became which of the next.
        Concordance,
        /// Countries and areas.
        Countries,
    }
}
