//! In the words of others: JSON-LD and FollowTheMoney.
use std::collections::BTreeMap;

use libtest_mimic::Failed;
use serde_json::{Value, json};

use super::{get, rows};
use crate::harness::{App, Backend, Template, ensure};

/// What a claim says stands in its JSON-LD, and no verdict.
pub async fn claim(backend: Backend) -> Result<(), Failed> {
    const QUERY: &str =
        "{ claims(first: 50, filter: { statements: { some: { stance: { eq: DENIES } } } }) {
        nodes { id text statements(first: 200) { nodes { id stance speaker { name } } } } } }";
    let app = App::start(&backend, Template::Filled).await?;
    let data = app.data(QUERY, json!({})).await?;
    let claim = &data["claims"]["nodes"][0];
    let id = claim["id"].as_str().ok_or("no claim")?;
    let response = get(&app, &format!("/export/claims/{id}.jsonld")).await?;
    ensure(
        response.headers()["content-type"].to_str()?,
        "application/ld+json",
    )?;
    let found: Value = response.json().await?;
    ensure(&found["@type"], &json!("Claim"))?;
    ensure(&found["text"], &claim["text"])?;
    ensure(&found["identifier"], &claim["id"])?;
    ensure(found.to_string().contains("Rating"), false)?;
    let stances = |list: &Value, stance: &str| -> BTreeMap<String, String> {
        let list = list.as_array().cloned().unwrap_or_default();
        let pairs = list.iter().map(|one| {
            let id = one.get("identifier").or(one.get("id"));
            let said = one.pointer(stance).and_then(Value::as_str);
            (
                id.map(Value::to_string).unwrap_or_default(),
                said.unwrap_or_default().to_owned(),
            )
        });
        pairs.collect()
    };
    let told = stances(&found["comment"], "/additionalProperty/value");
    ensure(told.is_empty(), false)?;
    ensure(told, stances(&claim["statements"]["nodes"], "/stance"))?;
    for (path, status) in [
        ("/export/claims/claim_AAAAAAAAAAAAAAAAAAAAAA.jsonld", 404),
        ("/export/claims/x.json", 404),
        ("/export/claims/x.jsonld", 200),
    ] {
        let response = get(&app, path).await?;
        ensure((path, response.status().as_u16()), (path, status))?;
        let body: Value = response.json().await?;
        ensure(body["errors"].is_array(), true)?;
    }
    Ok(())
}

pub async fn entities(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Filled).await?;
    let whole = rows(&app, "/export/ftm.jsonl").await?;
    let data = app
        .data(
            "{ parties { totalCount } sources { totalCount } }",
            json!({}),
        )
        .await?;
    let expected: Option<u64> = ["parties", "sources"]
        .iter()
        .map(|list| data[list]["totalCount"].as_u64())
        .sum();
    let named = |schema: &str| {
        let of_schema = whole.iter().filter(|entity| entity["schema"] == schema);
        of_schema.count() as u64
    };
    let (people, articles) = (named("Person"), named("Article"));
    ensure(people > 0 && articles > 0, true)?;
    ensure(
        Some(whole.len() as u64 - named("EconomicActivity")),
        expected,
    )?;
    // From any entity on, whatever its type, the rest is the same.
    for at in [0, whole.len() / 2, whole.len() - 1] {
        let after = whole[at]["id"].as_str().ok_or("no id")?;
        let rest = rows(&app, &format!("/export/ftm.jsonl?after={after}")).await?;
        ensure(rest, whole[at + 1..].to_vec())?;
    }
    ensure(
        get(&app, "/export/ftm.jsonl?filter={}")
            .await?
            .status()
            .as_u16(),
        400,
    )
}
