//! Products in other editions: what a code became, what it covers besides, and what is lost.
use std::collections::HashMap;

use entity::{
    concordance::{
        self,
        ConcordanceRelation::{self, ManyToMany, ManyToOne, OneToMany, OneToOne},
    },
    edition,
    product::{self, ProductLevel},
    product_list::{self, ProductListKind},
    product_list_entry,
    value::{Date, Status, Timestamp},
};
use libtest_mimic::{Failed, Trial};
use sea_orm::{EntityTrait, prelude::Uuid};
use serde_json::{Value, json};
use waybill::kit::edit::{Author, Edit};

use crate::harness::{App, Backend, Template, ensure, trial};

mod real;

pub fn trials(backend: &Backend) -> Vec<Trial> {
    vec![
        trial(backend, "concordance::chains", chains),
        trial(backend, "concordance::groups", groups),
        trial(backend, "concordance::losses", losses),
        trial(backend, "concordance::lists_on_a_day", lists_on_a_day),
        trial(backend, "concordance::real_codes", real::real_codes),
        trial(
            backend,
            "concordance::cost_no_statement_a_product",
            statements,
        ),
    ]
}

/// Goods that nobody trades: the codes are as real ones are, the concordance is invented.
const PRODUCTS: [(&str, &[&str]); 4] = [
    ("HS2007", &["100100"]),
    ("HS2012", &["100100"]),
    (
        "HS2017",
        &[
            "10", "1001", "100110", "100120", "100130", "69", "6909", "690911", "690912", "85",
            "8525", "852580",
        ],
    ),
    (
        "HS2022",
        &[
            "10", "1001", "100110", "100190", "69", "6909", "690911", "690912", "85", "8525",
            "852589", "88", "8806", "880621", "88062110", "8807", "880700",
        ],
    ),
];

/// The earlier product, the later one, and how they relate.
const CONCORDANCES: [(&str, &str, &str, &str, ConcordanceRelation); 9] = [
    ("HS2012", "100100", "HS2017", "100110", OneToMany),
    ("HS2012", "100100", "HS2017", "100120", OneToMany),
    ("HS2017", "100110", "HS2022", "100110", OneToOne),
    ("HS2017", "100120", "HS2022", "100190", ManyToOne),
    ("HS2017", "100130", "HS2022", "100190", ManyToOne),
    ("HS2017", "690911", "HS2022", "690911", OneToOne),
    ("HS2017", "690912", "HS2022", "690912", OneToOne),
    ("HS2017", "852580", "HS2022", "852589", ManyToMany),
    ("HS2017", "852580", "HS2022", "880621", ManyToMany),
];

type Ids = HashMap<(&'static str, &'static str), Uuid>;

async fn enter(app: &App) -> Result<Ids, Failed> {
    let editions = edition::Entity::find().all(&app.db.read).await?;
    let mut edit = Edit::begin(&app.db, Author::Command, "test").await?;
    let mut ids = Ids::new();
    for (name, codes) in PRODUCTS {
        let edition = editions.iter().find(|edition| edition.code == name);
        let edition = edition.ok_or("no edition")?;
        // Of the two oldest no nomenclature was imported.
        if codes.len() > 1 {
            let whole = edition::Model {
                nomenclature_at: Some(edit.now),
                ..edition.clone()
            };
            edit.update::<edition::Entity>(edition, whole).await?;
        }
        for code in codes {
            let parent = codes.iter().filter(|other| code.starts_with(**other));
            let parent = parent.filter(|other| other.len() < code.len());
            let parent = parent.max_by_key(|other| other.len());
            let row = product::Model {
                id: Uuid::now_v7(),
                edition_id: edition.id,
                parent_id: parent.and_then(|parent| ids.get(&(name, *parent)).copied()),
                code: (*code).to_owned(),
                level: ProductLevel::of(code).ok_or("no level")?,
                status: Status::Published,
                version: 1,
                ..product::Model::default()
            };
            ids.insert((name, code), row.id);
            edit.insert::<product::Entity>(row).await?;
        }
    }
    for (early, earlier, late, later, relation) in CONCORDANCES {
        let id = |key| ids.get(&key).copied().ok_or("no product");
        let row = concordance::Model {
            id: Uuid::now_v7(),
            earlier_id: id((early, earlier))?,
            later_id: id((late, later))?,
            relation,
        };
        edit.insert::<concordance::Entity>(row).await?;
    }
    edit.commit().await?;
    Ok(ids)
}

const CONVERSION: &str = "isExact productCount lostCount
    products { product { code edition { code } } from { code } relation exactness }
    lost { product { code } reason explanation }";

