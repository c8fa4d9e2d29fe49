//! Pages that are written as they are read say the very bytes that resolving them does, and what is
//! kept in memory is never older than what was acknowledged.
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use entity::{dataset as datasets, shipment as shipments};
use libtest_mimic::{Failed, Trial};
use reqwest::Method;
use serde_json::{Value, json};

use waybill::kit::edit::{Author, Edit};

use crate::harness::{App, Backend, Running, Template, dataset, ensure, shipment, trial};

pub fn trials(backend: &Backend) -> Vec<Trial> {
    vec![
        trial(backend, "direct::says_what_resolving_says", same),
        trial(backend, "direct::nothing_is_stale", nothing_is_stale),
        trial(backend, "direct::names_are_those_of_now", names),
    ]
}

const SCHEMA: &str = "{ __schema { queryType { fields { ...f } } types { name kind possibleTypes { name } fields { ...f } } } }
    fragment f on __Field { name args { name defaultValue type { kind } } type { ...t } }
    fragment t on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";
/// What is read in several steps, and fragments on a union within another one.
const DEEP: [&str; 3] = [
    "{ claims { nodes { subjects { __typename ... on SearchResult { ... on ProductList { slug } } } } } }",
    "{ statements { nodes { id text speaker { name } citations { locator source { title } } again: citations { id }
        claim { text subjects { __typename ... on Shipment { key citation { locator } product { code } }
            ... on ProductList { slug } ... on Node { id } ... on Country { name } } } } } }",
    "{ statements(last: 3) { edges { node { claim { id subjects { ... on Product { code } } } citations { source { publisher { name } } } } } } }",
];
/// As many fields of a concept are written at least.
const WRITTEN: [(&str, usize); 4] = [
    ("Shipment", 40),
    ("Product", 12),
    ("Party", 11),
    ("Statement", 17),
];

/// A field of a type: its name, and the name of what it leads to.
struct Field {
    name: String,
    of: String,
    is_leaf: bool,
    is_list: bool,
}

fn fields(of: &Value) -> Vec<Field> {
    let fields = of["fields"].as_array().into_iter().flatten();
    let plain = fields.filter(|field| {
        let mut arguments = field["args"].as_array().into_iter().flatten();
        !arguments.any(|argument| {
            argument["type"]["kind"] == "NON_NULL" && argument["defaultValue"].is_null()
        })
    });
    plain
        .map(|field| {
            let (mut of, mut is_list) = (&field["type"], false);
            while !of["ofType"].is_null() {
                is_list |= of["kind"] == "LIST";
                of = &of["ofType"];
            }
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            Field {
                name: text(&field["name"]),
                of: text(&of["name"]),
                is_leaf: matches!(of["kind"].as_str(), Some("SCALAR" | "ENUM")),
                is_list,
            }
        })
        .collect()
}

/// The fields of a type that take no arguments, so many records deep.
fn selected<'s>(
    of: &'s Value,
    named: &impl Fn(&str) -> Option<&'s Value>,
    depth: usize,
) -> Vec<String> {
    let mut selected = vec!["__typename".to_owned()];
    for field in fields(of) {
        if field.is_leaf {
            selected.push(field.name);
        } else if !field.is_list && !field.of.ends_with("Connection") && depth > 0 {
            let inner = named(&field.of).map(|of| self::selected(of, named, depth - 1));
            let inner = inner.unwrap_or_else(|| vec!["__typename".to_owned()]);
            selected.push(format!("{} {{ {} }}", field.name, inner.join(" ")));
        }
    }
    selected
}

/// Every field of every concept, each in a page of its own, and those of what it leads to.
fn questions(schema: &Value) -> Vec<String> {
    let types = schema["types"].as_array().into_iter().flatten();
    let types: Vec<_> = types.collect();
    let named = |name: &str| types.iter().copied().find(|of| of["name"] == name);
    let mut questions = Vec::new();
    for root in fields(&schema["queryType"]) {
        let Some(node) = root.of.strip_suffix("Connection").and_then(named) else {
            continue;
        };
        let leaves = selected(node, &named, 1);
        let root = root.name;
        // What takes resolving, so that objects within it are written one by one.
        for field in fields(node).iter().filter(|field| field.is_list) {
            let Some(of) = named(&field.of).filter(|_| !field.is_leaf) else {
                continue;
            };
            let kinds = of["possibleTypes"].as_array().into_iter().flatten();
            let kinds = kinds.filter_map(|kind| named(kind["name"].as_str()?));
            let mut within: Vec<_> = kinds.map(|kind| (kind["name"].as_str(), kind)).collect();
            if within.is_empty() {
                within.push((None, of));
            }
            let within = within.iter().map(|(name, kind)| {
                let leaves = selected(kind, &named, 2).join(" ");
                match name {
                    Some(name) => format!("... on {name} {{ {leaves} }} ... on Node {{ n: id }}"),
                    None => leaves,
                }
            });
            let within: Vec<_> = within.collect();
            for within in within.iter().chain([&within.join(" ")]) {
                let list = &field.name;
                questions.push(format!(
                    "{{ {root} {{ nodes {{ {list} {{ {within} }} }} }} }}"
                ));
            }
        }
        for (number, leaf) in leaves.iter().enumerate() {
            let (first, after) = [("first: 3", ""), ("last: 2", ""), ("", "")][number % 3];
            let paged = format!("{first}{after}");
            let paged = if paged.is_empty() {
                paged
            } else {
                format!("({paged})")
            };
            questions.push(format!("{{ {root}{paged} {{ nodes {{ {leaf} }} }} }}"));
            questions.push(format!(
                "{{ __typename a: {root}{paged} {{ __typename edges {{ __typename c: cursor node {{ x: {leaf} {leaf} }} }}
                   pageInfo {{ __typename hasNextPage hasPreviousPage startCursor endCursor }} totalCount }} }}"
            ));
        }
        questions.push(format!("{{ {root}(first: 0) {{ totalCount }} }}"));
        questions.push(format!(
            "{{ {root} {{ nodes {{ {} }} }} }}",
            leaves.join(" ")
        ));
    }
    questions.extend(DEEP.map(str::to_owned));
    questions
}

