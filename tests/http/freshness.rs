//! Answers that may be kept: they are asked about, and never old.
use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use libtest_mimic::{Failed, Trial};
use reqwest::{Method, header, header::HeaderMap};
use serde_json::{Value, json};

use super::GRAPHQL;
use crate::harness::{App, Backend, Running, Template, ensure, trial};

pub fn trials(backend: &Backend) -> Vec<Trial> {
    vec![
        trial(backend, "http::tags_of_answers", tags),
        trial(backend, "http::tags_of_packed_answers", packed),
        trial(backend, "http::answers_without_tags", untagged),
        trial(backend, "http::no_answer_is_old", never_stale),
    ]
}

const COUNTRIES: &str = "{ countries(first: 50) { nodes { name id } } }";

fn address(query: &[(&str, &str)]) -> String {
    let mut text =
        form_urlencoded::Serializer::for_suffix(String::from("/graphql?"), "/graphql?".len());
    text.extend_pairs(query).finish()
}

/// A query by `GET`: its status, its headers and its body.
async fn get(
    app: &App,
    query: &[(&str, &str)],
    headers: &[(&str, &str)],
) -> Result<(u16, HeaderMap, Vec<u8>), Failed> {
    let mut request = app.request(Method::GET, &address(query));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = request.send().await?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Ok((status, headers, response.bytes().await?.to_vec()))
}

fn header_of(headers: &HeaderMap, name: &str) -> String {
    let values = headers.get_all(name).iter();
    let values: Vec<_> = values.filter_map(|value| value.to_str().ok()).collect();
    values.join(", ")
}

/// The tag of the answer, which must be 200.
async fn tag(
    app: &App,
    query: &[(&str, &str)],
    headers: &[(&str, &str)],
) -> Result<String, Failed> {
    let (status, headers, _) = get(app, query, headers).await?;
    ensure(status, 200)?;
    Ok(header_of(&headers, "etag"))
}

const PARTY: &str = "mutation { createParty(input: { name: \"New\", kind: PERSON, publish: true, evenIfKnown: true }) { party { id version } } }";

