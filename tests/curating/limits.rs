//! Inputs that did harm once: too deep, too long, twice, or within themselves.
use libtest_mimic::{Failed, Trial};
use reqwest::Method;
use serde_json::{Value, json};

use super::{Desk, said, somebody};
use crate::harness::{Backend, Template, ensure, trial};

pub fn trials(backend: &Backend) -> Vec<Trial> {
    vec![
        trial(backend, "curating::deep_inputs_are_refused", deep),
        trial(backend, "curating::twice_under_one_key_is_done_once", twice),
        trial(
            backend,
            "curating::keys_that_write_see_drafts",
            writing_keys,
        ),
        trial(
            backend,
            "curating::names_and_addresses_fit_their_index",
            names,
        ),
        trial(
            backend,
            "curating::codes_of_living_countries_are_theirs",
            living,
        ),
        trial(
            backend,
            "curating::nothing_stands_within_itself",
            within_itself,
        ),
    ]
}

/// Each level costs the stack: a few hundred once ended the process.
async fn deep(backend: Backend) -> Result<(), Failed> {
    let desk = Desk::open(&backend, Template::Empty).await?;
    let refused = async |query: &str, variables: Value| -> Result<(), Failed> {
        let answer = desk.app.ask(&desk.token, query, variables).await?;
        // JSON that is nested deeper still is not even read.
        let code = answer["errors"][0]["extensions"]["code"].as_str();
        let is_refused = matches!(code, Some("QUERY_TOO_COMPLEX" | "BAD_USER_INPUT"));
        ensure((answer.get("data"), is_refused), (None, true))
    };
    for levels in [60, 1_000, 10_000] {
        let filter = format!(
            "{}title:{{eq:\"x\"}}{}",
            "not:{".repeat(levels),
            "}".repeat(levels)
        );
        refused(
            &format!("{{ sources(filter:{{{filter}}}) {{ totalCount }} }}"),
            json!({}),
        )
        .await?;
        let create = "kind:ARTICLE,title:\"x\",cites:[{kind:CITES,target:{create:{";
        let create = format!(
            "{}kind:ARTICLE,title:\"x\"{}",
            create.repeat(levels),
            "}}}]".repeat(levels)
        );
        refused(
            &format!("mutation {{ createSource(input:{{{create}}}) {{ found }} }}"),
            json!({}),
        )
        .await?;
    }
    let mut filter = json!({ "title": { "eq": "x" } });
    let mut source = json!({ "kind": "ARTICLE", "title": "x" });
    for _ in 0..60 {
        filter = json!({ "not": filter });
    }
    refused(
        "query ($f: SourceFilter) { sources(filter: $f) { totalCount } }",
        json!({ "f": filter }),
    )
    .await?;
    for _ in 0..9 {
        source = json!({ "kind": "ARTICLE", "title": "x", "cites": [{ "kind": "CITES", "target": { "create": source } }] });
    }
    let nested = desk.act("create", "Source", source.clone()).await?;
    ensure(nested.0["userErrors"][0]["code"].as_str(), Some("INVALID"))?;
    source = source["cites"][0]["target"]["create"].take();
    source = source["cites"][0]["target"]["create"].take();
    desk.must("create", "Source", source).await.map(drop)?;
    // A text that does not end hides nothing.
    refused(&format!("{{ a(b: \"\n{} }}", "{".repeat(1_000)), json!({})).await?;
    // Brackets in texts and comments are none.
    let brackets = "{".repeat(100);
    let query =
        format!("# {brackets}\n{{ country(code: \"{brackets}\\\"{brackets}\") {{ name }} }}");
    ensure(
        desk.ask(&query, json!({})).await?,
        json!({ "country": null }),
    )
}

