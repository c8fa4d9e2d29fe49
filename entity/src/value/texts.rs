//! Short lists of texts in one column.
use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};

/// A list that belongs to its record alone and is read as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Texts(pub Vec<String>);
