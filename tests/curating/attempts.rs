//! Ways around what holds between records, which were open once.
use entity::{claim, claim_subject};
use libtest_mimic::{Failed, Trial};
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::json;
use waybill::kit::edit::{Author, Edit};

use super::{Desk, somebody};
use crate::harness::{self, Backend, Template, country, ensure, trial, waybill};

pub fn trials(backend: &Backend) -> Vec<Trial> {
    vec![
        trial(
            backend,
            "curating::lists_refer_to_published_products",
            lists,
        ),
        trial(backend, "curating::products_are_no_circles", products),
        trial(backend, "curating::draft_parts_stay_hidden", parts),
        trial(
            backend,
            "curating::imports_need_a_published_dataset",
            imports,
        ),
        trial(
            backend,
            "curating::imports_need_published_products",
            draft_products,
        ),
        trial(
            backend,
            "curating::as_of_follows_revisions_not_times",
            overtaken,
        ),
    ]
}

async fn lists(backend: Backend) -> Result<(), Failed> {
    let desk = Desk::open(&backend, Template::Filled).await?;
    let line = json!({ "edition": "2022", "code": "4401.11.00", "description": "By hand" });
    let product = desk.must("create", "Product", line).await?;
    let entry = json!({ "product": { "id": product.id() }, "validFrom": "2022-01-01" });
    let list =
        json!({ "slug": "by-hand", "title": "By hand", "kind": "TOPIC", "entries": [entry] });
    let list = desk.must("create", "ProductList", list).await?;
    let reason = [("NOT_ALLOWED", "entries")];
    desk.refused("publish", "ProductList", list.with(json!({})), &reason)
        .await?;
    let product = desk
        .must("publish", "Product", product.with(json!({})))
        .await?;
    let list = desk
        .must("publish", "ProductList", list.with(json!({})))
        .await?;
    let gone = desk
        .must("update", "ProductList", list.with(json!({ "entries": [] })))
        .await?;
    desk.must(
        "withdraw",
        "Product",
        product.with(json!({ "reason": "no longer in use" })),
    )
    .await?;
    let back = gone.with(json!({ "revision": list.revision() }));
    desk.refused("revert", "ProductList", back, &reason).await?;
    // As of then it held what is not seen any more: that is said, and is no failure of ours.
    let query = "query ($asOf: Int) { productList(slug: \"by-hand\", asOf: $asOf) { entries { nodes { product { code } } } } }";
    let answer = desk
        .app
        .anonymous(query, json!({ "asOf": list.revision() }))
        .await?;
    ensure(
        answer["errors"][0]["extensions"]["code"].as_str(),
        Some("NOT_FOUND"),
    )
}

async fn products(backend: Backend) -> Result<(), Failed> {
    let desk = Desk::open(&backend, Template::Empty).await?;
    let line = |code: &str| json!({ "edition": "2017", "code": code });
    let chapter = desk.must("create", "Product", line("72")).await?;
    desk.must("create", "Product", line("7211")).await?;
    let moved = chapter.with(json!({ "code": "721122" }));
    desk.refused("update", "Product", moved, &[("NOT_ALLOWED", "code")])
        .await?;
    desk.must("create", "Product", line("96")).await?;
    let own = desk.must("create", "Product", line("9611.0011")).await?;
    desk.must(
        "update",
        "Product",
        own.with(json!({ "code": "9611.0011.22" })),
    )
    .await?;
    let query = "query ($id: ID!) { node(id: $id) { ... on Product { code parent { code } } } }";
    let seen = desk.ask(query, json!({ "id": own.id() })).await?;
    ensure(
        seen["node"].clone(),
        json!({ "code": "9611001122", "parent": { "code": "96" } }),
    )?;
    // What is published has nothing but published items above it.
    let published = own.with(json!({ "version": 2 }));
    desk.refused("publish", "Product", published, &[("NOT_ALLOWED", "code")])
        .await
        .map(drop)
}

/// Drafted, published, withdrawn, and back as a draft: what is said then is nobody's business.
async fn parts(backend: Backend) -> Result<(), Failed> {
    let desk = Desk::open(&backend, Template::Filled).await?;
    let list = json!({ "slug": "by-hand", "title": "By hand", "kind": "TOPIC" });
    let draft = desk.must("create", "ProductList", list).await?;
    let published = desk
        .must("publish", "ProductList", draft.with(json!({})))
        .await?;
    let withdrawn = desk
        .must(
            "withdraw",
            "ProductList",
            published.with(json!({ "reason": "a mistake" })),
        )
        .await?;
    let again = desk
        .must(
            "revert",
            "ProductList",
            withdrawn.with(json!({ "revision": draft.revision() })),
        )
        .await?;
    ensure(again.status(), "DRAFT")?;
    let entry = json!({ "product": { "code": { "edition": "2022", "code": "880621" } }, "validFrom": "2022-01-01", "note": "SECRET" });
    let secret = desk
        .must(
            "update",
            "ProductList",
            again.with(json!({ "entries": [entry] })),
        )
        .await?;
    desk.must(
        "revert",
        "ProductList",
        secret.with(json!({ "revision": published.revision() })),
    )
    .await?;
    let query = "{ productList(slug: \"by-hand\") { status revisions { nodes { changes { nodes { before after } } } } } }";
    let seen = desk.public(query, json!({})).await?;
    ensure(seen["productList"]["status"].as_str(), Some("PUBLISHED"))?;
    ensure(seen.to_string().contains("SECRET"), false)?;
    ensure(
        desk.ask(query, json!({}))
            .await?
            .to_string()
            .contains("SECRET"),
        true,
    )
}

