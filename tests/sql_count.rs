//! A page costs a fixed number of statements, however many records it holds.
use libtest_mimic::{Failed, Trial};
use sea_orm::prelude::Uuid;
use serde_json::json;

use entity::{
    citation, shipment,
    source::{self, SourceKind},
    value::{Status, Texts},
};
use waybill::kit::edit::{Author, Edit};

use crate::harness::{App, Backend, Template, dataset, shipment, trial};

pub fn trials(backend: &Backend) -> Vec<Trial> {
    vec![
        trial(backend, "sql_count::shipments_with_relations", shipments),
        trial(backend, "sql_count::pages_within_pages", pages_within_pages),
        trial(backend, "sql_count::pages_by_name", pages_by_name),
    ]
}

/// A hundred shipments, each with a citation of its own.
async fn enter(app: &App) -> Result<(), Failed> {
    let mut edit = Edit::begin(&app.db, Author::Command, "test").await?;
    let dataset = edit
        .insert::<entity::dataset::Entity>(dataset("counted"))
        .await?;
    let source = source::Model {
        id: Uuid::now_v7(),
        kind: SourceKind::DataRelease,
        title: "Invented release".to_owned(),
        publisher_id: None,
        authors: Texts::default(),
        published_on: None,
        language: None,
        url: None,
        archived_url: None,
        retrieved_at: None,
        sha256: None,
        note: None,
        status: Status::Published,
        withdrawal_reason: None,
        version: 1,
        created_at: edit.now,
        updated_at: edit.now,
    };
    let source = edit.insert::<source::Entity>(source).await?;
    for number in 0..100 {
        let citation = citation::Model {
            id: Uuid::now_v7(),
            source_id: source.id,
            locator: Some(format!("row {number}")),
            quote: None,
            prefix: None,
            suffix: None,
        };
        let citation = edit.insert::<citation::Entity>(citation).await?;
        let row = shipment(&dataset, &format!("{number:03}"));
        let row = shipment::Model {
            citation_id: Some(citation.id),
            ..row
        };
        edit.insert::<shipment::Entity>(row).await?;
    }
    edit.commit().await?;
    Ok(())
}

async fn statements_for(app: &App, query: &str, size: u32, nodes: &str) -> Result<u64, Failed> {
    let before = app.db.reads();
    let data = app.data(query, json!({ "size": size })).await?;
    let found = data
        .pointer(nodes)
        .and_then(|nodes| nodes.as_array())
        .map(Vec::len);
    if found != Some(size as usize) {
        return Err(format!("{found:?} records, not {size}").into());
    }
    Ok(app.db.reads() - before)
}

async fn shipments(backend: Backend) -> Result<(), Failed> {
    let app = App::started(&backend, Template::Filled, &["--response-cache-bytes=0"]).await?;
    enter(&app).await?;
    let query = "query ($size: Int) {
        shipments(first: $size, filter: { dataset: { slug: { eq: \"counted\" } } }) {
            totalCount
            nodes {
                key value exporter { name } importer { name } reporter { name }
                product { code parent { code } } dataset { title }
                citation { locator source { title } }
            }
        }
    }";
    // What is kept in memory is read once.
    statements_for(&app, query, 1, "/shipments/nodes").await?;
    let mut counts = Vec::new();
    for size in [1, 10, 50, 100] {
        counts.push(statements_for(&app, query, size, "/shipments/nodes").await?);
    }
    // The page with the last revision, its count, citations: countries, the dataset and sources are kept.
    if counts.iter().any(|count| *count != 3) {
        return Err(format!("statements for 1, 10, 50 and 100 shipments: {counts:?}").into());
    }
    Ok(())
}

async fn pages_within_pages(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Filled).await?;
    enter(&app).await?;
    let query = "query ($size: Int) {
        countries(first: $size) {
            nodes {
                name
                exports(first: 3, filter: { value: { isNull: false } }) { totalCount nodes { key dataset { slug } } }
                statements(first: 2) { nodes { text claim { text } citations { quote } } }
            }
        }
    }";
    statements_for(&app, query, 100, "/countries/nodes").await?;
    let mut counts = Vec::new();
    for size in [20, 50, 100] {
        counts.push(statements_for(&app, query, size, "/countries/nodes").await?);
    }
    // Countries, their exports, their counts, datasets, statements, claims, links, citations; less where nothing is found.
    if counts.iter().any(|count| *count > 8) {
        return Err(format!("statements for 20, 50 and 100 countries: {counts:?}").into());
    }
    Ok(())
}

/// A page that is filtered by a name is one statement; and after a revision that changed no such
/// name it is read once all the same.
async fn pages_by_name(backend: Backend) -> Result<(), Failed> {
    let app = App::started(&backend, Template::Filled, &["--response-cache-bytes=0"]).await?;
    enter(&app).await?;
    let page = "query ($size: Int) {
        shipments(first: $size, filter: { dataset: { slug: { eq: \"counted\" } } }) { nodes { key value } }
    }";
    let counted = page.replace("{ nodes", "{ totalCount nodes");
    let nodes = "/shipments/nodes";
    statements_for(&app, page, 1, nodes).await?;
    let known = [
        statements_for(&app, page, 10, nodes).await?,
        statements_for(&app, &counted, 10, nodes).await?,
    ];
    if known != [1, 2] {
        return Err(format!("statements without and with the count: {known:?}").into());
    }
    let mut later = Vec::new();
    for (query, name) in [(page, "one-more"), (&*counted, "another")] {
        let mut edit = Edit::begin(&app.db, Author::Command, "test").await?;
        edit.insert::<entity::dataset::Entity>(dataset(name))
            .await?;
        edit.commit().await?;
        later.push(statements_for(&app, query, 10, nodes).await?);
    }
    // Both take as many more to catch up with the revision.
    if later[1] != later[0] + 1 {
        return Err(format!("after a revision, without and with the count: {later:?}").into());
    }
    Ok(())
}