/// The codes with their exactness, and the lost ones with their reasons.
async fn converted(app: &App, code: &str, from: &str, to: &str) -> Result<Value, Failed> {
    let query = format!(
        "{{ product(code: \"{code}\", edition: \"{from}\") {{ inEdition(edition: \"{to}\") {{ {CONVERSION} }} }} }}"
    );
    let data = app.data(&query, json!({})).await?;
    Ok(short(&data["product"]["inEdition"]))
}

fn short(conversion: &Value) -> Value {
    let list = |name: &str| conversion[name].as_array().cloned().unwrap_or_default();
    let products = list("products").into_iter().map(|found| {
        let code = found["product"]["code"].clone();
        json!([code, found["exactness"], found["relation"]])
    });
    let lost = list("lost").into_iter();
    let lost = lost.map(|lost| json!([lost["product"]["code"], lost["reason"]]));
    json!({ "exact": conversion["isExact"], "products": products.collect::<Vec<_>>(),
        "lost": lost.collect::<Vec<_>>() })
}

async fn app(backend: &Backend) -> Result<(App, Ids), Failed> {
    let app = App::start(backend, Template::Empty).await?;
    let ids = enter(&app).await?;
    Ok((app, ids))
}

async fn chains(backend: Backend) -> Result<(), Failed> {
    let (app, _) = app(&backend).await?;
    for (code, from, to, expected) in [
        (
            "100110",
            "HS2022",
            "HS2022",
            json!({ "exact": true, "products": [["100110", "EXACT", null]], "lost": [] }),
        ),
        (
            "100110",
            "HS2017",
            "2022",
            json!({ "exact": true, "products": [["100110", "EXACT", "ONE_TO_ONE"]], "lost": [] }),
        ),
        // Split, then merged with what was never asked for.
        (
            "100100",
            "HS2012",
            "HS2022",
            json!({ "exact": false, "products": [["100110", "EXACT", "ONE_TO_MANY"],
                ["100190", "WIDER", "MANY_TO_MANY"]], "lost": [] }),
        ),
        // Back along the way: each half leads to the whole, which is more than it.
        (
            "100110",
            "HS2022",
            "HS2012",
            json!({ "exact": false, "products": [["100100", "WIDER", "ONE_TO_MANY"]], "lost": [] }),
        ),
        // Drones were cameras, among other cameras.
        (
            "880621",
            "HS2022",
            "HS2017",
            json!({ "exact": false, "products": [["852580", "WIDER", "MANY_TO_MANY"]], "lost": [] }),
        ),
        // A country's own line is a part of its subheading.
        (
            "88062110",
            "HS2022",
            "HS2017",
            json!({ "exact": false, "products": [["852580", "WIDER", "MANY_TO_MANY"]], "lost": [] }),
        ),
    ] {
        ensure(converted(&app, code, from, to).await?, expected)?;
    }
    Ok(())
}

async fn groups(backend: Backend) -> Result<(), Failed> {
    let (app, _) = app(&backend).await?;
    for (code, from, to, expected) in [
        // All that was below it is below it again: the heading stands for it.
        (
            "6909",
            "HS2022",
            "HS2017",
            json!({ "exact": true, "products": [["6909", "EXACT", "ONE_TO_ONE"]], "lost": [] }),
        ),
        (
            "69",
            "HS2017",
            "HS2022",
            json!({ "exact": true, "products": [["69", "EXACT", "ONE_TO_ONE"]], "lost": [] }),
        ),
        // One line of a heading is not the heading.
        (
            "690911",
            "HS2022",
            "HS2017",
            json!({ "exact": true, "products": [["690911", "EXACT", "ONE_TO_ONE"]], "lost": [] }),
        ),
        // Asked for all of the heading, what was merged within it is covered.
        (
            "1001",
            "HS2017",
            "HS2022",
            json!({ "exact": true, "products": [["1001", "EXACT", "MANY_TO_ONE"]], "lost": [] }),
        ),
        (
            "8806",
            "HS2022",
            "HS2017",
            json!({ "exact": false, "products": [["852580", "WIDER", "MANY_TO_MANY"]], "lost": [] }),
        ),
    ] {
        ensure(converted(&app, code, from, to).await?, expected)?;
    }
    Ok(())
}

async fn losses(backend: Backend) -> Result<(), Failed> {
    let (app, _) = app(&backend).await?;
    for (code, from, to, expected) in [
        (
            "880700",
            "HS2022",
            "HS2017",
            json!({ "exact": false, "products": [], "lost": [["880700", "NO_CONCORDANCE"]] }),
        ),
        // Of the chapter one line has a code there; the other has none.
        (
            "88",
            "HS2022",
            "HS2017",
            json!({ "exact": false, "products": [["852580", "WIDER", "MANY_TO_MANY"]],
                "lost": [["880700", "NOT_IN_EDITION"]] }),
        ),
        // The same code, and nobody says that it means the same.
        (
            "100100",
            "HS2012",
            "HS2007",
            json!({ "exact": false, "products": [["100100", "ASSUMED", null]], "lost": [] }),
        ),
    ] {
        ensure(converted(&app, code, from, to).await?, expected)?;
    }
    let query = "{ product(code: \"8806\") { inEdition(edition: \"HS2023\") { isExact } } }";
    let answer = app.anonymous(query, json!({})).await?;
    let code = &answer["errors"][0]["extensions"]["code"];
    ensure(code, &json!("BAD_USER_INPUT"))
}

