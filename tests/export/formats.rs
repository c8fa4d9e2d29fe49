//! What stands in the files.
use std::{collections::BTreeMap, fs};

use actix_web::web::Bytes;
use entity::{
    product,
    shipment::{self, ModeOfTransport},
    value::{Decimal, Timestamp},
};
use libtest_mimic::Failed;
use parquet::{
    file::reader::{FileReader, SerializedFileReader},
    record::Field,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, prelude::Uuid};
use serde_json::{Value, json};

use super::{encoded, fill, get, rows, text, to_russia};
use crate::harness::{self, App, Backend, Template, dataset, ensure, publish, shipment};

const TRICKY: &str = "Wood, \"rough\"\nin two lines";

/// Three records that say all, nothing, and what is hard to write.
async fn three(app: &App) -> Result<String, Failed> {
    let mut dataset = dataset("exact");
    dataset.id = Uuid::from_u128(0xd);
    let product = product::Entity::find()
        .filter(product::Column::Code.eq("440111"))
        .one(&app.db.read)
        .await?
        .ok_or("no product")?;
    let decimal = |thousandths| Some(Decimal::from_thousandths(thousandths));
    let blank = |number: u128| shipment::Model {
        id: Uuid::from_u128(number),
        created_at: Timestamp::from_microseconds(1),
        updated_at: Timestamp::from_microseconds(1_690_000_000_000_002),
        ..shipment(&dataset, &format!("row {number}"))
    };
    let full = shipment::Model {
        partner2_id: Some(harness::country(490)),
        origin_id: Some(harness::country(156)),
        dispatch_id: Some(harness::country(398)),
        destination_id: Some(harness::country(643)),
        product_id: Some(product.id),
        declared_code: Some("00440131".to_owned()),
        declared_description: Some(TRICKY.to_owned()),
        value: decimal(i64::MAX),
        currency: Some("USD".to_owned()),
        quantity: decimal(1_500),
        quantity_unit: Some("u".to_owned()),
        quantity_estimated: true,
        net_mass: decimal(7),
        gross_mass: decimal(0),
        customs_procedure: Some("C06".to_owned()),
        mode_of_transport: Some(ModeOfTransport::Rail),
        declaration_number: Some(String::new()),
        aggregated: true,
        ..blank(1)
    };
    let bare = shipment::Model {
        exporter_id: None,
        importer_id: None,
        ..blank(2)
    };
    let hard = shipment::Model {
        declared_description: Some("# naïve, \u{2028}\u{7f}\\".to_owned()),
        ..blank(3)
    };
    publish(&app.db, dataset, vec![full, bare, hard]).await?;
    Ok(encoded(
        &json!({ "dataset": { "slug": { "eq": "exact" } } }),
    ))
}

/// Byte by byte.
pub async fn exact(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Filled).await?;
    let filter = three(&app).await?;
    for name in ["shipments.csv", "shipments.jsonl"] {
        let found = text(&app, &format!("/export/{name}?filter={filter}&end=true")).await?;
        let file = harness::tests()
            .join("export")
            .join(format!("exact.{name}"));
        if std::env::var_os("UPDATE_CASES").is_some() {
            fs::write(&file, &found)?;
        }
        ensure(found, fs::read_to_string(file)?)?;
    }
    // Without the first line and the last.
    let plain = format!("/export/shipments.csv?filter={filter}&header=false&limit=2");
    let whole = text(&app, &format!("/export/shipments.csv?filter={filter}")).await?;
    let second = whole.lines().nth(1).ok_or("no row")?;
    ensure(text(&app, &plain).await?.starts_with(second), true)
}

