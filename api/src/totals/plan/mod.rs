//! Which records count to what was asked, and to which group: a bit field for each dimension.
use std::collections::HashSet;

use chrono::Datelike;
use entity::{
    dataset::Grain,
    shipment::{Flow, ReportedBy},
};
use sea_orm::prelude::Uuid;

use super::{
    asked::{Asked, Breakdown, Dimension, Key},
    codes::{Attributes, Interned, NOTHING, Slot},
    facts::Facts,
    projection::Projection,
    timeline::{Moment, Place},
};
use crate::kit::{
    error::{Error, Result},
    period::Period,
};

mod products;
mod side;

use products::{Products, products};
use side::{Side, side};

/// What does not count has this bit.
pub const EXCLUDED: u64 = 1 << 63;
/// What nobody has looked at yet.
const UNSEEN: u64 = u64::MAX;

pub struct Plan<'p> {
    pub projection: &'p Projection,
    pub asked: &'p Asked,
    /// Those whose records may count, in order.
    datasets: Vec<Uuid>,
    flows: Vec<Flow>,
    /// Products that were asked for, with their scopes; all, when none.
    products: Option<Products>,
    exporters: Side,
    importers: Side,
    fields: Vec<Field>,
    /// Where the details stand, above all other fields.
    detail_shift: u32,
    pub bits: u32,
    /// By the numbers of series and moments, of which slots are made, and of countries.
    series: Vec<u64>,
    moments: Vec<u64>,
    by_exporter: Vec<u64>,
    by_importer: Vec<u64>,
    /// By the numbers of slots, products and attributes.
    pub slots: Vec<u64>,
    pub by_product: Vec<u64>,
    pub attributes: Vec<u64>,
}

/// One dimension of the groups.
struct Field {
    dimension: Dimension,
    shift: u32,
    bits: u32,
    keys: Interned<Key>,
}

impl<'p> Plan<'p> {
    pub fn new(asked: &'p Asked, projection: &'p Projection) -> Result<Self> {
        let flows = asked
            .flows
            .clone()
            .unwrap_or_else(|| match asked.perspective {
                ReportedBy::Exporter => vec![Flow::Export],
                ReportedBy::Importer => vec![Flow::Import],
                ReportedBy::ThirdParty => vec![Flow::Export, Flow::Import],
            });
        let codes = &projection.codes;
        let mut plan = Self {
            projection,
            asked,
            datasets: datasets(asked, &projection.facts),
            flows,
            products: products(asked, projection),
            exporters: side(
                "exporter",
                &asked.exporters,
                Dimension::Exporter,
                asked,
                projection,
            )?,
            importers: side(
                "importer",
                &asked.importers,
                Dimension::Importer,
                asked,
                projection,
            )?,
            fields: Vec::new(),
            detail_shift: 0,
            bits: 0,
            series: vec![UNSEEN; projection.timeline.series.len()],
            moments: vec![UNSEEN; projection.timeline.moments.len()],
            by_exporter: vec![UNSEEN; codes.ids.all().len()],
            by_importer: vec![UNSEEN; codes.ids.all().len()],
            slots: vec![UNSEEN; codes.slots.all().len()],
            by_product: vec![UNSEEN; codes.ids.all().len()],
            attributes: vec![UNSEEN; codes.attributes.all().len()],
        };
        for dimension in &asked.group_by {
            let bits = bits(plan.most(*dimension));
            plan.fields.push(Field {
                dimension: *dimension,
                shift: plan.bits,
                bits,
                keys: Interned::default(),
            });
            plan.bits += bits;
        }
        plan.detail_shift = plan.bits;
        plan.bits += bits(codes.details.all().len());
        if plan.bits > 62 {
            return Err(Error::bad_input(
                "too many dimensions to group by at once: ask for fewer",
            ));
        }
        Ok(plan)
    }

