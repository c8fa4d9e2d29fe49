//! What is claimed against what is recorded: each verdict, with its reasons.
use entity::{
    claim,
    claim::{ClaimKind, Comparator, Measure},
    concordance::{self, ConcordanceRelation},
    dataset::{self, Valuation},
    edition,
    product::{self, ProductLevel},
    product_list_entry, shipment,
    value::{Date, Decimal, Frequency, Status},
};
use libtest_mimic::{Failed, Trial};
use sea_orm::{EntityTrait, prelude::Uuid};
use serde_json::{Value, json};

use crate::harness::{
    self, App, Backend, Desk, Template, country, dataset, ensure, publish, shipment, trial, waybill,
};

mod changes;
mod editions;
mod measures;
mod records;
mod verdicts;

pub fn trials(backend: &Backend) -> Vec<Trial> {
    vec![
        trial(backend, "checks::each_verdict", verdicts::each_verdict),
        trial(backend, "checks::comparators", verdicts::comparators),
        trial(backend, "checks::changes", changes::changes),
        trial(backend, "checks::directions", changes::directions),
        trial(backend, "checks::measures", measures::measures),
        trial(backend, "checks::records", records::records),
        trial(backend, "checks::what_cannot_be_compared", barred),
        trial(backend, "checks::datasets_are_named", named),
        trial(backend, "checks::real_records", real_records),
        trial(backend, "totals::lists_in_other_editions", editions::lists),
        trial(
            backend,
            "totals::products_in_other_editions",
            editions::filters,
        ),
        trial(
            backend,
            "mirror::products_in_other_editions",
            editions::mirrored,
        ),
    ]
}

/// The goods: drones, which were cameras among others before 2022, and something else.
struct Goods {
    list: Uuid,
    drones: Uuid,
    cameras: Uuid,
    others: Uuid,
}

async fn goods(app: &App) -> Result<Goods, Failed> {
    let editions = edition::Entity::find().all(&app.db.read).await?;
    let mut desk = Desk::open(app).await?;
    let mut ids = Vec::new();
    for (name, code) in [
        ("HS2022", "880621"),
        ("HS2022", "852589"),
        ("HS2022", "690912"),
        ("HS2017", "852580"),
    ] {
        let edition = editions.iter().find(|edition| edition.code == name);
        let row = product::Model {
            id: Uuid::now_v7(),
            edition_id: edition.ok_or("no edition")?.id,
            code: code.to_owned(),
            level: ProductLevel::Subheading,
            status: Status::Published,
            version: 1,
            ..product::Model::default()
        };
        ids.push(desk.edit.insert::<product::Entity>(row).await?.id);
    }
    let [drones, other_cameras, others, cameras] = ids[..] else {
        return Err("four products".into());
    };
    for later_id in [drones, other_cameras] {
        let row = concordance::Model {
            id: Uuid::now_v7(),
            earlier_id: cameras,
            later_id,
            relation: ConcordanceRelation::ManyToMany,
        };
        desk.edit.insert::<concordance::Entity>(row).await?;
    }
    let list = desk.list("drones").await?;
    let entry = product_list_entry::Model {
        product_id: drones,
        valid_from: day("2022-01-01")?,
        ..product_list_entry::Model::default()
    };
    desk.edit
        .set_parts::<product_list_entry::Entity>(list, vec![entry])
        .await?;
    desk.close().await?;
    Ok(Goods {
        list,
        drones,
        cameras,
        others,
    })
}

fn day(text: &str) -> Result<Date, Failed> {
    text.parse()
        .map_err(|()| format!("{text} is no day").into())
}

fn amount(number: i64) -> Option<Decimal> {
    Some(Decimal::from_thousandths(number * 1000))
}

/// From China to Russia in the first half of 2023.
fn stated(comparator: Comparator, number: i64) -> Result<claim::Model, Failed> {
    Ok(claim::Model {
        kind: ClaimKind::Quantity,
        exporter_id: Some(country(156)),
        importer_id: Some(country(643)),
        measure: Some(Measure::Value),
        comparator: Some(comparator),
        amount: amount(number),
        currency: Some("USD".to_owned()),
        period_start: Some(day("2023-01-01")?),
        period_end: Some(day("2023-06-30")?),
        ..claim::Model::default()
    })
}

/// A record of the drones that China sold to Russia in a month.
fn monthly(
    dataset: &dataset::Model,
    product: Uuid,
    year: i32,
    month: u32,
    value: i64,
) -> shipment::Model {
    let period = waybill::kit::period::Period::month(year, month);
    let (start, end) = period.map_or_else(Default::default, |period| (period.start, period.end));
    shipment::Model {
        product_id: Some(product),
        period_start: start,
        period_end: end,
        frequency: Frequency::Month,
        value: amount(value),
        currency: Some("USD".to_owned()),
        valuation: Valuation::Fob,
        ..shipment(dataset, &format!("{year}-{month}-{product}"))
    }
}

/// So much in each of these months of a year.
fn months(
    dataset: &dataset::Model,
    product: Uuid,
    year: i32,
    months: std::ops::RangeInclusive<u32>,
    value: i64,
) -> Vec<shipment::Model> {
    months
        .map(|month| monthly(dataset, product, year, month, value))
        .collect()
}

async fn checked(app: &App, claim: &str, datasets: &[&str], fields: &str) -> Result<Value, Failed> {
    let query = format!(
        "query ($text: String!, $datasets: [String!]) {{ claims(filter: {{ text: {{ eq: $text }} }}) {{ nodes {{
            checks(datasets: $datasets) {{ dataset {{ slug }} {fields} }} }} }} }}"
    );
    let datasets = (!datasets.is_empty()).then_some(datasets);
    let variables = json!({ "text": claim, "datasets": datasets });
    let mut data = app.data(&query, variables).await?;
    Ok(data["claims"]["nodes"][0]["checks"].take())
}

