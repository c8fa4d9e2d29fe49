//! Which codes of one edition became which of a later one.
use async_graphql::SimpleObject;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::value::text_enum;

/// How a product of one edition relates to one of a later edition.
#[sea_orm::model]
#[derive(
    Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel, SimpleObject,
)]
#[sea_orm(table_name = "concordance")]
#[graphql(name = "ConcordanceRow")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    #[graphql(skip)]
    pub id: Uuid,
    #[graphql(skip)]
    pub earlier_id: Uuid,
    #[graphql(skip)]
    pub later_id: Uuid,
    /// Whether codes were split or merged between the two.
    pub relation: ConcordanceRelation,
}

impl ActiveModelBehavior for ActiveModel {}

text_enum! {
    /// How the codes of two editions relate: how many earlier codes to how many later ones.
    pub enum ConcordanceRelation {
        /// 1:1, the same goods under both codes.
        OneToOne,
        /// 1:n, the earlier code was split.
        OneToMany,
        /// n:1, earlier codes were merged.
        ManyToOne,
        /// n:n, goods were regrouped; figures cannot be carried over exactly.
        ManyToMany,
    }
}
