//! `schema.graphql` is what the code serves, and every element of it is described.
use libtest_mimic::{Failed, Trial};

use crate::harness;

pub fn trials() -> Vec<Trial> {
    vec![
        Trial::test("contract::schema_file_is_current", schema_file_is_current),
        Trial::test("contract::everything_is_described", everything_is_described),
        Trial::test(
            "contract::nullable_fields_say_what_null_means",
            nullable_fields_say_what_null_means,
        ),
    ]
}

fn schema_file_is_current() -> Result<(), Failed> {
    let file = std::fs::read_to_string(harness::tests().join("../schema.graphql"))?;
    if file != waybill::schema::sdl() {
        return Err("schema.graphql is not current: cargo run -- schema > schema.graphql".into());
    }
    Ok(())
}

/// Each line that defines something follows the end of a description.
fn everything_is_described() -> Result<(), Failed> {
    let sdl = waybill::schema::sdl();
    let mut lines = sdl.lines().peekable();
    let (mut previous, mut in_description, mut in_schema) = ("", false, false);
    let mut missing = Vec::new();
    for line in lines.by_ref() {
        let text = line.trim();
        if text == "\"\"\"" {
            in_description = !in_description;
        } else if !in_description {
            in_schema = (in_schema && text != "}") || text.starts_with("schema {");
            let is_closing = text.is_empty() || text.starts_with([')', '}']);
            let described = previous == "\"\"\"" || previous.starts_with('"');
            if !is_closing && !in_schema && !text.starts_with('"') && !described {
                missing.push(text.to_owned());
            }
        }
        previous = text;
    }
    if missing.is_empty() {
        Ok(())
    } else {
        Err(format!("no description: {missing:#?}").into())
    }
}

/// In objects; filters and arguments say in one place that null is absence.
fn nullable_fields_say_what_null_means() -> Result<(), Failed> {
    let sdl = waybill::schema::sdl();
    let (mut description, mut before_arguments) = (String::new(), String::new());
    let (mut in_description, mut in_object) = (false, false);
    let mut silent = Vec::new();
    for line in sdl.lines() {
        let text = line.trim();
        if text == "\"\"\"" {
            in_description = !in_description;
            if in_description {
                description.clear();
            }
        } else if in_description {
            description.push_str(text);
            description.push(' ');
        } else if line.starts_with("type ") {
            in_object = true;
        } else if line == "}" {
            in_object = false;
        } else if in_object && line.starts_with("  ") && !line.starts_with("    ") {
            if text.ends_with('(') {
                before_arguments = std::mem::take(&mut description);
                continue;
            }
            let own = if text.starts_with("): ") {
                &before_arguments
            } else {
                &description
            };
            let is_nullable = text.contains(": ") && !text.ends_with('!');
            let speaks = own.to_lowercase().contains("null");
            let is_cursor = text.ends_with("Cursor: String");
            if is_nullable && !speaks && !is_cursor {
                silent.push(text.to_owned());
            }
        }
    }
    if silent.is_empty() {
        Ok(())
    } else {
        Err(format!("what does null mean? {silent:#?}").into())
    }
}