/// The columns of a file as texts, read by a reader that is not ours.
fn columns(bytes: Vec<u8>) -> Result<Vec<BTreeMap<String, Option<String>>>, Failed> {
    let reader = SerializedFileReader::new(Bytes::from(bytes))?;
    let mut rows = Vec::new();
    for row in reader.get_row_iter(None)? {
        let row = row?;
        let cells = row.get_column_iter().map(|(name, field)| {
            let text = match field {
                Field::Null => None,
                Field::Str(text) => Some(text.clone()),
                Field::Decimal(decimal) => {
                    let bytes = decimal.data();
                    let start = if bytes[0] & 0x80 == 0 { 0i128 } else { -1 };
                    let whole = bytes
                        .iter()
                        .fold(start, |whole, byte| (whole << 8) | i128::from(*byte));
                    let thousandths = i64::try_from(whole).unwrap_or_default();
                    Some(Decimal::from_thousandths(thousandths).to_string())
                }
                Field::Date(days) => {
                    let day = chrono::NaiveDate::default() + chrono::Days::new(*days as u64);
                    Some(day.to_string())
                }
                Field::TimestampMicros(at) => Some(Timestamp::from_microseconds(*at).to_string()),
                field => Some(field.to_string()),
            };
            (name.clone(), text)
        });
        rows.push(cells.collect());
    }
    Ok(rows)
}

fn as_texts(rows: &[Value]) -> Vec<BTreeMap<String, Option<String>>> {
    let texts = rows.iter().map(|row| {
        let cells = row.as_object().into_iter().flatten();
        let cells = cells.map(|(name, value)| {
            let text = match value {
                Value::Null => None,
                Value::String(text) => Some(text.clone()),
                value => Some(value.to_string()),
            };
            (name.clone(), text)
        });
        cells.collect()
    });
    texts.collect()
}

/// The same in Parquet, and of more rows than a group has.
pub async fn parquet(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Filled).await?;
    let filter = three(&app).await?;
    fill(&backend, &app.database_url, "many", 33_000).await?;
    let many = encoded(&json!({ "dataset": { "slug": { "eq": "many" } } }));
    for filter in [filter, many, to_russia("nothing")] {
        let response = get(&app, &format!("/export/shipments.parquet?filter={filter}")).await?;
        ensure(
            response.headers()["content-type"].to_str()?.to_owned(),
            "application/vnd.apache.parquet".to_owned(),
        )?;
        let bytes = response.bytes().await?.to_vec();
        let expected = rows(&app, &format!("/export/shipments.jsonl?filter={filter}")).await?;
        // Reading takes long enough for an idle connection to be closed.
        let found = columns(bytes)?;
        ensure(found.len(), expected.len())?;
        ensure(found == as_texts(&expected), true)?;
    }
    // A file that was cut off cannot be read.
    let path = "/export/shipments.parquet?limit=10";
    let mut bytes = get(&app, path).await?.bytes().await?.to_vec();
    bytes.truncate(bytes.len() - 1);
    ensure(columns(bytes).is_err(), true)
}

/// Every record that the API shows, as the API shows it.
pub async fn as_the_api_has_them(backend: Backend) -> Result<(), Failed> {
    const QUERY: &str = "query ($after: String) { shipments(first: 200, after: $after) {
        pageInfo { hasNextPage endCursor }
        nodes { id key reportedBy flow value netMass quantity quantityUnit periodStart periodEnd createdAt
            dataset { slug } exporter { m49 alpha3 } importer { m49 } reporter { m49 } partner { m49 }
            secondPartner { m49 } product { code edition { code } } productList { slug }
            consignor { name } citation { locator source { title } } } } }";
    let app = App::start(&backend, Template::Filled).await?;
    let mut expected = BTreeMap::new();
    let mut after = Value::Null;
    loop {
        let data = app.data(QUERY, json!({ "after": after })).await?;
        let page = &data["shipments"];
        for node in page["nodes"].as_array().ok_or("no nodes")? {
            let product = &node["product"];
            let citation = &node["citation"];
            let row = json!([
                node["key"],
                node["reportedBy"],
                node["flow"],
                node["value"],
                node["netMass"],
                node["quantity"],
                node["quantityUnit"],
                node["periodStart"],
                node["periodEnd"],
                node["createdAt"],
                node["dataset"]["slug"],
                node["exporter"]["m49"],
                node["exporter"]["alpha3"],
                node["importer"]["m49"],
                node["reporter"]["m49"],
                node["partner"]["m49"],
                node["secondPartner"]["m49"],
                product["code"],
                product["edition"]["code"],
                node["productList"]["slug"],
                node["consignor"]["name"],
                citation["locator"],
                citation["source"]["title"],
            ]);
            expected.insert(node["id"].to_string(), row);
        }
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] != true {
            break;
        }
    }
    let mut found = BTreeMap::new();
    for row in rows(&app, "/export/shipments.jsonl").await? {
        let names = [
            "key",
            "reportedBy",
            "flow",
            "value",
            "netMass",
            "quantity",
            "quantityUnit",
            "periodStart",
            "periodEnd",
            "createdAt",
            "dataset",
            "exporterM49",
            "exporterAlpha3",
            "importerM49",
            "reporterM49",
            "partnerM49",
            "secondPartnerM49",
            "productCode",
            "productEdition",
            "productList",
            "consignorName",
            "citationLocator",
            "sourceTitle",
        ];
        let values: Vec<_> = names.iter().map(|name| row[name].clone()).collect();
        found.insert(row["id"].to_string(), Value::from(values));
    }
    ensure(found.len() > 20, true)?;
    ensure(found, expected)
}

