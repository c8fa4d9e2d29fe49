//! More at once than a server does: it says so at once, and goes on.
use std::time::Duration;

use libtest_mimic::Failed;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::harness::{App, Backend, Template, ensure};

const LONG: &str = "{ countries(first: 200) { nodes { a: exports(first: 2) { totalCount nodes { id } } b: imports(first: 2) { totalCount nodes { id } } } } }";

async fn ask(app: &App) -> Result<Response, reqwest::Error> {
    let request = app.request(Method::POST, "/graphql");
    request.json(&json!({ "query": LONG })).send().await
}

/// Senders who announce as much as there is room for, and then send nothing.
pub async fn held_back(backend: Backend) -> Result<(), Failed> {
    let options = [
        "--max-concurrent=2",
        "--max-body-bytes=100000",
        "--body-timeout=2s",
    ];
    let app = App::started(&backend, Template::Empty, &options).await?;
    let address = app.url.trim_start_matches("http://");
    let mut senders = Vec::new();
    for _ in 0..2 {
        let mut sender = TcpStream::connect(address).await?;
        let head = "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 90000\r\n\r\n{";
        sender.write_all(head.as_bytes()).await?;
        senders.push(sender);
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    let large = json!({ "query": format!("# {}\n{{ __typename }}", "x".repeat(85_000)) });
    let send = async || {
        let request = app.request(Method::POST, "/graphql").json(&large);
        Ok::<_, Failed>(request.send().await?.status().as_u16())
    };
    ensure(send().await?, 503)?;
    // What is small finds room still, and so does all once they were cut off.
    ensure(app.data("{ __typename }", json!({})).await.is_ok(), true)?;
    for mut sender in senders {
        let mut answer = vec![0; 12];
        sender.read_exact(&mut answer).await?;
        ensure(String::from_utf8_lossy(&answer).as_ref(), "HTTP/1.1 408")?;
    }
    ensure(send().await?, 200)
}

pub async fn too_many(backend: Backend) -> Result<(), Failed> {
    let app = App::started(&backend, Template::Empty, &["--max-concurrent=2"]).await?;
    let mut refused = 0;
    for _ in 0..5 {
        let answers = futures_util::future::join_all((0..20).map(|_| ask(&app))).await;
        let mut done = 0;
        for answer in answers {
            let answer = answer?;
            match answer.status().as_u16() {
                200 => done += 1,
                503 => {
                    ensure(answer.headers().contains_key("retry-after"), true)?;
                    let body: Value = answer.json().await?;
                    ensure(&body["errors"][0]["extensions"]["code"], &json!("TIMEOUT"))?;
                    ensure(body.get("data"), None)?;
                    refused += 1;
                }
                other => return Err(format!("{other}").into()),
            }
        }
        // Some are done each time, and there is room again afterwards.
        ensure(done > 0, true)?;
        ensure(ask(&app).await?.status().as_u16(), 200)?;
    }
    ensure(refused > 0, true)
}
