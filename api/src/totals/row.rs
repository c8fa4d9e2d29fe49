//! A record as the projection holds it, and how it is read: from the database, or from its history.
use entity::{
    claim::Comparator,
    dataset::{Grain, Valuation},
    shipment::{self, Flow, ModeOfTransport, ReportedBy},
    value::{Date, Decimal},
};
use sea_orm::{
    ActiveEnum, DbErr, QueryResult,
    prelude::{ChronoDate, Uuid},
    sqlx::{self, ColumnIndex, Decode, Type},
};

use super::{
    codes::{Attributes, Codes, NOTHING, Slot},
    facts::Facts,
};
use crate::kit::period::Period;

/// No amount: no decimal of ours is so small.
pub const UNKNOWN: i64 = i64::MIN;

/// One record, by numbers. Those that are alike are the same to every total.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Row {
    pub exporter: u32,
    pub importer: u32,
    pub product: u32,
    pub slot: u32,
    pub attributes: u32,
    /// Whether its dataset holds no finer row of the same goods. Set once all are known.
    pub is_leaf: bool,
    pub value: i64,
    pub net_mass: i64,
    pub quantity: i64,
}

/// What is read of a record.
pub struct Narrow<'r> {
    pub dataset: Uuid,
    pub reported_by: ReportedBy,
    pub flow: Flow,
    pub exporter: Option<Uuid>,
    pub importer: Option<Uuid>,
    pub second_partner: Option<Uuid>,
    pub origin: Option<Uuid>,
    pub dispatch: Option<Uuid>,
    pub product: Option<Uuid>,
    pub period: Period,
    pub value: Option<i64>,
    pub comparator: Comparator,
    pub currency: Option<&'r str>,
    pub valuation: Valuation,
    pub quantity: Option<i64>,
    pub unit: Option<&'r str>,
    pub net_mass: Option<i64>,
    pub is_estimated: bool,
    pub procedure: Option<&'r str>,
    pub mode: Option<ModeOfTransport>,
}

/// What [`Reader`] reads, in its order; the id comes last.
pub const COLUMNS: &str = "dataset_id, reported_by, flow, exporter_id, importer_id, partner2_id, \
    origin_id, dispatch_id, product_id, period_start, period_end, value, value_comparator, \
    currency, valuation, quantity, quantity_unit, quantity_estimated, net_mass, \
    net_mass_estimated, customs_procedure, mode_of_transport, id";

impl<'r> Narrow<'r> {
    pub fn of(row: &'r shipment::Model) -> Self {
        Self {
            dataset: row.dataset_id,
            reported_by: row.reported_by,
            flow: row.flow,
            exporter: row.exporter_id,
            importer: row.importer_id,
            second_partner: row.partner2_id,
            origin: row.origin_id,
            dispatch: row.dispatch_id,
            product: row.product_id,
            period: Period {
                start: row.period_start,
                end: row.period_end,
            },
            value: row.value.map(Decimal::thousandths),
            comparator: row.value_comparator,
            currency: row.currency.as_deref(),
            valuation: row.valuation,
            quantity: row.quantity.map(Decimal::thousandths),
            unit: row.quantity_unit.as_deref(),
            net_mass: row.net_mass.map(Decimal::thousandths),
            is_estimated: row.quantity_estimated || row.net_mass_estimated,
            procedure: row.customs_procedure.as_deref(),
            mode: row.mode_of_transport,
        }
    }

    pub fn coded(&self, codes: &mut Codes, facts: &Facts) -> Row {
        let reporter = match self.reported_by {
            ReportedBy::Exporter => self.exporter,
            ReportedBy::Importer => self.importer,
            ReportedBy::ThirdParty => None,
        };
        let edition = self.product.and_then(|product| facts.product(product));
        let slot = Slot {
            dataset: self.dataset,
            reported_by: self.reported_by,
            flow: self.flow,
            reporter,
            edition: edition.map(|product| product.edition),
            period: self.period,
        };
        let attributes = Attributes {
            mode: self.mode,
            origin: self.origin,
            dispatch: self.dispatch,
            second_partner: self.second_partner,
            procedure: codes.text(self.procedure),
            currency: codes.text(self.currency),
            unit: codes.text(self.unit),
            valuation: self.valuation,
            is_estimated: self.is_estimated,
            is_inexact: self.comparator != Comparator::Exact,
        };
        Row {
            exporter: codes.id(self.exporter),
            importer: codes.id(self.importer),
            product: codes.id(self.product),
            slot: codes.slots.number(&slot),
            attributes: codes.attributes(&attributes),
            is_leaf: true,
            value: self.value.unwrap_or(UNKNOWN),
            net_mass: self.net_mass.unwrap_or(UNKNOWN),
            quantity: self.quantity.unwrap_or(UNKNOWN),
        }
    }
}

