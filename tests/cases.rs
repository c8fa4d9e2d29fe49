//! Case files: a query and the answer that every database must give to it.
//!
//! `cases/<concept>/<name>.graphql` stands beside `<name>.json`, and `<name>.variables.json`
//! where it takes variables; a query that begins with `# by a curator` is asked by one. `UPDATE_CASES=1` writes the answers anew, for review.
use std::{
    fs,
    path::{Path, PathBuf},
};

use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};

use crate::harness::{self, App, Backend, Template, trial};

/// What stands before a query that a curator asks; others are anyone's.
const BY_A_CURATOR: &str = "# by a curator";

pub fn trials(backend: &Backend) -> Vec<Trial> {
    let folder = harness::tests().join("cases");
    let mut files = Vec::new();
    collect(&folder, &mut files);
    assert!(
        !files.is_empty(),
        "there are no case files in {}",
        folder.display()
    );
    let trials = files.into_iter().map(|file| {
        let name = file
            .strip_prefix(&folder)
            .unwrap_or(&file)
            .with_extension("");
        trial(backend, format!("cases::{}", name.display()), |backend| {
            run(backend, file)
        })
    });
    trials.collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .collect();
    entries.sort_by_key(fs::DirEntry::file_name);
    for path in entries.into_iter().map(|entry| entry.path()) {
        if path.is_dir() {
            collect(&path, files);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "graphql")
        {
            files.push(path);
        }
    }
}

async fn run(backend: Backend, file: PathBuf) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Filled).await?;
    let query = fs::read_to_string(&file)?;
    let variables = match fs::read_to_string(file.with_extension("variables.json")) {
        Ok(text) => serde_json::from_str(&text)?,
        Err(_) => json!({}),
    };
    let token = match query.starts_with(BY_A_CURATOR) {
        true => app.as_curator().await?,
        false => String::new(),
    };
    let mut answer = app.ask(&token, &query, variables).await?;
    scrub(&mut answer);
    let expected_file = file.with_extension("json");
    if std::env::var_os("UPDATE_CASES").is_some() {
        fs::write(
            &expected_file,
            format!("{}\n", serde_json::to_string_pretty(&answer)?),
        )?;
        return Ok(());
    }
    let expected = fs::read_to_string(&expected_file).map_err(|error| {
        format!(
            "{}: {error}; UPDATE_CASES=1 writes it",
            expected_file.display()
        )
    })?;
    let found = format!("{}\n", serde_json::to_string_pretty(&answer)?);
    if found != expected {
        return Err(format!(
            "the answer to {} is {found}\nand should be {expected}",
            file.display()
        )
        .into());
    }
    Ok(())
}

/// Takes out what differs from run to run: ids that are made on entry, cursors and times.
fn scrub(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(scrub),
        Value::Object(fields) => {
            for (name, value) in fields {
                let made = match name.as_str() {
                    "cursor" | "startCursor" | "endCursor" => "<cursor>",
                    "createdAt" | "updatedAt" | "at" | "startedAt" | "finishedAt" => "<time>",
                    "hash" => "<hash>",
                    "id" if !is_fixed(value) => "<id>",
                    _ => {
                        scrub(value);
                        continue;
                    }
                };
                if value.is_string() {
                    *value = made.into();
                }
            }
        }
        _ => {}
    }
}

/// Countries and editions have the same ids everywhere.
fn is_fixed(id: &Value) -> bool {
    let id = id.as_str().unwrap_or_default();
    id.starts_with("country_") || id.starts_with("edition_")
}
