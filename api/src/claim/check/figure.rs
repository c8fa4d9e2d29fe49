//! What the records of a dataset come to for a claim in a period, and how far that can be trusted.
use std::collections::BTreeSet;

use entity::{
    claim::{self, Measure},
    dataset::Valuation,
};
use sea_orm::{Condition, prelude::Uuid};

use super::{
    judge::Measured,
    months::Coverage,
    reason::{CheckReasonCode, CheckVerdict, Reasons},
    records::counted,
    scope::Scope,
};
use crate::{
    kit::period::Period,
    totals::{Answer, Asked, Figures, Sum},
};

/// What is measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Money; of any currency, as long as there is but one, where the claim names none.
    Value(Option<String>),
    /// Kilograms.
    NetMass,
    /// Of a unit.
    Quantity(String),
}

impl What {
    /// None when it is nothing that is computed.
    pub fn of(claim: &claim::Model) -> Option<Self> {
        match claim.measure {
            None | Some(Measure::Value) => Some(Self::Value(claim.currency.clone())),
            Some(Measure::NetMass) => Some(Self::NetMass),
            Some(Measure::Quantity) => claim.unit.clone().map(Self::Quantity),
            Some(Measure::Share) => None,
        }
    }

    /// The sum of what is measured, its unit, and in which other units records count.
    fn sum<'f>(&self, figures: &'f Figures) -> (Option<(&'f str, Sum)>, Vec<&'f str>) {
        let (sums, wanted) = match self {
            Self::NetMass => return (Some(("kg", figures.net_mass)), Vec::new()),
            Self::Value(currency) => (&figures.values, currency.as_deref()),
            Self::Quantity(unit) => (&figures.quantities, Some(unit.as_str())),
        };
        let only = (sums.len() == 1).then(|| sums.first()).flatten();
        let wanted = wanted.or(only.map(|(name, _)| name.as_str()));
        let is_wanted = |name: &str| Some(name) == wanted;
        let found = sums.iter().find(|(name, _)| is_wanted(name));
        let others = sums.iter().map(|(name, _)| name.as_str());
        (
            found.map(|(name, sum)| (name.as_str(), *sum)),
            others.filter(|name| !is_wanted(name)).collect(),
        )
    }
}

/// A figure, or why there is none.
pub struct Figure {
    pub measured: Option<Measured>,
    /// What it comes to without a figure.
    pub verdict: CheckVerdict,
    pub unit: Option<String>,
    pub records: u64,
    pub valuation: Option<Valuation>,
    pub coverage: Coverage,
    pub reasons: Reasons,
    /// Which records were counted.
    pub counted: Condition,
}

impl Figure {
    pub fn of(
        what: &What,
        scope: &Scope,
        asked: &Asked,
        answer: &Answer,
        editions: &BTreeSet<Uuid>,
        period: Period,
    ) -> Self {
        let figures = &answer.total;
        let coverage = Coverage::of(period, &answer.coverage.months_reported, asked.grain);
        let mut reasons = Reasons::default();
        let met: BTreeSet<_> = answer.editions.iter().copied().collect();
        let editions = if met.is_empty() { editions } else { &met };
        let (scope_is_least, scope_is_most) = scope.bounds(editions, &mut reasons);
        let (is_least, is_most, valuation) = valuations(figures, scope.valuation, &mut reasons);
        if met.len() > 1 {
            reasons.add(
                CheckReasonCode::EditionBreak,
                format!(
                    "The records of {period} are in {} editions of the HS.",
                    met.len()
                ),
            );
        }
        if !coverage.is_full() && !coverage.is_none() {
            reasons.add(
                CheckReasonCode::MonthsMissing,
                format!("Of {period} the dataset covers {}.", coverage.words()),
            );
        }
        let mut figure = Self {
            measured: None,
            verdict: CheckVerdict::NoData,
            unit: None,
            records: figures.records,
            valuation,
            coverage,
            reasons,
            counted: counted(asked, answer),
        };
        let (sum, others) = what.sum(figures);
        let is_whole = figure.whole(what, figures, sum, &others);
        let amount = sum.and_then(|(unit, sum)| Some((unit, sum.amount()?)));
        if let Some((unit, amount)) = amount {
            figure.unit = Some(unit.to_owned());
            figure.measured = Some(Measured {
                amount,
                is_least: is_least && scope_is_least,
                is_most: is_most && scope_is_most && is_whole && figure.coverage.is_full(),
            });
        } else if !others.is_empty() {
            figure.verdict = CheckVerdict::NotComparable;
        }
        figure
    }

    /// Whether all that was counted is in the sum.
    fn whole(
        &mut self,
        what: &What,
        figures: &Figures,
        sum: Option<(&str, Sum)>,
        others: &[&str],
    ) -> bool {
        let reasons = &mut self.reasons;
        if figures.records == 0 {
            return true;
        }
        if !others.is_empty() {
            let names = others.join(", ");
            match what {
                What::Quantity(unit) => reasons.add(
                    CheckReasonCode::UnitDiffers,
                    format!(
                        "The claim counts in {unit}, records count in {names}: they are not added."
                    ),
                ),
                _ => reasons.add(
                    CheckReasonCode::CurrencyDiffers,
                    format!("Records are in {names}: currencies are neither added nor converted."),
                ),
            }
        }
        if figures.inexact > 0 {
            reasons.add(
                CheckReasonCode::InexactRecords,
                format!(
                    "Records without an exact value, which are not in the figure: {}.",
                    figures.inexact
                ),
            );
        }
        if figures.estimated > 0 && !matches!(what, What::Value(_)) {
            reasons.add(
                CheckReasonCode::EstimatedValues,
                format!(
                    "Records with a quantity or mass that the publisher estimated: {}.",
                    figures.estimated
                ),
            );
        }
        let having = sum.map_or(0, |(_, sum)| sum.records);
        let lacking = figures.records.saturating_sub(having);
        if lacking > 0 && others.is_empty() && figures.inexact == 0 {
            reasons.add(
                CheckReasonCode::FiguresMissing,
                format!(
                    "Records that do not have the figure: {lacking} of {}.",
                    figures.records
                ),
            );
        }
        lacking == 0
    }
}

/// Whether freight and insurance leave the figure no higher and no lower than the claim's, and what
/// the records include when they are alike.
fn valuations(
    figures: &Figures,
    claimed: Option<Valuation>,
    reasons: &mut Reasons,
) -> (bool, bool, Option<Valuation>) {
    let kinds = [Valuation::Cif, Valuation::Fob, Valuation::Unknown];
    let found = kinds.into_iter().zip(figures.valuations);
    let found: Vec<_> = found
        .filter(|(_, records)| *records > 0)
        .map(|(kind, _)| kind)
        .collect();
    if found.len() > 1 {
        reasons.add(
            CheckReasonCode::MixedValuations,
            "Some of the records include freight and insurance (CIF), others do not (FOB) or do not say.",
        );
    }
    let has = |kind| found.contains(&kind);
    // What includes freight is no less than what does not.
    let is_least = !(claimed == Some(Valuation::Fob) && has(Valuation::Cif));
    let is_most = !(claimed == Some(Valuation::Cif) && has(Valuation::Fob));
    if !(is_least && is_most) {
        reasons.add(
            CheckReasonCode::CifAgainstFob,
            "The claim's figure and the records differ in whether they include freight and insurance (CIF) or not (FOB).",
        );
    }
    let alike = (found.len() == 1).then(|| found.first().copied()).flatten();
    (is_least, is_most, alike)
}