    /// How many keys a dimension may have, at most.
    fn most(&self, dimension: Dimension) -> usize {
        let facts = &self.projection.facts;
        let (first, last) = self.projection.timeline.years;
        let years = usize::try_from(i64::from(last) - i64::from(first) + 1).unwrap_or(1);
        let [chapters, headings, subheadings] = facts.codes;
        let most = match dimension {
            Dimension::Dataset => facts.datasets.len(),
            Dimension::Exporter
            | Dimension::Importer
            | Dimension::Reporter
            | Dimension::Origin
            | Dimension::Dispatch => facts.countries,
            Dimension::Chapter => chapters,
            Dimension::Heading => headings,
            Dimension::Subheading => subheadings,
            Dimension::Scope => self.asked.scopes.len(),
            Dimension::Edition => facts.editions.len(),
            Dimension::Currency => self.projection.codes.texts.all().len(),
            Dimension::Year => years,
            Dimension::Quarter => years * 4,
            Dimension::Month => years * 12,
            Dimension::ModeOfTransport => 32,
        };
        most + 1
    }

    /// Whether rows that have finer ones beside them are left out.
    pub fn takes_leaves_alone(&self) -> bool {
        self.asked.level.is_none()
    }

    pub fn looks_at(&mut self, slot: u32, product: u32, attributes: u32) {
        if self.slots[slot as usize] == UNSEEN {
            self.slots[slot as usize] = self.slot(slot);
        }
        if self.by_product[product as usize] == UNSEEN {
            self.by_product[product as usize] = self.product(product);
        }
        if self.attributes[attributes as usize] == UNSEEN {
            self.attributes[attributes as usize] = self.attributes(attributes);
        }
    }

    pub fn looks_at_all(&mut self) {
        for slot in (0u32..).take(self.slots.len()) {
            self.slots[slot as usize] = self.slot(slot);
        }
        for product in (0u32..).take(self.by_product.len()) {
            self.by_product[product as usize] = self.product(product);
        }
        for attributes in (0u32..).take(self.attributes.len()) {
            self.attributes[attributes as usize] = self.attributes(attributes);
        }
    }

    /// The bits of the fields whose dimensions these are.
    fn fields(&mut self, keys: impl Fn(Dimension) -> Option<Key>) -> u64 {
        let fields = self.fields.iter_mut();
        fields.fold(0, |all, field| match keys(field.dimension) {
            Some(key) => all | u64::from(field.keys.number(&key)) << field.shift,
            None => all,
        })
    }

    fn slot(&mut self, number: u32) -> u64 {
        if self.projection.live.rows()[number as usize] <= 0 {
            return EXCLUDED;
        }
        let Place { series, moment } = self.projection.timeline.place(number);
        self.series(series) | self.moment(moment)
    }

    /// The bits of all slots of the same series.
    pub fn series_of(&mut self, slot: u32) -> u64 {
        self.series(self.projection.timeline.place(slot).series)
    }

    fn series(&mut self, number: u32) -> u64 {
        let known = self.series[number as usize];
        if known != UNSEEN {
            return known;
        }
        let slot = self.projection.timeline.series[number as usize].slot;
        let bits = match self.takes_dataset(&slot) {
            true => self.fields(|dimension| match dimension {
                Dimension::Dataset => Some(Key::Id(slot.dataset)),
                _ => None,
            }),
            false => EXCLUDED,
        };
        self.series[number as usize] = bits;
        bits
    }

    /// The bits of all slots of the same period and edition.
    fn moment(&mut self, number: u32) -> u64 {
        let known = self.moments[number as usize];
        if known != UNSEEN {
            return known;
        }
        let moment = self.projection.timeline.moments[number as usize];
        let bits = match self.takes_period(moment.period) {
            true => self.of_moment(moment),
            false => EXCLUDED,
        };
        self.moments[number as usize] = bits;
        bits
    }

    fn of_moment(&mut self, moment: Moment) -> u64 {
        let start = moment.period.start.0;
        let (year, month) = (start.year(), start.month());
        let quarter = month.div_ceil(3);
        let period = |period: Option<Period>| Some(period.map_or(Key::None, Key::Period));
        self.fields(|dimension| match dimension {
            Dimension::Edition => Some(moment.edition.map_or(Key::None, Key::Id)),
            Dimension::Year => period(Period::year(year)),
            Dimension::Quarter => period(Period::quarter(year, quarter)),
            Dimension::Month => period(Period::month(year, month)),
            _ => None,
        })
    }

    /// Whether records of a period may count, all else being right.
    pub fn takes_period(&self, own: Period) -> bool {
        let asked = self.asked;
        asked.period.is_none_or(|period| period.holds(own))
            && asked
                .frequency
                .is_none_or(|frequency| own.frequency() == frequency)
            && asked.group_by.iter().all(|dimension| fits(own, *dimension))
    }

