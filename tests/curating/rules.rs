//! The rules of the domain: each is broken here, and must not break.
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

use super::{Desk, said, somebody};
use crate::harness::{Backend, Template, dataset, ensure, shipment, trial};

pub fn trials(backend: &Backend) -> Vec<Trial> {
    vec![
        trial(backend, "curating::all_problems_at_once", all_at_once),
        trial(
            backend,
            "curating::nothing_published_without_citation",
            citation_needed,
        ),
        trial(
            backend,
            "curating::no_direct_quote_without_the_quote",
            quote_needed,
        ),
        trial(backend, "curating::ranks_have_reasons", ranks),
        trial(backend, "curating::chains_are_no_circles", no_circles),
        trial(backend, "curating::figures_of_claims_agree", claims),
        trial(backend, "curating::figures_of_shipments_agree", shipments),
        trial(backend, "curating::periods_are_not_empty", periods),
        trial(backend, "curating::codes_exist_in_their_edition", codes),
        trial(backend, "curating::countries_have_their_codes", countries),
        trial(backend, "curating::texts_are_texts", texts),
        trial(
            backend,
            "curating::the_database_holds_what_it_can",
            database,
        ),
    ]
}

async fn all_at_once(backend: Backend) -> Result<(), Failed> {
    let desk = Desk::open(&backend, Template::Filled).await?;
    let mut input = said("much is wrong");
    input["claim"]["create"]["kind"] = "QUANTITY".into();
    input["claim"]["create"]["exporter"] = json!({ "code": "XX" });
    input["claim"]["create"]["currency"] = "usd".into();
    input["claim"]["create"]["subjects"] = json!([{ "productList": { "slug": "none" } }]);
    input["speaker"] = json!({ "id": "nonsense" });
    input["text"] = " ".into();
    input["citations"][0]["source"] = json!({ "url": "https://example.org/none" });
    let reasons = [
        ("NOT_FOUND", "claim.create.exporter"),
        ("INVALID", "claim.create.currency"),
        ("REQUIRED", "claim.create.amount"),
        ("NOT_FOUND", "claim.create.subjects.0.productList"),
        ("INVALID", "speaker"),
        ("REQUIRED", "text"),
        ("NOT_FOUND", "citations.0.source"),
    ];
    let before = desk
        .ask(
            "{ claims { totalCount } revisions { totalCount } }",
            json!({}),
        )
        .await?;
    desk.refused("create", "Statement", input, &reasons).await?;
    let after = desk
        .ask(
            "{ claims { totalCount } revisions { totalCount } }",
            json!({}),
        )
        .await?;
    ensure(after, before)
}

async fn citation_needed(backend: Backend) -> Result<(), Failed> {
    let desk = Desk::open(&backend, Template::Empty).await?;
    let mut input = said("no source");
    input["citations"] = json!([]);
    let reason = [("REQUIRED", "citations")];
    desk.refused("create", "Statement", input.clone(), &reason)
        .await?;
    input["publish"] = false.into();
    let draft = desk.must("create", "Statement", input).await?;
    let claim = desk
        .ask(
            "query ($id: ID!) { statement(id: $id) { claim { id version } } }",
            json!({ "id": draft.id() }),
        )
        .await?;
    desk.must("publish", "Claim", claim["statement"]["claim"].clone())
        .await?;
    desk.refused("publish", "Statement", draft.with(json!({})), &reason)
        .await?;
    // Nor can what is published lose the last.
    let published = desk
        .must("create", "Statement", said("with a source"))
        .await?;
    let stripped = published.with(json!({ "citations": null }));
    desk.refused("update", "Statement", stripped, &reason)
        .await
        .map(drop)
}

async fn quote_needed(backend: Backend) -> Result<(), Failed> {
    let desk = Desk::open(&backend, Template::Empty).await?;
    let mut input = said("word for word");
    input["citations"][0]["quote"] = Value::Null;
    let reason = [("REQUIRED", "citations")];
    desk.refused("create", "Statement", input.clone(), &reason)
        .await?;
    input["form"] = "PARAPHRASE".into();
    let retold = desk.must("create", "Statement", input).await?;
    let turned = retold.with(json!({ "form": "DIRECT_QUOTE" }));
    desk.refused("update", "Statement", turned, &reason).await?;
    let mut bare = said("a prefix of nothing");
    bare["citations"][0]["quote"] = Value::Null;
    bare["citations"][0]["prefix"] = "before".into();
    bare["form"] = "PARAPHRASE".into();
    let reason = [("REQUIRED", "citations.0.quote")];
    desk.refused("create", "Statement", bare, &reason)
        .await
        .map(drop)
}

