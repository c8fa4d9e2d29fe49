//! Bodies: several requests in one, and those that are too long, too slow or packed.
use std::time::Duration;

use libtest_mimic::{Failed, Trial};
use reqwest::{Method, header};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{GRAPHQL, post};
use crate::harness::{App, Backend, Template, ensure, trial};

pub fn trials(backend: &Backend) -> Vec<Trial> {
    vec![
        trial(backend, "http::batches", batches),
        trial(backend, "http::draft_statuses", draft),
        trial(backend, "http::packed_bodies_are_refused", packed),
        trial(backend, "http::long_bodies_are_told", long),
        trial(backend, "http::slow_senders_are_cut_off", slow),
    ]
}

const JSON: &str = "application/json";

async fn batches(backend: Backend) -> Result<(), Failed> {
    let one = json!({ "query": "{ __typename }" });
    let app = App::start(&backend, Template::Empty).await?;
    let (status, answer) = post(&app, GRAPHQL, JSON, json!([one]).to_string()).await?;
    ensure((status, answer["errors"].is_array()), (400, true))?;
    let app = App::started(&backend, Template::Empty, &["--max-batch=3"]).await?;
    let all = json!([
        one,
        { "query": "{" },
        { "query": "query($c: String!) { country(code: $c) { name } }", "variables": { "c": "cn" } },
    ]);
    let (status, answer) = post(&app, GRAPHQL, JSON, all.to_string()).await?;
    ensure(status, 200)?;
    ensure(&answer[0], &json!({ "data": { "__typename": "Query" } }))?;
    ensure(
        (answer[1].get("data"), answer[1]["errors"].is_array()),
        (None, true),
    )?;
    ensure(
        &answer[2],
        &json!({ "data": { "country": { "name": "China" } } }),
    )?;
    let (status, answer) =
        post(&app, GRAPHQL, JSON, json!([one, one, one, one]).to_string()).await?;
    ensure(
        (status, &answer["errors"][0]["extensions"]["limit"]),
        (400, &json!("max-batch")),
    )?;
    for wrong in ["[1]", "[{}", "[[]]", r#"[{"query":1}]"#] {
        ensure(
            (wrong, post(&app, GRAPHQL, JSON, wrong.to_owned()).await?.0),
            (wrong, 400),
        )?;
    }
    // One key is for one mutation, which a batch does not say.
    let request = app
        .request(Method::POST, "/graphql")
        .header("idempotency-key", "once");
    let batch = json!([{ "query": "mutation { signOut(input: { refreshToken: \"x\" }) { userErrors { code } } }" }]);
    let answer: Value = request.json(&batch).send().await?.json().await?;
    ensure(
        (answer[0].get("data"), answer[0]["errors"].is_array()),
        (None, true),
    )
}