    /// Whether records of a slot may count, whatever the time.
    pub fn takes_dataset(&self, slot: &Slot) -> bool {
        slot.reported_by == self.asked.perspective
            && self.flows.contains(&slot.flow)
            && self.datasets.binary_search(&slot.dataset).is_ok()
    }

    /// Whether a country's reports may count.
    pub fn takes_reporter(&self, slot: &Slot) -> bool {
        let side = match self.asked.perspective {
            ReportedBy::Exporter => &self.asked.exporters,
            ReportedBy::Importer => &self.asked.importers,
            ReportedBy::ThirdParty => return true,
        };
        match (side, slot.reporter) {
            (Some(named), Some(reporter)) => named.contains(&reporter),
            (Some(_), None) => false,
            (None, _) => true,
        }
    }

    fn product(&mut self, number: u32) -> u64 {
        let projection = self.projection;
        let id = projection.codes.ids.all()[number as usize];
        let product = projection.facts.product(id);
        let is_wanted = match &self.products {
            Some(products) => products.wanted.contains(&number),
            None => true,
        };
        let level = product.map(|product| product.level);
        let is_of_level = self.asked.level.is_none() || self.asked.level == level;
        if !is_wanted || !is_of_level {
            return EXCLUDED;
        }
        let scope = self
            .products
            .as_ref()
            .and_then(|products| products.scopes.get(&number).copied());
        let scope = scope.and_then(|scope| self.asked.scopes.get(scope));
        let scope = scope.map_or(Key::None, |(name, _)| Key::Code(name.clone()));
        let code = |digits: usize| {
            let code = product.and_then(|product| product.code.get(..digits));
            Some(code.map_or(Key::None, |code| Key::Code(code.to_owned())))
        };
        self.fields(|dimension| match dimension {
            Dimension::Chapter => code(2),
            Dimension::Heading => code(4),
            Dimension::Subheading => code(6),
            Dimension::Scope => Some(scope.clone()),
            _ => None,
        })
    }

    fn attributes(&mut self, number: u32) -> u64 {
        let codes = &self.projection.codes;
        let attributes = codes.attributes.all()[number as usize];
        let currency = &codes.texts.all()[attributes.currency as usize];
        if !self.takes_attributes(&attributes, currency) {
            return EXCLUDED;
        }
        let detail = codes.details.find(&attributes.detail()).unwrap_or_default();
        let country = |id: Option<Uuid>| Some(id.map_or(Key::None, Key::Id));
        let own = self.fields(|dimension| match dimension {
            Dimension::Currency if attributes.currency == NOTHING => Some(Key::None),
            Dimension::Currency => Some(Key::Code(currency.to_string())),
            Dimension::ModeOfTransport => Some(attributes.mode.map_or(Key::None, Key::Mode)),
            Dimension::Origin => country(attributes.origin),
            Dimension::Dispatch => country(attributes.dispatch),
            _ => None,
        });
        own | u64::from(detail) << self.detail_shift
    }

    fn takes_attributes(&self, attributes: &Attributes, currency: &str) -> bool {
        let asked = self.asked;
        let is_breakdown = match asked.grain {
            Grain::Statistic => attributes.breakdown() != (None, None, NOTHING),
            _ => false,
        };
        let broken_down_by = match (
            attributes.mode,
            attributes.procedure != NOTHING,
            attributes.second_partner,
        ) {
            (Some(_), false, None) => Some(Breakdown::ModeOfTransport),
            (None, true, None) => Some(Breakdown::CustomsProcedure),
            (None, false, Some(_)) => Some(Breakdown::SecondPartner),
            _ => None,
        };
        let is_right = match asked.breakdown {
            None => !is_breakdown,
            asked => is_breakdown && broken_down_by == asked,
        };
        let is_country = |named: &Option<Vec<Uuid>>, country: Option<Uuid>| {
            let named = named.as_ref();
            named.is_none_or(|named| country.is_some_and(|country| named.contains(&country)))
        };
        let modes = asked.modes.as_ref();
        let wanted = asked.currency.as_deref();
        is_right
            && modes.is_none_or(|modes| attributes.mode.is_some_and(|mode| modes.contains(&mode)))
            && is_country(&asked.origins, attributes.origin)
            && is_country(&asked.dispatches, attributes.dispatch)
            // What has no value has no currency, and counts to none.
            && wanted.is_none_or(|wanted| currency.is_empty() || currency == wanted)
    }

