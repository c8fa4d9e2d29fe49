//! The story entered by hand, step by step through mutations, is the story that the demo loads.
use std::{collections::BTreeMap, path::PathBuf};

use libtest_mimic::Failed;
use serde_json::{Map, Value, json};

use crate::harness::{self, App, Backend, Template, ensure};

pub async fn is_the_demos(backend: Backend) -> Result<(), Failed> {
    let demo = App::start(&backend, Template::Empty).await?;
    waybill::demo::load(&demo.db).await?;
    let by_hand = App::start(&backend, Template::Empty).await?;
    enter(&by_hand).await?;

    let curators = (demo.as_curator().await?, by_hand.as_curator().await?);
    let mut reading = steps(&folder().join("reading.graphql"))?;
    reading.push(("README".to_owned(), as_the_readme_asks()?));
    for (name, query) in reading {
        let nobodys = (String::new(), String::new());
        for (of_demo, of_hand) in [&nobodys, &curators] {
            let expected = numbered(demo.ask(of_demo, &query, json!({})).await?);
            let found = numbered(by_hand.ask(of_hand, &query, json!({})).await?);
            if expected.get("errors").is_some() {
                return Err(format!("{name} answered {}", expected["errors"]).into());
            }
            if let Some(difference) = difference(&name, &found, &expected) {
                return Err(difference.into());
            }
        }
    }
    Ok(())
}

/// The query by which the README reads the whole story.
fn as_the_readme_asks() -> Result<String, Failed> {
    let readme = std::fs::read_to_string(harness::tests().join("../README.md"))?;
    let mut queries = readme
        .split("query='")
        .filter_map(|rest| Some(rest.split_once('\'')?.0));
    let query = queries.find(|query| query.contains("claims(first:"));
    Ok(query
        .ok_or("the README does not read the story")?
        .to_owned())
}

/// Each file after the one before, each operation by itself, as a curator.
async fn enter(app: &App) -> Result<(), Failed> {
    let curator = app.as_curator().await?;
    let mut files: Vec<_> = std::fs::read_dir(folder().join("script"))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.sort();
    // Ids by the names that the answers give them.
    let mut named = BTreeMap::new();
    for file in files {
        for (step, text) in steps(&file)? {
            let asked_for = named.iter().filter(|(name, _)| {
                let variable = format!("${name}:");
                text.contains(&variable)
            });
            let variables: Map<String, Value> = asked_for
                .map(|(name, id): (&String, &String)| (name.clone(), json!(id)))
                .collect();
            let answer = app.ask(&curator, &text, variables.into()).await?;
            let payload = answer["data"]
                .as_object()
                .and_then(|data| data.values().next());
            let refused = payload.and_then(|payload| payload["userErrors"].as_array());
            if answer.get("errors").is_some() || refused.is_some_and(|errors| !errors.is_empty()) {
                return Err(format!("{step} answered {answer}").into());
            }
            let known = named.clone();
            remember(&mut named, &answer);
            // Whoever enters what is there gets what is there.
            if payload.is_some_and(|payload| payload["found"] == true) {
                ensure(&named, &known)?;
            }
        }
    }
    Ok(())
}

/// Every id of an answer, by the name that it has there.
fn remember(named: &mut BTreeMap<String, String>, answer: &Value) {
    match answer {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(id) => {
                        named.insert(name.clone(), id.clone());
                    }
                    value => remember(named, value),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| remember(named, value)),
        _ => {}
    }
}

/// The operations of a file, which begin at the first column, and their names.
fn steps(file: &std::path::Path) -> Result<Vec<(String, String)>, Failed> {
    let text = std::fs::read_to_string(file)?;
    let mut steps: Vec<(String, String)> = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if let Some(("mutation" | "query", rest)) = line.split_once(' ') {
            let name = rest.split(['(', ' ']).next().unwrap_or_default();
            steps.push((name.to_owned(), String::new()));
        }
        if let Some((_, step)) = steps.last_mut() {
            step.push_str(line);
            step.push('\n');
        }
    }
    Ok(steps)
}

/// Ids are made by the server: each becomes the number of the place where it is first met, so that
/// the same record is still the same everywhere.
fn numbered(mut answer: Value) -> Value {
    fn walk(value: &mut Value, met: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    match value {
                        Value::String(id) if name == "id" => {
                            let place = met.iter().position(|other| other == id);
                            let place = place.unwrap_or_else(|| {
                                met.push(id.clone());
                                met.len() - 1
                            });
                            *value = json!(place);
                        }
                        value => walk(value, met),
                    }
                }
            }
            Value::Array(values) => values.iter_mut().for_each(|value| walk(value, met)),
            _ => {}
        }
    }
    walk(&mut answer, &mut Vec::new());
    answer
}

/// The first place where two answers differ.
fn difference(place: &str, found: &Value, expected: &Value) -> Option<String> {
    match (found, expected) {
        (Value::Object(one), Value::Object(other)) if one.len() == other.len() => one
            .iter()
            .find_map(|(name, value)| difference(&format!("{place}.{name}"), value, &other[name])),
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            let both = one.iter().zip(other).enumerate();
            both.into_iter()
                .find_map(|(n, (one, other))| difference(&format!("{place}.{n}"), one, other))
        }
        (one, other) if one == other => None,
        (one, other) => Some(format!("{place} is {one}, and the demo's is {other}")),
    }
}

fn folder() -> PathBuf {
    harness::tests().join("story")
}
