//! Exports that do not come to their end, and what they leave behind: nothing.
use std::time::{Duration, Instant};

use libtest_mimic::Failed;
use reqwest::Method;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{fill, get, text};
use crate::harness::{App, Backend, Template, ensure};

/// More than what waits between the server and a reader who reads nothing.
const ROWS: u32 = 60_000;

async fn begun(app: &App) -> Result<TcpStream, Failed> {
    let address = app.url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await?;
    let request = "GET /export/shipments.jsonl HTTP/1.1\r\nHost: x\r\n\r\n";
    stream.write_all(request.as_bytes()).await?;
    Ok(stream)
}

async fn until(what: &str, holds: impl Fn() -> bool) -> Result<(), Failed> {
    let began = Instant::now();
    while !holds() {
        if began.elapsed() > Duration::from_secs(30) {
            return Err(format!("{what} did not come").into());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Ok(())
}

/// Whoever reads nothing keeps no place for longer than an export may take, and what they got is
/// known not to be whole.
pub async fn slow_readers(backend: Backend) -> Result<(), Failed> {
    let app = App::started(&backend, Template::Empty, &["--export-timeout", "1s"]).await?;
    fill(&backend, &app.database_url, "slow", ROWS).await?;
    let mut stream = begun(&app).await?;
    until("an export", || app.server().exports() == 1).await?;
    until("an end", || app.server().exports() == 0).await?;
    // Nothing is held for them: others are answered.
    app.data(
        "{ countries(first: 1) { nodes { name } } }",
        serde_json::json!({}),
    )
    .await?;
    let mut got = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut got)).await?;
    ensure(got.starts_with(b"HTTP/1.1 200"), true)?;
    ensure(read.is_err() || !got.ends_with(b"\r\n0\r\n\r\n"), true)?;
    // A client that knows HTTP is told the same.
    let response = get(&app, "/export/shipments.jsonl").await?;
    ensure(response.status().as_u16(), 200)?;
    ensure(response.bytes().await.is_err(), true)
}

pub async fn hung_up(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    fill(&backend, &app.database_url, "hung-up", ROWS).await?;
    let stream = begun(&app).await?;
    until("an export", || app.server().exports() == 1).await?;
    let read = app.db.reads();
    drop(stream);
    until("an end", || app.server().exports() == 0).await?;
    tokio::time::sleep(Duration::from_millis(200)).await;
    // What was begun ended long before the table did.
    ensure(app.db.reads() - read < 30, true)
}

pub async fn places(backend: Backend) -> Result<(), Failed> {
    let options = ["--max-exports-per-address", "2"];
    let app = App::started(&backend, Template::Empty, &options).await?;
    fill(&backend, &app.database_url, "places", ROWS).await?;
    let open = [begun(&app).await?, begun(&app).await?];
    until("two exports", || app.server().exports() == 2).await?;
    let third = get(&app, "/export/statements.csv").await?;
    ensure(third.status().as_u16(), 429)?;
    ensure(third.headers().contains_key("retry-after"), true)?;
    ensure(
        third
            .text()
            .await?
            .contains("2 exports are open from your address"),
        true,
    )?;
    drop(open);
    until("places again", || app.server().exports() == 0).await?;
    ensure(
        get(&app, "/export/statements.csv").await?.status().as_u16(),
        200,
    )?;
    until("a place again", || app.server().exports() == 0).await?;

    let app = App::started(&backend, Template::Empty, &["--max-exports", "0"]).await?;
    let none = get(&app, "/export/statements.csv").await?;
    ensure(none.status().as_u16(), 503)
}

/// Whoever has few points is served all the same, and is told of them.
pub async fn budgets(backend: Backend) -> Result<(), Failed> {
    let options = ["--rate-anonymous", "600"];
    let app = App::started(&backend, Template::Empty, &options).await?;
    fill(&backend, &app.database_url, "budget", 6_300).await?;
    let began = Instant::now();
    let response = get(&app, "/export/shipments.csv").await?;
    ensure(
        response.headers()["ratelimit"]
            .to_str()?
            .starts_with("\"points\";r=5"),
        true,
    )?;
    ensure(response.text().await?.lines().count(), 6_301)?;
    // 630 points and 10 to begin with, of 600 at once and ten a second.
    ensure(began.elapsed() > Duration::from_secs(3), true)?;
    let next = app
        .request(Method::GET, "/export/shipments.csv")
        .send()
        .await?;
    let status = next.status().as_u16();
    ensure(status == 200 || status == 429, true)?;
    drop(next);
    let few = ["--rate-anonymous", "5"];
    let app = App::started(&backend, Template::Empty, &few).await?;
    ensure(
        get(&app, "/export/shipments.csv").await?.status().as_u16(),
        429,
    )?;
    let token = app.as_curator().await?;
    let curator = app
        .request(Method::GET, "/export/shipments.csv")
        .bearer_auth(token);
    ensure(curator.send().await?.status().as_u16(), 200)?;
    ensure(text(&app, "/export/shipments.csv").await.is_err(), true)
}
