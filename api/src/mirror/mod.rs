//! The mirror gap: what the exporter reports of a trade, against what the importer reports of it.
use async_graphql::{ComplexObject, Context, Enum, Object, SimpleObject};
use entity::{dataset, dataset::Grain, edition, product, value::Date};
use sea_orm::prelude::Uuid;

use crate::{
    country::{self as countries, Country},
    dataset::{Dataset, DatasetFilter},
    edition::Edition,
    kit::{
        error::{Error, Result},
        filter::{Filter, Scope},
        period::Period,
        rows,
    },
    product::ProductFilter,
    totals::{Answer, Asked, Dimension},
};

mod compare;
mod figure;
mod goods;

pub use figure::MirrorGap;

use compare::{Pair, compare};
use goods::Goods;

/// By what a comparison is split.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum MirrorDimension {
    /// Calendar years; a record that spans two is left out.
    Year,
    /// Quarters; a record of a longer period is left out.
    Quarter,
    /// Calendar months; a record of a longer period is left out.
    Month,
    /// HS chapters, two digits.
    Chapter,
    /// HS headings, four digits.
    Heading,
    /// HS subheadings, six digits.
    Subheading,
}

impl From<MirrorDimension> for Dimension {
    fn from(dimension: MirrorDimension) -> Self {
        match dimension {
            MirrorDimension::Year => Self::Year,
            MirrorDimension::Quarter => Self::Quarter,
            MirrorDimension::Month => Self::Month,
            MirrorDimension::Chapter => Self::Chapter,
            MirrorDimension::Heading => Self::Heading,
            MirrorDimension::Subheading => Self::Subheading,
        }
    }
}

/// A trade as its two ends report it.
#[derive(SimpleObject)]
pub struct MirrorComparison {
    /// Country that the goods left.
    exporter: Country,
    /// Country that received the goods.
    importer: Country,
    /// The time that was asked for. Records count whose own period lies within.
    during: Period,
    /// What is compared: a dataset that holds both sides with itself, and otherwise each dataset
    /// that holds one side with each that holds the other. Empty when none holds either.
    pairs: Vec<MirrorPair>,
}

/// Two reports of the same trade.
#[derive(SimpleObject)]
pub struct MirrorPair {
    /// Where the exporter's side comes from.
    exporter_report: MirrorReport,
    /// Where the importer's side comes from.
    importer_report: MirrorReport,
    /// All of it together.
    total: MirrorGap,
    /// The same by what was asked for, by time and then by code; empty when nothing was. What
    /// neither side reports is not there.
    groups: Vec<MirrorGroup>,
    /// How many groups there are; `first` says how many are shown.
    group_count: i32,
}

/// A part of a trade.
#[derive(SimpleObject)]
pub struct MirrorGroup {
    /// The period; null when it is not split by time.
    period: Option<Period>,
    /// HS code; null when it is not split by product, or the records are not told so finely.
    product_code: Option<String>,
    /// Both sides of it.
    gap: MirrorGap,
}

/// One side's report.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct MirrorReport {
    #[graphql(skip)]
    dataset_id: Uuid,
    #[graphql(skip)]
    edition_ids: Vec<Uuid>,
    /// First days of the months for which the dataset holds anything by this reporter.
    months_reported: Vec<Date>,
    /// First days of the months in which a record counted; one of a year covers twelve.
    months_counted: Vec<Date>,
}

#[ComplexObject]
impl MirrorReport {
    /// The dataset.
    async fn dataset(&self, ctx: &Context<'_>) -> Result<Dataset> {
        rows::parent::<_, dataset::Entity>(ctx, self.dataset_id).await
    }

    /// The editions of the HS that its records are in.
    async fn editions(&self, ctx: &Context<'_>) -> Result<Vec<Edition>> {
        rows::parents::<_, edition::Entity>(ctx, self.edition_ids.iter().copied()).await
    }
}

impl MirrorReport {
    fn new(dataset_id: Uuid, answer: &Answer) -> Self {
        Self {
            dataset_id,
            edition_ids: answer.editions.clone(),
            months_reported: answer.coverage.months_reported.clone(),
            months_counted: answer.coverage.months_counted.clone(),
        }
    }
}

impl From<Pair> for MirrorPair {
    fn from(pair: Pair) -> Self {
        let groups = pair.groups.into_iter();
        Self {
            exporter_report: MirrorReport::new(pair.exporter.dataset, &pair.exporter.answer),
            importer_report: MirrorReport::new(pair.importer.dataset, &pair.importer.answer),
            total: pair.total,
            group_count: figure::count(pair.group_count as u64),
            groups: groups
                .map(|group| MirrorGroup {
                    period: group.period,
                    product_code: group.code,
                    gap: group.gap,
                })
                .collect(),
        }
    }
}

