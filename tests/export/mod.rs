//! Exports: whole, exact, resumable, for those who may see them, and at bounded memory.
use libtest_mimic::{Failed, Trial};
use reqwest::{Method, Response};
use sea_orm::{ConnectionTrait, Database as Connect, prelude::Uuid};
use serde_json::Value;

use crate::harness::{App, Backend, trial};

mod asking;
mod ending;
mod formats;
mod memory;
mod others;
mod resuming;

pub fn trials(backend: &Backend) -> Vec<Trial> {
    vec![
        trial(backend, "export::exact", formats::exact),
        trial(backend, "export::parquet", formats::parquet),
        trial(
            backend,
            "export::as_the_api_has_them",
            formats::as_the_api_has_them,
        ),
        trial(backend, "export::statements", formats::statements),
        trial(backend, "export::documented", formats::documented),
        trial(
            backend,
            "export::names_and_methods",
            asking::names_and_methods,
        ),
        trial(backend, "export::errors_of_a_variable", asking::errors),
        trial(backend, "export::drafts", asking::drafts),
        trial(
            backend,
            "export::statements_a_step",
            asking::statements_a_step,
        ),
        trial(
            backend,
            "export::resumed_without_loss_or_repeat",
            resuming::cut,
        ),
        trial(backend, "export::in_parts", resuming::in_parts),
        trial(backend, "export::slow_readers", ending::slow_readers),
        trial(backend, "export::hung_up", ending::hung_up),
        trial(backend, "export::places", ending::places),
        trial(backend, "export::budgets", ending::budgets),
        trial(backend, "export::claim", others::claim),
        trial(backend, "export::entities", others::entities),
        trial(backend, "export::memory", memory::bounded),
    ]
}

async fn get(app: &App, path: &str) -> Result<Response, Failed> {
    // Each on a connection of its own: one that waits while a test reckons may be closed meanwhile.
    let request = app.request(Method::GET, path).header("connection", "close");
    Ok(request.send().await?)
}

async fn text(app: &App, path: &str) -> Result<String, Failed> {
    let response = get(app, path).await?;
    let status = response.status();
    let text = response.text().await?;
    match status.is_success() {
        true => Ok(text),
        false => Err(format!("{path} answered {status}: {text}").into()),
    }
}

/// The rows of an export as JSON.
async fn rows(app: &App, path: &str) -> Result<Vec<Value>, Failed> {
    let text = text(app, path).await?;
    Ok(text
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()?)
}

/// A filter as it stands in an address.
fn encoded(filter: &Value) -> String {
    url_encoded(&filter.to_string())
}

fn url_encoded(text: &str) -> String {
    let bytes = text.bytes();
    bytes.map(|byte| format!("%{byte:02X}")).collect()
}

/// So many shipments of a new dataset, made by the database itself: every third to Russia, the
/// others to Kazakhstan, with ids in no order.
async fn fill(backend: &Backend, database_url: &str, slug: &str, rows: u32) -> Result<(), Failed> {
    let connection = Connect::connect(database_url).await?;
    let dataset = Uuid::now_v7();
    let literal = |id: Uuid| match backend {
        Backend::Sqlite => format!("x'{}'", id.simple()),
        Backend::Postgres(_) => format!("'{id}'::uuid"),
    };
    let new_id = match backend {
        Backend::Sqlite => "randomblob(16)",
        Backend::Postgres(_) => "gen_random_uuid()",
    };
    let country = |m49| literal(crate::harness::country(m49));
    let (dataset, china, russia, kazakhstan) =
        (literal(dataset), country(156), country(643), country(398));
    let statements = [
        format!(
            "INSERT INTO dataset (id, slug, title, grain, currency, valuation, status, version, created_at, updated_at) \
             VALUES ({dataset}, '{slug}', 'Invented', 'STATISTIC', 'USD', 'FOB', 'PUBLISHED', 1, 0, 0)"
        ),
        format!(
            "INSERT INTO shipment (id, dataset_id, key, reported_by, flow, exporter_id, importer_id, \
             declared_code, declared_description, period_start, period_end, frequency, value, value_comparator, currency, valuation, \
             quantity_estimated, alternative_quantity_estimated, net_mass, net_mass_estimated, \
             gross_mass_estimated, aggregated, status, version, created_at, updated_at) \
             WITH RECURSIVE numbers(number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < {rows}) \
             SELECT {new_id}, {dataset}, 'invented row ' || number, 'EXPORTER', 'EXPORT', {china}, \
             CASE WHEN number % 3 = 0 THEN {russia} ELSE {kazakhstan} END, \
             'code ' || number, 'Goods of the sort ' || number || ', invented', \
             '2023-01-01', '2023-01-31', 'MONTH', number * 1001, 'EXACT', 'USD', 'FOB', \
             false, false, number, false, false, false, 'PUBLISHED', 1, 0, 0 FROM numbers"
        ),
    ];
    for statement in &statements {
        connection.execute_unprepared(statement).await?;
    }
    Ok(connection.close().await?)
}

/// What matches every third row that was filled in.
fn to_russia(slug: &str) -> String {
    let filter = serde_json::json!({
        "dataset": { "slug": { "eq": slug } },
        "importer": { "m49": { "eq": "643" } },
    });
    encoded(&filter)
}
