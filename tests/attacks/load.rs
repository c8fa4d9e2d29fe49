//! More at once than a server does: it says so at once, and goes on.
use libtest_mimic::Failed;
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::harness::{App, Backend, Template, ensure};

const LONG: &str = "{ countries(first: 200) { nodes { a: exports(first: 2) { totalCount nodes { id } } b: imports(first: 2) { totalCount nodes { id } } } } }";

async fn ask(app: &App) -> Result<Response, reqwest::Error> {
    let request = app.request(Method::POST, "/graphql");
    request.json(&json!({ "query": LONG })).send().await
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
