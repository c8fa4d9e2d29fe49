//! GraphQL over HTTP: media types, status codes, and what is refused before it runs.
use libtest_mimic::{Failed, Trial};
use reqwest::{Method, header};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::harness::{App, Backend, Template, trial};

mod bodies;
mod callers;
mod documents;
mod execution;
mod freshness;
mod kept;

const GRAPHQL: &str = "application/graphql-response+json";

pub fn trials(backend: &Backend) -> Vec<Trial> {
    let own = vec![
        trial(backend, "http::statuses", statuses),
        trial(backend, "http::get", get),
        trial(backend, "http::accept", accept),
        trial(backend, "http::pages", pages),
        trial(backend, "http::limits", limits),
        trial(backend, "http::errors_of_ours_are_not_shown", ours),
    ];
    let mut trials = vec![own, execution::trials(backend), freshness::trials(backend)];
    // The rest does not come as far as the database.
    if matches!(backend, Backend::Sqlite) {
        trials.push(documents::trials(backend));
        trials.push(kept::trials(backend));
        trials.push(bodies::trials(backend));
        trials.push(callers::trials(backend));
    }
    trials.into_iter().flatten().collect()
}

/// A request in JSON: its status and its answer.
async fn graphql(app: &App, request: &Value) -> Result<(u16, Value), Failed> {
    post(app, GRAPHQL, "application/json", request.to_string()).await
}

async fn post(
    app: &App,
    accept: &str,
    content_type: &str,
    body: String,
) -> Result<(u16, Value), Failed> {
    let request = app
        .request(Method::POST, "/graphql")
        .header(header::ACCEPT, accept)
        .header(header::CONTENT_TYPE, content_type)
        .body(body);
    let response = request.send().await?;
    let status = response.status().as_u16();
    Ok((status, response.json().await.unwrap_or_default()))
}

fn ensure(what: &str, holds: bool, found: &impl std::fmt::Debug) -> Result<(), Failed> {
    if holds {
        Ok(())
    } else {
        Err(format!("{what}: {found:?}").into())
    }
}