async fn same(backend: Backend) -> Result<(), Failed> {
    let free = [
        "--rate-anonymous=0",
        "--rate-signed-in=0",
        "--response-cache-bytes=0",
    ];
    let app = App::started(&backend, Template::Filled, &free).await?;
    let resolving = [
        "--resolve-pages",
        "--rate-anonymous=0",
        "--rate-signed-in=0",
    ];
    let resolving = Running::serve(&app.database_url, &resolving)?;
    let schema = app.data(SCHEMA, json!({})).await?;
    let questions = questions(&schema["__schema"]);
    ensure(questions.len() > 300, true)?;
    let client = reqwest::Client::new();
    for question in questions {
        let body = json!({ "query": question });
        let written = app
            .request(Method::POST, "/graphql")
            .json(&body)
            .send()
            .await?;
        let written = written.text().await?;
        let url = format!("{}/graphql", resolving.url);
        let resolved = client.post(url).json(&body).send().await?.text().await?;
        if written != resolved {
            return Err(
                format!("{question}\nis written as {written}\nand resolves to {resolved}").into(),
            );
        }
    }
    // Most of it is written: else this would compare one way with itself.
    for (concept, least) in WRITTEN {
        let written = waybill::schema::written();
        let fields = written.iter().find(|(name, _)| *name == concept);
        ensure(
            (concept, fields.is_some_and(|(_, fields)| *fields >= least)),
            (concept, true),
        )?;
    }
    Ok(())
}

/// A writer renames a party again and again; readers of two servers, one of which heard of it by
/// itself and one from the database, never see a name from before the last one acknowledged.
async fn nothing_is_stale(backend: Backend) -> Result<(), Failed> {
    let free = ["--rate-anonymous=0", "--rate-signed-in=0"];
    let app = Arc::new(App::started(&backend, Template::Empty, &free).await?);
    let other = Running::serve(&app.database_url, &free)?;
    let token = app.as_curator().await?;
    let create = "mutation { createDataset(input: { slug: \"d\", title: \"d\", grain: STATISTIC, publish: true,
        publisher: { create: { name: \"0\", kind: PUBLISHER } } }) {
        dataset { publisher { id version } } userErrors { message path } } }";
    let created = app.ask(&token, create, json!({})).await?;
    let party = created["data"]["createDataset"]["dataset"]["publisher"].clone();
    let id = party["id"]
        .as_str()
        .ok_or_else(|| format!("{created}"))?
        .to_owned();
    let (acknowledged, is_over) = (
        Arc::new(AtomicUsize::new(0)),
        Arc::new(AtomicBool::new(false)),
    );
    let mut readers = Vec::new();
    for url in [&app.url, &other.url, &app.url, &other.url] {
        let reader = read(
            format!("{url}/graphql"),
            Arc::clone(&acknowledged),
            Arc::clone(&is_over),
        );
        readers.push(tokio::spawn(reader));
    }
    let rename = "mutation ($input: UpdatePartyInput!) { updateParty(input: $input) {
        party { version } userErrors { message path } } }";
    let mut version = party["version"].clone();
    let began = Instant::now();
    for name in 1.. {
        let input = json!({ "id": id, "version": version, "name": name.to_string() });
        let renamed = app.ask(&token, rename, json!({ "input": input })).await?;
        version = renamed["data"]["updateParty"]["party"]["version"].clone();
        if version.is_null() {
            return Err(format!("{renamed}").into());
        }
        acknowledged.store(name, Ordering::SeqCst);
        // Long enough for the same answer to be kept and given again in between.
        tokio::time::sleep(Duration::from_millis(name as u64 % 40)).await;
        if name > 60 && began.elapsed() > Duration::from_secs(4) {
            break;
        }
    }
    is_over.store(true, Ordering::SeqCst);
    let mut read = 0;
    for reader in readers {
        read += reader.await??;
    }
    ensure(read > 100, true)
}

