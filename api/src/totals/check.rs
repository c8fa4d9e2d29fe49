//! The projection against a full scan of the table: what each holds must be the same.
use std::collections::HashMap;

use entity::dataset::Valuation;
use futures_util::TryStreamExt;
use sea_orm::{
    ActiveEnum, ConnectionTrait, DatabaseTransaction, DbErr, QueryResult, Statement, StreamTrait,
    prelude::Uuid,
};

use super::{
    Totals,
    codes::NOTHING,
    finer::HAS_FINER,
    projection::Projection,
    row::{Row, UNKNOWN},
};
use crate::kit::{edit::last_number, error::Result};

/// How often to try to see both as of the same revision, while others write.
const ATTEMPTS: usize = 20;

/// What was compared, and how it differs.
#[derive(Debug)]
pub struct Checked {
    pub revision: i64,
    /// Published records in the table.
    pub records: i64,
    /// Groups whose counts and sums were compared.
    pub groups: usize,
    /// The first groups that differ, each in a line; empty when nothing does.
    pub differences: Vec<String>,
}

/// Told of at most.
const MOST_TOLD: usize = 20;

/// By what both are compared; each takes a scan.
const GROUPINGS: [&str; 3] = [
    "dataset_id, reported_by, flow, exporter_id, importer_id",
    "product_id, period_start, period_end",
    "currency, valuation, quantity_unit, mode_of_transport, origin_id, dispatch_id, \
     customs_procedure, partner2_id",
];

/// Records, and what has a value, a net mass and a quantity, with its sum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Held {
    records: i64,
    amounts: [(i64, i128); 3],
}

impl Totals {
    /// Compares all that is kept with the table.
    pub async fn check(&self) -> Result<Checked> {
        for _ in 0..ATTEMPTS {
            self.0.get().await?;
            let snapshot = self.0.connection().snapshot().await?;
            let revision = last_number(&snapshot).await?;
            let Some((end, projection)) = self.0.standing() else {
                continue;
            };
            if end.number == revision {
                return Ok(compared(&snapshot, revision, &projection).await?);
            }
        }
        Err(crate::kit::error::Error::Busy)
    }
}

async fn compared(
    snapshot: &DatabaseTransaction,
    revision: i64,
    projection: &Projection,
) -> Result<Checked, DbErr> {
    let (mut records, mut groups, mut differences) = (0, 0, Vec::new());
    for (place, columns) in GROUPINGS.iter().enumerate() {
        let mut kept = kept(projection, place);
        let table = scanned(snapshot, columns).await?;
        groups += table.len();
        records = table.values().map(|held| held.records).sum();
        for (group, held) in table {
            let found = kept.remove(&group).unwrap_or_default();
            if found != held {
                differences.push(format!(
                    "{group}: {held:?} in the table, {found:?} in memory"
                ));
            }
        }
        for (group, found) in kept {
            differences.push(format!(
                "{group}: nothing in the table, {found:?} in memory"
            ));
        }
    }
    differences.sort();
    differences.truncate(MOST_TOLD);
    Ok(Checked {
        revision,
        records,
        groups,
        differences,
    })
}