    /// The bits of a country pair.
    pub fn pair(&mut self, exporter: u32, importer: u32) -> u64 {
        self.exporter(exporter) | self.importer(importer)
    }

    fn exporter(&mut self, number: u32) -> u64 {
        let known = self.by_exporter[number as usize];
        if known != UNSEEN {
            return known;
        }
        let bits = match self.exporters.takes(number, self.projection) {
            true => {
                let key = self.country(number);
                let perspective = self.asked.perspective;
                self.fields(|dimension| match (dimension, perspective) {
                    (Dimension::Exporter, _) | (Dimension::Reporter, ReportedBy::Exporter) => {
                        Some(key.clone())
                    }
                    (Dimension::Reporter, ReportedBy::ThirdParty) => Some(Key::None),
                    _ => None,
                })
            }
            false => EXCLUDED,
        };
        self.by_exporter[number as usize] = bits;
        bits
    }

    fn importer(&mut self, number: u32) -> u64 {
        let known = self.by_importer[number as usize];
        if known != UNSEEN {
            return known;
        }
        let bits = match self.importers.takes(number, self.projection) {
            true => {
                let key = self.country(number);
                let perspective = self.asked.perspective;
                self.fields(|dimension| match (dimension, perspective) {
                    (Dimension::Importer, _) | (Dimension::Reporter, ReportedBy::Importer) => {
                        Some(key.clone())
                    }
                    _ => None,
                })
            }
            false => EXCLUDED,
        };
        self.by_importer[number as usize] = bits;
        bits
    }

    fn country(&self, number: u32) -> Key {
        match number {
            NOTHING => Key::None,
            number => Key::Id(self.projection.codes.ids.all()[number as usize]),
        }
    }

    /// The numbers of the countries that were named on both sides, when both were.
    pub fn named_pairs(&self) -> Option<Vec<(u32, u32)>> {
        let (Side(Some(exporters)), Side(Some(importers))) = (&self.exporters, &self.importers)
        else {
            return None;
        };
        let pairs = exporters.iter();
        let pairs = pairs.flat_map(|one| importers.iter().map(|other| (*one, *other)));
        Some(pairs.collect())
    }

    /// The numbers of the products that were asked for; none when all are.
    pub fn named_products(&self) -> Option<&HashSet<u32>> {
        self.products.as_ref().map(|products| &products.wanted)
    }

    /// What a group's bits mean: its keys, and the number of its detail.
    pub fn meaning(&self, bits: u64) -> (Vec<Key>, u32) {
        let part = |shift: u32, width: u32| (bits >> shift) & ((1 << width) - 1);
        let keys = self.fields.iter().map(|field| {
            let number = usize::try_from(part(field.shift, field.bits)).unwrap_or_default();
            field.keys.all()[number].clone()
        });
        let detail = part(self.detail_shift, self.bits - self.detail_shift);
        (keys.collect(), u32::try_from(detail).unwrap_or_default())
    }
}

fn datasets(asked: &Asked, facts: &Facts) -> Vec<Uuid> {
    let wanted = asked.datasets.as_ref();
    let own = facts.datasets.iter().filter(|(id, dataset)| {
        dataset.is_published
            && dataset.grain == asked.grain
            && wanted.is_none_or(|wanted| wanted.contains(id))
    });
    let mut ids: Vec<Uuid> = own.map(|(id, _)| *id).collect();
    ids.sort_unstable();
    ids
}

/// How many bits so many numbers take.
fn bits(most: usize) -> u32 {
    most.max(2).next_power_of_two().trailing_zeros()
}

/// Whether a period lies within one of a dimension's: a year cannot be told by month.
fn fits(period: Period, dimension: Dimension) -> bool {
    let (start, end) = (period.start.0, period.end.0);
    let same_year = start.year() == end.year();
    match dimension {
        Dimension::Year => same_year,
        Dimension::Quarter => same_year && start.month0() / 3 == end.month0() / 3,
        Dimension::Month => same_year && start.month() == end.month(),
        _ => true,
    }
}
