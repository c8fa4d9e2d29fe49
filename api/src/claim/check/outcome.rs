//! What a check comes to.
use entity::{
    claim,
    dataset::{self, Grain},
    shipment::ReportedBy,
};

use super::{
    ClaimCheck,
    change::{self, CheckedChange},
    figure::Figure,
    judge::{Range, decimal, ratio},
    reason::{CheckReasonCode, CheckVerdict, Reasons},
    records::nothing,
};
impl ClaimCheck {
    pub fn without_figure(
        dataset: &dataset::Model,
        verdict: CheckVerdict,
        reasons: Reasons,
    ) -> Self {
        Self {
            dataset_id: dataset.id,
            perspective: None,
            verdict,
            reasons: reasons.0,
            computed: None,
            ratio: None,
            accepted_from: None,
            accepted_to: None,
            unit: None,
            valuation: None,
            record_count: 0,
            counted: nothing(),
            coverage: None,
            is_independent: true,
            changes: Vec::new(),
        }
    }

    /// A dataset to which neither side reported the trade.
    pub fn of_nothing(dataset: &dataset::Model) -> Self {
        let mut reasons = Reasons::default();
        if dataset.grain == Grain::ReportedTotal {
            reasons.add(
                CheckReasonCode::GrainNotCounted,
                "The dataset holds totals as others state them: they are claims themselves, and are not counted.",
            );
            return Self::without_figure(dataset, CheckVerdict::NotComparable, reasons);
        }
        reasons.add(
            CheckReasonCode::TradeNotReported,
            "The dataset holds no record of trade between the two, by either side.",
        );
        Self::without_figure(dataset, CheckVerdict::NoData, reasons)
    }

    pub fn of_figure(
        dataset: &dataset::Model,
        side: ReportedBy,
        claim: &claim::Model,
        figure: Figure,
        changes: Vec<CheckedChange>,
    ) -> Self {
        let range = Range::of(claim);
        let of_amount = range.map(|range| match figure.measured {
            Some(measured) => change::verdict(range.judge(measured), figure.coverage.is_full()),
            None => figure.verdict,
        });
        let of_change = change::together(&changes);
        let computed = figure.measured.map(|measured| measured.amount);
        let stated = claim.amount.map(|amount| i128::from(amount.thousandths()));
        let ratio = computed
            .zip(stated)
            .and_then(|(computed, stated)| ratio(computed, stated));
        Self {
            perspective: Some(side),
            computed: computed.and_then(decimal),
            ratio: ratio.and_then(decimal),
            accepted_from: range.and_then(|range| range.from).and_then(decimal),
            accepted_to: range.and_then(|range| range.to).and_then(decimal),
            unit: figure.unit,
            valuation: figure.valuation,
            record_count: figure.records,
            counted: figure.counted,
            coverage: Some(figure.coverage),
            changes,
            ..Self::without_figure(dataset, both(of_amount, of_change), figure.reasons)
        }
    }

    /// Beside a claim, which may be the dataset's own.
    pub fn beside(mut self, is_own: bool) -> Self {
        if !is_own {
            return self;
        }
        let mut reasons = Reasons(self.reasons);
        reasons.add(
            CheckReasonCode::SourceIsDataset,
            "The claim's own statements go back to the source that the dataset was released as: agreement confirms nothing.",
        );
        self.reasons = reasons.0;
        self.is_independent = false;
        self
    }
}

/// An amount and a change in one claim: it agrees when both do, and does not when one does not.
fn both(one: Option<CheckVerdict>, other: Option<CheckVerdict>) -> CheckVerdict {
    let order = [
        CheckVerdict::Inconsistent,
        CheckVerdict::NoData,
        CheckVerdict::NotComparable,
        CheckVerdict::PartialCoverage,
    ];
    let is = |verdict: &CheckVerdict| [one, other].contains(&Some(*verdict));
    order
        .into_iter()
        .find(is)
        .unwrap_or(CheckVerdict::Consistent)
}
