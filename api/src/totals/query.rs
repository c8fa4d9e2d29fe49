//! The query: what is asked in the schema's words, and the answer in its shape.
use async_graphql::{Context, Enum, InputObject, Object};
use entity::{dataset::Grain, shipment::ReportedBy};

use super::{
    Asked, Breakdown, Dimension,
    filter::TradeTotalsFilter,
    report::{Shown, TradeTotals, totals},
};
use crate::kit::{
    error::{Error, Result},
    order::Direction,
    page::{DEFAULT_SIZE, MOST_ROWS},
    period::Period,
    sum::DecimalSum,
};

/// Dimensions of one answer at most.
const MOST_DIMENSIONS: usize = 6;

/// What totals can be grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum TradeDimension {
    /// Dataset.
    Dataset,
    /// Country that the goods left.
    Exporter,
    /// Country that received the goods.
    Importer,
    /// Country that reported.
    Reporter,
    /// HS chapter, two digits, whatever the edition.
    Chapter,
    /// HS heading, four digits, whatever the edition.
    Heading,
    /// HS subheading, six digits, whatever the edition.
    Subheading,
    /// Tier of the product list that the filter names. A product of several tiers counts to the first by name.
    Tier,
    /// Edition of the HS.
    Edition,
    /// Currency.
    Currency,
    /// Calendar year.
    Year,
    /// Quarter. Records of years are left out: they cannot be told by quarter.
    Quarter,
    /// Month. Records of longer periods are left out: they cannot be told by month.
    Month,
    /// How the goods crossed the border.
    ModeOfTransport,
    /// Country in which the goods were made.
    CountryOfOrigin,
    /// Country from which the goods were sent.
    CountryOfDispatch,
}

impl From<TradeDimension> for Dimension {
    fn from(dimension: TradeDimension) -> Self {
        match dimension {
            TradeDimension::Dataset => Self::Dataset,
            TradeDimension::Exporter => Self::Exporter,
            TradeDimension::Importer => Self::Importer,
            TradeDimension::Reporter => Self::Reporter,
            TradeDimension::Chapter => Self::Chapter,
            TradeDimension::Heading => Self::Heading,
            TradeDimension::Subheading => Self::Subheading,
            TradeDimension::Tier => Self::Scope,
            TradeDimension::Edition => Self::Edition,
            TradeDimension::Currency => Self::Currency,
            TradeDimension::Year => Self::Year,
            TradeDimension::Quarter => Self::Quarter,
            TradeDimension::Month => Self::Month,
            TradeDimension::ModeOfTransport => Self::ModeOfTransport,
            TradeDimension::CountryOfOrigin => Self::Origin,
            TradeDimension::CountryOfDispatch => Self::Dispatch,
        }
    }
}

/// By what statistics are broken down beside their totals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Breakdown", name = "TradeBreakdown")]
pub enum TradeBreakdown {
    /// How the goods crossed the border.
    ModeOfTransport,
    /// Customs procedure.
    CustomsProcedure,
    /// Second partner.
    SecondPartner,
}

/// What can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum TradeMeasure {
    /// Sum of the values.
    Value,
    /// Sum of the net masses, kg.
    NetMass,
    /// Records that counted.
    RecordCount,
    /// The group itself: time, codes and names in their order.
    Group,
}

/// In which order rows come. Rows without the measure come last.
#[derive(InputObject)]
pub struct TradeTotalsOrder {
    /// By what.
    pub measure: TradeMeasure,
    /// From the least or from the greatest.
    #[graphql(default_with = "Direction::Desc")]
    pub direction: Direction,
}

/// Which rows are shown; the others are in `total`, and in `rest`.
#[derive(InputObject)]
pub struct TradeTotalsHaving {
    /// What must be within the bounds; a row without it is not shown. `GROUP` cannot be.
    pub measure: TradeMeasure,
    /// The least, both bounds included.
    pub at_least: Option<DecimalSum>,
    /// The greatest, both bounds included.
    pub at_most: Option<DecimalSum>,
}

#[derive(Default)]
pub struct TotalsQuery;

#[Object]
impl TotalsQuery {
    /// What published shipments add up to: exactly, as of the last revision, and none twice.
    ///
    /// Of statistics count the finest rows that there are of the same goods, no breakdowns, no
    /// aggregates of countries, all exports or all imports, and one length of period for any time;
    /// docs/totals.md says why, and the arguments ask for the others.
    #[expect(
        clippy::too_many_arguments,
        reason = "each is an argument of the schema"
    )]
    async fn trade_totals(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "What a record is: declarations and statistics are never added up. What sources state as totals is not added at all."
        )]
        grain: Grain,
        #[graphql(desc = "Who reported: both sides of a mirror pair are never added up.")]
        perspective: ReportedBy,
        #[graphql(desc = "Which records; all that count when absent.")] filter: Option<
            Box<TradeTotalsFilter>,
        >,
        #[graphql(desc = "By what to group, at most 6; one row when absent.")] group_by: Option<
            Vec<TradeDimension>,
        >,
        #[graphql(desc = "Which groups are shown as rows; all when absent.")] having: Option<
            Vec<TradeTotalsHaving>,
        >,
        #[graphql(desc = "In which order; by time and then from the greatest value when absent.")]
        order_by: Option<TradeTotalsOrder>,
        #[graphql(
            desc = "How many rows, 1 to 1,000; 25 when absent. The other groups are one row, `rest`."
        )]
        first: Option<i32>,
        #[graphql(
            desc = "A period to compare each row with, by `change`: then rows are not grouped by time."
        )]
        base: Option<Period>,
    ) -> Result<TradeTotals> {
        let mut asked = Asked::new(grain, perspective);
        asked.group_by = dimensions(group_by.unwrap_or_default())?;
        let filter = filter.unwrap_or_default();
        // Kept apart: what a root field holds is held by all of them, and by each root around it.
        Box::pin(filter.apply(ctx, &mut asked)).await?;
        let first = match first {
            None => DEFAULT_SIZE,
            Some(first) => u64::try_from(first)
                .ok()
                .filter(|first| (1..=MOST_ROWS).contains(first))
                .ok_or_else(|| {
                    Error::bad_input(format!("first is from 1 to {MOST_ROWS}, not {first}"))
                })?,
        };
        let shown = Shown {
            having: having.unwrap_or_default(),
            order_by,
            first: usize::try_from(first).unwrap_or(usize::MAX),
        };
        Box::pin(totals(ctx, asked, shown, base)).await
    }
}

fn dimensions(group_by: Vec<TradeDimension>) -> Result<Vec<Dimension>> {
    let mut dimensions: Vec<Dimension> = Vec::new();
    for dimension in group_by.into_iter().map(Dimension::from) {
        if !dimensions.contains(&dimension) {
            dimensions.push(dimension);
        }
    }
    match dimensions.len() > MOST_DIMENSIONS {
        true => Err(Error::bad_input(format!(
            "groupBy takes at most {MOST_DIMENSIONS} dimensions, and has {}",
            dimensions.len()
        ))),
        false => Ok(dimensions),
    }
}