async fn statuses(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let json = "application/json";
    let rows = [
        ("a query", json, r#"{"query":"{ __typename }"}"#, 200, 200),
        (
            "a document that does not parse",
            json,
            r#"{"query":"{"}"#,
            400,
            200,
        ),
        (
            "a field that is not there",
            json,
            r#"{"query":"{ nothing }"}"#,
            400,
            200,
        ),
        (
            "an operation that is not there",
            json,
            r#"{"query":"query A { __typename }","operationName":"B"}"#,
            400,
            200,
        ),
        (
            "a field that fails",
            json,
            r#"{"query":"{ node(id: \"x\") { id } }"}"#,
            200,
            200,
        ),
        ("no query", json, "{}", 400, 400),
        ("no JSON", json, "{", 400, 400),
        (
            "variables that are no object",
            json,
            r#"{"query":"{ __typename }","variables":[1]}"#,
            400,
            400,
        ),
        (
            "a form",
            "application/x-www-form-urlencoded",
            "query={__typename}",
            415,
            415,
        ),
        (
            "plain text",
            "text/plain",
            r#"{"query":"{ __typename }"}"#,
            415,
            415,
        ),
    ];
    for (what, content_type, body, new, old) in rows {
        for (accept, expected) in [(GRAPHQL, new), (json, old)] {
            let (status, answer) = post(&app, accept, content_type, body.to_owned()).await?;
            ensure(what, status == expected, &(accept, status, &answer))?;
            let codes = answer["errors"].as_array().into_iter().flatten();
            let coded = codes
                .into_iter()
                .all(|error| error["extensions"]["code"].is_string());
            ensure("every error has a code", coded, &answer)?;
            // `data` stands in the answer just when execution began.
            let began = answer.get("data").is_some();
            ensure("data", began == (new == 200), &answer)?;
        }
    }
    Ok(())
}

async fn get(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let ask = async |path: &str| app.request(Method::GET, path).send().await;
    let query = "/graphql?query=query%20A(%24c%3AString!)%7Bcountry(code%3A%24c)%7Bname%7D%7D%20query%20B%7B__typename%7D&operationName=A&variables=%7B%22c%22%3A%22cn%22%7D";
    let answer: Value = ask(query).await?.json().await?;
    ensure(
        "a query by GET",
        answer == json!({"data": {"country": {"name": "China"}}}),
        &answer,
    )?;
    let mutation = ask("/graphql?query=mutation%7B__typename%7D").await?;
    ensure("a mutation by GET", mutation.status() == 405, &mutation)?;
    ensure(
        "Allow",
        mutation.headers()[header::ALLOW] == "POST",
        &mutation,
    )?;
    let broken = ask("/graphql?query=%7B__typename%7D&variables=x").await?;
    ensure(
        "variables that are no JSON",
        broken.status() == 400,
        &broken,
    )?;
    let put = app.request(Method::PUT, "/graphql").send().await?;
    ensure("PUT", put.status() == 405, &put)
}

async fn accept(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let rows = [
        (None, Some("application/json")),
        (Some("*/*"), Some("application/json")),
        (Some("application/json"), Some("application/json")),
        (Some(GRAPHQL), Some(GRAPHQL)),
        (
            Some("application/graphql-response+json, application/json;q=0.9"),
            Some(GRAPHQL),
        ),
        (
            Some("application/json;q=0.5, application/graphql-response+json;q=0.4"),
            Some("application/json"),
        ),
        (Some("text/html"), None),
        (Some("application/json;q=0"), None),
    ];
    for (accept, expected) in rows {
        let mut request = app.request(Method::GET, "/graphql?query=%7B__typename%7D");
        if let Some(accept) = accept {
            request = request.header(header::ACCEPT, accept);
        }
        let response = request.send().await?;
        let found = response.headers()[header::CONTENT_TYPE]
            .to_str()?
            .split(';')
            .next();
        match expected {
            Some(media) => ensure("media type", found == Some(media), &(accept, found))?,
            None => ensure("not acceptable", response.status() == 406, &accept)?,
        }
    }
    Ok(())
}

async fn pages(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let rows = [
        ("/", "text/html", "GraphiQL"),
        ("/health/live", "", "live"),
        ("/health/ready", "", "ready"),
        ("/schema.graphql", "text/plain", "type Query"),
    ];
    for (path, media, words) in rows {
        let response = app.request(Method::GET, path).send().await?;
        ensure(path, response.status() == 200, &response)?;
        let found = response
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok());
        ensure(path, found.unwrap_or_default().starts_with(media), &found)?;
        let body = response.text().await?;
        ensure(path, body.contains(words), &body)?;
    }
    Ok(())
}

async fn limits(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let deep = format!(
        "{{ product(code: \"01\") {} id {} }}",
        "{ parent ".repeat(40),
        "}".repeat(40)
    );
    let wide = "{ shipments(first: 200) { nodes { dataset { shipments(first: 200) { nodes { dataset { shipments(first: 200) { nodes { key } } } } } } } } }";
    for (what, query) in [("too deep", deep.as_str()), ("too much at a time", wide)] {
        let (status, answer) = post(
            &app,
            GRAPHQL,
            "application/json",
            json!({ "query": query }).to_string(),
        )
        .await?;
        ensure(what, status == 400, &answer)?;
    }
    let large = json!({ "query": "{ __typename }", "operationName": "x".repeat(2 << 20) });
    let (status, _) = post(&app, GRAPHQL, "application/json", large.to_string()).await?;
    ensure("a body of 2 MiB", status == 413, &status)
}

/// The client learns that it was us, and by which id we can look it up.
async fn ours(backend: Backend) -> Result<(), Failed> {
    let database = backend.database(Template::Empty).await?;
    let url = database.url.clone();
    let app = App::over(database).await?;
    let saboteur = sea_orm::Database::connect(&url).await?;
    saboteur
        .execute_unprepared("ALTER TABLE party RENAME TO gone")
        .await?;
    saboteur.close().await?;
    let answer = app
        .anonymous("{ parties { nodes { name } } }", json!({}))
        .await?;
    let error = &answer["errors"][0];
    ensure("code", error["extensions"]["code"] == "INTERNAL", &answer)?;
    ensure(
        "an id to ask for",
        error["extensions"]["requestId"].is_string(),
        &answer,
    )?;
    let text = answer.to_string();
    let tells = ["party", "SELECT", "relation", "table"]
        .iter()
        .any(|word| text.contains(word));
    ensure("nothing of ours", !tells, &answer)
}
