//! Two at once: whoever comes second meets what the first has done.
use futures_util::future::join;
use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};

use super::{Desk, Done, said};
use crate::harness::{Backend, Template, ensure, trial};

pub fn trials(backend: &Backend) -> Vec<Trial> {
    vec![
        trial(
            backend,
            "curating::published_while_withdrawn",
            published_while_withdrawn,
        ),
        trial(backend, "curating::circle_closed_from_both_ends", circle),
        trial(backend, "curating::slug_taken_at_once", slug),
        trial(backend, "curating::known_is_found_at_once", known),
    ]
}

const ROUNDS: usize = 12;

/// How many of two were done; a refusal is no failure.
async fn both(
    one: impl Future<Output = Result<Done, Failed>>,
    other: impl Future<Output = Result<Done, Failed>>,
) -> Result<usize, Failed> {
    let (one, other) = join(one, other).await;
    Ok([one?, other?]
        .iter()
        .filter(|done| done.reasons().is_empty())
        .count())
}

/// A statement is published, or its claim withdrawn, but never both.
async fn published_while_withdrawn(backend: Backend) -> Result<(), Failed> {
    let desk = Desk::open(&backend, Template::Empty).await?;
    for round in 0..ROUNDS {
        let mut draft = said(&format!("round {round}"));
        draft["publish"] = false.into();
        let draft = desk.must("create", "Statement", draft).await?;
        let query = "query ($id: ID!) { statement(id: $id) { claim { id version } citations { source { id version } } } }";
        let parts = desk.ask(query, json!({ "id": draft.id() })).await?;
        let source = parts["statement"]["citations"][0]["source"].clone();
        desk.must("publish", "Source", source).await?;
        let claim = desk
            .must("publish", "Claim", parts["statement"]["claim"].clone())
            .await?;
        let done = both(
            desk.act("publish", "Statement", draft.with(json!({}))),
            desk.act(
                "withdraw",
                "Claim",
                claim.with(json!({ "reason": "a race" })),
            ),
        );
        ensure(done.await?, 1)?;
    }
    Ok(())
}

async fn circle(backend: Backend) -> Result<(), Failed> {
    let desk = Desk::open(&backend, Template::Empty).await?;
    let source = |title: String| json!({ "kind": "ARTICLE", "title": title });
    for round in 0..ROUNDS {
        let one = desk
            .must("create", "Source", source(format!("one {round}")))
            .await?;
        let other = desk
            .must("create", "Source", source(format!("other {round}")))
            .await?;
        let cites = |target: &Done| json!({ "cites": [{ "kind": "CITES", "target": { "id": target.id() } }] });
        let done = both(
            desk.act("update", "Source", one.with(cites(&other))),
            desk.act("update", "Source", other.with(cites(&one))),
        );
        ensure(done.await?, 1)?;
    }
    Ok(())
}

async fn slug(backend: Backend) -> Result<(), Failed> {
    let desk = Desk::open(&backend, Template::Empty).await?;
    for round in 0..ROUNDS {
        let list = || json!({ "slug": format!("list-{round}"), "title": "List", "kind": "TOPIC" });
        let done = both(
            desk.act("create", "ProductList", list()),
            desk.act("create", "ProductList", list()),
        );
        ensure(done.await?, 1)?;
    }
    Ok(())
}

async fn known(backend: Backend) -> Result<(), Failed> {
    let desk = Desk::open(&backend, Template::Empty).await?;
    for round in 0..ROUNDS {
        let source = || json!({ "kind": "ARTICLE", "title": "x", "url": format!("https://example.org/{round}") });
        let (one, other) = join(
            desk.must("create", "Source", source()),
            desk.must("create", "Source", source()),
        )
        .await;
        ensure(one?.id(), other?.id())?;
    }
    let count = desk.ask("{ sources { totalCount } }", json!({})).await?;
    ensure(count["sources"]["totalCount"].clone(), Value::from(ROUNDS))
}
