//! Every field that the schema has, asked of every record that hidden ones hang on.
use std::collections::HashMap;

use entity::value::Status;
use libtest_mimic::Failed;
use serde_json::{Value, json};

use super::enter;
use crate::harness::{App, Backend, Template, ensure};

/// How deep to ask; beyond it only counts and names of types.
const DEPTH: usize = 2;
const IDS_AT_ONCE: usize = 12;

const SCHEMA: &str = "{ __schema { queryType { fields { ...field } } types { name kind
    fields { ...field } interfaces { name } possibleTypes { name } } } }
    fragment field on __Field { name args { defaultValue type { kind } } type { ...type } }
    fragment type on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";

const IDS: &str = "{ a: parties(first: 200) { nodes { id } } b: sources(first: 200) { nodes { id } }
    c: claims(first: 8) { nodes { id } } d: statements(first: 8) { nodes { id } }
    e: datasets(first: 200) { nodes { id } } f: productLists(first: 200) { nodes { id } }
    g: shipments(first: 8) { nodes { id citation { id } } }
    h: countries(filter: { alpha2: { in: [\"CN\", \"RU\"] } }) { nodes { id } }
    i: products(filter: { code: { in: [\"440111\", \"880621\"] } }) { nodes { id edition { id } lists { id } } } }";

/// Asks what everyone may, with drafts and without: not one bit may differ.
pub async fn never_leaks(backend: Backend) -> Result<(), Failed> {
    let much = [
        "--max-aliases=20000",
        "--max-root-fields=20000",
        "--max-fields=100000",
        "--max-tokens=1000000",
        "--max-nodes=100000000",
        "--max-cost=100000000",
        "--rate-anonymous=0",
        "--rate-signed-in=0",
    ];
    let app = App::started(&backend, Template::Filled, &much).await?;
    let schema = app.data(SCHEMA, json!({})).await?;
    let schema = Schema::new(&schema["__schema"])?;
    let mut ids = Vec::new();
    collect(&app.data(IDS, json!({})).await?, &mut ids);
    ensure(ids.len() > 40, true)?;

    let before = schema.ask(&app, "", &ids).await?;
    enter(&app, Status::Draft).await?;
    enter_more(&app).await?;
    let after = schema.ask(&app, "", &ids).await?;
    for (before, after) in before.iter().zip(&after) {
        if before != after {
            let (place, was, is) = difference(String::new(), before, after);
            return Err(format!("a draft shows at {place}: {is}, before {was}").into());
        }
    }
    // A curator sees them: these questions can tell.
    let curator = app.as_curator().await?;
    let seen = schema.ask(&app, &curator, &ids).await?;
    ensure(
        seen.iter()
            .any(|answer| answer.to_string().contains("SECRET")),
        true,
    )
}

/// Changes of a draft, so that there is history to hide.
async fn enter_more(app: &App) -> Result<(), Failed> {
    let curator = app.as_curator().await?;
    let query = "mutation { createParty(input: { name: \"SECRET history\", kind: PERSON, country: { code: \"CN\" },
        comment: \"SECRET\" }) { revision userErrors { message } } }";
    let answer = app.ask(&curator, query, json!({})).await?;
    ensure(answer["data"]["createParty"]["revision"].is_i64(), true)
}

fn collect(value: &Value, ids: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value.as_str() {
                    Some(id) if name == "id" && !ids.contains(&id.to_owned()) => {
                        ids.push(id.to_owned());
                    }
                    _ => collect(value, ids),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, ids)),
        _ => {}
    }
}

/// Where two answers differ first.
fn difference(place: String, one: &Value, other: &Value) -> (String, String, String) {
    match (one, other) {
        (Value::Object(ours), Value::Object(theirs)) => {
            for (name, value) in ours {
                if theirs.get(name) != Some(value) {
                    let there = theirs.get(name).unwrap_or(&Value::Null);
                    return difference(format!("{place}.{name}"), value, there);
                }
            }
        }
        (Value::Array(ours), Value::Array(theirs)) if ours.len() == theirs.len() => {
            for (number, (value, there)) in ours.iter().zip(theirs).enumerate() {
                if value != there {
                    return difference(format!("{place}.{number}"), value, there);
                }
            }
        }
        _ => {}
    }
    (place, one.to_string(), other.to_string())
}

struct Schema {
    types: HashMap<String, Value>,
    roots: Vec<Value>,
}

impl Schema {
    fn new(schema: &Value) -> Result<Self, Failed> {
        let types = schema["types"].as_array().ok_or("no types")?;
        let named = |ty: &Value| {
            (
                ty["name"].as_str().unwrap_or_default().to_owned(),
                ty.clone(),
            )
        };
        let roots = schema["queryType"]["fields"]
            .as_array()
            .ok_or("no fields")?;
        Ok(Self {
            types: types.iter().map(named).collect(),
            roots: roots.clone(),
        })
    }

    /// The answers to everything that can be asked of these records, and of the roots.
    async fn ask(&self, app: &App, token: &str, ids: &[String]) -> Result<Vec<Value>, Failed> {
        let mut answers = Vec::new();
        for root in &self.roots {
            if let Some(field) = self.field("root", root, DEPTH - 1) {
                answers.push(app.ask(token, &format!("{{ {field} }}"), json!({})).await?);
            }
        }
        let mut of_type: HashMap<&str, Vec<&String>> = HashMap::new();
        for id in ids {
            of_type
                .entry(id.split('_').next().unwrap_or_default())
                .or_default()
                .push(id);
        }
        let mut of_type: Vec<_> = of_type.into_iter().collect();
        of_type.sort();
        let asked = of_type
            .iter()
            .flat_map(|(name, ids)| ids.chunks(IDS_AT_ONCE).map(move |ids| (*name, ids)));
        for (name, ids) in asked {
            let (head, rest) = name.split_at(1);
            let name = head.to_ascii_uppercase() + rest;
            let fields = self.selection(&name, DEPTH);
            let query = format!(
                "query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on {name} {{ {fields} }} }} }}"
            );
            let answer = app.ask(token, &query, json!({ "ids": ids })).await?;
            ensure(
                (answer.get("errors"), answer["data"]["nodes"].is_array()),
                (None, true),
            )?;
            answers.push(answer);
        }
        Ok(answers)
    }

    fn selection(&self, name: &str, depth: usize) -> String {
        let ty = &self.types[name];
        let mut parts = vec!["__typename".to_owned()];
        match ty["kind"].as_str() {
            Some("INTERFACE" | "UNION") => {
                for possible in ty["possibleTypes"].as_array().into_iter().flatten() {
                    let possible = possible["name"].as_str().unwrap_or_default();
                    parts.push(format!(
                        "... on {possible} {{ {} }}",
                        self.selection(possible, depth)
                    ));
                }
            }
            _ => {
                let fields = ty["fields"].as_array().into_iter().flatten();
                parts.extend(fields.filter_map(|field| self.field(name, field, depth)));
            }
        }
        parts.join(" ")
    }

    /// Under a name of its own: types that share a place in an answer may differ in a field.
    fn field(&self, owner: &str, field: &Value, depth: usize) -> Option<String> {
        let name = field["name"].as_str()?;
        let needs = |argument: &&Value| {
            argument["type"]["kind"] == "NON_NULL" && argument["defaultValue"].is_null()
        };
        let mut needed = field["args"].as_array()?.iter().filter(needs);
        // What takes words is asked for those that only drafts hold.
        let words = match (
            needed.next().map(|argument| &argument["name"]),
            needed.next(),
        ) {
            (None, _) => "",
            (Some(argument), None) if argument == "query" => "query: \"secret\", ",
            _ => return None,
        };
        let mut ty = &field["type"];
        while !ty["ofType"].is_null() {
            ty = &ty["ofType"];
        }
        let of = ty["name"].as_str()?;
        if matches!(ty["kind"].as_str(), Some("SCALAR" | "ENUM")) {
            return Some(format!("{owner}_{name}: {name}"));
        }
        if !of.ends_with("Connection") {
            let inner = match depth {
                0 => "__typename".to_owned(),
                _ => self.selection(of, depth - 1),
            };
            return Some(format!("{owner}_{name}: {name} {{ {inner} }}"));
        }
        let node = of.trim_end_matches("Connection");
        let nodes = match depth {
            0 => String::new(),
            _ => format!("nodes {{ {} }}", self.selection(node, depth - 1)),
        };
        Some(format!(
            "{owner}_{name}: {name}({words}last: 6) {{ totalCount {nodes} }}"
        ))
    }
}