/// A list of so many drones, and of cameras before there was a code for drones.
async fn enter_list(app: &App, products: &[(Uuid, &str, Option<&str>)]) -> Result<(), Failed> {
    let mut edit = Edit::begin(&app.db, Author::Command, "test").await?;
    let day = |text: &str| text.parse::<Date>().map_err(|()| "no date");
    let list = product_list::Model {
        id: Uuid::now_v7(),
        slug: "invented".to_owned(),
        title: "Invented".to_owned(),
        kind: ProductListKind::Topic,
        description: None,
        publisher_id: None,
        source_id: None,
        status: Status::Published,
        withdrawal_reason: None,
        version: 1,
        created_at: edit.now,
        updated_at: edit.now,
    };
    let list = edit.insert::<product_list::Entity>(list).await?;
    let entries = products.iter().map(|(product_id, from, until)| {
        Ok(product_list_entry::Model {
            product_id: *product_id,
            tier: Some("1".to_owned()),
            valid_from: day(from)?,
            valid_until: until.map(day).transpose()?,
            added_at: Timestamp::default(),
            ..product_list_entry::Model::default()
        })
    });
    let entries: Vec<_> = entries.collect::<Result<_, &str>>()?;
    edit.set_parts::<product_list_entry::Entity>(list.id, entries)
        .await?;
    edit.commit().await?;
    Ok(())
}

async fn lists_on_a_day(backend: Backend) -> Result<(), Failed> {
    let (app, ids) = app(&backend).await?;
    let entries = [
        (ids[&("HS2017", "852580")], "2017-01-01", Some("2021-12-31")),
        (ids[&("HS2022", "8806")], "2022-01-01", None),
    ];
    enter_list(&app, &entries).await?;
    let query = format!(
        "query ($edition: String!, $on: Date!, $tier: String) {{ productList(slug: \"invented\") {{
            inEdition(edition: $edition, on: $on, tier: $tier) {{ {CONVERSION} }} }} }}"
    );
    for (edition, on, tier, expected) in [
        // Before 2022 the list itself names the code.
        (
            "HS2017",
            "2021-06-30",
            None,
            json!({ "exact": true, "products": [["852580", "EXACT", null]], "lost": [] }),
        ),
        // Whoever reports by the old edition afterwards counts other cameras too.
        (
            "HS2017",
            "2022-06-30",
            Some("1"),
            json!({ "exact": false, "products": [["852580", "WIDER", "MANY_TO_MANY"]], "lost": [] }),
        ),
        (
            "HS2022",
            "2022-06-30",
            None,
            json!({ "exact": true, "products": [["8806", "EXACT", null]], "lost": [] }),
        ),
        (
            "HS2022",
            "2022-06-30",
            Some("2"),
            json!({ "exact": true, "products": [], "lost": [] }),
        ),
    ] {
        let variables = json!({ "edition": edition, "on": on, "tier": tier });
        let data = app.data(&query, variables).await?;
        ensure(short(&data["productList"]["inEdition"]), expected)?;
    }
    Ok(())
}

async fn statements(backend: Backend) -> Result<(), Failed> {
    let mut counts = Vec::new();
    for size in [1, 2, 5] {
        let (app, ids) = app(&backend).await?;
        let codes = ["880621", "100110", "100190", "690911", "690912"];
        let listed = codes.iter().take(size);
        let listed: Vec<_> = listed
            .map(|code| (ids[&("HS2022", *code)], "2022-01-01", None))
            .collect();
        enter_list(&app, &listed).await?;
        let query =
            "{ productList(slug: \"invented\") { inEdition(edition: \"2017\", on: \"2022-06-30\") {
            productCount products { product { code } from { code } exactness } } } }";
        // What is kept in memory is read once.
        app.data(query, json!({})).await?;
        let before = app.db.reads();
        let data = app.data(query, json!({})).await?;
        let count = &data["productList"]["inEdition"]["productCount"];
        ensure(count.as_u64() >= Some(size as u64), true)?;
        counts.push(app.db.reads() - before);
    }
    // The list, the editions, entries, products, and of the one edition on the way: links, their
    // ends, the links back and theirs, and equal codes.
    let most = counts.iter().max().copied().unwrap_or_default();
    if most > 12 || counts.iter().any(|count| *count + 1 < most) {
        return Err(format!("statements for 1, 2 and 5 products: {counts:?}").into());
    }
    Ok(())
}
