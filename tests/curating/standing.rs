//! Where records stand: drafts, published, withdrawn; and who stands already.
use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};

use super::{Desk, said, somebody};
use crate::harness::{Backend, Template, ensure, trial};

pub fn trials(backend: &Backend) -> Vec<Trial> {
    vec![
        trial(backend, "curating::drafts_are_for_curators", drafts),
        trial(
            backend,
            "curating::published_refers_to_published",
            references,
        ),
        trial(
            backend,
            "curating::withdrawn_is_referred_to_no_more",
            withdrawn,
        ),
        trial(backend, "curating::known_is_found", found),
        trial(backend, "curating::stale_versions_conflict", conflict),
        trial(backend, "curating::nothing_new_is_no_revision", nothing_new),
        trial(backend, "curating::grain_stays_with_its_records", grain),
    ]
}

async fn drafts(backend: Backend) -> Result<(), Failed> {
    let desk = Desk::open(&backend, Template::Empty).await?;
    let draft = desk.must("create", "Party", somebody("Hidden")).await?;
    ensure(draft.status(), "DRAFT")?;
    let query = "query ($id: ID!) { parties { totalCount nodes { name status } } node(id: $id) { id }
        party(id: $id) { name } revisions(filter: { changes: { some: { record: $id } } }) { totalCount } }";
    let id = json!({ "id": draft.id() });
    let nothing = json!({ "parties": { "totalCount": 0, "nodes": [] }, "node": null, "party": null, "revisions": { "totalCount": 0 } });
    ensure(desk.public(query, id.clone()).await?, nothing)?;
    let seen = desk.ask(query, id.clone()).await?;
    ensure(
        seen["parties"].clone(),
        json!({ "totalCount": 1, "nodes": [{ "name": "Hidden", "status": "DRAFT" }] }),
    )?;
    let published = desk.must("publish", "Party", draft.with(json!({}))).await?;
    ensure(published.status(), "PUBLISHED")?;
    ensure(
        desk.public(query, id).await?["parties"]["totalCount"].as_u64(),
        Some(1),
    )
}

async fn references(backend: Backend) -> Result<(), Failed> {
    let desk = Desk::open(&backend, Template::Empty).await?;
    let speaker = desk.must("create", "Party", somebody("Speaker")).await?;
    let mut input = said("of a draft");
    input["speaker"] = json!({ "id": speaker.id() });
    desk.refused(
        "create",
        "Statement",
        input.clone(),
        &[("NOT_ALLOWED", "speaker")],
    )
    .await?;
    // As a draft it may wait for its speaker; then claim and source are drafts as well.
    input["publish"] = false.into();
    let draft = desk.must("create", "Statement", input).await?;
    let reasons = [
        ("NOT_ALLOWED", "claim"),
        ("NOT_ALLOWED", "speaker"),
        ("NOT_ALLOWED", "citations"),
    ];
    desk.refused("publish", "Statement", draft.with(json!({})), &reasons)
        .await?;
    let parts = "query ($id: ID!) { statement(id: $id) { claim { id version } citations { source { id version } } } }";
    let parts = desk.ask(parts, json!({ "id": draft.id() })).await?;
    desk.must("publish", "Claim", parts["statement"]["claim"].clone())
        .await?;
    desk.must(
        "publish",
        "Source",
        parts["statement"]["citations"][0]["source"].clone(),
    )
    .await?;
    desk.must("publish", "Party", speaker.with(json!({})))
        .await?;
    let published = desk
        .must("publish", "Statement", draft.with(json!({})))
        .await?;
    ensure(published.status(), "PUBLISHED")
}

async fn withdrawn(backend: Backend) -> Result<(), Failed> {
    let desk = Desk::open(&backend, Template::Empty).await?;
    let statement = desk
        .must("create", "Statement", said("to be taken back"))
        .await?;
    let parts = "query ($id: ID!) { statement(id: $id) { claim { id version } citations { source { id version } } } }";
    let parts = desk.ask(parts, json!({ "id": statement.id() })).await?;
    let (claim, source) = (
        &parts["statement"]["claim"],
        &parts["statement"]["citations"][0]["source"],
    );
    let because = |record: &Value| json!({ "id": record["id"], "version": record["version"], "reason": "a mistake" });
    for (concept, record) in [("Claim", claim), ("Source", source)] {
        desk.refused(
            "withdraw",
            concept,
            because(record),
            &[("NOT_ALLOWED", "id")],
        )
        .await?;
    }
    let reason = json!({ "reason": " " });
    desk.refused(
        "withdraw",
        "Statement",
        statement.with(reason),
        &[("REQUIRED", "reason")],
    )
    .await?;
    let taken_back = desk
        .must(
            "withdraw",
            "Statement",
            statement.with(json!({ "reason": "a mistake" })),
        )
        .await?;
    ensure(taken_back.status(), "WITHDRAWN")?;
    let query = "query ($id: ID!) { node(id: $id) { __typename ... on Tombstone { reason } } statement(id: $id) { text }
        statements { totalCount } revisions(filter: { changes: { some: { record: $id } } }) { totalCount } }";
    let seen = desk.public(query, json!({ "id": statement.id() })).await?;
    ensure(
        seen,
        json!({ "node": { "__typename": "Tombstone", "reason": "a mistake" }, "statement": null,
        "statements": { "totalCount": 0 }, "revisions": { "totalCount": 1 } }),
    )?;
    for (concept, record) in [("Claim", claim), ("Source", source)] {
        desk.must("withdraw", concept, because(record)).await?;
    }
    let again = taken_back.with(json!({ "text": "changed" }));
    desk.refused("update", "Statement", again, &[("NOT_ALLOWED", "id")])
        .await?;
    desk.refused(
        "publish",
        "Statement",
        taken_back.with(json!({})),
        &[("NOT_ALLOWED", "id")],
    )
    .await?;
    let mut on_withdrawn = said("on a withdrawn claim");
    on_withdrawn["claim"] = json!({ "id": claim["id"] });
    desk.refused(
        "create",
        "Statement",
        on_withdrawn,
        &[("NOT_ALLOWED", "claim")],
    )
    .await?;
    // What was withdrawn comes back only once what it refers to is there again.
    let back = taken_back.with(json!({ "revision": statement.revision() }));
    let reasons = [("NOT_ALLOWED", "claim"), ("NOT_ALLOWED", "citations")];
    desk.refused("revert", "Statement", back.clone(), &reasons)
        .await?;
    for (concept, record) in [("Claim", claim), ("Source", source)] {
        let back = json!({ "id": record["id"], "version": 2, "revision": statement.revision() });
        desk.must("revert", concept, back).await?;
    }
    let back = desk.must("revert", "Statement", back).await?;
    ensure(back.status(), "PUBLISHED")?;
    let seen = desk.public(query, json!({ "id": statement.id() })).await?;
    ensure(
        (
            seen["statements"]["totalCount"].as_u64(),
            seen["revisions"]["totalCount"].as_u64(),
        ),
        (Some(1), Some(2)),
    )
}