/// What the working draft answers otherwise: only in its own media type.
async fn draft(backend: Backend) -> Result<(), Failed> {
    let app = App::started(&backend, Template::Empty, &["--status-profile=draft"]).await?;
    for (body, new, old) in [
        (r#"{"query":"{ __typename }"}"#, 200, 200),
        (r#"{"query":"{"}"#, 400, 200),
        (r#"{"query":"{ nothing }"}"#, 422, 200),
        (
            r#"{"query":"query($a: Int!) { countries(first: $a) { totalCount } }","variables":{"a":"x"}}"#,
            422,
            200,
        ),
        (r#"{"query":"{ node(id: \"x\") { id } }"}"#, 294, 200),
        (
            r#"{"query":"query A { __typename }","operationName":"B"}"#,
            422,
            200,
        ),
        ("{}", 422, 400),
        ("{", 400, 400),
        (r#"{"query":"{ __typename }","variables":[1]}"#, 422, 400),
    ] {
        let found = [
            post(&app, GRAPHQL, JSON, body.to_owned()).await?.0,
            post(&app, JSON, JSON, body.to_owned()).await?.0,
        ];
        ensure((body, found), (body, [new, old]))?;
    }
    Ok(())
}

async fn packed(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    for (coding, expected) in [
        ("gzip", 415),
        ("br", 415),
        ("zstd", 415),
        ("deflate", 415),
        ("x", 415),
        ("gzip, identity", 415),
        ("identity", 200),
        ("Identity", 200),
    ] {
        let request = app
            .request(Method::POST, "/graphql")
            .header(header::CONTENT_TYPE, JSON);
        let request = request
            .header(header::CONTENT_ENCODING, coding)
            .body(r#"{"query":"{ __typename }"}"#);
        ensure(
            (coding, request.send().await?.status().as_u16()),
            (coding, expected),
        )?;
    }
    Ok(())
}

/// What a server answers to these bytes, until it ends or says nothing for a while.
async fn exchange(app: &App, parts: &[(&[u8], Duration)]) -> Result<String, Failed> {
    let address = app.url.strip_prefix("http://").ok_or("no address")?;
    let (mut from, mut to) = TcpStream::connect(address).await?.into_split();
    let parts: Vec<_> = parts
        .iter()
        .map(|(bytes, wait)| (bytes.to_vec(), *wait))
        .collect();
    let sender = tokio::spawn(async move {
        for (bytes, wait) in parts {
            if to.write_all(&bytes).await.is_err() {
                return;
            }
            tokio::time::sleep(wait).await;
        }
    });
    let mut answer = Vec::new();
    let mut buffer = [0; 4096];
    let read = async {
        while let Ok(count @ 1..) = from.read(&mut buffer).await {
            answer.extend_from_slice(&buffer[..count]);
        }
    };
    let ended = tokio::time::timeout(Duration::from_secs(10), read).await;
    sender.abort();
    let text = String::from_utf8_lossy(&answer).into_owned();
    match ended {
        Ok(()) => Ok(text),
        Err(_) => Err(format!("still open after: {text}").into()),
    }
}

const HEAD: &str = "POST /graphql HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAccept: application/graphql-response+json\r\nContent-Type: application/json\r\n";

async fn long(backend: Backend) -> Result<(), Failed> {
    let app = App::started(&backend, Template::Empty, &["--max-body-bytes=1000"]).await?;
    // Announced, it is refused before it comes.
    let head = format!("{HEAD}Content-Length: 100000000\r\n\r\n");
    let answer = exchange(&app, &[(head.as_bytes(), Duration::ZERO)]).await?;
    ensure(
        (
            answer.starts_with("HTTP/1.1 413"),
            answer.contains("\"limit\":\"max-body-bytes\""),
        ),
        (true, true),
    )?;
    ensure(answer.contains("\"had\":100000000"), true)?;
    // Otherwise as soon as there is too much of it.
    let head = format!(
        "{HEAD}Transfer-Encoding: chunked\r\n\r\n400\r\n{}\r\n",
        "x".repeat(1024)
    );
    let answer = exchange(&app, &[(head.as_bytes(), Duration::ZERO)]).await?;
    ensure(
        (
            answer.starts_with("HTTP/1.1 413"),
            answer.contains("\"limit\":\"max-body-bytes\""),
        ),
        (true, true),
    )?;
    let body = format!("{:1000}", r#"{"query":"{ __typename }"}"#);
    ensure(post(&app, GRAPHQL, JSON, body.clone()).await?.0, 200)?;
    ensure(post(&app, GRAPHQL, JSON, body + " ").await?.0, 413)
}

async fn slow(backend: Backend) -> Result<(), Failed> {
    let options = ["--headers-timeout=2s", "--body-timeout=400ms"];
    let app = App::started(&backend, Template::Empty, &options).await?;
    let wait = Duration::from_millis(100);
    // One byte after the other, of the headers …
    let bytes: Vec<_> = HEAD.as_bytes().chunks(1).map(|byte| (byte, wait)).collect();
    let answer = exchange(&app, &bytes).await?;
    ensure(
        answer.is_empty() || answer.starts_with("HTTP/1.1 408"),
        true,
    )?;
    // … and of the body.
    let head = format!("{HEAD}Content-Length: 1000\r\n\r\n");
    let mut bytes = vec![(head.as_bytes(), wait)];
    bytes.extend(std::iter::repeat_n((&b"{"[..], wait), 100));
    let answer = exchange(&app, &bytes).await?;
    if !answer.starts_with("HTTP/1.1 408") || !answer.contains("\"code\":\"TIMEOUT\"") {
        return Err(answer.into());
    }
    // Whoever is quick enough is answered.
    let body = r#"{"query":"{ __typename }"}"#;
    let head = format!("{HEAD}Content-Length: {}\r\n\r\n", body.len());
    let (first, last) = body.split_at(9);
    let parts = [
        (head.as_bytes(), wait),
        (first.as_bytes(), wait),
        (last.as_bytes(), Duration::from_secs(1)),
    ];
    let answer = exchange(&app, &parts).await?;
    ensure(answer.starts_with("HTTP/1.1 200"), true)
}