/// How often it read.
async fn read(
    url: String,
    acknowledged: Arc<AtomicUsize>,
    is_over: Arc<AtomicBool>,
) -> Result<usize, Failed> {
    let client = reqwest::Client::new();
    let mut count = 0;
    while !is_over.load(Ordering::SeqCst) {
        // The same again, a page that is written, one that is resolved, and a record by its name.
        let query = match count % 4 {
            0 | 1 => "{ datasets { nodes { publisher { name } } } }",
            2 => "{ datasets { nodes { publisher { name datasets { totalCount } } } } }",
            _ => "{ datasets: dataset(slug: \"d\") { publisher { name } } }",
        };
        let before = acknowledged.load(Ordering::SeqCst);
        let response = client
            .post(&url)
            .json(&json!({ "query": query }))
            .send()
            .await?;
        let answer: Value = response.json().await?;
        let datasets = &answer["data"]["datasets"];
        let name = match datasets["nodes"][0]["publisher"]["name"].as_str() {
            Some(name) => name,
            None => datasets["publisher"]["name"]
                .as_str()
                .ok_or_else(|| format!("{answer}"))?,
        };
        if name.parse::<usize>()? < before {
            return Err(
                format!("{query} at {url} said {name} after {before} was acknowledged").into(),
            );
        }
        count += 1;
    }
    Ok(count)
}

/// A dataset and a country get other names; who looks for records by them, on the server that
/// renamed them or on another, finds them by those of now alone.
async fn names(backend: Backend) -> Result<(), Failed> {
    let free = ["--rate-anonymous=0", "--response-cache-bytes=0"];
    let app = App::started(&backend, Template::Empty, &free).await?;
    let other = Running::serve(&app.database_url, &free)?;
    let row = dataset("name-0");
    let id = row.id;
    let shipped = shipments::Model {
        value: Some(entity::value::Decimal::from_thousandths(1_000)),
        currency: Some("USD".to_owned()),
        ..shipment(&row, "one")
    };
    let mut edit = Edit::begin(&app.db, Author::Command, "test").await?;
    edit.insert::<datasets::Entity>(row).await?;
    edit.insert::<shipments::Entity>(shipped).await?;
    edit.commit().await?;
    let query = "query ($slug: String!) {
        found: shipments(filter: { dataset: { slug: { eq: $slug } } }) { totalCount nodes { key } }
        resolved: shipments(filter: { dataset: { slug: { eq: $slug } }, exporter: { alpha3: { eq: \"CHN\" } } }) { nodes { key dataset { shipments { totalCount } } } }
        nobody: shipments(filter: { dataset: { slug: { eq: $slug } }, importer: { alpha3: { eq: \"CHN\" } } }) { totalCount }
        tradeTotals(grain: STATISTIC, perspective: EXPORTER, filter: { dataset: { slug: { eq: $slug } } }) { total { recordCount } }
    }";
    let client = reqwest::Client::new();
    let ask = async |url: &str, slug: &str| -> Result<Vec<u64>, Failed> {
        let body = json!({ "query": query, "variables": { "slug": slug } });
        let sent = client.post(format!("{url}/graphql")).json(&body).send();
        let data = sent.await?.json::<Value>().await?["data"].take();
        let length = |list: &Value| list.as_array().map(|list| list.len() as u64);
        let counts = [
            data["found"]["totalCount"].as_u64(),
            length(&data["found"]["nodes"]),
            length(&data["resolved"]["nodes"]),
            data["tradeTotals"]["total"]["recordCount"].as_u64(),
            data["nobody"]["totalCount"].as_u64(),
        ];
        let counts: Option<Vec<_>> = counts.into_iter().collect();
        counts.ok_or_else(|| format!("{data}").into())
    };
    for number in 0..20 {
        if number > 0 {
            let mut edit = Edit::begin(&app.db, Author::Command, "test").await?;
            let before = edit
                .hold::<datasets::Entity>(id)
                .await?
                .ok_or("no dataset")?;
            let after = datasets::Model {
                slug: format!("name-{number}"),
                version: before.version + 1,
                ..before.clone()
            };
            edit.update::<datasets::Entity>(&before, after).await?;
            edit.commit().await?;
        }
        for url in [&other.url, &app.url] {
            // What is in memory still has the name that there was.
            if number % 2 == 1 {
                ensure(ask(url, &format!("name-{}", number - 1)).await?, vec![0; 5])?;
            }
            ensure(
                ask(url, &format!("name-{number}")).await?,
                vec![1, 1, 1, 1, 0],
            )?;
            ensure(ask(url, &format!("name-{}", number + 1)).await?, vec![0; 5])?;
            ensure(
                ask(url, &format!("name-{}", number + 99)).await?,
                vec![0; 5],
            )?;
        }
    }
    Ok(())
}