async fn tags(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let token = app.as_curator().await?;
    let bearer = format!("Bearer {token}");
    let other = format!("Bearer {}", app.as_curator().await?);
    let query = [("query", COUNTRIES)];
    let first = tag(&app, &query, &[]).await?;
    ensure(first.starts_with('"') && first.ends_with('"'), true)?;
    ensure(&tag(&app, &query, &[]).await?, &first)?;
    for (known, status) in [
        (first.as_str(), 304),
        ("*", 304),
        (&format!("\"x\", {first}"), 304),
        (&format!("W/{first}"), 304),
        (&format!("{}-gzip\"", first.trim_end_matches('"')), 304),
        (&format!("{}-x\"", first.trim_end_matches('"')), 200),
        ("\"x\"", 200),
        ("", 200),
    ] {
        let (found, headers, body) = get(&app, &query, &[("if-none-match", known)]).await?;
        ensure((known, found), (known, status))?;
        ensure(body.is_empty(), status == 304)?;
        ensure(header_of(&headers, "etag"), first.clone())?;
        ensure(
            header_of(&headers, "cache-control").as_str(),
            "public, no-cache",
        )?;
        let vary = header_of(&headers, "vary").to_ascii_lowercase();
        for name in ["accept", "authorization"] {
            ensure(vary.split(',').any(|part| part.trim() == name), true)?;
        }
    }
    // Whatever the answer depends on has its part in the tag.
    let named = "query A($c: String!) { country(code: $c) { id } } query B($c: String!) { country(code: $c) { name } }";
    let tags = [
        first.clone(),
        tag(&app, &query, &[("authorization", &bearer)]).await?,
        tag(&app, &query, &[("authorization", &other)]).await?,
        tag(&app, &query, &[("accept", GRAPHQL)]).await?,
        tag(
            &app,
            &[("query", "{ countries(first: 50) { nodes { id name } } }")],
            &[],
        )
        .await?,
        tag(
            &app,
            &[
                ("query", named),
                ("operationName", "A"),
                ("variables", r#"{"c":"cn"}"#),
            ],
            &[],
        )
        .await?,
        tag(
            &app,
            &[
                ("query", named),
                ("operationName", "B"),
                ("variables", r#"{"c":"cn"}"#),
            ],
            &[],
        )
        .await?,
        tag(
            &app,
            &[
                ("query", named),
                ("operationName", "B"),
                ("variables", r#"{"c":"ru"}"#),
            ],
            &[],
        )
        .await?,
    ];
    ensure(tags.iter().collect::<HashSet<_>>().len(), tags.len())?;
    let (_, headers, _) = get(&app, &query, &[("authorization", &bearer)]).await?;
    ensure(
        header_of(&headers, "cache-control").as_str(),
        "private, no-cache",
    )?;
    // Nobody gets what another has by their tag.
    let (status, ..) = get(
        &app,
        &query,
        &[("authorization", &other), ("if-none-match", &tags[1])],
    )
    .await?;
    ensure(status, 200)?;
    app.ask(&token, PARTY, json!({})).await?;
    let (status, headers, _) = get(&app, &query, &[("if-none-match", &first)]).await?;
    ensure((status, header_of(&headers, "etag") == first), (200, false))
}

async fn packed(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let query = [("query", COUNTRIES)];
    let (_, _, plain) = get(&app, &query, &[]).await?;
    let mut tags = vec![tag(&app, &query, &[]).await?];
    for coding in ["gzip", "br", "zstd"] {
        let (status, headers, body) = get(&app, &query, &[("accept-encoding", coding)]).await?;
        ensure(
            (status, header_of(&headers, "content-encoding").as_str()),
            (200, coding),
        )?;
        ensure(body.len() < plain.len(), true)?;
        let vary = header_of(&headers, "vary").to_ascii_lowercase();
        ensure(
            ["accept-encoding", "authorization"]
                .iter()
                .all(|name| vary.contains(name)),
            true,
        )?;
        tags.push(header_of(&headers, "etag"));
    }
    // Other bytes, another tag.
    ensure(tags.iter().collect::<HashSet<_>>().len(), 4)?;
    for known in &tags {
        for coding in ["identity", "gzip", "br", "zstd"] {
            let asked = [
                ("accept-encoding", coding),
                ("if-none-match", known.as_str()),
            ];
            let (status, _, body) = get(&app, &query, &asked).await?;
            ensure((status, body.len()), (304, 0))?;
        }
    }
    Ok(())
}

async fn untagged(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let bearer = format!("Bearer {}", app.as_admin().await?);
    let headers = [
        ("authorization", bearer.as_str()),
        ("if-none-match", "\"x\""),
    ];
    for query in [
        "{ viewer { curator { name } } }",
        "{ ...f } fragment f on Query { viewer { curator { name } } }",
        "{ rateLimit { remaining } countries(first: 1) { nodes { id } } }",
        "{ apiKeys { totalCount } }",
        "{ apiKeys { nodes { name } } }",
        "{ node(id: \"x\") { id } }",
        "{ nothing }",
        "{",
    ] {
        let (_, headers, _) = get(&app, &[("query", query)], &headers).await?;
        let found = (
            header_of(&headers, "etag"),
            header_of(&headers, "cache-control"),
        );
        if found != (String::new(), "no-store".to_owned()) {
            return Err(format!("{query} has {found:?}").into());
        }
    }
    // Only what comes by `GET` is kept.
    let post = app
        .request(Method::POST, "/graphql")
        .json(&json!({ "query": COUNTRIES }));
    let answer = post.send().await?;
    ensure(answer.headers().contains_key(header::ETAG), false)
}

/// How often a name is changed, and how many look on.
const WRITES: usize = 40;
const READERS: usize = 3;

/// Writes through one server, read through two, on one database: whoever asks after a write was
/// acknowledged sees it, whatever they know already.
async fn never_stale(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let other = Running::serve(&app.database_url, &[])?;
    let token = app.as_curator().await?;
    let made = app.ask(&token, PARTY, json!({})).await?;
    let id = made["data"]["createParty"]["party"]["id"]
        .as_str()
        .ok_or("no party")?;
    let written = Arc::new(AtomicUsize::new(0));
    let is_done = Arc::new(AtomicBool::new(false));
    let mut readers = Vec::new();
    for url in [&app.url, &other.url].repeat(READERS) {
        let reader = read(
            url.clone(),
            id.to_owned(),
            Arc::clone(&written),
            Arc::clone(&is_done),
        );
        readers.push(tokio::spawn(async move {
            reader.await.map_err(|error| format!("{error:?}"))
        }));
    }
    let update = "mutation($id: ID!, $version: Int!, $name: String!) {
        updateParty(input: { id: $id, version: $version, name: $name }) { party { version } userErrors { message } } }";
    let mut version = made["data"]["createParty"]["party"]["version"].clone();
    for number in 1..=WRITES {
        let variables = json!({ "id": id, "version": version, "name": number.to_string() });
        let answer = app.ask(&token, update, variables).await?;
        version = answer["data"]["updateParty"]["party"]["version"].clone();
        if !version.is_number() {
            return Err(format!("not written: {answer}").into());
        }
        written.store(number, Ordering::SeqCst);
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    is_done.store(true, Ordering::SeqCst);
    let mut unchanged = 0;
    for reader in readers {
        unchanged += reader.await??;
    }
    // Else nothing was shown.
    ensure(unchanged > 0, true)
}

/// Asks again and again with the last tag; how often nothing had changed.
async fn read(
    url: String,
    id: String,
    written: Arc<AtomicUsize>,
    is_done: Arc<AtomicBool>,
) -> Result<usize, Failed> {
    let client = reqwest::Client::new();
    let query = format!("{{ node(id: \"{id}\") {{ ... on Party {{ name }} }} }}");
    let (mut known, mut seen, mut unchanged) = (String::new(), 0, 0);
    loop {
        let is_last = is_done.load(Ordering::SeqCst);
        let least = written.load(Ordering::SeqCst);
        let request = client.get(format!("{url}{}", address(&[("query", &query)])));
        let response = request.header(header::IF_NONE_MATCH, &known).send().await?;
        if response.status() == 304 {
            unchanged += 1;
        } else {
            known = header_of(response.headers(), "etag");
            let answer: Value = response.json().await?;
            let name = answer["data"]["node"]["name"].as_str().ok_or("no name")?;
            seen = name.parse().unwrap_or(0);
        }
        if seen < least {
            return Err(format!("{seen} was answered after {least} was written").into());
        }
        if is_last {
            return Ok(unchanged);
        }
    }
}
