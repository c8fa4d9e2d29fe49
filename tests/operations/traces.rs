//! Traces: a collector is told of requests, in the traces of those who sent them.
use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::Duration,
};

use libtest_mimic::Failed;
use reqwest::Client;
use serde_json::json;

use crate::harness::{Backend, Running, Template, ensure};

const SECRET: &str = "hunter2-hunter2";
const TRACE: [u8; 16] = *b"0123456789abcdef";
const LONGEST: Duration = Duration::from_secs(20);

/// The path and the body of one request, which is answered.
fn received(mut connection: TcpStream) -> std::io::Result<(String, Vec<u8>)> {
    connection.set_read_timeout(Some(LONGEST))?;
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let head = bytes.windows(4).position(|end| end == b"\r\n\r\n");
        if let Some(head) = head {
            let text = String::from_utf8_lossy(&bytes[..head]).into_owned();
            let length = text.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                let is_length = name.eq_ignore_ascii_case("content-length");
                is_length.then(|| value.trim().parse::<usize>().ok())?
            });
            if bytes.len() >= head + 4 + length.unwrap_or_default() {
                connection.write_all(
                    b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
                )?;
                return Ok((text, bytes.split_off(head + 4)));
            }
        }
        match connection.read(&mut piece)? {
            0 => return Ok((String::new(), bytes)),
            read => bytes.extend_from_slice(&piece[..read]),
        }
    }
}

pub async fn traces(backend: Backend) -> Result<(), Failed> {
    let collector = TcpListener::bind("127.0.0.1:0")?;
    let endpoint = format!("http://{}", collector.local_addr()?);
    let (send, receive) = mpsc::channel();
    // Ends with the test's process, if nothing is sent.
    std::thread::spawn(move || {
        for connection in collector.incoming().map_while(Result::ok) {
            if let Ok(request) = received(connection)
                && send.send(request).is_err()
            {
                return;
            }
        }
    });
    let database = backend.database(Template::Empty).await?;
    let server = Running::serve(&database.url, &["--otlp-endpoint", &endpoint])?;
    let query = "query Traced($text: String) { countries(first: 2, filter: { name: { eq: $text } }) { nodes { name } } }";
    let body =
        json!({ "query": query, "operationName": "Traced", "variables": { "text": SECRET } });
    let trace: String = TRACE.iter().map(|byte| format!("{byte:02x}")).collect();
    let answer = Client::new()
        .post(format!("{}/graphql", server.url))
        .header("traceparent", format!("00-{trace}-00f067aa0ba902b7-01"))
        .json(&body)
        .send()
        .await?;
    ensure(answer.status().as_u16(), 200)?;
    // What was not sent yet is sent before it ends.
    server.stop()?;
    let (status, log) = server.wait()?;
    ensure(
        (status.success(), log.contains("could not be sent")),
        (true, false),
    )?;

    let mut told = Vec::new();
    while let Ok((head, body)) = receive.recv_timeout(Duration::from_millis(500)) {
        ensure(head.starts_with("POST /v1/traces "), true)?;
        told.extend(body);
    }
    let tells = |part: &[u8]| told.windows(part.len()).any(|found| found == part);
    for part in [
        &TRACE[..],
        b"waybill",
        b"/graphql",
        b"operation",
        b"Traced",
        b"anonymous",
    ] {
        let shown = String::from_utf8_lossy(part);
        ensure((&shown, tells(part)), (&shown, true))?;
    }
    for part in [SECRET, "countries", "127.0.0.1:5432", "SELECT"] {
        ensure((part, tells(part.as_bytes())), (part, false))?;
    }
    Ok(())
}
