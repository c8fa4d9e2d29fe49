//! What one side reports, and what may be said of two sides together.
use async_graphql::{Enum, SimpleObject};
use entity::dataset::Valuation;

use crate::{
    kit::sum::{DecimalSum, ratio},
    totals::{Figures, Sum},
};

/// Whether a side reports something, and if not, what that means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum MirrorState {
    /// There are records.
    Reported,
    /// The dataset holds records by this reporter for the time, and none of these goods with this
    /// partner. That may be zero, too little to be listed, or withheld.
    NoRecord,
    /// The dataset holds nothing by this reporter for the time: it says nothing.
    NotReported,
}

/// What must be known to read a gap right, or why there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Enum)]
pub enum MirrorNote {
    /// The exporter's side does not report at all: nothing can be compared.
    ExporterNotReported,
    /// The importer's side does not report at all: nothing can be compared.
    ImporterNotReported,
    /// The exporter's side reports for the time, but not this trade: nothing can be compared.
    ExporterHasNoRecord,
    /// The importer's side reports for the time, but not this trade: nothing can be compared.
    ImporterHasNoRecord,
    /// A side has records without any value: values cannot be compared.
    NoValue,
    /// A side has values in several currencies: they are not added up, nor compared.
    MixedCurrencies,
    /// The sides have different currencies: values cannot be compared.
    CurrenciesDiffer,
    /// The exporter's values end at its border (FOB), the importer's at its own (CIF): with freight
    /// and insurance, the importer's are expected to be higher, by how much is not known.
    CifAgainstFob,
    /// The sides value alike, or the other way round, so that no higher value is expected of the
    /// importer.
    NoFreightExpected,
    /// On a side it is not stated what the values include.
    ValuationUnknown,
    /// A side has values of both kinds, CIF and FOB.
    MixedValuation,
    /// The sides hold records for different months of the time.
    CoverageDiffers,
    /// Codes are of different editions of the HS: the same code may mean other goods.
    EditionsDiffer,
    /// Products have no code in an edition that records are in: a figure may be too low.
    ScopeLost,
    /// Codes of an edition hold other goods than those named as well: a figure may be too high.
    ScopeWider,
    /// Codes of an edition are taken to mean the same: no concordance tells.
    ScopeAssumed,
    /// Masses or quantities were estimated by a publisher.
    Estimated,
    /// Values that are meant as "about" or "more than" are in no sum.
    Inexact,
    /// The exporter's side is zero: there is no ratio to it.
    ZeroBase,
}

/// What one side reports of a trade.
#[derive(Clone, Debug, SimpleObject)]
pub struct MirrorFigure {
    /// Whether there are records; where not, all figures are null, and none is zero.
    pub state: MirrorState,
    /// Records that were added up.
    pub record_count: i32,
    /// Sum of the values; null when no record has one, or they are in several currencies.
    pub value: Option<DecimalSum>,
    /// Currency of the value, ISO 4217; null when there is no value.
    pub currency: Option<String>,
    /// What the values include; null when there is no value, or some include more than others.
    pub valuation: Option<Valuation>,
    /// Sum of the net masses, kg; null when no record has one.
    pub net_mass: Option<DecimalSum>,
    /// Records that have a value.
    pub value_record_count: i32,
    /// Records that have a net mass.
    pub net_mass_record_count: i32,
    #[graphql(skip)]
    pub notes: Vec<MirrorNote>,
}

impl MirrorFigure {
    /// Of figures, or of none in that state.
    pub fn of(figures: Option<&Figures>, otherwise: MirrorState) -> Self {
        let none = Figures::default();
        let figures = figures.filter(|figures| figures.records > 0);
        let state = figures.map_or(otherwise, |_| MirrorState::Reported);
        let figures = figures.unwrap_or(&none);
        let valued: Vec<_> = figures
            .values
            .iter()
            .filter_map(|(currency, sum)| Some((currency, *sum, sum.amount()?)))
            .collect();
        let mut notes = Vec::new();
        let (currency, value) = match valued[..] {
            [(currency, sum, amount)] => (Some(currency.clone()), Some((sum, amount))),
            [] if figures.records > 0 => {
                notes.push(MirrorNote::NoValue);
                (None, None)
            }
            [] => (None, None),
            _ => {
                notes.push(MirrorNote::MixedCurrencies);
                (None, None)
            }
        };
        let valuation = match figures.valuations {
            [0, 0, 0] => None,
            [_, 0, 0] => Some(Valuation::Cif),
            [0, _, 0] => Some(Valuation::Fob),
            [0, 0, _] => Some(Valuation::Unknown),
            _ => {
                notes.push(MirrorNote::MixedValuation);
                None
            }
        };
        if figures.estimated > 0 {
            notes.push(MirrorNote::Estimated);
        }
        if figures.inexact > 0 {
            notes.push(MirrorNote::Inexact);
        }
        Self {
            state,
            record_count: count(figures.records),
            value: value.map(|(_, amount)| DecimalSum(amount)),
            currency,
            valuation,
            net_mass: figures.net_mass.amount().map(DecimalSum),
            value_record_count: count(value.map_or(0, |(sum, _): (Sum, i128)| sum.records)),
            net_mass_record_count: count(figures.net_mass.records),
            notes,
        }
    }
}

