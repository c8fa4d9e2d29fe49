//! Signing in, and what it takes to do so.
use libtest_mimic::{Failed, Trial};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{App, Backend, ensure};

mod api_keys;
mod commands;
mod curators;
mod issuer;
mod matrix;
mod provider;
mod sessions;
mod throttle;
mod tokens;

const PASSWORD: &str = "correct horse battery";

pub fn trials(backend: &Backend) -> Vec<Trial> {
    [
        api_keys::trials(backend),
        commands::trials(backend),
        curators::trials(backend),
        matrix::trials(backend),
        provider::trials(backend),
        sessions::trials(backend),
        throttle::trials(backend),
        tokens::trials(backend),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Who the server takes the bearer of a token for.
async fn viewer(app: &App, token: &str) -> Result<Value, Failed> {
    let query = "{ viewer { scopes curator { id name email role version } } }";
    let mut answer = app.ask(token, query, json!({})).await?;
    match answer.get("errors") {
        None => Ok(answer["data"]["viewer"].take()),
        Some(errors) => Err(format!("viewer answered {errors}").into()),
    }
}

/// The token is refused before anything is executed, and never taken for nobody's.
async fn refused(app: &App, what: &str, token: &str) -> Result<String, Failed> {
    let request = app
        .request(Method::POST, "/graphql")
        .bearer_auth(token)
        .json(&json!({ "query": "{ viewer { scopes } }" }));
    let response = request.send().await?;
    let status = response.status();
    let challenge = response.headers().get("www-authenticate").cloned();
    let answer: Value = response.json().await?;
    let is_bearer =
        challenge.is_some_and(|value| value.to_str().unwrap_or_default().starts_with("Bearer"));
    let code = &answer["errors"][0]["extensions"]["code"];
    if status != 401 || !is_bearer || code != "UNAUTHENTICATED" || answer.get("data").is_some() {
        return Err(format!("{what}: {status}, {answer}").into());
    }
    let message = answer["errors"][0]["message"].as_str();
    Ok(message.unwrap_or_default().to_owned())
}

/// The payload of the only mutation in an answer without errors.
async fn payload(app: &App, token: &str, query: &str, variables: Value) -> Result<Value, Failed> {
    let mut answer = app.ask(token, query, variables).await?;
    if let Some(errors) = answer.get("errors") {
        return Err(format!("{query} answered {errors}").into());
    }
    let data = answer["data"].as_object_mut().ok_or("no data")?;
    let payload = data.values_mut().next().ok_or("an empty answer")?;
    Ok(payload.take())
}

fn code(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"]
        .as_str()
        .unwrap_or_default()
}

fn text(value: &Value) -> Result<String, Failed> {
    Ok(value
        .as_str()
        .ok_or_else(|| format!("{value} is no text"))?
        .to_owned())
}

/// Nothing of the user's errors.
fn done(payload: &Value) -> Result<(), Failed> {
    ensure(&payload["userErrors"], &json!([]))
}
