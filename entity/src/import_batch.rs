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
    /// SHA-256 of the file, 64 lower-case hex digits. Null until all of it is there.
    pub sha256: Option<String>,
    #[graphql(skip)]
    pub rows_read: i64,
    #[graphql(skip)]
    pub rows_kept: i64,
    #[graphql(skip)]
    pub rows_unchanged: i64,
    #[graphql(skip)]
    pub rows_refused: i64,
    #[serde(default)]
    #[graphql(skip)]
    pub rows_skipped: i64,
    /// The mapping that the file was read by, as TOML. Null for formats that need none.
    #[serde(default)]
    pub mapping: Option<String>,
    #[graphql(skip)]
    pub refusals: Json,
    /// When it began: over the API, when it was asked for.
    pub started_at: Timestamp,
    /// When it ended. Null until then.
    pub finished_at: Option<Timestamp>,
    #[serde(default)]
    #[graphql(skip)]
    pub phase: ImportPhase,
    /// Who asked for it; none for the command line.
    #[serde(default)]
    #[graphql(skip)]
    pub curator_id: Option<Uuid>,
    /// Dataset that the records are for, by its slug. Null for reference data, such as a
    /// nomenclature.
    #[serde(default)]
    pub dataset_slug: Option<String>,
    /// Why it is made, as its author says. Null when nothing was said.
    #[serde(default)]
    pub comment: Option<String>,
    /// Whether it is a rehearsal: all is read and checked, and nothing written.
    #[serde(default)]
    pub dry_run: bool,
    /// What becomes of the good rows when others are refused.
    #[serde(default)]
    pub error_policy: ErrorPolicy,
    #[serde(default)]
    #[graphql(skip)]
    pub bytes_received: i64,
    #[serde(default)]
    #[graphql(skip)]
    pub failure: Option<String>,
    /// When the server that has it in hand last wrote how far it is.
    #[serde(default)]
    #[graphql(skip)]
    pub seen_at: Timestamp,
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

text_enum! {
    /// How far an import is.
    pub enum ImportPhase {
        /// It has ended: what it brought in is there.
        Finished,
        /// It waits for its file, or the file is on its way.
        Uploading,
        /// The file is there, and is being read; or it waits for an import before it.
        Running,
        /// It came to nothing: `failure` says why.
        Failed,
        /// It was called off, and nothing of it is there.
        Cancelled,
    }
}

text_enum! {
    /// What becomes of the good rows of a file when others are refused.
    pub enum ErrorPolicy {
        /// They are kept.
        KeepGood,
        /// Nothing is kept.
        AllOrNothing,
    }
}
