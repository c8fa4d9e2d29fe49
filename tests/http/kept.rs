//! Documents that are known: persisted queries, and those that alone are trusted.
use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::graphql;
use crate::harness::{App, Backend, Template, ensure, trial, waybill};

pub fn trials(backend: &Backend) -> Vec<Trial> {
    vec![
        trial(backend, "http::persisted_queries", persisted),
        trial(backend, "http::trusted_documents", trusted),
        trial(backend, "http::files_that_are_no_documents", files),
    ]
}

const QUERY: &str = "query Q($c: String!) { country(code: $c) { name } }";

fn hash(text: &str) -> String {
    let digest = Sha256::digest(text);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn by_hash(hash: &str, version: u32) -> Value {
    let persisted = json!({ "persistedQuery": { "version": version, "sha256Hash": hash } });
    json!({ "variables": { "c": "cn" }, "extensions": persisted })
}

fn with(mut request: Value, name: &str, value: impl Into<Value>) -> Value {
    request[name] = value.into();
    request
}

fn code(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"]
        .as_str()
        .unwrap_or_default()
}

async fn persisted(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let hash_of = hash(QUERY);
    let request = by_hash(&hash_of, 1);
    let found = json!({ "data": { "country": { "name": "China" } } });
    let (status, answer) = graphql(&app, &request).await?;
    // Clients look for both.
    ensure((status, code(&answer)), (400, "PERSISTED_QUERY_NOT_FOUND"))?;
    ensure(
        &answer["errors"][0]["message"],
        &json!("PersistedQueryNotFound"),
    )?;
    let told = with(request.clone(), "query", QUERY);
    ensure(graphql(&app, &told).await?, (200, found.clone()))?;
    ensure(graphql(&app, &request).await?, (200, found.clone()))?;
    ensure(
        graphql(&app, &by_hash(&hash_of.to_uppercase(), 1)).await?,
        (200, found),
    )?;
    // What does not belong to its hash is neither run nor kept.
    let other = "query Q($c: String!) { country(code: $c) { id } }";
    let lie = with(by_hash(&hash(other), 1), "query", QUERY);
    ensure(graphql(&app, &lie).await?.0, 400)?;
    let (_, answer) = graphql(&app, &by_hash(&hash(other), 1)).await?;
    ensure(code(&answer), "PERSISTED_QUERY_NOT_FOUND")?;
    for wrong in [
        by_hash(&hash_of, 2),
        by_hash(&hash_of[1..], 1),
        by_hash(&format!("{}é", &hash_of[2..]), 1),
    ] {
        let (status, answer) = graphql(&app, &wrong).await?;
        ensure((status, code(&answer)), (400, "BAD_USER_INPUT"))?;
    }
    // What is not valid is not kept, be it no GraphQL, none for this schema, or too much.
    let long = format!("{{ {} }}", "__typename ".repeat(30_000));
    for invalid in ["{ nothing }", "{", long.as_str()] {
        let told = with(by_hash(&hash(invalid), 1), "query", invalid);
        ensure(graphql(&app, &told).await?.0, 400)?;
        let (_, answer) = graphql(&app, &by_hash(&hash(invalid), 1)).await?;
        ensure(code(&answer), "PERSISTED_QUERY_NOT_FOUND")?;
    }
    Ok(())
}

async fn trusted(backend: Backend) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let texts =
        json!({ "a": QUERY, (format!("sha256:{}", hash("{ __typename }"))): "{ __typename }" });
    let manifest = json!({
        "format": "apollo-persisted-query-manifest", "version": 1,
        "operations": [
            { "id": "a", "name": "Q", "type": "query", "body": QUERY },
            { "id": hash("{ __typename }"), "name": "", "type": "query", "body": "{ __typename }" },
        ],
    });
    for (name, documents) in [("texts.json", texts), ("manifest.json", manifest)] {
        let file = folder.path().join(name);
        std::fs::write(&file, documents.to_string())?;
        let option = format!("--trusted-documents={}", file.display());
        let app = App::started(&backend, Template::Empty, &[&option]).await?;
        let variables = json!({ "c": "cn" });
        let found = json!({ "data": { "country": { "name": "China" } } });
        for request in [
            json!({ "documentId": "a", "variables": variables }),
            json!({ "query": QUERY, "variables": variables }),
            by_hash(&hash(QUERY), 1),
            // Whatever text comes with an id, the id's document runs.
            json!({ "documentId": "a", "query": "{ parties { totalCount } }", "variables": variables }),
        ] {
            ensure(graphql(&app, &request).await?, (200, found.clone()))?;
        }
        let typename = json!({ "data": { "__typename": "Query" } });
        for id in [
            hash("{ __typename }"),
            format!("sha256:{}", hash("{ __typename }")),
        ] {
            ensure(
                graphql(&app, &json!({ "documentId": id })).await?,
                (200, typename.clone()),
            )?;
        }
        for request in [
            json!({ "query": format!("{QUERY} ") }),
            json!({ "query": "{ parties { totalCount } }" }),
            json!({ "documentId": "b" }),
            json!({ "documentId": "b", "query": QUERY }),
            json!({}),
            with(
                by_hash(&hash("{ parties { totalCount } }"), 1),
                "query",
                "{ parties { totalCount } }",
            ),
        ] {
            let (status, answer) = graphql(&app, &request).await?;
            ensure((status, code(&answer)), (403, "FORBIDDEN"))?;
        }
    }
    Ok(())
}

/// The server does not start, and says why in a line.
async fn files(backend: Backend) -> Result<(), Failed> {
    let database = backend.database(Template::Empty).await?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("documents.json");
    let option = file.display().to_string();
    let arguments = [
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--trusted-documents",
        &option,
    ];
    waybill(&database.url, &arguments)?.failed_saying("cannot be read")?;
    for (content, words) in [
        ("[", "documents.json is neither"),
        ("[]", "documents.json is neither"),
        (
            r#"{ "operations": [{ "id": "a" }] }"#,
            "documents.json is neither",
        ),
        (r#"{ "a": "{" }"#, "the document a: expected"),
        (r#"{ "a": "{ nothing }" }"#, "the document a: Unknown field"),
        (
            r#"{ "a": "{ a: country(code: 1) { id } b: country(code: 2) { id } }" }"#,
            "the document a: country.code",
        ),
    ] {
        std::fs::write(&file, content)?;
        waybill(&database.url, &arguments)?.failed_saying(words)?;
    }
    Ok(())
}
