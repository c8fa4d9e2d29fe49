//! Bodies that never end, never come, or become a thousand times as long.
use std::time::Duration;

use libtest_mimic::Failed;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{LARGEST, memory, transport};
use crate::harness::{Backend, Running, Template, ensure};

const MEGABYTE: usize = 1_000_000;

/// What is sent: its headers, one piece of its body, and how often that comes.
struct Body {
    what: &'static str,
    headers: &'static str,
    piece: Vec<u8>,
    times: usize,
    status: &'static str,
}

pub async fn all(backend: Backend) -> Result<(), Failed> {
    let database = backend.database(Template::Empty).await?;
    let server = Running::serve(&database.url, &["--body-timeout=4s"])?;
    let ordinary = transport::ordinary(&server, transport::post).await?;
    let before = memory(&server);
    for body in bodies() {
        let what = body.what;
        let answer = send(&server, body).await?;
        if !answer.0.starts_with(&format!("HTTP/1.1 {}", answer.1)) {
            return Err(format!("{what}: {}, not {}", answer.0, answer.1).into());
        }
        let again = transport::ordinary(&server, transport::post).await?;
        ensure((what, again < ordinary * 20), (what, true))?;
    }
    // Many at once that hold back the end of what they announced.
    let address = server.url.trim_start_matches("http://").to_owned();
    let mut waiting = Vec::new();
    for _ in 0..200 {
        let mut stream = TcpStream::connect(&address).await?;
        let head = format!("{HEAD}Content-Length: 900000\r\n\r\n");
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(&[b' '; 10_000]).await?;
        waiting.push(stream);
    }
    let meanwhile = transport::ordinary(&server, transport::post).await?;
    ensure(meanwhile < ordinary * 20, true)?;
    for mut stream in waiting {
        let mut answer = vec![0; 12];
        tokio::time::timeout(Duration::from_secs(20), stream.read_exact(&mut answer)).await??;
        ensure(String::from_utf8_lossy(&answer).as_ref(), "HTTP/1.1 408")?;
    }
    let after = memory(&server);
    if after > before * LARGEST {
        return Err(format!("the server grew from {before} to {after} KiB").into());
    }
    Ok(())
}

const HEAD: &str = "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";

fn bodies() -> Vec<Body> {
    let zeros = vec![b' '; MEGABYTE];
    let chunk = [format!("{MEGABYTE:x}\r\n").as_bytes(), &zeros, b"\r\n"].concat();
    vec![
        Body {
            what: "100 MB, announced",
            headers: "Content-Length: 100000000\r\n",
            piece: zeros,
            times: 100,
            status: "413",
        },
        Body {
            what: "100 MB in chunks",
            headers: "Transfer-Encoding: chunked\r\n",
            piece: chunk,
            times: 100,
            status: "413",
        },
        Body {
            what: "100 MB of chunks of a byte",
            headers: "Transfer-Encoding: chunked\r\n",
            piece: b"1\r\n \r\n".repeat(10_000),
            times: 120,
            status: "413",
        },
        Body {
            what: "100 MB in a gzip of 100 KB",
            headers: "Content-Encoding: gzip\r\nContent-Length: 105100\r\n",
            piece: gzip(),
            times: 100,
            status: "415",
        },
        Body {
            what: "100 MB in a brotli of 93 bytes",
            headers: "Content-Encoding: br\r\nContent-Length: 93\r\n",
            piece: bytes(BROTLI),
            times: 1,
            status: "415",
        },
        Body {
            what: "100 MB in a zstd of 3 KB",
            headers: "Content-Encoding: zstd\r\nContent-Length: 3210\r\n",
            piece: zstd(),
            times: 1,
            status: "415",
        },
        Body {
            what: "a length that is none",
            headers: "Content-Length: 99999999999999999999\r\n",
            piece: Vec::new(),
            times: 1,
            status: "400",
        },
        Body {
            what: "two lengths",
            headers: "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
            piece: b"2\r\n{}\r\n0\r\n\r\n".to_vec(),
            times: 1,
            status: "400",
        },
    ]
}

/// The first line of the answer, and what it should begin with.
async fn send(server: &Running, body: Body) -> Result<(String, &'static str), Failed> {
    let address = server.url.trim_start_matches("http://");
    let (mut from, mut to) = TcpStream::connect(address).await?.into_split();
    let sender = tokio::spawn(async move {
        let head = format!("{HEAD}{}\r\n", body.headers);
        let mut sent = to.write_all(head.as_bytes()).await;
        for _ in 0..body.times {
            // The server may have hung up: it has heard enough.
            if sent.is_err() {
                break;
            }
            sent = to.write_all(&body.piece).await;
        }
        tokio::time::sleep(Duration::from_secs(20)).await;
    });
    let mut answer = vec![0; 12];
    let read = from.read_exact(&mut answer);
    let read = tokio::time::timeout(Duration::from_secs(20), read).await;
    sender.abort();
    read??;
    Ok((String::from_utf8_lossy(&answer).into_owned(), body.status))
}

/// A megabyte of zeros, which may follow one another.
fn gzip() -> Vec<u8> {
    let head = bytes("1f8b0800000000000003edc13101000000c2a0f54f6d085fa0");
    let tail = bytes("3e031cea38a700001000");
    let mut all = head;
    all.resize(1_051 - tail.len(), 0);
    all.extend(tail);
    all
}

/// Blocks of 128 KiB, each of which is a byte and how often it comes.
fn zstd() -> Vec<u8> {
    let size = 128 << 10;
    let block = |is_last: u32| (size << 3) | (1 << 1) | is_last;
    let mut all = bytes("28b52ffd0058");
    for number in 0..801 {
        all.extend(&block(u32::from(number == 800)).to_le_bytes()[..3]);
        all.push(0);
    }
    all
}

const BROTLI: &str = "cfffff7ff82700e2b14020f7fe9ffffffff04f00c4610180eefd3fffffffe19f0088c32200ddfb7ffeffffc33f0110870500baf7fffcffff877f02200e0b0074effff9ffff0fff04401c1600e8deffe7ffff0ffe0980382c00d0bdff01";

fn bytes(hexadecimal: &str) -> Vec<u8> {
    let digits = hexadecimal.as_bytes().chunks(2);
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    digits.filter_map(byte).collect()
}