impl Row {
    /// Among which rows there may be finer ones of the same goods; none where every record is of
    /// goods of its own.
    pub fn family(&self, codes: &Codes, facts: &Facts) -> Option<Family> {
        let dataset = codes.slots.all()[self.slot as usize].dataset;
        let is_told = [self.exporter, self.importer, self.product]
            .iter()
            .all(|code| *code != NOTHING);
        (is_told && facts.grain(dataset) == Some(Grain::Statistic)).then(|| Family {
            exporter: self.exporter,
            importer: self.importer,
            slot: self.slot,
            breakdown: codes.attributes.all()[self.attributes as usize].breakdown(),
        })
    }
}

/// What the rows have in common that tell of the same trade, coarser and finer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Family {
    pub exporter: u32,
    pub importer: u32,
    pub slot: u32,
    pub breakdown: (Option<ModeOfTransport>, Option<Uuid>, u32),
}

/// Reads rows of [`COLUMNS`]. Names are looked up among those that were met.
#[derive(Default)]
pub struct Reader {
    reporters: Names<ReportedBy>,
    flows: Names<Flow>,
    comparators: Names<Comparator>,
    valuations: Names<Valuation>,
    modes: Names<ModeOfTransport>,
}

struct Names<E>(Vec<(String, E)>);

impl<E> Default for Names<E> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<E: ActiveEnum<Value = String> + Copy> Names<E> {
    fn meaning(&mut self, name: &str) -> Result<E, DbErr> {
        if let Some((_, value)) = self.0.iter().find(|(known, _)| known == name) {
            return Ok(*value);
        }
        let value = E::try_from_value(&name.to_owned())?;
        self.0.push((name.to_owned(), value));
        Ok(value)
    }
}

impl Reader {
    pub fn read<'r>(&mut self, row: &'r QueryResult) -> Result<(Uuid, Narrow<'r>), DbErr> {
        if let Some(row) = row.try_as_sqlite_row() {
            return self.narrow(row);
        }
        if let Some(row) = row.try_as_pg_row() {
            return self.narrow(row);
        }
        Err(DbErr::Custom("a row of another database".to_owned()))
    }

    fn narrow<'r, R>(&mut self, row: &'r R) -> Result<(Uuid, Narrow<'r>), DbErr>
    where
        R: sqlx::Row,
        usize: ColumnIndex<R>,
        &'r str: Decode<'r, R::Database> + Type<R::Database>,
        Uuid: Decode<'r, R::Database> + Type<R::Database>,
        i64: Decode<'r, R::Database> + Type<R::Database>,
        bool: Decode<'r, R::Database> + Type<R::Database>,
        ChronoDate: Decode<'r, R::Database> + Type<R::Database>,
    {
        let failed = |error: sqlx::Error| DbErr::Custom(error.to_string());
        let uuid = |place: usize| row.try_get::<Option<Uuid>, _>(place).map_err(failed);
        let text = |place: usize| row.try_get::<&'r str, _>(place).map_err(failed);
        let maybe = |place: usize| row.try_get::<Option<&'r str>, _>(place).map_err(failed);
        let amount = |place: usize| row.try_get::<Option<i64>, _>(place).map_err(failed);
        let flag = |place: usize| row.try_get::<bool, _>(place).map_err(failed);
        let date = |place: usize| {
            row.try_get::<ChronoDate, _>(place)
                .map(Date)
                .map_err(failed)
        };
        let narrow = Narrow {
            dataset: row.try_get(0).map_err(failed)?,
            reported_by: self.reporters.meaning(text(1)?)?,
            flow: self.flows.meaning(text(2)?)?,
            exporter: uuid(3)?,
            importer: uuid(4)?,
            second_partner: uuid(5)?,
            origin: uuid(6)?,
            dispatch: uuid(7)?,
            product: uuid(8)?,
            period: Period {
                start: date(9)?,
                end: date(10)?,
            },
            value: amount(11)?,
            comparator: self.comparators.meaning(text(12)?)?,
            currency: maybe(13)?,
            valuation: self.valuations.meaning(text(14)?)?,
            quantity: amount(15)?,
            unit: maybe(16)?,
            is_estimated: flag(17)? || flag(19)?,
            net_mass: amount(18)?,
            procedure: maybe(20)?,
            mode: maybe(21)?
                .map(|mode| self.modes.meaning(mode))
                .transpose()?,
        };
        Ok((row.try_get(22).map_err(failed)?, narrow))
    }
}