/// Groups of a pair when nothing was said.
const DEFAULT_SIZE: usize = 100;
/// Groups of a pair at most.
const MOST_SIZE: usize = 1_000;

#[derive(Default)]
pub struct MirrorQuery;

#[Object]
impl MirrorQuery {
    /// What the exporter reports of a trade against what the importer reports of it, by dataset:
    /// neither side is right by itself, and no side is corrected by a factor.
    ///
    /// Count published statistics as in `tradeTotals`: all exports by the one, all imports by the
    /// other.
    #[expect(
        clippy::too_many_arguments,
        reason = "each is an argument of the schema"
    )]
    async fn mirror_comparison(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Country that the goods left: alpha-2, alpha-3 or UN M49.")]
        exporter: String,
        #[graphql(desc = "Country that received the goods: alpha-2, alpha-3 or UN M49.")]
        importer: String,
        #[graphql(desc = "The time: records count whose own period lies within.")] during: Period,
        #[graphql(
            desc = "Which products: those found and all below them. Where records are in an edition in which none is found, the codes that stand for them there count, and notes say what is lost or held besides. All goods when absent."
        )]
        product: Option<ProductFilter>,
        #[graphql(desc = "Which datasets; all published ones when absent.")] dataset: Option<
            DatasetFilter,
        >,
        #[graphql(
            desc = "What a record is: statistics when absent.",
            default_with = "Grain::Statistic"
        )]
        grain: Grain,
        #[graphql(desc = "By what to split it: at most one of time and one of products.")]
        group_by: Option<Vec<MirrorDimension>>,
        #[graphql(desc = "How many groups of each pair, 0 to 1,000; 100 when absent.")]
        first: Option<i32>,
    ) -> Result<MirrorComparison> {
        if grain == Grain::ReportedTotal {
            return Err(Error::bad_input(
                "what sources state as totals is not added up: compare STATISTIC or CONSIGNMENT",
            ));
        }
        let exporter = Box::pin(countries::by_code(ctx, "exporter", &exporter)).await?;
        let importer = Box::pin(countries::by_code(ctx, "importer", &importer)).await?;
        let scope = Scope::new(rows::view(ctx));
        let products = match product {
            Some(filter) => {
                let found = rows::matching::<product::Entity>(ctx, filter.condition(scope)?);
                Some(Box::pin(found).await?)
            }
            None => None,
        };
        let datasets = match dataset {
            Some(filter) => {
                let found = rows::matching::<dataset::Entity>(ctx, filter.condition(scope)?);
                Some(Box::pin(found).await?.iter().map(|row| row.id).collect())
            }
            None => None,
        };
        let first = match first {
            None => DEFAULT_SIZE,
            Some(first) => usize::try_from(first)
                .ok()
                .filter(|first| *first <= MOST_SIZE)
                .ok_or_else(|| {
                    Error::bad_input(format!("first is from 0 to {MOST_SIZE}, not {first}"))
                })?,
        };
        let mut asked = Asked {
            exporters: Some(vec![exporter.id]),
            importers: Some(vec![importer.id]),
            datasets,
            period: Some(during),
            group_by: dimensions(group_by.unwrap_or_default())?,
            ..Asked::new(grain, entity::shipment::ReportedBy::Exporter)
        };
        let goods = match &products {
            Some(found) => Box::pin(Goods::name(ctx, found, &mut asked)).await?,
            None => Goods::default(),
        };
        let pairs = Box::pin(compare(ctx, asked, &goods, first)).await?;
        Ok(MirrorComparison {
            exporter: exporter.into(),
            importer: importer.into(),
            during,
            pairs: pairs.into_iter().map(MirrorPair::from).collect(),
        })
    }
}

/// One of time and one of products, in this order.
fn dimensions(group_by: Vec<MirrorDimension>) -> Result<Vec<Dimension>> {
    use MirrorDimension::{Month, Quarter, Year};
    let is_time = |dimension: &MirrorDimension| matches!(dimension, Year | Quarter | Month);
    let (time, products): (Vec<_>, Vec<_>) = group_by.into_iter().partition(is_time);
    if time.len() > 1 || products.len() > 1 {
        return Err(Error::bad_input(
            "groupBy takes at most one of YEAR, QUARTER and MONTH, and one of CHAPTER, HEADING and SUBHEADING",
        ));
    }
    let dimensions = time.into_iter().chain(products);
    Ok(dimensions.map(Dimension::from).collect())
}
