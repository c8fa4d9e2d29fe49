//! Totals once more, by the book: every rule spelled out over plain rows, however slow.
use std::collections::{BTreeMap, HashMap};

use chrono::Datelike;
use entity::{
    claim::Comparator,
    country::{self, CountryKind},
    dataset::{self, Grain},
    edition, product,
    product::ProductLevel,
    shipment::{self, Flow, ReportedBy},
    value::{Date, Status},
};
use libtest_mimic::Failed;
use sea_orm::{EntityTrait, prelude::Uuid};
use waybill::{
    kit::{db::Db, period::Period},
    totals::{Answer, Asked, Breakdown, Dimension, Figures, Key},
};

/// What the database holds, read whole.
pub struct Tables {
    shipments: Vec<shipment::Model>,
    countries: HashMap<Uuid, country::Model>,
    datasets: HashMap<Uuid, dataset::Model>,
    products: HashMap<Uuid, product::Model>,
    editions: HashMap<Uuid, edition::Model>,
}

/// Records, values by currency, net mass, quantities by unit.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Totalled {
    records: u64,
    values: BTreeMap<String, (u64, i128)>,
    net_mass: (u64, i128),
    quantities: BTreeMap<String, (u64, i128)>,
}

pub type Groups = BTreeMap<String, Totalled>;

impl Tables {
    pub async fn read(db: &Db) -> Result<Self, Failed> {
        Ok(Self {
            shipments: shipment::Entity::find().all(&db.read).await?,
            countries: by_id(country::Entity::find().all(&db.read).await?, |row| row.id),
            datasets: by_id(dataset::Entity::find().all(&db.read).await?, |row| row.id),
            products: by_id(product::Entity::find().all(&db.read).await?, |row| row.id),
            editions: by_id(edition::Entity::find().all(&db.read).await?, |row| row.id),
        })
    }

    pub fn total(&self, asked: &Asked) -> Groups {
        let counting: Vec<_> = self
            .shipments
            .iter()
            .filter(|row| self.counts(row, asked))
            .collect();
        let taken = self.taken(&counting, asked);
        let mut groups = Groups::new();
        for (row, _) in counting.iter().zip(taken).filter(|(_, taken)| *taken) {
            let keys = asked
                .group_by
                .iter()
                .map(|dimension| self.key(row, *dimension));
            let group = groups
                .entry(keys.collect::<Vec<_>>().join(" "))
                .or_default();
            group.records += 1;
            if let (Some(value), Some(currency)) = (row.value, &row.currency)
                && row.value_comparator == Comparator::Exact
            {
                add(
                    group.values.entry(currency.clone()).or_default(),
                    value.thousandths(),
                );
            }
            if let Some(mass) = row.net_mass {
                add(&mut group.net_mass, mass.thousandths());
            }
            if let (Some(quantity), Some(unit)) = (row.quantity, &row.quantity_unit) {
                add(
                    group.quantities.entry(unit.clone()).or_default(),
                    quantity.thousandths(),
                );
            }
        }
        groups
    }

    fn counts(&self, row: &shipment::Model, asked: &Asked) -> bool {
        let dataset = &self.datasets[&row.dataset_id];
        let flows = asked
            .flows
            .clone()
            .unwrap_or_else(|| match asked.perspective {
                ReportedBy::Exporter => vec![Flow::Export],
                ReportedBy::Importer => vec![Flow::Import],
                ReportedBy::ThirdParty => vec![Flow::Export, Flow::Import],
            });
        let period = period(row);
        let product = row.product_id.map(|id| &self.products[&id]);
        let is_right_product = asked.products.as_ref().is_none_or(|named| {
            named.iter().any(|top| {
                let top = &self.products[top];
                product.is_some_and(|own| own.id == top.id || below(own, top))
            })
        });
        let is_right_level = match asked.level {
            Some(level) => product.is_some_and(|product| product.level == level),
            None => !self.has_finer(row),
        };
        row.status == Status::Published
            && dataset.status == Status::Published
            && dataset.grain == asked.grain
            && asked
                .datasets
                .as_ref()
                .is_none_or(|ids| ids.contains(&row.dataset_id))
            && row.reported_by == asked.perspective
            && flows.contains(&row.flow)
            && asked
                .period
                .is_none_or(|asked| asked.start <= period.start && period.end <= asked.end)
            && asked
                .frequency
                .is_none_or(|frequency| period.frequency() == frequency)
            && asked
                .group_by
                .iter()
                .all(|dimension| fits(period, *dimension))
            && self.is_right_side(row.exporter_id, &asked.exporters)
            && self.is_right_side(row.importer_id, &asked.importers)
            && is_right_product
            && is_right_level
            && asked.modes.as_ref().is_none_or(|modes| {
                row.mode_of_transport
                    .is_some_and(|mode| modes.contains(&mode))
            })
            && asked
                .origins
                .as_ref()
                .is_none_or(|ids| row.origin_id.is_some_and(|id| ids.contains(&id)))
            && asked
                .currency
                .as_ref()
                .is_none_or(|asked| row.currency.as_ref().is_none_or(|own| own == asked))
            && self.is_right_breakdown(row, asked)
    }

