//! A stated change against the change in the records, from each base that may be meant.
use async_graphql::{Enum, SimpleObject};
use entity::{
    claim::{self, ChangeDirection},
    value::Decimal,
};
use sea_orm::Condition;

use super::{
    figure::Figure,
    judge::{Judgement, Measured, Range, change, decimal},
    months::{full_year_before, year_before},
    reason::{CheckReasonCode, CheckVerdict, Reason, Reasons},
};
use crate::{
    kit::{fields::fields, period::Period},
    shipment::Shipment,
};

/// From which figures a change is reckoned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum)]
pub enum ChangeBasis {
    /// From the base that the claim states.
    Stated,
    /// From the same months of the year before.
    SameMonthsYearBefore,
    /// From the whole of the year before.
    FullYearBefore,
}

/// A stated change held against the change in a dataset's records.
#[derive(Clone, Debug, PartialEq, SimpleObject)]
#[graphql(complex)]
pub struct CheckedChange {
    /// What the base is; more than one where they are the same.
    pub basis: Vec<ChangeBasis>,
    /// The base.
    pub base: Period,
    /// What the records come to for the base; null without a figure, or when it is beyond
    /// ±9,223,372,036,854,775.807.
    pub base_figure: Option<Decimal>,
    /// Records of the base that were counted.
    pub base_record_count: u64,
    #[graphql(skip)]
    counted: Condition,
    /// The change in percent; null without figures for both, and from a base of zero.
    pub change_percent: Option<Decimal>,
    /// Whether it agrees with the stated change, within one percentage point, or with its direction.
    pub verdict: CheckVerdict,
    /// Why, and what to bear in mind.
    pub reasons: Vec<Reason>,
}

/// A change as a claim states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stated {
    /// By so many percent.
    Percent(Decimal),
    /// More, or less.
    Direction(ChangeDirection),
}

impl Stated {
    /// None when the claim states no change.
    pub fn of(claim: &claim::Model) -> Option<Self> {
        let percent = claim.change_percent.map(Self::Percent);
        percent.or(claim.change_direction.map(Self::Direction))
    }

    /// None of a change by nothing.
    pub fn direction(self) -> Option<ChangeDirection> {
        match self {
            Self::Direction(direction) => Some(direction),
            Self::Percent(percent) => match percent.thousandths() {
                0 => None,
                more if more > 0 => Some(ChangeDirection::Increase),
                _ => Some(ChangeDirection::Decrease),
            },
        }
    }

    /// Of figures in the same unit; none where the change in percent cannot be told.
    fn judge(self, to: Measured, base: Measured) -> Option<Judgement> {
        let (range, amount) = match self {
            Self::Percent(percent) => {
                let range = Range::of_change(percent);
                (range, change(base.amount, to.amount)?)
            }
            Self::Direction(direction) => {
                let range = Range::of_direction(direction);
                (range, to.amount.checked_sub(base.amount)?)
            }
        };
        Some(range.judge(Measured {
            amount,
            is_least: to.is_least && base.is_most,
            is_most: to.is_most && base.is_least,
        }))
    }
}

/// The bases that a claim's change may be meant from, those that are the same together.
pub fn bases(claim: &claim::Model, period: Period) -> Vec<(Vec<ChangeBasis>, Period)> {
    if Stated::of(claim).is_none() {
        return Vec::new();
    }
    let stated = Period::from_columns(claim.change_base_start, claim.change_base_end);
    let mut bases: Vec<(Vec<ChangeBasis>, Period)> = Vec::new();
    for (basis, base) in [
        (ChangeBasis::Stated, stated),
        (ChangeBasis::SameMonthsYearBefore, year_before(period)),
        (ChangeBasis::FullYearBefore, full_year_before(period)),
    ] {
        let Some(base) = base else { continue };
        match bases.iter_mut().find(|(_, other)| *other == base) {
            Some((kinds, _)) => kinds.push(basis),
            None => bases.push((vec![basis], base)),
        }
    }
    bases
}

fields! {
    #[ComplexObject]
    impl CheckedChange {
        connections {
            /// The records of the base that were counted.
            base_records: Shipment = |change, _| change.counted.clone();
        }
    }
}

impl CheckedChange {
    pub fn of(
        stated: Stated,
        (basis, base): (Vec<ChangeBasis>, Period),
        figure: &Figure,
        from: Figure,
    ) -> Self {
        let mut reasons: Reasons = from.reasons;
        if basis.contains(&ChangeBasis::SameMonthsYearBefore)
            && from.measured.is_some()
            && !figure.coverage.is_like(&from.coverage)
        {
            reasons.add(
                CheckReasonCode::MonthsDiffer,
                format!(
                    "Of the period {} are covered, of {base} {}, and not the same ones.",
                    figure.coverage.words(),
                    from.coverage.words()
                ),
            );
        }
        let is_alike = figure.unit == from.unit;
        let percent = match (figure.measured, from.measured) {
            (Some(to), Some(base)) if is_alike => change(base.amount, to.amount),
            _ => None,
        };
        let is_full = figure.coverage.is_full() && from.coverage.is_full();
        let verdict = match (figure.measured, from.measured) {
            (Some(_), Some(_)) if !is_alike => {
                reasons.add(
                    CheckReasonCode::CurrencyDiffers,
                    "The figure and its base are in different currencies: there is no change to reckon.",
                );
                CheckVerdict::NotComparable
            }
            (Some(to), Some(base)) => match stated.judge(to, base) {
                Some(judgement) => verdict(judgement, is_full),
                None => {
                    reasons.add(
                        CheckReasonCode::BaseIsZero,
                        "There is no change in percent from a base of zero.",
                    );
                    CheckVerdict::NotComparable
                }
            },
            (Some(_), None) => {
                reasons.add(
                    CheckReasonCode::BaseWithoutData,
                    format!("There is no figure for {base} to reckon from."),
                );
                from.verdict
            }
            (None, _) => {
                reasons = figure.reasons.clone();
                figure.verdict
            }
        };
        Self {
            basis,
            base,
            base_figure: from.measured.and_then(|measured| decimal(measured.amount)),
            base_record_count: from.records,
            counted: from.counted,
            change_percent: percent.and_then(decimal),
            verdict,
            reasons: reasons.0,
        }
    }
}

pub fn verdict(judgement: Judgement, is_full: bool) -> CheckVerdict {
    match judgement {
        Judgement::Agrees => CheckVerdict::Consistent,
        Judgement::Disagrees => CheckVerdict::Inconsistent,
        Judgement::Undecided if is_full => CheckVerdict::NotComparable,
        Judgement::Undecided => CheckVerdict::PartialCoverage,
    }
}

/// What the changes come to together: the stated base decides; without one, a change that agrees
/// from any base that may be meant is consistent.
pub fn together(changes: &[CheckedChange]) -> Option<CheckVerdict> {
    let stated = changes
        .iter()
        .find(|change| change.basis.contains(&ChangeBasis::Stated));
    if let Some(change) = stated {
        return Some(change.verdict);
    }
    let order = [
        CheckVerdict::Consistent,
        CheckVerdict::PartialCoverage,
        CheckVerdict::NotComparable,
        CheckVerdict::Inconsistent,
        CheckVerdict::NoData,
    ];
    let has = |verdict: &CheckVerdict| changes.iter().any(|change| change.verdict == *verdict);
    order.into_iter().find(has)
}
