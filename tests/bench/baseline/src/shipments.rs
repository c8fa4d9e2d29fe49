//! Shipments of a pair of countries, a page from the middle of all, and how many there are.
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use sqlx::Error;
use uuid::Uuid;

use crate::{
    database::{Database, row, rows},
    value::{decimal, id},
};

pub const SQL_OF: [(&str, &str); 3] = [("pair", PAIR), ("page", PAGE), ("count", COUNT)];

const PAIR: &str = "
    SELECT shipment.id, shipment.flow, shipment.period_start, shipment.period_end, shipment.value,
        shipment.currency, shipment.net_mass, exporter.name, exporter.alpha3, importer.name,
        importer.alpha3, product.code, product.description, dataset.title, source.title, source.url
    FROM shipment
    JOIN country AS exporter ON exporter.id = shipment.exporter_id
    JOIN country AS importer ON importer.id = shipment.importer_id
    JOIN product ON product.id = shipment.product_id
    JOIN dataset ON dataset.id = shipment.dataset_id
    JOIN source ON source.id = dataset.source_id
    WHERE shipment.exporter_id = (SELECT id FROM country WHERE m49 = $1)
        AND shipment.importer_id = (SELECT id FROM country WHERE m49 = $2)
        AND shipment.status = 'PUBLISHED'
    ORDER BY shipment.period_start, shipment.id
    LIMIT 50";

const PAGE: &str = "
    SELECT id, key, flow, period_start, value, currency, net_mass, declared_code
    FROM shipment
    WHERE (period_start, id) > ($1, $2) AND status = 'PUBLISHED'
    ORDER BY period_start, id
    LIMIT 51";

const COUNT: &str = "
    SELECT count(*)
    FROM shipment
    WHERE exporter_id = (SELECT id FROM country WHERE m49 = $1)
        AND importer_id = (SELECT id FROM country WHERE m49 = $2)
        AND flow = 'IMPORT' AND status = 'PUBLISHED'";

#[derive(Deserialize)]
pub struct Pair {
    pub exporter: String,
    pub importer: String,
}

#[derive(Deserialize)]
pub struct After {
    day: NaiveDate,
    id: Uuid,
}

row! {
    PairRow {
        id: Uuid, flow: String, period_start: NaiveDate, period_end: NaiveDate, value: Option<i64>,
        currency: Option<String>, net_mass: Option<i64>, exporter: String,
        exporter_alpha3: Option<String>, importer: String, importer_alpha3: Option<String>,
        code: String, description: Option<String>, dataset: String, source: String,
        url: Option<String>,
    }
}

row! {
    PageRow {
        id: Uuid, key: String, flow: String, period_start: NaiveDate, value: Option<i64>,
        currency: Option<String>, net_mass: Option<i64>, declared_code: Option<String>,
    }
}

row! {
    CountRow { count: i64 }
}

#[derive(Serialize)]
pub struct Country {
    name: String,
    alpha3: Option<String>,
}

#[derive(Serialize)]
pub struct Product {
    pub code: String,
    pub description: Option<String>,
}

#[derive(Serialize)]
struct Source {
    title: String,
    url: Option<String>,
}

#[derive(Serialize)]
struct Dataset {
    title: String,
    source: Source,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Traded {
    id: String,
    flow: String,
    period_start: NaiveDate,
    period_end: NaiveDate,
    value: Option<String>,
    currency: Option<String>,
    net_mass: Option<String>,
    exporter: Country,
    importer: Country,
    product: Product,
    dataset: Dataset,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    id: String,
    key: String,
    flow: String,
    period_start: NaiveDate,
    value: Option<String>,
    currency: Option<String>,
    net_mass: Option<String>,
    declared_code: Option<String>,
}

/// Where the next page begins.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PageInfo {
    has_next_page: bool,
    end_cursor: Option<(NaiveDate, Uuid)>,
}

#[derive(Serialize)]
pub struct Shipments<T> {
    shipments: T,
}

#[derive(Serialize)]
pub struct Nodes<T> {
    nodes: Vec<T>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    nodes: Vec<Listed>,
    page_info: PageInfo,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Count {
    total_count: i64,
}

pub async fn pair(db: &Database, asked: Pair) -> Result<impl Serialize, Error> {
    let found: Vec<PairRow> = rows!(db, PAIR, asked.exporter, asked.importer)?;
    let nodes = found.into_iter().map(|row| Traded {
        id: id("shipment", row.id),
        flow: row.flow,
        period_start: row.period_start,
        period_end: row.period_end,
        value: row.value.map(decimal),
        currency: row.currency,
        net_mass: row.net_mass.map(decimal),
        exporter: Country {
            name: row.exporter,
            alpha3: row.exporter_alpha3,
        },
        importer: Country {
            name: row.importer,
            alpha3: row.importer_alpha3,
        },
        product: Product {
            code: row.code,
            description: row.description,
        },
        dataset: Dataset {
            title: row.dataset,
            source: Source {
                title: row.source,
                url: row.url,
            },
        },
    });
    Ok(Shipments {
        shipments: Nodes {
            nodes: nodes.collect(),
        },
    })
}

pub async fn page(db: &Database, asked: After) -> Result<impl Serialize, Error> {
    let mut found: Vec<PageRow> = rows!(db, PAGE, asked.day, asked.id)?;
    let has_next_page = found.len() > 50;
    found.truncate(50);
    let end_cursor = found.last().map(|row| (row.period_start, row.id));
    let nodes = found.into_iter().map(|row| Listed {
        id: id("shipment", row.id),
        key: row.key,
        flow: row.flow,
        period_start: row.period_start,
        value: row.value.map(decimal),
        currency: row.currency,
        net_mass: row.net_mass.map(decimal),
        declared_code: row.declared_code,
    });
    Ok(Shipments {
        shipments: Page {
            nodes: nodes.collect(),
            page_info: PageInfo {
                has_next_page,
                end_cursor,
            },
        },
    })
}

pub async fn count(db: &Database, asked: Pair) -> Result<impl Serialize, Error> {
    let found: Vec<CountRow> = rows!(db, COUNT, asked.exporter, asked.importer)?;
    Ok(Shipments {
        shipments: Count {
            total_count: found.first().map_or(0, |row| row.count),
        },
    })
}