async fn twice(backend: Backend) -> Result<(), Failed> {
    let desk = Desk::open(&backend, Template::Empty).await?;
    let create =
        "createParty(input: { name: \"Once\", kind: PERSON, evenIfKnown: true }) { found }";
    for query in [
        format!("mutation {{ {create} {create} }}"),
        format!("mutation {{ {create} ... {{ {create} }} }}"),
        format!("mutation {{ ...a ...a }} fragment a on Mutation {{ {create} }}"),
        format!("mutation {{ {create} ... @skip(if: true) {{ other: {create} }} }}"),
    ] {
        let done = desk.ask(&query, json!({})).await?;
        ensure(done, json!({ "createParty": { "found": false } }))?;
    }
    let other = create.replace("Once", "Twice");
    let differs = format!("mutation {{ {create} {other} }}");
    let answer = desk.app.ask(&desk.token, &differs, json!({})).await?;
    ensure(
        answer["errors"][0]["extensions"]["code"].as_str(),
        Some("BAD_USER_INPUT"),
    )?;
    desk.ask(
        &format!("mutation {{ a: {create} b: {create} }}"),
        json!({}),
    )
    .await?;
    let count = desk.ask("{ parties { totalCount } }", json!({})).await?;
    ensure(count["parties"]["totalCount"].as_u64(), Some(6))?;
    for key in ["", "schlüssel"] {
        let request = desk
            .app
            .request(Method::POST, "/graphql")
            .bearer_auth(&desk.token);
        let request = request.header(
            "Idempotency-Key",
            reqwest::header::HeaderValue::from_bytes(key.as_bytes())?,
        );
        let body = json!({ "query": format!("mutation {{ {create} }}") });
        ensure(request.json(&body).send().await?.status().as_u16(), 400)?;
    }
    Ok(())
}

async fn writing_keys(backend: Backend) -> Result<(), Failed> {
    let desk = Desk::open(&backend, Template::Empty).await?;
    let create =
        "mutation { createApiKey(input: { name: \"writer\", scopes: [WRITE] }) { secret } }";
    let key = desk.ask(create, json!({})).await?;
    let key = key["createApiKey"]["secret"].as_str().ok_or("no key")?;
    let mut draft = said("a draft");
    draft["publish"] = false.into();
    let query = "mutation ($input: CreateStatementInput!) { done: createStatement(input: $input) { statement { claim { text } } } }";
    let answer = desk.app.ask(key, query, json!({ "input": draft })).await?;
    ensure(
        answer["data"]["done"]["statement"]["claim"]["text"].is_string(),
        true,
    )
}

async fn names(backend: Backend) -> Result<(), Failed> {
    let desk = Desk::open(&backend, Template::Filled).await?;
    // Beyond what compresses well.
    let long: String = (0..2_100u32)
        .map(|n| char::from(b'a' + (n * n % 26) as u8))
        .collect();
    desk.refused("create", "Party", somebody(&long), &[("INVALID", "name")])
        .await?;
    desk.must("create", "Party", somebody(&long[..1_900]))
        .await?;
    let source = json!({ "kind": "ARTICLE", "title": "x", "authors": [long] });
    desk.refused("create", "Source", source, &[("INVALID", "authors")])
        .await?;
    let query = "mutation ($url: URL!) { createSource(input: { kind: ARTICLE, title: \"x\", url: $url }) { found } }";
    for url in [
        format!("https://example.org/{long}"),
        " https://example.org/\nx".to_owned(),
    ] {
        let answer = desk
            .app
            .ask(&desk.token, query, json!({ "url": url }))
            .await?;
        ensure(
            answer["errors"][0]["extensions"]["code"].as_str(),
            Some("BAD_USER_INPUT"),
        )?;
    }
    desk.ask(
        query,
        json!({ "url": format!("https://example.org/{}", &long[..1_900]) }),
    )
    .await
    .map(drop)
}

async fn living(backend: Backend) -> Result<(), Failed> {
    let desk = Desk::open(&backend, Template::Empty).await?;
    let area = json!({ "m49": "986", "alpha2": "FR", "name": "Another France", "kind": "COUNTRY" });
    desk.refused("create", "Country", area, &[("TAKEN", "alpha2")])
        .await?;
    let area = json!({ "m49": "842", "name": "Another code", "kind": "COUNTRY" });
    desk.refused("create", "Country", area, &[("TAKEN", "m49")])
        .await
        .map(drop)
}

async fn within_itself(backend: Backend) -> Result<(), Failed> {
    let desk = Desk::open(&backend, Template::Empty).await?;
    let own = json!({ "kind": "ARTICLE", "title": "x", "url": "https://example.org/own" });
    let mut citing = own.clone();
    citing["cites"] = json!([{ "kind": "CITES", "target": { "create": own } }]);
    let reason = [("NOT_ALLOWED", "cites.0.target.create")];
    desk.refused("create", "Source", citing, &reason).await?;
    // Two that are not there are not the same.
    let missing = json!({ "kind": "CITES", "target": { "url": "https://example.org/missing" } });
    let source = json!({ "kind": "ARTICLE", "title": "x", "cites": [missing, missing] });
    let reasons = [
        ("NOT_FOUND", "cites.0.target"),
        ("NOT_FOUND", "cites.1.target"),
    ];
    desk.refused("create", "Source", source, &reasons)
        .await
        .map(drop)
}