async fn imports(backend: Backend) -> Result<(), Failed> {
    let desk = Desk::open(&backend, Template::Filled).await?;
    let input = json!({ "slug": "drafted", "title": "Drafted", "grain": "CONSIGNMENT" });
    let drafted = desk.must("create", "Dataset", input).await?;
    let statistic = desk
        .must(
            "update",
            "Dataset",
            drafted.with(json!({ "grain": "STATISTIC" })),
        )
        .await?;
    let file = harness::tests()
        .join("fixtures/comtrade.csv")
        .display()
        .to_string();
    let import = ["import", "comtrade", &file, "--dataset", "drafted"];
    waybill(&desk.app.database_url, &import)?.failed_saying("is not published")?;
    let published = desk
        .must("publish", "Dataset", statistic.with(json!({})))
        .await?;
    waybill(&desk.app.database_url, &import)?.succeeded()?;
    // Nor does undoing give the records another grain.
    let back = published.with(json!({ "revision": drafted.revision() }));
    desk.refused("revert", "Dataset", back, &[("NOT_ALLOWED", "grain")])
        .await
        .map(drop)
}

async fn draft_products(backend: Backend) -> Result<(), Failed> {
    let desk = Desk::open(&backend, Template::Empty).await?;
    let line = json!({ "edition": "2022", "code": "440111" });
    let draft = desk.must("create", "Product", line).await?;
    let file = harness::tests()
        .join("fixtures/comtrade.csv")
        .display()
        .to_string();
    let import = ["import", "comtrade", &file, "--dataset", "invented"];
    let refused = waybill(&desk.app.database_url, &import)?.succeeded()?;
    ensure(
        refused.stderr.contains("440111 of HS2022 is not published"),
        true,
    )?;
    ensure(refused.report()?[3] > 0, true)?;
    desk.must("publish", "Product", draft.with(json!({})))
        .await?;
    let again = waybill(&desk.app.database_url, &import)?.succeeded()?;
    ensure(again.report()?[3], 0)
}

/// On PostgreSQL an edit that began first may be committed last.
async fn overtaken(backend: Backend) -> Result<(), Failed> {
    let desk = Desk::open(&backend, Template::Empty).await?;
    let claim =
        json!({ "kind": "EVENT", "text": "x", "subjects": [{ "country": { "code": "CN" } }] });
    let claim = desk.must("create", "Claim", claim).await?;
    let db = &desk.app.db;
    let slow = match backend {
        Backend::Postgres(_) => Some(Edit::begin(db, Author::Command, "slow").await?),
        Backend::Sqlite => None,
    };
    let fast = desk.must("create", "Party", somebody("Fast")).await?;
    let mut slow = match slow {
        Some(slow) => slow,
        None => Edit::begin(db, Author::Command, "slow").await?,
    };
    let row = claim::Entity::find()
        .one(&db.read)
        .await?
        .ok_or("no claim")?;
    let russia = claim_subject::Model {
        position: 1,
        country_id: Some(country(643)),
        ..claim_subject::Model::default()
    };
    slow.set_parts::<claim_subject::Entity>(row.id, vec![russia])
        .await?;
    let after = claim::Model {
        version: 2,
        ..row.clone()
    };
    slow.update::<claim::Entity>(&row, after).await?;
    slow.commit().await?;
    let query = "query ($id: ID!, $asOf: Int) { claim(id: $id, asOf: $asOf) { version subjects { ... on Country { alpha2 } } } }";
    let seen = desk
        .ask(query, json!({ "id": claim.id(), "asOf": fast.revision() }))
        .await?;
    ensure(
        seen["claim"].clone(),
        json!({ "version": 1, "subjects": [{ "alpha2": "CN" }] }),
    )?;
    let now = json!({ "id": claim.id(), "version": 2, "revision": fast.revision() });
    desk.must("revert", "Claim", now).await?;
    let seen = desk
        .ask(query, json!({ "id": claim.id(), "asOf": null }))
        .await?;
    ensure(
        seen["claim"]["subjects"].clone(),
        json!([{ "alpha2": "CN" }]),
    )?;
    let times = entity::revision::Entity::find().order_by_asc(entity::revision::Column::Number);
    let times: Vec<_> = times
        .all(&db.read)
        .await?
        .iter()
        .map(|row| row.at)
        .collect();
    ensure(times.is_sorted(), true)
}
