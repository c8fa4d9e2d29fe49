//! One row of totals, as the schema shows it.
use async_graphql::{Context, Object, SimpleObject};
use entity::{
    country, dataset, dataset::Valuation, edition, shipment::ModeOfTransport, value::Frequency,
};
use sea_orm::prelude::Uuid;

use super::{Dimension, Figures, Key, Sum};
use crate::{
    country::Country,
    dataset::Dataset,
    edition::Edition,
    kit::{
        error::Result,
        period::Period,
        rows,
        sum::{DecimalSum, ratio},
    },
};

/// Records that belong to one group, added up. A field of the group is null when it is not grouped
/// by that, or when the records do not tell.
#[derive(Clone)]
pub struct TradeTotal {
    pub keys: Vec<(Dimension, Key)>,
    pub figures: Figures,
    /// What it is a part of.
    pub whole: Option<Sum>,
    /// What it is compared with, and of when; none when nothing is.
    pub base: Option<(Period, Figures)>,
}

/// A quantity in one unit.
#[derive(SimpleObject)]
pub struct TradeQuantity {
    /// Unit, as UN Comtrade abbreviates it: `u`, `kg`.
    unit: String,
    /// Sum of the quantities.
    quantity: DecimalSum,
    /// Records that have a quantity in this unit.
    record_count: i32,
    /// Value of one unit, over the records that have both, in their currency; rounded to
    /// thousandths. Null when no record has both, or their values are in several currencies.
    unit_value: Option<DecimalSum>,
}

/// How a value differs from that of another period.
#[derive(SimpleObject)]
pub struct TradeChange {
    /// The period that it is compared with.
    base_period: Period,
    /// Value in that period; null when there is none, which is not zero.
    base_value: Option<DecimalSum>,
    /// Records that counted in that period.
    base_record_count: i32,
    /// The value less the one of the base; null when either is not known.
    difference: Option<DecimalSum>,
    /// The difference in percent of the base, rounded to thousandths. Null when either is not known
    /// or the base is zero: nothing is infinite.
    percent: Option<DecimalSum>,
}

/// Shipments added up.
#[Object]
impl TradeTotal {
    /// Dataset that the records are of. Null when not grouped by `DATASET`.
    async fn dataset(&self, ctx: &Context<'_>) -> Result<Option<Dataset>> {
        rows::shown::<_, dataset::Entity>(ctx, self.id(Dimension::Dataset)).await
    }

    /// Country that the goods left. Null when not grouped by `EXPORTER`, or not told.
    async fn exporter(&self, ctx: &Context<'_>) -> Result<Option<Country>> {
        self.country(ctx, Dimension::Exporter).await
    }

    /// Country that received the goods. Null when not grouped by `IMPORTER`, or not told.
    async fn importer(&self, ctx: &Context<'_>) -> Result<Option<Country>> {
        self.country(ctx, Dimension::Importer).await
    }

    /// Country that reported. Null when not grouped by `REPORTER`, or not told.
    async fn reporter(&self, ctx: &Context<'_>) -> Result<Option<Country>> {
        self.country(ctx, Dimension::Reporter).await
    }

    /// Country in which the goods were made. Null when not grouped by `COUNTRY_OF_ORIGIN`, or not told.
    async fn country_of_origin(&self, ctx: &Context<'_>) -> Result<Option<Country>> {
        self.country(ctx, Dimension::Origin).await
    }

    /// Country from which the goods were sent. Null when not grouped by `COUNTRY_OF_DISPATCH`, or not told.
    async fn country_of_dispatch(&self, ctx: &Context<'_>) -> Result<Option<Country>> {
        self.country(ctx, Dimension::Dispatch).await
    }

    /// HS code of the finest level grouped by: `88`, `8806` or `880622`. Null when not grouped by
    /// `CHAPTER`, `HEADING` or `SUBHEADING`, or when the records are not so fine.
    async fn code(&self) -> Option<String> {
        let finest = [
            Dimension::Subheading,
            Dimension::Heading,
            Dimension::Chapter,
        ];
        finest.into_iter().find_map(|level| self.text(level))
    }

    /// Tier of the product list. Null when not grouped by `TIER`, or when the list has none.
    async fn tier(&self) -> Option<String> {
        self.text(Dimension::Scope).filter(|tier| !tier.is_empty())
    }

    /// Edition of the HS that the records are in. Null when not grouped by `EDITION`, or not told.
    async fn edition(&self, ctx: &Context<'_>) -> Result<Option<Edition>> {
        rows::shown::<_, edition::Entity>(ctx, self.id(Dimension::Edition)).await
    }

    /// Year, quarter or month, the shortest that is grouped by. Null when not grouped by `YEAR`,
    /// `QUARTER` or `MONTH`.
    async fn period(&self) -> Option<Period> {
        self.of_period()
    }

    /// How the goods crossed the border. Null when not grouped by `MODE_OF_TRANSPORT`, or not told.
    async fn mode_of_transport(&self) -> Option<ModeOfTransport> {
        match self.key(Dimension::ModeOfTransport)? {
            Key::Mode(mode) => Some(*mode),
            _ => None,
        }
    }