pub async fn statements(backend: Backend) -> Result<(), Failed> {
    const QUERY: &str = "{ statements(first: 200) { nodes { id stance text saidOn language
        claim { id text kind amount exporter { m49 } } speaker { name }
        citations { quote locator source { title publishedOn } } } } }";
    let app = App::start(&backend, Template::Filled).await?;
    let data = app.data(QUERY, json!({})).await?;
    let mut expected = BTreeMap::new();
    for node in data["statements"]["nodes"].as_array().ok_or("no nodes")? {
        let (claim, best) = (&node["claim"], &node["citations"][0]);
        let citations = node["citations"].as_array().map(Vec::len);
        let row = json!([
            node["stance"],
            node["text"],
            node["saidOn"],
            node["language"],
            claim["id"],
            claim["text"],
            claim["kind"],
            claim["amount"],
            claim["exporter"]["m49"],
            node["speaker"]["name"],
            citations,
            best["quote"],
            best["locator"],
            best["source"]["title"],
            best["source"]["publishedOn"],
        ]);
        expected.insert(node["id"].to_string(), row);
    }
    let mut found = BTreeMap::new();
    for row in rows(&app, "/export/statements.jsonl").await? {
        let names = [
            "stance",
            "text",
            "saidOn",
            "language",
            "claimId",
            "claimText",
            "claimKind",
            "claimAmount",
            "claimExporterM49",
            "speakerName",
            "citationCount",
            "citationQuote",
            "citationLocator",
            "sourceTitle",
            "sourcePublishedOn",
        ];
        let values: Vec<_> = names.iter().map(|name| row[name].clone()).collect();
        found.insert(row["id"].to_string(), Value::from(values));
    }
    ensure(found.len() > 5, true)?;
    ensure(found, expected)?;
    let bytes = get(&app, "/export/statements.parquet")
        .await?
        .bytes()
        .await?;
    let lines = rows(&app, "/export/statements.jsonl").await?;
    ensure(columns(bytes.to_vec())?, as_texts(&lines))
}

fn row_of_table(field: &Value) -> String {
    let said = |name: &str| field[name].as_str().unwrap_or_default().to_owned();
    let or_null = match field["constraints"]["required"] == true {
        true => "",
        false => " or null",
    };
    let (name, kind) = (said("name"), said("type"));
    format!("| `{name}` | {kind}{or_null} | {} |", said("description"))
}

/// Every column stands in the documentation, in its order and in the same words.
pub async fn documented(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let document = fs::read_to_string(harness::tests().join("../docs/export.md"))?;
    for (name, heading) in [
        ("shipments", "### Shipments"),
        ("statements", "### Statements"),
    ] {
        let (_, rest) = document.split_once(heading).ok_or(heading)?;
        let table = rest.split("\n### ").next().unwrap_or_default();
        let rows = table.lines().filter(|line| line.starts_with("| `"));
        let found: Vec<_> = rows.map(str::to_owned).collect();
        let schema = get(&app, &format!("/export/{name}.schema.json")).await?;
        let schema: Value = schema.json().await?;
        let fields = schema["fields"].as_array().ok_or("no fields")?;
        ensure(found, fields.iter().map(row_of_table).collect())?;
        let header = text(&app, &format!("/export/{name}.csv?limit=1")).await?;
        let header = header.lines().next().unwrap_or_default();
        let columns: Vec<_> = header.split(',').collect();
        let names = fields.iter().filter_map(|field| field["name"].as_str());
        ensure(columns, names.collect())?;
    }
    Ok(())
}