async fn found(backend: Backend) -> Result<(), Failed> {
    let desk = Desk::open(&backend, Template::Empty).await?;
    let first = desk.must("create", "Party", somebody("Known")).await?;
    let second = desk.must("create", "Party", somebody("Known")).await?;
    ensure(
        (second.id(), second.0["found"].clone(), second.revision()),
        (first.id(), true.into(), Value::Null),
    )?;
    let other_kind = desk
        .must(
            "create",
            "Party",
            json!({ "name": "Known", "kind": "PERSON" }),
        )
        .await?;
    ensure(other_kind.0["found"].clone(), json!(false))?;
    let mut even = somebody("Known");
    even["evenIfKnown"] = true.into();
    let even = desk.must("create", "Party", even).await?;
    ensure(even.id() == first.id(), false)?;
    let source = json!({ "kind": "ARTICLE", "title": "A", "url": "https://example.org/known" });
    let first = desk.must("create", "Source", source).await?;
    let again = json!({ "kind": "REPORT", "title": "B", "url": "https://example.org/known" });
    let second = desk.must("create", "Source", again).await?;
    ensure(
        (second.id(), second.0["found"].clone()),
        (first.id(), true.into()),
    )
}

async fn conflict(backend: Backend) -> Result<(), Failed> {
    let desk = Desk::open(&backend, Template::Empty).await?;
    let party = desk.must("create", "Party", somebody("Disputed")).await?;
    desk.must("update", "Party", party.with(json!({ "name": "First" })))
        .await?;
    let stale = party.with(json!({ "name": "Second" }));
    let refused = desk
        .refused("update", "Party", stale, &[("CONFLICT", "version")])
        .await?;
    // The payload has it as it stands, ready to try again with.
    ensure(refused.version(), json!(2))?;
    desk.must("update", "Party", refused.with(json!({ "name": "Second" })))
        .await?;
    for verb in ["publish", "withdraw", "revert"] {
        let rest = match verb {
            "withdraw" => json!({ "reason": "x" }),
            "revert" => json!({ "revision": 1 }),
            _ => json!({}),
        };
        desk.refused(verb, "Party", party.with(rest), &[("CONFLICT", "version")])
            .await?;
    }
    let unknown = json!({ "id": "party_AAAAAAAAAAAAAAAAAAAAAA", "version": 1 });
    desk.refused("publish", "Party", unknown, &[("NOT_FOUND", "id")])
        .await
        .map(drop)
}

async fn nothing_new(backend: Backend) -> Result<(), Failed> {
    let desk = Desk::open(&backend, Template::Empty).await?;
    let statement = desk.must("create", "Statement", said("the same")).await?;
    let same = statement.with(json!({ "text": "the same" }));
    let done = desk.must("update", "Statement", same).await?;
    ensure((done.version(), done.revision()), (json!(1), Value::Null))?;
    let done = desk
        .must("publish", "Statement", statement.with(json!({})))
        .await?;
    ensure((done.version(), done.revision()), (json!(1), Value::Null))
}

async fn grain(backend: Backend) -> Result<(), Failed> {
    let desk = Desk::open(&backend, Template::Filled).await?;
    let held = desk
        .ask("{ dataset(slug: \"invented\") { id version } }", json!({}))
        .await?;
    let mut change = held["dataset"].clone();
    change["grain"] = "CONSIGNMENT".into();
    desk.refused("update", "Dataset", change, &[("NOT_ALLOWED", "grain")])
        .await?;
    let input = json!({ "slug": "invented", "title": "Again", "grain": "STATISTIC" });
    desk.refused("create", "Dataset", input, &[("TAKEN", "slug")])
        .await
        .map(drop)
}