/// How far apart the two sides are.
#[derive(Clone, Debug, SimpleObject)]
pub struct MirrorGap {
    /// What the exporter's side reports.
    pub exporter: MirrorFigure,
    /// What the importer's side reports.
    pub importer: MirrorFigure,
    /// The importer's value less the exporter's. Null when they cannot be compared; `notes` says why.
    pub value_difference: Option<DecimalSum>,
    /// The importer's value for one of the exporter's, rounded to three places. Null when they cannot
    /// be compared, or the exporter's is zero.
    pub value_ratio: Option<DecimalSum>,
    /// The importer's net mass less the exporter's, kg, which freight and insurance do not change.
    /// Null when a side has none.
    pub net_mass_difference: Option<DecimalSum>,
    /// The importer's net mass for one of the exporter's, rounded to three places. Null when a side
    /// has none, or the exporter's is zero.
    pub net_mass_ratio: Option<DecimalSum>,
    /// What must be known to read the gap right, or why there is none.
    pub notes: Vec<MirrorNote>,
}

impl MirrorGap {
    /// Of both sides; `known` is what is known of them beside their figures.
    pub fn new(exporter: MirrorFigure, importer: MirrorFigure, known: &[MirrorNote]) -> Self {
        use MirrorNote as Note;
        let mut notes = known.to_vec();
        notes.extend(
            [&exporter, &importer]
                .into_iter()
                .flat_map(|side| &side.notes),
        );
        notes.extend(match exporter.state {
            MirrorState::Reported => None,
            MirrorState::NoRecord => Some(Note::ExporterHasNoRecord),
            MirrorState::NotReported => Some(Note::ExporterNotReported),
        });
        notes.extend(match importer.state {
            MirrorState::Reported => None,
            MirrorState::NoRecord => Some(Note::ImporterHasNoRecord),
            MirrorState::NotReported => Some(Note::ImporterNotReported),
        });
        let values = exporter.value.zip(importer.value);
        let is_one_currency = exporter.currency == importer.currency;
        if values.is_some() && !is_one_currency {
            notes.push(Note::CurrenciesDiffer);
        }
        let values = values.filter(|_| is_one_currency);
        if values.is_some() {
            notes.extend(match (exporter.valuation, importer.valuation) {
                (Some(Valuation::Fob), Some(Valuation::Cif)) => Some(Note::CifAgainstFob),
                (Some(Valuation::Unknown), _) | (_, Some(Valuation::Unknown)) => {
                    Some(Note::ValuationUnknown)
                }
                (Some(_), Some(_)) => Some(Note::NoFreightExpected),
                _ => None,
            });
        }
        let masses = exporter.net_mass.zip(importer.net_mass);
        let apart = |(one, other): (DecimalSum, DecimalSum)| DecimalSum(other.0 - one.0);
        let part = |(one, other): (DecimalSum, DecimalSum)| ratio(other.0, one.0, 1);
        if [values, masses]
            .into_iter()
            .flatten()
            .any(|(one, _)| one.0 == 0)
        {
            notes.push(Note::ZeroBase);
        }
        notes.sort_unstable();
        notes.dedup();
        Self {
            value_difference: values.map(apart),
            value_ratio: values.and_then(part),
            net_mass_difference: masses.map(apart),
            net_mass_ratio: masses.and_then(part),
            exporter,
            importer,
            notes,
        }
    }
}

pub fn count(records: u64) -> i32 {
    i32::try_from(records).unwrap_or(i32::MAX)
}
