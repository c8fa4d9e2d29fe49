//! However many rows there are, an export holds a few steps of them.
use std::fs;

use libtest_mimic::Failed;

use super::fill;
use crate::harness::{Backend, Running, Template, ensure};

/// So many take some 170 MB as JSON lines.
const ROWS: u32 = 130_000;
/// Beyond what a short export leaves behind; more than a group of Parquet takes.
const MORE: u64 = 150 << 20;

/// As Linux tells, the most that a process had; elsewhere it is not known.
fn peak(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = peak.split_whitespace().next()?.parse().ok()?;
    Some(kibibytes << 10)
}

async fn bytes(url: String) -> Result<usize, Failed> {
    let mut response = reqwest::get(url).await?.error_for_status()?;
    let mut bytes = 0;
    while let Some(chunk) = response.chunk().await? {
        bytes += chunk.len();
    }
    Ok(bytes)
}

pub async fn bounded(backend: Backend) -> Result<(), Failed> {
    let database = backend.database(Template::Empty).await?;
    fill(&backend, &database.url, "long", ROWS).await?;
    // What is mapped of the file is no memory of the server's own, and is counted as that.
    let server = Running::serve(&database.url, &["--sqlite-mapped-bytes=0"])?;
    let path = |file: &str, rest: &str| format!("{}/export/shipments.{file}{rest}", server.url);
    for file in ["csv", "parquet"] {
        bytes(path(file, "?limit=100")).await?;
    }
    let Some(before) = peak(server.id()) else {
        return Ok(());
    };
    let mut text = 0;
    for file in ["csv", "jsonl", "parquet"] {
        text = text.max(bytes(path(file, "")).await?);
    }
    let more = peak(server.id()).unwrap_or_default() - before;
    // The whole would not fit in.
    ensure(text as u64 > MORE, true)?;
    match more < MORE {
        true => Ok(()),
        false => Err(format!("{more} bytes more for {text} bytes").into()),
    }
}
