//! Which records are to be added up.
use async_graphql::{Context, InputObject};
use entity::{
    country, dataset, product,
    product::ProductLevel,
    shipment::{Flow, ModeOfTransport, ReportedBy},
    value::Frequency,
};
use sea_orm::prelude::Uuid;

use super::{Asked, Dimension, list::ListFilter, query::TradeBreakdown};
use crate::{
    country::CountryFilter,
    dataset::DatasetFilter,
    kit::{
        error::{Error, Result},
        filter::{Filter, Scope},
        period::Period,
        record::Record,
        rows,
    },
    product::ProductFilter,
};

/// Which records are added up; all that count when absent. What must hold of a country or product
/// is said as in `shipments`.
#[derive(Default, InputObject)]
pub struct TradeTotalsFilter {
    /// By dataset. Without it all published ones count, and the answer is refused when two of them
    /// hold the same reporter's trade of the same time.
    dataset: Option<DatasetFilter>,
    /// By country that the goods left. Aggregates such as the World count when nothing else is found.
    exporter: Option<CountryFilter>,
    /// By country that received the goods. Aggregates such as the World count when nothing else is found.
    importer: Option<CountryFilter>,
    /// By country that reported: the exporter or the importer, as the perspective is.
    reporter: Option<CountryFilter>,
    /// By the country at the other end.
    partner: Option<CountryFilter>,
    /// By country in which the goods were made.
    country_of_origin: Option<CountryFilter>,
    /// By country from which the goods were sent.
    country_of_dispatch: Option<CountryFilter>,
    /// By product: those found and all below them, each in its own edition of the HS:
    /// a warning says where records are in another, in which nothing was found.
    product: Option<ProductFilter>,
    /// By product list: what it held on a day, and all below.
    product_list: Option<ListFilter>,
    /// By period: records whose own lies within, both ends included.
    during: Option<Period>,
    /// By length of the period. Without it the longest that fit are taken, and what they cover is not added again.
    frequency: Option<Frequency>,
    /// By how the goods crossed the border, of consignments: any of these.
    mode_of_transport: Option<Vec<ModeOfTransport>>,
    /// By flow: any of these. Without it all exports or all imports; the others are parts of them.
    flow: Option<Vec<Flow>>,
    /// By level of the HS: the publisher's own rows of it. Without it the finest rows that there are of the same goods.
    level: Option<ProductLevel>,
    /// By breakdown: the parts by this instead of the totals beside them, of statistics.
    breakdown: Option<TradeBreakdown>,
    /// By currency, ISO 4217: `USD`. Records without a value count all the same.
    currency: Option<String>,
}

impl TradeTotalsFilter {
    /// Puts it into what is asked.
    pub async fn apply(self, ctx: &Context<'_>, asked: &mut Asked) -> Result<()> {
        let Self {
            dataset,
            exporter,
            importer,
            reporter,
            partner,
            country_of_origin,
            country_of_dispatch,
            product,
            product_list,
            during,
            frequency,
            mode_of_transport,
            flow,
            level,
            breakdown,
            currency,
        } = self;
        // None waits for another.
        let (datasets, exporter, importer, reporter, partner, origins, dispatches, products) = tokio::try_join!(
            found::<dataset::Entity, _>(ctx, dataset),
            found::<country::Entity, _>(ctx, exporter),
            found::<country::Entity, _>(ctx, importer),
            found::<country::Entity, _>(ctx, reporter),
            found::<country::Entity, _>(ctx, partner),
            found::<country::Entity, _>(ctx, country_of_origin),
            found::<country::Entity, _>(ctx, country_of_dispatch),
            found::<product::Entity, _>(ctx, product),
        )?;
        asked.datasets = datasets;
        asked.origins = origins;
        asked.dispatches = dispatches;
        asked.are_literal = products.is_some();
        asked.products = products;
        let (by_exporter, by_importer) = match asked.perspective {
            ReportedBy::Exporter => (reporter, partner),
            ReportedBy::Importer => (partner, reporter),
            ReportedBy::ThirdParty if reporter.is_some() || partner.is_some() => {
                return Err(Error::bad_input(
                    "what a third party reports has no reporter and no partner: filter by \
                     exporter and importer",
                ));
            }
            ReportedBy::ThirdParty => (None, None),
        };
        asked.exporters = both(exporter, by_exporter);
        asked.importers = both(importer, by_importer);
        asked.period = during;
        asked.frequency = frequency;
        asked.modes = mode_of_transport;
        asked.flows = flow;
        asked.level = level;
        asked.breakdown = breakdown.map(Into::into);
        asked.currency = currency;
        let by_tier = asked.group_by.contains(&Dimension::Scope);
        match product_list {
            Some(list) => list.apply(ctx, asked).await,
            None if by_tier => Err(Error::bad_input(
                "tiers are those of one list: name it in filter.productList",
            )),
            None => Ok(()),
        }
    }
}

/// The ids of what a filter finds; none without a filter.
async fn found<E, F>(ctx: &Context<'_>, filter: Option<F>) -> Result<Option<Vec<Uuid>>>
where
    E: Record,
    F: Filter<Entity = E>,
{
    let Some(filter) = filter else {
        return Ok(None);
    };
    let scope = Scope::new(rows::view(ctx)).knowing(rows::known(ctx).await?);
    if let Some(ids) = scope.ids(&filter) {
        return Ok(Some(ids));
    }
    let condition = filter.condition(scope)?;
    rows::matching_ids::<E>(ctx, condition).await.map(Some)
}

fn both(one: Option<Vec<Uuid>>, other: Option<Vec<Uuid>>) -> Option<Vec<Uuid>> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.into_iter().filter(|id| other.contains(id)).collect()),
        (one, other) => one.or(other),
    }
}
