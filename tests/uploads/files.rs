//! Files that come whole.
use entity::curator::Role;
use libtest_mimic::Failed;
use serde_json::{Value, json};

use super::{ask, count, ended, figures, import, mixed, send};
use crate::{
    harness::{App, Backend, Template, ensure, waybill},
    import::csv,
};

pub async fn comes_in(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let (curator, token) = app.signed_in(Role::Curator).await?;
    let file = mixed();
    let input = json!({ "fileName": "wood.csv", "comment": "Wood of 2022" });
    let batch = import(&app, &token, input.clone(), &file).await?;
    ensure(&batch["phase"], &json!("FINISHED"))?;
    ensure(figures(&batch), [4, 3, 0, 1])?;
    ensure(&batch["bytesReceived"], &json!(file.len()))?;
    ensure(&batch["sha256"], &json!(waybill::auth::digest(&file)))?;
    ensure(&batch["revision"]["comment"], &json!("Wood of 2022"))?;
    ensure(&batch["revision"]["curator"]["name"], &json!(curator.name))?;
    ensure(&batch["dataset"]["slug"], &json!("tried"))?;
    let refused = json!([{ "position": 1, "line": 4, "column": "flowCode",
        "message": "line 4, column flowCode: \"Q\" is not a flow" }]);
    ensure(&batch["refusedRows"]["nodes"], &refused)?;
    ensure(&batch["refusals"][0]["line"], &json!(4))?;
    ensure(count(&app).await?, json!([3, 1]))?;

    // The same file again changes nothing, and is no revision.
    let again = import(&app, &token, input, &file).await?;
    ensure(figures(&again), [4, 0, 3, 1])?;
    ensure(
        (&again["phase"], &again["revision"]),
        (&json!("FINISHED"), &Value::Null),
    )?;
    ensure(&again["refusedRows"]["totalCount"], &json!(1))?;

    // By its id, for those who may write and nobody else.
    let node = "query ($id: ID!) { node(id: $id) { ... on ImportBatch { fileName rowsKept } } }";
    let id = json!({ "id": batch["id"] });
    let found = app.ask(&token, node, id.clone()).await?;
    ensure(
        &found["data"]["node"],
        &json!({ "fileName": "wood.csv", "rowsKept": 3 }),
    )?;
    ensure(
        &app.anonymous(node, id).await?["data"]["node"],
        &Value::Null,
    )?;
    // Everyone may know what came in.
    let seen = "{ revisions { nodes { imported { recordCount shipments { totalCount } } } } }";
    let seen = app.data(seen, json!({})).await?;
    let imported = seen["revisions"]["nodes"].as_array().into_iter().flatten();
    let imported: Vec<_> = imported
        .filter(|node| !node["imported"].is_null())
        .collect();
    ensure(
        imported,
        vec![&json!({ "imported": { "recordCount": 3, "shipments": { "totalCount": 3 } } })],
    )
}

pub async fn rehearsal(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let token = app.as_curator().await?;
    let batch = import(&app, &token, json!({ "dryRun": true }), &mixed()).await?;
    ensure(&batch["phase"], &json!("FINISHED"))?;
    ensure(figures(&batch), [4, 3, 0, 1])?;
    ensure(
        (&batch["revision"], &batch["dryRun"]),
        (&Value::Null, &json!(true)),
    )?;
    ensure(&batch["refusedRows"]["totalCount"], &json!(1))?;
    ensure(count(&app).await?, json!([0, 0]))
}

pub async fn all_or_nothing(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let token = app.as_curator().await?;
    let input = json!({ "errorPolicy": "ALL_OR_NOTHING" });
    let batch = import(&app, &token, input.clone(), &mixed()).await?;
    ensure(&batch["phase"], &json!("FAILED"))?;
    let failure = batch["failure"].as_str().unwrap_or_default();
    ensure(failure.contains("1 of 4 rows were refused"), true)?;
    ensure(&batch["refusedRows"]["nodes"][0]["line"], &json!(4))?;
    ensure(count(&app).await?, json!([0, 0]))?;
    // A file of another kind says what it should have been.
    let wrong = import(&app, &token, input.clone(), "a,b\n1,2").await?;
    let failure = wrong["failure"].as_str().unwrap_or_default();
    ensure(
        failure.contains("what the mapping comtrade describes"),
        true,
    )?;
    let good = import(&app, &token, input, &csv(&[&[]])).await?;
    ensure(figures(&good), [1, 1, 0, 0])?;
    ensure(count(&app).await?, json!([1, 1]))
}

/// Both ways, whether rows are new or corrected, come to the same.
pub async fn as_by_command(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let token = app.as_curator().await?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("records.csv");
    let years: Vec<String> = (1900..2020).map(|year| year.to_string()).collect();
    let rows: Vec<_> = years
        .iter()
        .map(|year| [("period", year.as_str()), ("netWgt", "12.5")])
        .collect();
    let rows: Vec<&[(&str, &str)]> = rows.iter().map(<[_; 2]>::as_slice).collect();
    let corrected = csv(&rows).replace(",100", ",101.001");
    for file in [csv(&rows), corrected] {
        import(&app, &token, json!({ "dataset": "by-api" }), &file).await?;
        std::fs::write(&path, &file)?;
        let path = path.display().to_string();
        let arguments = ["import", "comtrade", &path, "--dataset", "by-command"];
        waybill(&app.database_url, &arguments)?.succeeded()?;
    }
    let records = |slug: &str| json!({ "filter": { "dataset": { "slug": { "eq": slug } } } });
    let query = "query ($filter: ShipmentFilter) { shipments(filter: $filter, first: 200, orderBy: { field: KEY }) {
        nodes { key reportedBy flow exporter { m49 } importer { m49 } product { code } declaredCode period frequency
        value currency valuation netMass netMassEstimated quantity aggregated status version } } }";
    let by_api = app.data(query, records("by-api")).await?;
    let by_command = app.data(query, records("by-command")).await?;
    ensure(
        by_api["shipments"]["nodes"].as_array().map(Vec::len),
        Some(120),
    )?;
    ensure(&by_api["shipments"]["nodes"][0]["version"], &json!(2))?;
    ensure(by_api, by_command)
}

pub async fn two_at_once(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let token = app.as_curator().await?;
    let first = ask(&app, &token, json!({ "dataset": "first" })).await?;
    let second = ask(&app, &token, json!({ "dataset": "second" })).await?;
    let file = mixed();
    let (one, other) = tokio::join!(
        send(&app, &token, &first, &file),
        send(&app, &token, &second, &file)
    );
    ensure(
        (one?.status().as_u16(), other?.status().as_u16()),
        (202, 202),
    )?;
    let first = ended(&app, &token, &first).await?;
    let second = ended(&app, &token, &second).await?;
    ensure(
        (figures(&first), figures(&second)),
        ([4, 3, 0, 1], [4, 3, 0, 1]),
    )?;
    ensure(
        first["revision"]["number"] != second["revision"]["number"],
        true,
    )?;
    ensure(count(&app).await?, json!([6, 2]))
}
