//! Checks: what a claim states, held against the records of datasets.
use async_graphql::{Context, SimpleObject};
use entity::{dataset, dataset::Valuation, shipment::ReportedBy, value::Decimal};
use sea_orm::{Condition, prelude::Uuid};

use crate::{
    dataset::Dataset,
    kit::{error::Result, fields::fields, rows},
    shipment::Shipment,
};

mod case;
mod change;
mod datasets;
mod figure;
mod judge;
mod months;
mod outcome;
mod reason;
mod records;
mod scope;

pub use case::checks;
use change::CheckedChange;
pub use change::Stated;
use months::Coverage;
use reason::{CheckVerdict, Reason};

/// What a claim states, held against the records of one dataset that one side reported. It tells
/// whether the two agree, never which of them is true.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct ClaimCheck {
    #[graphql(skip)]
    dataset_id: Uuid,
    /// Whose reports were counted. Null when nothing could be counted, or neither side reported the
    /// trade.
    perspective: Option<ReportedBy>,
    /// What it comes to.
    verdict: CheckVerdict,
    /// Why, and what to bear in mind.
    reasons: Vec<Reason>,
    /// What the records come to for the claim's period; null without a figure, or when it is
    /// beyond ±9,223,372,036,854,775.807.
    computed: Option<Decimal>,
    /// The computed figure as a multiple of the stated one, to three decimal places: `0.5` is half
    /// of it. Null without either.
    ratio: Option<Decimal>,
    /// The least figure that agrees with the stated one; more than this where it says more than.
    /// Null when there is none, or no amount is stated.
    accepted_from: Option<Decimal>,
    /// The greatest figure that agrees with the stated one; less than this where it says less than.
    /// Null when there is none, or no amount is stated.
    accepted_to: Option<Decimal>,
    /// Currency (ISO 4217) or unit of the computed figure; null without one.
    unit: Option<String>,
    /// What the values of the records include; null when they differ, or have no value.
    valuation: Option<Valuation>,
    /// Records that were counted.
    record_count: u64,
    #[graphql(skip)]
    counted: Condition,
    /// Which months of the period the dataset covers; null when nothing was counted.
    coverage: Option<Coverage>,
    /// Whether the dataset is a source apart: false when the claim's own statements go back to it,
    /// and agreement confirms nothing.
    is_independent: bool,
    /// The stated change, or its direction, against the change in the records, from each base that may be meant;
    /// empty when the claim states no change.
    changes: Vec<CheckedChange>,
}

fields! {
    #[ComplexObject]
    impl ClaimCheck {
        connections {
            /// The records that were counted: as many as `recordCount` says, those without the
            /// figure among them.
            records: Shipment = |check, _| check.counted.clone();
        }

        /// The dataset.
        async fn dataset(&self, ctx: &Context<'_>) -> Result<Dataset> {
            rows::parent::<_, dataset::Entity>(ctx, self.dataset_id).await
        }
    }
}