    fn is_right_side(&self, country: Option<Uuid>, named: &Option<Vec<Uuid>>) -> bool {
        let is_group = |id: &Uuid| self.countries[id].kind == CountryKind::Group;
        match (country, named) {
            (None, named) => named.is_none(),
            (Some(id), None) => !is_group(&id),
            (Some(id), Some(named)) => {
                named.contains(&id) && (!is_group(&id) || named.iter().all(is_group))
            }
        }
    }

    fn is_right_breakdown(&self, row: &shipment::Model, asked: &Asked) -> bool {
        let parts = (
            row.mode_of_transport.is_some(),
            row.customs_procedure.is_some(),
            row.partner2_id.is_some(),
        );
        match (asked.breakdown, asked.grain) {
            (None, Grain::Statistic) => parts == (false, false, false),
            (None, _) => true,
            (Some(_), Grain::Consignment | Grain::ReportedTotal) => false,
            (Some(Breakdown::ModeOfTransport), _) => parts == (true, false, false),
            (Some(Breakdown::CustomsProcedure), _) => parts == (false, true, false),
            (Some(Breakdown::SecondPartner), _) => parts == (false, false, true),
        }
    }

    /// Whether the dataset holds a finer row of the same trade.
    fn has_finer(&self, row: &shipment::Model) -> bool {
        let Some(own) = row.product_id.map(|id| &self.products[&id]) else {
            return false;
        };
        let is_statistic = self.datasets[&row.dataset_id].grain == Grain::Statistic;
        let is_told = row.exporter_id.is_some() && row.importer_id.is_some();
        let of = |row: &shipment::Model| {
            (
                (row.dataset_id, row.reported_by, row.flow),
                (row.exporter_id, row.importer_id, row.partner2_id),
                (row.period_start, row.period_end),
                (row.customs_procedure.clone(), row.mode_of_transport),
            )
        };
        let is_finer = |other: &&shipment::Model| {
            other.status == Status::Published
                && of(other) == of(row)
                && other
                    .product_id
                    .is_some_and(|id| below(&self.products[&id], own))
        };
        is_statistic && is_told && self.shipments.iter().any(|other| is_finer(&other))
    }

    /// Of statistics that overlap in time, which are taken: the longest, then the latest edition.
    fn taken(&self, rows: &[&shipment::Model], asked: &Asked) -> Vec<bool> {
        if asked.grain == Grain::Consignment {
            return vec![true; rows.len()];
        }
        let edition =
            |row: &shipment::Model| row.product_id.map(|id| self.products[&id].edition_id);
        let series = |row: &shipment::Model| {
            let reporter = match row.reported_by {
                ReportedBy::Exporter => row.exporter_id,
                ReportedBy::Importer => row.importer_id,
                ReportedBy::ThirdParty => None,
            };
            (row.dataset_id, row.flow, reporter)
        };
        let since = |row: &shipment::Model| edition(row).map(|id| self.editions[&id].in_force_from);
        let mut order: Vec<usize> = (0..rows.len()).collect();
        order.sort_by_key(|place| {
            let row = rows[*place];
            let days = period(row).days();
            (-days, std::cmp::Reverse(since(row)), period(row))
        });
        let mut taken = vec![false; rows.len()];
        for place in order {
            let row = rows[place];
            taken[place] = (0..rows.len()).all(|other| {
                let other_row = rows[other];
                let is_alike =
                    (period(other_row), edition(other_row)) == (period(row), edition(row));
                !taken[other]
                    || series(other_row) != series(row)
                    || is_alike
                    || !period(other_row).overlaps(period(row))
            });
        }
        taken
    }