async fn ranks(backend: Backend) -> Result<(), Failed> {
    let desk = Desk::open(&backend, Template::Empty).await?;
    for rank in ["DEPRECATED", "PREFERRED"] {
        let mut input = said("ranked");
        input["rank"] = rank.into();
        desk.refused(
            "create",
            "Statement",
            input.clone(),
            &[("REQUIRED", "rankReason")],
        )
        .await?;
        input["rankReason"] = "its figures were put right".into();
        let ranked = desk.must("create", "Statement", input).await?;
        let unranked = ranked.with(json!({ "rank": "NORMAL" }));
        desk.refused(
            "update",
            "Statement",
            unranked,
            &[("INVALID", "rankReason")],
        )
        .await?;
        let cleared = ranked.with(json!({ "rank": null, "rankReason": null }));
        desk.must("update", "Statement", cleared).await?;
    }
    Ok(())
}

async fn no_circles(backend: Backend) -> Result<(), Failed> {
    let desk = Desk::open(&backend, Template::Empty).await?;
    let source = |title: &str| json!({ "kind": "ARTICLE", "title": title });
    let root = desk.must("create", "Source", source("root")).await?;
    let mut middle = source("middle");
    middle["cites"] = json!([{ "kind": "CITES", "target": { "id": root.id() } }]);
    let middle = desk.must("create", "Source", middle).await?;
    let mut leaf = source("leaf");
    leaf["cites"] = json!([{ "kind": "BASED_ON", "target": { "id": middle.id() } }]);
    let leaf = desk.must("create", "Source", leaf).await?;
    for (from, to) in [(&root, &leaf), (&middle, &leaf), (&leaf, &leaf)] {
        let closed = json!({ "cites": [{ "kind": "REPRINTS", "target": { "id": to.id() } }] });
        let reason = [("NOT_ALLOWED", "cites.0.target")];
        desk.refused("update", "Source", from.with(closed), &reason)
            .await?;
    }
    // Once the chain is open, the other way round is none.
    let opened = desk
        .must("update", "Source", middle.with(json!({ "cites": [] })))
        .await?;
    let turned = json!({ "cites": [{ "kind": "CITES", "target": { "id": middle.id() } }] });
    desk.must("update", "Source", root.with(turned)).await?;
    // And then the old way cannot come back.
    let history = desk
        .ask(
            "query ($id: ID!) { source(id: $id) { revisions { nodes { number } } } }",
            json!({ "id": middle.id() }),
        )
        .await?;
    let first = history["source"]["revisions"]["nodes"][0]["number"].clone();
    let back = opened.with(json!({ "revision": first }));
    desk.refused("revert", "Source", back, &[("NOT_ALLOWED", "revision")])
        .await
        .map(drop)
}

async fn claims(backend: Backend) -> Result<(), Failed> {
    let desk = Desk::open(&backend, Template::Empty).await?;
    let money =
        json!({ "measure": "VALUE", "currency": "USD", "comparator": "EXACT", "amount": "5" });
    let rows: [(Value, &[(&str, &str)]); 11] = [
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

async fn texts(backend: Backend) -> Result<(), Failed> {
    let desk = Desk::open(&backend, Template::Empty).await?;
    desk.refused("create", "Party", somebody(""), &[("REQUIRED", "name")])
        .await?;
    desk.refused("create", "Party", somebody("a\0b"), &[("INVALID", "name")])
        .await?;
    desk.refused(
        "create",
        "Party",
        somebody(&"x".repeat(20_001)),
        &[("INVALID", "name")],
    )
    .await?;
    let source = json!({ "kind": "ARTICLE", "title": "x", "language": "English", "sha256": "abc",
        "authors": ["A", " "], "note": " " });
    let reasons = [
        ("INVALID", "language"),
        ("INVALID", "sha256"),
        ("REQUIRED", "note"),
        ("INVALID", "authors"),
    ];
    desk.refused("create", "Source", source, &reasons).await?;
    let list = json!({ "slug": "Not A Slug", "title": "x", "kind": "TOPIC" });
    desk.refused("create", "ProductList", list, &[("INVALID", "slug")])
        .await?;
    let named = desk.must("create", "Party", somebody("Named")).await?;
    let query =
        "mutation ($id: ID!) { updateParty(input: { id: $id, version: 1, name: null }) { found } }";
    let answer = desk
        .app
        .ask(&desk.token, query, json!({ "id": named.id() }))
        .await?;
    ensure(
        answer["errors"][0]["extensions"]["code"].as_str(),
        Some("BAD_USER_INPUT"),
    )
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
