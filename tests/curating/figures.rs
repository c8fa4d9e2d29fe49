//! What must hold between figures, units, codes and periods: it is broken here, and must not break.
use entity::{
    claim,
    claim::Comparator,
    product_list_entry, shipment, statement,
    statement::Rank,
    value::{Date, Decimal, Status},
};
use libtest_mimic::{Failed, Trial};
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use waybill::kit::edit::{Author, Edit};

use super::Desk;
use crate::harness::{Backend, Template, dataset, ensure, shipment, trial};

pub fn trials(backend: &Backend) -> Vec<Trial> {
    vec![
        trial(backend, "curating::figures_of_claims_agree", claims),
        trial(backend, "curating::figures_of_shipments_agree", shipments),
        trial(backend, "curating::periods_are_not_empty", periods),
        trial(backend, "curating::codes_exist_in_their_edition", codes),
        trial(backend, "curating::countries_have_their_codes", countries),
        trial(
            backend,
            "curating::the_database_holds_what_it_can",
            database,
        ),
    ]
}

async fn claims(backend: Backend) -> Result<(), Failed> {
    let desk = Desk::open(&backend, Template::Empty).await?;
    let money =
        json!({ "measure": "VALUE", "currency": "USD", "comparator": "EXACT", "amount": "5" });
    let rows: [(Value, &[(&str, &str)]); 12] = [
        (json!({ "kind": "QUANTITY" }), &[("REQUIRED", "amount")]),
        (
            json!({ "kind": "CHANGE" }),
            &[("REQUIRED", "changePercent")],
        ),
        (json!({ "comparator": null }), &[("REQUIRED", "comparator")]),
        (json!({ "amount": null }), &[("INVALID", "comparator")]),
        (
            json!({ "measure": null }),
            &[("REQUIRED", "measure"), ("INVALID", "currency")],
        ),
        (
            json!({ "comparator": "BETWEEN" }),
            &[("REQUIRED", "upperAmount")],
        ),
        (json!({ "upperAmount": "6" }), &[("INVALID", "upperAmount")]),
        (
            json!({ "comparator": "BETWEEN", "upperAmount": "4" }),
            &[("INVALID", "upperAmount")],
        ),
        (json!({ "currency": null }), &[("REQUIRED", "currency")]),
        (json!({ "unit": "kg" }), &[("INVALID", "unit")]),
        (
            json!({ "changeBase": "2022" }),
            &[("INVALID", "changeBase")],
        ),
        (
            json!({ "changePercent": "-5", "changeDirection": "DECREASE" }),
            &[("INVALID", "changeDirection")],
        ),
    ];
    for (change, reasons) in rows {
        let mut input = json!({ "kind": "QUALITATIVE", "text": "Figures." });
        let has_money = change.get("kind").is_none();
        for given in has_money.then_some(&money).into_iter().chain([&change]) {
            for (name, value) in given.as_object().into_iter().flatten() {
                input[name] = value.clone();
            }
        }
        desk.refused("create", "Claim", input, reasons).await?;
    }
    let good = json!({ "kind": "CHANGE", "text": "Up.", "changePercent": "69", "changeBase": "2022",
        "measure": "VALUE", "currency": "USD", "comparator": "BETWEEN", "amount": "5", "upperAmount": "5" });
    desk.must("create", "Claim", good).await?;
    let good = json!({ "kind": "CHANGE", "text": "Down.", "changeDirection": "DECREASE", "changeBase": "2022" });
    desk.must("create", "Claim", good).await.map(drop)
}

async fn shipments(backend: Backend) -> Result<(), Failed> {
    let desk = Desk::open(&backend, Template::Filled).await?;
    let record = json!({ "dataset": { "slug": "invented" }, "key": "by hand", "reportedBy": "EXPORTER",
        "flow": "EXPORT", "exporter": { "code": "156" }, "importer": { "code": "RUS" }, "period": "2023-05" });
    let rows: [(Value, &[(&str, &str)]); 7] = [
        (json!({ "value": "1" }), &[("REQUIRED", "currency")]),
        (json!({ "currency": "EUR" }), &[("INVALID", "currency")]),
        (
            json!({ "quantityUnit": "u" }),
            &[("INVALID", "quantityUnit")],
        ),
        (json!({ "quantity": "1" }), &[("REQUIRED", "quantityUnit")]),
        (
            json!({ "netMass": "-1", "grossMass": "-0.001" }),
            &[("INVALID", "netMass"), ("INVALID", "grossMass")],
        ),
        (
            json!({ "valueComparator": "BETWEEN" }),
            &[("INVALID", "valueComparator")],
        ),
        (
            json!({ "dataset": { "slug": "none" } }),
            &[("NOT_FOUND", "dataset")],
        ),
    ];
    for (change, reasons) in rows {
        let mut input = record.clone();
        for (name, value) in change.as_object().into_iter().flatten() {
            input[name] = value.clone();
        }
        desk.refused("create", "Shipment", input, reasons).await?;
    }
    let entered = desk.must("create", "Shipment", record.clone()).await?;
    desk.refused("create", "Shipment", record, &[("TAKEN", "key")])
        .await?;
    let seen = desk
        .ask(
            "query ($id: ID!) { shipment(id: $id) { frequency period value } }",
            json!({ "id": entered.id() }),
        )
        .await?;
    ensure(
        seen["shipment"].clone(),
        json!({ "frequency": "MONTH", "period": "2023-05", "value": null }),
    )
}