/// The same groups by SQL. Sums are taken in two halves: SQLite's must not overflow.
async fn scanned(
    snapshot: &DatabaseTransaction,
    columns: &str,
) -> Result<HashMap<String, Held>, DbErr> {
    let names: Vec<&str> = columns.split(',').map(str::trim).collect();
    let sums = ["value", "net_mass", "quantity"].map(|amount| {
        format!(
            "count({amount}), coalesce(CAST(sum({amount} / 1000000) AS bigint), 0), \
             coalesce(CAST(sum({amount} % 1000000) AS bigint), 0)"
        )
    });
    let sql = format!(
        "SELECT {columns}, is_leaf, count(*), {} FROM (SELECT shipment.*, \
         CASE WHEN {HAS_FINER} THEN 0 ELSE 1 END AS is_leaf \
         FROM shipment WHERE status = 'PUBLISHED') AS shipment GROUP BY {columns}, is_leaf",
        sums.join(", ")
    );
    let backend = ConnectionTrait::get_database_backend(snapshot);
    let mut rows = snapshot
        .stream_raw(Statement::from_string(backend, sql))
        .await?;
    let mut found = HashMap::new();
    while let Some(row) = rows.try_next().await? {
        let mut group = Vec::with_capacity(names.len() + 1);
        for (place, name) in names.iter().enumerate() {
            group.push(text(&row, place, name)?);
        }
        let place = names.len();
        let is_leaf = row.try_get_by_index::<i32>(place)? == 1;
        group.push(is_leaf.to_string());
        let number = |offset: usize| row.try_get_by_index::<i64>(place + offset);
        let mut held = Held {
            records: number(1)?,
            ..Held::default()
        };
        for (amount, offset) in held.amounts.iter_mut().zip([2, 5, 8]) {
            let (high, low) = (number(offset + 1)?, number(offset + 2)?);
            *amount = (
                number(offset)?,
                i128::from(high) * 1_000_000 + i128::from(low),
            );
        }
        found.insert(group.join(" "), held);
    }
    Ok(found)
}

fn text(row: &QueryResult, place: usize, name: &str) -> Result<String, DbErr> {
    let text = if name.ends_with("_id") {
        let id: Option<Uuid> = row.try_get_by_index(place)?;
        id.map(|id| id.to_string())
    } else if name.starts_with("period") {
        let date: entity::value::Date = row.try_get_by_index(place)?;
        Some(date.to_string())
    } else {
        row.try_get_by_index(place)?
    };
    Ok(text.unwrap_or_else(|| "-".to_owned()))
}

/// What is in memory, by one of the groupings.
fn kept(projection: &Projection, grouping: usize) -> HashMap<String, Held> {
    let mut found: HashMap<String, Held> = HashMap::new();
    let mut take = |row: &Row, count: i64| {
        let group = group(projection, row, grouping);
        let held = found.entry(group).or_default();
        held.records += count;
        let amounts = [row.value, row.net_mass, row.quantity];
        for ((records, sum), amount) in held.amounts.iter_mut().zip(amounts) {
            if amount != UNKNOWN {
                *records += count;
                *sum += i128::from(amount) * i128::from(count);
            }
        }
    };
    for row in projection.columns.all() {
        take(&row, 1);
    }
    for (row, count) in &projection.tail {
        take(row, *count);
    }
    found.retain(|_, held| *held != Held::default());
    found
}

fn group(projection: &Projection, row: &Row, grouping: usize) -> String {
    let codes = &projection.codes;
    let none = || "-".to_owned();
    let id = |number: u32| match number {
        NOTHING => none(),
        number => codes.ids.all()[number as usize].to_string(),
    };
    let text = |number: u32| match number {
        NOTHING => none(),
        number => codes.texts.all()[number as usize].to_string(),
    };
    let country = |id: Option<Uuid>| id.map_or_else(none, |id| id.to_string());
    let slot = codes.slots.all()[row.slot as usize];
    let attributes = codes.attributes.all()[row.attributes as usize];
    let mut parts = match grouping {
        0 => vec![
            slot.dataset.to_string(),
            slot.reported_by.to_value(),
            slot.flow.to_value(),
            id(row.exporter),
            id(row.importer),
        ],
        1 => vec![
            id(row.product),
            slot.period.start.to_string(),
            slot.period.end.to_string(),
        ],
        _ => vec![
            text(attributes.currency),
            Valuation::to_value(&attributes.valuation),
            text(attributes.unit),
            attributes.mode.map_or_else(none, |mode| mode.to_value()),
            country(attributes.origin),
            country(attributes.dispatch),
            text(attributes.procedure),
            country(attributes.second_partner),
        ],
    };
    parts.push(row.is_leaf.to_string());
    parts.join(" ")
}
