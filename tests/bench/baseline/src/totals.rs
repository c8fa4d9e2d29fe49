//! What shipments add up to, as SQL does it over plain indexes.
use serde::{Deserialize, Serialize};
use sqlx::Error;

pub use crate::shipments::Pair;
use crate::{
    database::{Database, row, rows},
    value::decimal,
};

pub const SQL_OF: [(&str, &str); 2] = [("pair_totals", PAIR), ("all_totals", ALL)];

/// What importers report by the month, each group by its year, the greatest first.
macro_rules! totals {
    ($code:literal, $which:literal, $groups:literal) => {
        concat!(
            "SELECT substr(CAST(shipment.period_start AS text), 1, 4) AS year, ",
            $code,
            " AS code, count(*), CAST(sum(shipment.value) AS bigint) AS value,
            CAST(sum(shipment.net_mass) AS bigint)
    FROM shipment
    JOIN product ON product.id = shipment.product_id
    WHERE shipment.dataset_id = (SELECT id FROM dataset WHERE slug = 'generated')
        AND shipment.reported_by = 'IMPORTER' AND shipment.flow = 'IMPORT'
        AND shipment.frequency = 'MONTH' AND shipment.status = 'PUBLISHED'
        AND shipment.partner2_id IS NULL AND shipment.customs_procedure IS NULL
        AND shipment.mode_of_transport IS NULL ",
            $which,
            " GROUP BY ",
            $groups,
            " ORDER BY 1, 4 DESC"
        )
    };
}

const PAIR: &str = totals!(
    "NULL",
    "AND shipment.exporter_id = (SELECT id FROM country WHERE m49 = $1)
        AND shipment.importer_id = (SELECT id FROM country WHERE m49 = $2)",
    "1"
);
const ALL: &str = totals!("substr(product.code, 1, 2)", "", "1, 2");

#[derive(Deserialize)]
pub struct All {}

row! {
    Row {
        year: String, code: Option<String>, count: i64, value: Option<i64>, net_mass: Option<i64>,
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Group {
    period: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    record_count: i64,
    value: Option<String>,
    net_mass: Option<String>,
}

#[derive(Serialize)]
struct Rows {
    rows: Vec<Group>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Totals {
    trade_totals: Rows,
}

pub async fn pair_totals(db: &Database, asked: Pair) -> Result<impl Serialize, Error> {
    Ok(totals(rows!(db, PAIR, asked.exporter, asked.importer)?))
}

pub async fn all_totals(db: &Database, All {}: All) -> Result<impl Serialize, Error> {
    Ok(totals(rows!(db, ALL,)?))
}

fn totals(found: Vec<Row>) -> Totals {
    let rows = found.into_iter().map(|row| Group {
        period: row.year,
        code: row.code,
        record_count: row.count,
        value: row.value.map(decimal),
        net_mass: row.net_mass.map(decimal),
    });
    Totals {
        trade_totals: Rows {
            rows: rows.collect(),
        },
    }
}