    fn key(&self, row: &shipment::Model, dimension: Dimension) -> String {
        let id = |id: Option<Uuid>| id.map_or(String::new(), |id| id.to_string());
        let product = row.product_id.map(|id| &self.products[&id]);
        let digits = |count: usize| {
            let hs = product.filter(|product| product.level != ProductLevel::Total);
            hs.and_then(|product| product.code.get(..count))
                .unwrap_or_default()
                .to_owned()
        };
        let start = row.period_start.0;
        let (year, month) = (start.year(), start.month());
        match dimension {
            Dimension::Dataset => row.dataset_id.to_string(),
            Dimension::Exporter => id(row.exporter_id),
            Dimension::Importer => id(row.importer_id),
            Dimension::Reporter => id(match row.reported_by {
                ReportedBy::Exporter => row.exporter_id,
                ReportedBy::Importer => row.importer_id,
                ReportedBy::ThirdParty => None,
            }),
            Dimension::Chapter => digits(2),
            Dimension::Heading => digits(4),
            Dimension::Subheading => digits(6),
            Dimension::Scope => String::new(),
            Dimension::Edition => id(product.map(|product| product.edition_id)),
            Dimension::Currency => row.currency.clone().unwrap_or_default(),
            Dimension::Year => format!("{year:04}"),
            Dimension::Quarter => format!(
                "{year:04}-{:02}/{year:04}-{:02}",
                (month - 1) / 3 * 3 + 1,
                (month - 1) / 3 * 3 + 3
            ),
            Dimension::Month => format!("{year:04}-{month:02}"),
            Dimension::ModeOfTransport => row
                .mode_of_transport
                .map_or(String::new(), |mode| format!("{mode:?}")),
            Dimension::Origin => id(row.origin_id),
            Dimension::Dispatch => id(row.dispatch_id),
        }
    }
}

/// An answer of the server's, in the same shape.
pub fn groups(answer: &Answer) -> Groups {
    let groups = answer.groups.iter();
    groups
        .map(|group| {
            (
                group.keys.iter().map(key).collect::<Vec<_>>().join(" "),
                totalled(&group.figures),
            )
        })
        .collect()
}

fn key(key: &Key) -> String {
    match key {
        Key::None => String::new(),
        Key::Id(id) => id.to_string(),
        Key::Code(code) => code.clone(),
        Key::Period(period) => period.to_string(),
        Key::Mode(mode) => format!("{mode:?}"),
    }
}

fn totalled(figures: &Figures) -> Totalled {
    let named = |sums: &[(String, waybill::totals::Sum)]| {
        let sums = sums.iter();
        sums.map(|(name, sum)| (name.clone(), (sum.records, sum.thousandths)))
            .collect()
    };
    Totalled {
        records: figures.records,
        values: named(&figures.values),
        net_mass: (figures.net_mass.records, figures.net_mass.thousandths),
        quantities: named(&figures.quantities),
    }
}

fn add((records, sum): &mut (u64, i128), amount: i64) {
    *records += 1;
    *sum += i128::from(amount);
}

fn below(product: &product::Model, top: &product::Model) -> bool {
    let is_hs = product.level != ProductLevel::Total;
    let is_under = top.level == ProductLevel::Total || product.code.starts_with(&top.code);
    product.edition_id == top.edition_id && product.id != top.id && is_hs && is_under
}

fn period(row: &shipment::Model) -> Period {
    Period {
        start: row.period_start,
        end: row.period_end,
    }
}

fn fits(period: Period, dimension: Dimension) -> bool {
    let months = |date: Date| (date.0.year(), date.0.month0());
    let (start, end) = (months(period.start), months(period.end));
    match dimension {
        Dimension::Year => start.0 == end.0,
        Dimension::Quarter => (start.0, start.1 / 3) == (end.0, end.1 / 3),
        Dimension::Month => start == end,
        _ => true,
    }
}

fn by_id<M>(rows: Vec<M>, id: impl Fn(&M) -> Uuid) -> HashMap<Uuid, M> {
    rows.into_iter().map(|row| (id(&row), row)).collect()
}