async fn periods(backend: Backend) -> Result<(), Failed> {
    let desk = Desk::open(&backend, Template::Filled).await?;
    let query = "mutation { createClaim(input: { kind: EVENT, text: \"x\", period: \"2023-07/2023-01\" }) { found } }";
    let answer = desk.app.ask(&desk.token, query, json!({})).await?;
    ensure(
        answer["errors"][0]["extensions"]["code"].as_str(),
        Some("BAD_USER_INPUT"),
    )?;
    let entry = json!({ "product": { "code": { "edition": "2022", "code": "8806" } },
        "validFrom": "2023-01-01", "validUntil": "2022-12-31" });
    let list = json!({ "slug": "empty", "title": "Empty", "kind": "TOPIC", "entries": [entry] });
    let reason = [("INVALID", "entries.0.validUntil")];
    desk.refused("create", "ProductList", list, &reason)
        .await
        .map(drop)
}

async fn codes(backend: Backend) -> Result<(), Failed> {
    let desk = Desk::open(&backend, Template::Filled).await?;
    let record = json!({ "dataset": { "slug": "invented" }, "key": "by hand", "reportedBy": "EXPORTER",
        "flow": "EXPORT", "period": "2023", "product": { "code": { "edition": "HS2022", "code": "9999.99" } } });
    desk.refused(
        "create",
        "Shipment",
        record,
        &[("NOT_FOUND", "product.code.code")],
    )
    .await?;
    let line = |code: &str| json!({ "edition": "H6", "code": code, "description": "By hand" });
    desk.refused(
        "create",
        "Product",
        line("8806.77"),
        &[("NOT_ALLOWED", "code")],
    )
    .await?;
    desk.refused(
        "create",
        "Product",
        line("88"),
        &[("TAKEN", "code"), ("NOT_ALLOWED", "code")],
    )
    .await?;
    desk.refused("create", "Product", line("880"), &[("INVALID", "code")])
        .await?;
    desk.refused(
        "create",
        "Product",
        line("12345678"),
        &[("NOT_FOUND", "code")],
    )
    .await?;
    let national = desk.must("create", "Product", line("4401.11.00")).await?;
    let seen = desk
        .ask(
            "query ($id: ID!) { node(id: $id) { ... on Product { code level parent { code } } } }",
            json!({ "id": national.id() }),
        )
        .await?;
    ensure(
        seen["node"].clone(),
        json!({ "code": "44011100", "level": "NATIONAL", "parent": { "code": "440111" } }),
    )
}

async fn countries(backend: Backend) -> Result<(), Failed> {
    let desk = Desk::open(&backend, Template::Empty).await?;
    let area = |m49: &str, alpha2: &str| json!({ "m49": m49, "alpha2": alpha2, "name": "Invented", "kind": "CUSTOMS_AREA" });
    desk.refused("create", "Country", area("15", "XX"), &[("INVALID", "m49")])
        .await?;
    desk.refused(
        "create",
        "Country",
        area("156", "xx"),
        &[("INVALID", "alpha2"), ("TAKEN", "m49")],
    )
    .await?;
    let entered = desk.must("create", "Country", area("990", "XX")).await?;
    let china = desk
        .ask("{ country(code: \"CN\") { id version } }", json!({}))
        .await?;
    let reason = json!({ "reason": "by mistake" });
    desk.must("withdraw", "Country", entered.with(reason.clone()))
        .await?;
    desk.must("create", "Party", json!({ "name": "Somebody", "kind": "PERSON", "country": { "code": "CN" }, "publish": true })).await?;
    let mut withdraw = china["country"].clone();
    withdraw["reason"] = "by mistake".into();
    desk.refused("withdraw", "Country", withdraw, &[("NOT_ALLOWED", "id")])
        .await
        .map(drop)
}

/// Whatever comes by another way than the API meets the same rules, as far as a table can tell.
async fn database(backend: Backend) -> Result<(), Failed> {
    let desk = Desk::open(&backend, Template::Filled).await?;
    let db = &desk.app.db;
    let claim = claim::Entity::find()
        .one(&db.read)
        .await?
        .ok_or("no claim")?;
    let statement = statement::Entity::find()
        .one(&db.read)
        .await?
        .ok_or("no statement")?;
    let entry = product_list_entry::Entity::find()
        .one(&db.read)
        .await?
        .ok_or("no entry")?;
    let release = dataset("by-hand");
    let record = shipment(&release, "1");
    // Before any period of the story.
    let day_before = Date::default();

    macro_rules! refused {
        ($write:ident $table:ident from $row:expr, $change:ident: $value:expr) => {{
            let mut edit = Edit::begin(db, Author::Command, "test").await?;
            let held = $row.clone();
            let row = $table::Model { $change: $value, ..held.clone() };
            if refused!(@$write edit $table held row).is_ok() {
                let broken = concat!(stringify!($table), ".", stringify!($change));
                return Err(format!("the database takes {broken} = {:?}", stringify!($value)).into());
            }
        }};
        (@update $edit:ident $table:ident $held:ident $row:ident) => {
            $edit.update::<$table::Entity>(&$held, $row).await
        };
        (@insert $edit:ident $table:ident $held:ident $row:ident) => {{
            $edit.insert::<entity::dataset::Entity>(release.clone()).await?;
            $edit.insert::<$table::Entity>($row).await
        }};
    }
    refused!(update claim from claim, comparator: Some(Comparator::Between));
    refused!(update claim from claim, status: Status::Withdrawn);
    refused!(update claim from claim, text: String::new());
    refused!(update claim from claim, period_end: Some(day_before));
    refused!(update statement from statement, rank: Rank::Deprecated);
    refused!(update product_list_entry from entry, valid_until: Some(day_before));
    refused!(insert shipment from record, period_end: day_before);
    refused!(insert shipment from record, currency: Some("USD".to_owned()));
    refused!(insert shipment from record, value_comparator: Comparator::Between);
    refused!(insert shipment from record, net_mass: Some(Decimal::from_thousandths(-1)));
    Ok(())
}