    /// Records that counted.
    async fn record_count(&self) -> i32 {
        whole(self.figures.records)
    }

    /// Sum of the values, in `currency`. Null when no record has one, which is not zero, or when
    /// they are in several currencies, which are never added up.
    async fn value(&self) -> Option<DecimalSum> {
        self.amount().map(DecimalSum)
    }

    /// Currency of the value, ISO 4217. Null when there is no value, or more than one currency.
    async fn currency(&self) -> Option<&str> {
        match &self.figures.values[..] {
            [(currency, _)] => Some(currency),
            _ => None,
        }
    }

    /// Records that have a value: the others' is not known.
    async fn value_record_count(&self) -> i32 {
        whole(self.figures.values.iter().map(|(_, sum)| sum.records).sum())
    }

    /// What all the values include. Null when they differ in that, or there are none.
    async fn valuation(&self) -> Option<Valuation> {
        match self.figures.valuations {
            [(1..), 0, 0] => Some(Valuation::Cif),
            [0, (1..), 0] => Some(Valuation::Fob),
            [0, 0, (1..)] => Some(Valuation::Unknown),
            _ => None,
        }
    }

    /// Sum of the masses without packing, in kilograms. Null when no record has one, which is not zero.
    async fn net_mass(&self) -> Option<DecimalSum> {
        self.figures.net_mass.amount().map(DecimalSum)
    }

    /// Records that have a net mass: the others' is not known.
    async fn net_mass_record_count(&self) -> i32 {
        whole(self.figures.net_mass.records)
    }

    /// Quantities by their units, which are never added up; empty when no record has one.
    async fn quantities(&self) -> Vec<TradeQuantity> {
        let quantities = self.figures.quantities.iter();
        let quantities = quantities.map(|(unit, sum)| TradeQuantity {
            unit: unit.clone(),
            quantity: DecimalSum(sum.thousandths),
            record_count: whole(sum.records),
            unit_value: self.unit_value(unit),
        });
        quantities.collect()
    }

    /// The value in percent of all that counts, whether it is among the rows or not; rounded to
    /// thousandths. Null when either is not known or all is zero.
    async fn share(&self) -> Option<DecimalSum> {
        ratio(self.amount()?, self.whole?.amount()?, 100)
    }

    /// How the value differs from that of the base period, or else of the period before: of the
    /// year before a year, the quarter before a quarter, the month before a month. Null without a
    /// base period when not grouped by one of them.
    async fn change(&self) -> Option<TradeChange> {
        let (base_period, base) = self.base.as_ref()?;
        let before = value_of(base);
        let difference = || self.amount()?.checked_sub(before?);
        let percent = || ratio(difference()?, before?, 100);
        Some(TradeChange {
            base_period: *base_period,
            base_value: before.map(DecimalSum),
            base_record_count: whole(base.records),
            difference: difference().map(DecimalSum),
            percent: percent(),
        })
    }
}

impl TradeTotal {
    fn key(&self, dimension: Dimension) -> Option<&Key> {
        let mut keys = self.keys.iter();
        keys.find(|(own, _)| *own == dimension).map(|(_, key)| key)
    }

    fn id(&self, dimension: Dimension) -> Option<Uuid> {
        match self.key(dimension)? {
            Key::Id(id) => Some(*id),
            _ => None,
        }
    }

    fn text(&self, dimension: Dimension) -> Option<String> {
        match self.key(dimension)? {
            Key::Code(code) => Some(code.clone()),
            _ => None,
        }
    }

    async fn country(&self, ctx: &Context<'_>, dimension: Dimension) -> Result<Option<Country>> {
        rows::shown::<_, country::Entity>(ctx, self.id(dimension)).await
    }

    pub fn of_period(&self) -> Option<Period> {
        let finest = [Dimension::Month, Dimension::Quarter, Dimension::Year];
        finest
            .into_iter()
            .find_map(|length| match self.key(length)? {
                Key::Period(period) => Some(*period),
                _ => None,
            })
    }

    /// The value, when it is in one currency.
    pub fn amount(&self) -> Option<i128> {
        value_of(&self.figures)
    }

    /// In thousandths, when there is one price for the unit.
    fn unit_value(&self, unit: &str) -> Option<DecimalSum> {
        let mut priced = self
            .figures
            .priced
            .iter()
            .filter(|priced| priced.unit == unit);
        match (priced.next(), priced.next()) {
            (Some(priced), None) => ratio(priced.value, priced.quantity, 1),
            _ => None,
        }
    }
}

fn value_of(figures: &Figures) -> Option<i128> {
    match &figures.values[..] {
        [(_, sum)] => sum.amount(),
        _ => None,
    }
}

/// As many as the schema's integers can tell.
pub fn whole(count: u64) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// The period of the same length just before it.
pub fn before(period: Period) -> Option<Period> {
    use chrono::Datelike;
    let last = period.start.0.pred_opt()?;
    match period.frequency() {
        Frequency::Year => Period::year(last.year()),
        Frequency::Quarter => Period::quarter(last.year(), last.month().div_ceil(3)),
        Frequency::Month => Period::month(last.year(), last.month()),
        _ => None,
    }
}
