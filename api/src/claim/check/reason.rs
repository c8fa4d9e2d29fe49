//! Why a check comes to what it comes to, for programs and for people.
use async_graphql::{Enum, SimpleObject};

/// What a claim and the records of a dataset come to when they are held against each other. It tells
/// whether the two agree, never which of them is true.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum)]
pub enum CheckVerdict {
    /// The records agree with what is stated.
    Consistent,
    /// The records cannot agree with what is stated, whatever is missing from them.
    Inconsistent,
    /// The records cover a part of the period, and that part decides nothing.
    PartialCoverage,
    /// The records are not about what is stated, or not in a way that could be compared.
    NotComparable,
    /// There are no records to compare with. That is not zero.
    NoData,
}

/// Why a check has its verdict, and what to bear in mind with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum)]
pub enum CheckReasonCode {
    /// The claim names no products, so that no codes can be looked for.
    ScopeNotMapped,
    /// Goods of the claim have no code in the dataset's edition: its figures may be too low.
    ScopeLost,
    /// Codes of the dataset's edition hold other goods as well: its figures may be too high.
    ScopeWider,
    /// Codes are taken to mean the same in two editions, without a concordance that says so.
    ScopeAssumed,
    /// Which products belong to a list changed within the period; those of its last day were taken.
    MembershipChanges,
    /// The claim names neither exporter nor importer.
    TradeNotNamed,
    /// The claim names no period.
    PeriodNotStated,
    /// Shares are not computed: the claim does not say of what whole.
    MeasureNotComputed,
    /// The dataset states totals of others; it has no records to count.
    GrainNotCounted,
    /// The records' values are in other currencies.
    CurrencyDiffers,
    /// The records count the goods in other units.
    UnitDiffers,
    /// One side includes freight and insurance (CIF), the other does not (FOB).
    CifAgainstFob,
    /// The records are partly CIF, partly FOB or not known.
    MixedValuations,
    /// Some quantities or masses were estimated by the publisher.
    EstimatedValues,
    /// Some records do not have the figure: the sum may be too low.
    FiguresMissing,
    /// Some records say "more than" or "about": they are in no sum.
    InexactRecords,
    /// The records of the period are in more than one edition of the HS.
    EditionBreak,
    /// The dataset holds nothing of the reporter for some months of the period.
    MonthsMissing,
    /// The dataset holds nothing of the reporter within the period.
    PeriodBeyondData,
    /// The dataset reports by longer periods than the claim's.
    DataCoarser,
    /// The dataset holds no record of trade between the two, reported by this side.
    TradeNotReported,
    /// The dataset covers the period, and has no record of these goods: which is not zero.
    NoRecords,
    /// The claim rests on the dataset's own source: agreement confirms nothing.
    SourceIsDataset,
    /// There are no records for the base of the change.
    BaseWithoutData,
    /// The base of the change is zero.
    BaseIsZero,
    /// The period and its base are not covered by the same months.
    MonthsDiffer,
}

/// A reason, for programs and for people.
#[derive(Clone, Debug, PartialEq, Eq, SimpleObject)]
#[graphql(name = "CheckReason")]
pub struct Reason {
    /// Which one.
    pub code: CheckReasonCode,
    /// The same in a sentence, with what it is about.
    pub message: String,
}

/// Reasons, each once.
#[derive(Clone, Debug, Default)]
pub struct Reasons(pub Vec<Reason>);

impl Reasons {
    pub fn add(&mut self, code: CheckReasonCode, message: impl Into<String>) {
        if self.0.iter().all(|reason| reason.code != code) {
            let message = message.into();
            self.0.push(Reason { code, message });
        }
    }
}
