//! The rules of evidence: each is broken here, and must not break.
use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};

use super::{Desk, said, somebody};
use crate::harness::{Backend, Template, ensure, trial};

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
        trial(backend, "curating::texts_are_texts", texts),
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
