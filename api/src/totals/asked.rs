//! What is asked of the totals, and what comes of it.
use entity::{
    dataset::Grain,
    product::ProductLevel,
    shipment::{Flow, ModeOfTransport, ReportedBy},
    value::{Date, Frequency},
};
use sea_orm::prelude::Uuid;

use super::codes::Slot;
use crate::{
    concordance::{Conversion, Exactness},
    kit::period::Period,
};

/// What is to be added up. Records of one grain and one perspective alone: the others hold the
/// same goods once more.
#[derive(Clone, Debug)]
pub struct Asked {
    pub grain: Grain,
    pub perspective: ReportedBy,
    /// None: all published ones.
    pub datasets: Option<Vec<Uuid>>,
    /// None: all but aggregates of countries. One that is named is asked for.
    pub exporters: Option<Vec<Uuid>>,
    pub importers: Option<Vec<Uuid>>,
    /// These and all below them, each in its own edition.
    pub products: Option<Vec<Uuid>>,
    /// Whether a filter found them, by codes that mean something in their own edition alone.
    pub are_literal: bool,
    /// Records whose period lies within.
    pub period: Option<Period>,
    /// None: the longest periods that fit; what they cover is not added again.
    pub frequency: Option<Frequency>,
    /// Of consignments: how they crossed the border.
    pub modes: Option<Vec<ModeOfTransport>>,
    pub origins: Option<Vec<Uuid>>,
    pub dispatches: Option<Vec<Uuid>>,
    /// None: all exports or all imports, by the perspective; other flows are parts of these.
    pub flows: Option<Vec<Flow>>,
    pub currency: Option<String>,
    /// None: the finest rows that there are; otherwise the publisher's own of this level.
    pub level: Option<ProductLevel>,
    /// None: rows that are not broken down; otherwise those that are, by this alone.
    pub breakdown: Option<Breakdown>,
    /// Named sets of products for [`Dimension::Scope`]: a product counts to the first that holds
    /// it, and to none, not at all.
    pub scopes: Vec<(String, Vec<Uuid>)>,
    /// What became of products whose records are in other editions.
    pub converted: Converted,
    pub group_by: Vec<Dimension>,
    /// What is added up beside values and counts.
    pub measures: Measures,
}

/// Measures that cost time, and are not always asked for.
#[derive(Clone, Copy, Debug)]
pub struct Measures {
    pub net_mass: bool,
    pub quantity: bool,
}

/// How products that were named stand in the editions of the records: how many of them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Converted {
    /// Without a code there.
    pub lost: u64,
    /// Codes that hold other goods as well.
    pub wider: u64,
    /// Codes that are taken to mean the same.
    pub assumed: u64,
}

impl Converted {
    pub fn add(&mut self, conversion: &Conversion) {
        let count = |exactness| {
            let found = conversion.found.iter();
            found.filter(|found| found.exactness == exactness).count() as u64
        };
        self.lost += conversion.lost.len() as u64;
        self.wider += count(Exactness::Wider);
        self.assumed += count(Exactness::Assumed);
    }
}

impl Asked {
    pub fn new(grain: Grain, perspective: ReportedBy) -> Self {
        Self {
            grain,
            perspective,
            datasets: None,
            exporters: None,
            importers: None,
            products: None,
            are_literal: false,
            period: None,
            frequency: None,
            modes: None,
            origins: None,
            dispatches: None,
            flows: None,
            currency: None,
            level: None,
            breakdown: None,
            scopes: Vec::new(),
            converted: Converted::default(),
            group_by: Vec::new(),
            measures: Measures {
                net_mass: true,
                quantity: true,
            },
        }
    }
}

/// What totals can be grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dimension {
    Dataset,
    Exporter,
    Importer,
    Reporter,
    Chapter,
    Heading,
    Subheading,
    Scope,
    Edition,
    Currency,
    Year,
    Quarter,
    Month,
    ModeOfTransport,
    Origin,
    Dispatch,
}

/// By what official statistics break their totals down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Breakdown {
    ModeOfTransport,
    CustomsProcedure,
    SecondPartner,
}

/// The records that counted, added up.
#[derive(Clone, Debug)]
pub struct Answer {
    /// In no order. A group without a record is not there: no row is not zero.
    pub groups: Vec<Group>,
    /// Of all groups together.
    pub total: Figures,
    pub coverage: Coverage,
    /// Where the records came from.
    pub datasets: Vec<Uuid>,
    /// Those of them that hold the same reporter, flow and time as another: added up, the same
    /// trade may count twice.
    pub overlapping: Vec<Uuid>,
    /// The editions that the records are in; codes may mean other goods in another.
    pub editions: Vec<Uuid>,
    /// Editions of records that may count, and in which a filter found no product.
    pub unmatched: Vec<Uuid>,
    /// Where the records stand that were not added, since others tell of the same time.
    pub left_out: Vec<Slot>,
    /// Records that were not added, since a record of a longer period covers theirs.
    pub covered: u64,
    /// Records that were not added, since the same period is there in a later edition.
    pub superseded: u64,
}

#[derive(Clone, Debug)]
pub struct Group {
    /// In the order of [`Asked::group_by`].
    pub keys: Vec<Key>,
    pub figures: Figures,
}

/// What one dimension of a group is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// Not known, or not told so finely.
    None,
    /// A country, dataset or edition.
    Id(Uuid),
    /// An HS code, a currency or a scope's name.
    Code(String),
    Period(Period),
    Mode(ModeOfTransport),
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    pub records: u64,
    /// By currency: they are never added up.
    pub values: Vec<(String, Sum)>,
    /// In kilograms.
    pub net_mass: Sum,
    /// By unit.
    pub quantities: Vec<(String, Sum)>,
    /// What is counted in a unit and has a value as well: what one of it is worth.
    pub priced: Vec<Priced>,
    /// Records with a value by what it includes: CIF, FOB, not stated.
    pub valuations: [u64; 3],
    /// Records whose quantity or mass the publisher estimated.
    pub estimated: u64,
    /// Records whose value is "about" or "more than" something, which is in no sum.
    pub inexact: u64,
}

/// Records that have both a value and a quantity; sums in thousandths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Priced {
    pub currency: String,
    pub unit: String,
    pub value: i128,
    pub quantity: i128,
}

/// Exact, in thousandths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    pub thousandths: i128,
    /// Records that have the measure; when none has, it is not known, which is not zero.
    pub records: u64,
}

impl Sum {
    /// None when no record has the measure.
    pub fn amount(self) -> Option<i128> {
        (self.records > 0).then_some(self.thousandths)
    }

    pub fn add(&mut self, other: Self) {
        self.thousandths += other.thousandths;
        self.records += other.records;
    }
}

/// For which time there are records.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// Months of the period that was asked for; none when none was.
    pub months_asked: Option<u32>,
    /// First days of the months for which the datasets hold anything by these reporters.
    pub months_reported: Vec<Date>,
    /// First days of the months in which a record counted; a year's covers its twelve.
    pub months_counted: Vec<Date>,
    /// The periods of the records that counted, in order.
    pub periods: Vec<Period>,
}
