//! What curators do through the API: enter, change, publish, withdraw, undo.
use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};

use crate::harness::{App, Backend, Template};

mod attempts;
mod figures;
mod history;
mod idempotency;
mod limits;
mod races;
mod rules;
mod standing;

pub fn trials(backend: &Backend) -> Vec<Trial> {
    [
        rules::trials(backend),
        figures::trials(backend),
        races::trials(backend),
        attempts::trials(backend),
        limits::trials(backend),
        standing::trials(backend),
        history::trials(backend),
        idempotency::trials(backend),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A curator at work on a server of their own.
struct Desk {
    app: App,
    token: String,
}

/// What a mutation answered.
#[derive(Debug)]
struct Done(Value);

impl Desk {
    async fn open(backend: &Backend, template: Template) -> Result<Self, Failed> {
        let app = App::start(backend, template).await?;
        let token = app.as_curator().await?;
        Ok(Self { app, token })
    }

    /// One mutation, such as `create` of a `Party`.
    async fn act(&self, verb: &str, concept: &str, input: Value) -> Result<Done, Failed> {
        let input_type = match verb {
            "create" | "update" => format!("{}{concept}Input", capitalised(verb)),
            _ => format!("{}Input", capitalised(verb)),
        };
        let field = lower(concept);
        let query = format!(
            "mutation ($input: {input_type}!) {{ done: {verb}{concept}(input: $input) {{
                record: {field} {{ id version status }} found revision
                userErrors {{ code message path }} }} }}"
        );
        let answer = self.ask(&query, json!({ "input": input })).await?;
        Ok(Done(answer["done"].clone()))
    }

    /// A mutation that must succeed.
    async fn must(&self, verb: &str, concept: &str, input: Value) -> Result<Done, Failed> {
        let done = self.act(verb, concept, input).await?;
        match done.0["userErrors"].as_array() {
            Some(errors) if errors.is_empty() => Ok(done),
            _ => Err(format!("{verb}{concept} was refused: {}", done.0).into()),
        }
    }

    /// A mutation that must be refused for these reasons, each with its place in the input.
    async fn refused(
        &self,
        verb: &str,
        concept: &str,
        input: Value,
        reasons: &[(&str, &str)],
    ) -> Result<Done, Failed> {
        let done = self.act(verb, concept, input).await?;
        let found = done.reasons();
        let expected: Vec<_> = reasons
            .iter()
            .map(|(code, path)| ((*code).to_owned(), (*path).to_owned()))
            .collect();
        if found != expected {
            return Err(format!("{verb}{concept}: {found:?}, not {expected:?}: {}", done.0).into());
        }
        Ok(done)
    }

    async fn ask(&self, query: &str, variables: Value) -> Result<Value, Failed> {
        data(self.app.ask(&self.token, query, variables).await?)
    }

    /// What everyone sees.
    async fn public(&self, query: &str, variables: Value) -> Result<Value, Failed> {
        self.app.data(query, variables).await
    }
}

impl Done {
    fn id(&self) -> Value {
        self.0["record"]["id"].clone()
    }

    fn version(&self) -> Value {
        self.0["record"]["version"].clone()
    }

    fn status(&self) -> &str {
        self.0["record"]["status"].as_str().unwrap_or_default()
    }

    fn revision(&self) -> Value {
        self.0["revision"].clone()
    }

    /// The record as another mutation names it, with the rest of its input.
    fn with(&self, rest: Value) -> Value {
        let mut input = json!({ "id": self.id(), "version": self.version() });
        if let (Some(input), Value::Object(rest)) = (input.as_object_mut(), rest) {
            input.extend(rest);
        }
        input
    }

    fn reasons(&self) -> Vec<(String, String)> {
        let errors = self.0["userErrors"].as_array().into_iter().flatten();
        let reason = |error: &Value| {
            let steps = error["path"].as_array().into_iter().flatten();
            let path: Vec<_> = steps.filter_map(Value::as_str).collect();
            (
                error["code"].as_str().unwrap_or_default().to_owned(),
                path.join("."),
            )
        };
        errors.map(reason).collect()
    }
}

fn data(mut answer: Value) -> Result<Value, Failed> {
    match answer.get("errors") {
        None => Ok(answer["data"].take()),
        Some(errors) => Err(format!("answered {errors}").into()),
    }
}

fn capitalised(text: &str) -> String {
    let (head, rest) = text.split_at(1);
    head.to_ascii_uppercase() + rest
}

fn lower(text: &str) -> String {
    let (head, rest) = text.split_at(1);
    head.to_ascii_lowercase() + rest
}

/// A party of no further interest.
fn somebody(name: &str) -> Value {
    json!({ "name": name, "kind": "ORGANISATION" })
}

/// A statement on a claim of its own, in a source of its own.
fn said(text: &str) -> Value {
    json!({
        "claim": { "create": { "kind": "QUALITATIVE", "text": format!("It is said: {text}") } },
        "stance": "ASSERTS", "form": "DIRECT_QUOTE", "text": text,
        "citations": [{
            "source": { "create": { "kind": "REPORT", "title": format!("Report of {text}") } },
            "quote": text,
        }],
        "publish": true,
    })
}