/// The verdict, and the codes of the reasons.
fn short(check: &Value) -> Value {
    let reasons = check["reasons"].as_array();
    let codes: Vec<_> = reasons
        .into_iter()
        .flatten()
        .map(|reason| reason["code"].clone())
        .collect();
    json!([check["verdict"], codes])
}

async fn barred(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let Goods { list, drones, .. } = goods(&app).await?;
    let any = dataset("any");
    let rows = months(&any, drones, 2023, 1..=6, 20);
    publish(&app.db, any, rows).await?;
    let figure = stated(Comparator::Exact, 120)?;
    let no_trade = claim::Model {
        exporter_id: None,
        importer_id: None,
        period_start: None,
        period_end: None,
        ..figure.clone()
    };
    let mut desk = Desk::open(&app).await?;
    desk.figure("No goods", figure.clone(), None).await?;
    desk.figure("No trade", no_trade, Some(list)).await?;
    desk.claim("No figure").await?;
    desk.close().await?;
    let fields = "verdict perspective reasons { code message }";
    let found = checked(&app, "No goods", &[], fields).await?;
    ensure(
        short(&found[0]),
        json!(["NOT_COMPARABLE", ["SCOPE_NOT_MAPPED"]]),
    )?;
    let found = checked(&app, "No trade", &[], fields).await?;
    let expected = json!([
        "NOT_COMPARABLE",
        ["SCOPE_NOT_MAPPED", "TRADE_NOT_NAMED", "PERIOD_NOT_STATED"]
    ]);
    ensure(short(&found[0]), expected)?;
    let found = checked(&app, "No figure", &[], fields).await?;
    ensure(&found, &json!([]))
}

async fn named(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let Goods { list, drones, .. } = goods(&app).await?;
    // One that holds the trade comes before those that do not, and a draft is none.
    for (slug, status) in [
        ("a-empty", Status::Published),
        ("b-trade", Status::Published),
        ("c-draft", Status::Draft),
    ] {
        let set = dataset::Model {
            status,
            ..dataset(slug)
        };
        let rows = match slug {
            "a-empty" => Vec::new(),
            _ => months(&set, drones, 2023, 1..=6, 20),
        };
        publish(&app.db, set, rows).await?;
    }
    let mut desk = Desk::open(&app).await?;
    desk.figure("Named", stated(Comparator::Exact, 120)?, Some(list))
        .await?;
    desk.close().await?;
    let found = checked(&app, "Named", &[], "verdict").await?;
    let expected = json!([{ "dataset": { "slug": "b-trade" }, "verdict": "CONSISTENT" },
        { "dataset": { "slug": "a-empty" }, "verdict": "NO_DATA" }]);
    ensure(&found, &expected)?;
    for slug in ["c-draft", "nowhere"] {
        let query =
            format!("{{ claims {{ nodes {{ checks(datasets: [\"{slug}\"]) {{ verdict }} }} }} }}");
        let answer = app.anonymous(&query, json!({})).await?;
        ensure(
            &answer["errors"][0]["extensions"]["code"],
            &json!("BAD_USER_INPUT"),
        )?;
    }
    Ok(())
}

/// What a publisher's own file says, claimed and held against it: to the last digit.
async fn real_records(backend: Backend) -> Result<(), Failed> {
    let Some(data) = harness::real_data() else {
        harness::say("checks::real_records: ../shared/data is absent, nothing checked");
        return Ok(());
    };
    let database = backend.database(Template::Empty).await?;
    let file = data.join("comtrade/eu27_wood_imports_world_2018-2022.csv");
    let file = file.display().to_string();
    let import = ["import", "comtrade", &file, "--dataset", "real"];
    waybill(&database.url, &import)?.succeeded()?;
    let app = App::over(database).await?;
    let query = "{ shipments(first: 1, filter: { flow: { eq: IMPORT }, exporter: { m49: { eq: \"000\" } }, value: { isNull: false } }, orderBy: { field: VALUE, direction: DESC }) {
        nodes { value valuation period importer { m49 } product { code edition { code } } } } }";
    let found = app.data(query, json!({})).await?;
    let top = &found["shipments"]["nodes"][0];
    let curator = app.as_curator().await?;
    for (factor, verdict) in [("", "CONSISTENT"), ("9", "INCONSISTENT")] {
        let amount = format!("{factor}{}", top["value"].as_str().ok_or("no value")?);
        let input = json!({
            "kind": "QUANTITY", "text": format!("Wood {factor}"), "measure": "VALUE", "comparator": "EXACT",
            "amount": amount, "currency": "USD", "period": top["period"],
            "exporter": { "code": "000" }, "importer": { "code": top["importer"]["m49"] },
            "subjects": [{ "product": { "code": { "edition": top["product"]["edition"]["code"], "code": top["product"]["code"] } } }],
        });
        let mutation = "mutation ($input: CreateClaimInput!) { createClaim(input: $input) { userErrors { message path }
            claim { checks { perspective verdict computed ratio recordCount valuation reasons { code } coverage { missing } } } } }";
        let answer = app
            .ask(&curator, mutation, json!({ "input": input }))
            .await?;
        let check = &answer["data"]["createClaim"]["claim"]["checks"][0];
        let found = json!([
            check["perspective"],
            check["verdict"],
            check["computed"],
            check["coverage"]["missing"]
        ]);
        let expected = json!(["IMPORTER", verdict, top["value"], []]);
        ensure(found, expected).map_err(|error| format!("{error:?} in {answer}"))?;
    }
    Ok(())
}
