//! Who may send a file, and files that are not taken.
use std::time::Duration;

use libtest_mimic::Failed;
use reqwest::{Body, Method, header};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{ask, count, ended, figures, look, mixed, send};
use crate::harness::{App, Backend, Template, ensure};

pub async fn permissions(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let (author, stranger) = (app.as_curator().await?, app.as_curator().await?);
    let admin = app.as_admin().await?;
    let payload = ask(&app, &author, json!({})).await?;
    let path = payload["uploadPath"].as_str().ok_or("no path")?.to_owned();
    let anonymous = app
        .request(Method::PUT, &path)
        .header(header::CONTENT_TYPE, "text/csv")
        .body(mixed());
    ensure(anonymous.send().await?.status().as_u16(), 401)?;
    let refused = send(&app, &stranger, &payload, &mixed()).await?;
    ensure(refused.status().as_u16(), 403)?;
    let answer: Value = refused.json().await?;
    ensure(
        &answer["errors"][0]["extensions"]["code"],
        &json!("FORBIDDEN"),
    )?;
    ensure(
        send(&app, "not-a-token", &payload, &mixed())
            .await?
            .status()
            .as_u16(),
        401,
    )?;
    // An admin may; and then it has its file.
    ensure(
        send(&app, &admin, &payload, &mixed())
            .await?
            .status()
            .as_u16(),
        202,
    )?;
    let again = send(&app, &author, &payload, &mixed()).await?;
    ensure(again.status().as_u16(), 409)?;
    let batch = ended(&app, &author, &payload).await?;
    // Its author is who asked for it.
    ensure(
        &batch["revision"]["curator"]["name"],
        &batch["curator"]["name"],
    )?;
    ensure(figures(&batch), [4, 3, 0, 1])?;
    ensure(
        send(&app, &author, &payload, &mixed())
            .await?
            .status()
            .as_u16(),
        409,
    )
}

pub async fn not_taken(backend: Backend) -> Result<(), Failed> {
    let app = App::started(&backend, Template::Empty, &["--max-import-bytes=500"]).await?;
    let token = app.as_curator().await?;
    let payload = ask(&app, &token, json!({})).await?;
    let path = payload["uploadPath"].as_str().ok_or("no path")?.to_owned();
    let put = |path: &str, media: &str, body: Body| {
        app.request(Method::PUT, path)
            .bearer_auth(&token)
            .header(header::CONTENT_TYPE, media)
            .body(body)
    };
    for media in ["multipart/form-data; boundary=x", "text/plain", "image/png"] {
        let sent = put(&path, media, mixed().into()).send().await?;
        ensure((media, sent.status().as_u16()), (media, 415))?;
    }
    let packed = put(&path, "text/csv", mixed().into()).header(header::CONTENT_ENCODING, "gzip");
    ensure(packed.send().await?.status().as_u16(), 415)?;
    let announced = put(&path, "text/csv", "x".repeat(501).into())
        .send()
        .await?;
    ensure(announced.status().as_u16(), 413)?;
    ensure(
        unannounced(&app, &token, &path, 501)
            .await?
            .starts_with("HTTP/1.1 413"),
        true,
    )?;
    let empty = put(&path, "text/csv", Body::default()).send().await?;
    ensure(empty.status().as_u16(), 400)?;
    let nowhere = put("/imports/importBatch_AAAA", "text/csv", mixed().into());
    ensure(nowhere.send().await?.status().as_u16(), 404)?;
    let get = app.request(Method::GET, &path).send().await?;
    ensure(
        (
            get.status().as_u16(),
            get.headers().contains_key(header::ALLOW),
        ),
        (405, true),
    )?;
    // None of them was its file.
    ensure(
        &look(&app, &token, &payload).await?["phase"],
        &json!("UPLOADING"),
    )?;
    let sent = put(&path, "text/csv; charset=utf-8", mixed().into())
        .send()
        .await?;
    ensure(sent.status().as_u16(), 202)?;
    ensure(figures(&ended(&app, &token, &payload).await?), [4, 3, 0, 1])
}

pub async fn cut_off(backend: Backend) -> Result<(), Failed> {
    let app = App::started(&backend, Template::Empty, &["--body-timeout=300ms"]).await?;
    let token = app.as_curator().await?;
    let payload = ask(&app, &token, json!({})).await?;
    let path = payload["uploadPath"].as_str().ok_or("no path")?.to_owned();
    let head = |length: &str| {
        format!(
            "PUT {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: text/csv\r\n{length}\r\n\r\n"
        )
    };
    let mut slow = connect(&app).await?;
    slow.write_all(head("Content-Length: 1000").as_bytes())
        .await?;
    slow.write_all(b"freqCode,").await?;
    let mut answer = String::new();
    let read = slow.read_to_string(&mut answer);
    tokio::time::timeout(Duration::from_secs(20), read).await??;
    ensure(answer.starts_with("HTTP/1.1 408"), true)?;
    let mut gone = connect(&app).await?;
    gone.write_all(head("Content-Length: 1000").as_bytes())
        .await?;
    gone.write_all(b"freqCode,").await?;
    drop(gone);
    // It can be sent again, once the server has seen that the other is gone.
    let sent = async {
        loop {
            let sent = send(&app, &token, &payload, &mixed()).await?;
            if sent.status().as_u16() != 409 {
                return Ok::<_, Failed>(sent);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let sent = tokio::time::timeout(Duration::from_secs(20), sent).await??;
    ensure(sent.status().as_u16(), 202)?;
    let batch = ended(&app, &token, &payload).await?;
    ensure(figures(&batch), [4, 3, 0, 1])?;
    ensure(&batch["bytesReceived"], &json!(mixed().len()))?;
    ensure(count(&app).await?, json!([3, 1]))
}

/// What is answered to a body of so many bytes in pieces, whose length nobody is told before.
async fn unannounced(app: &App, token: &str, path: &str, bytes: usize) -> Result<String, Failed> {
    let mut stream = connect(app).await?;
    let head = format!(
        "PUT {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n{bytes:x}\r\n{}\r\n0\r\n\r\n",
        "x".repeat(bytes)
    );
    stream.write_all(head.as_bytes()).await?;
    let mut answer = String::new();
    let read = stream.read_to_string(&mut answer);
    tokio::time::timeout(Duration::from_secs(20), read).await??;
    Ok(answer)
}

async fn connect(app: &App) -> Result<TcpStream, Failed> {
    let address = app.url.trim_start_matches("http://");
    Ok(TcpStream::connect(address).await?)
}
