//! Connections that say nothing: others are served meanwhile as if they were not there.
use std::time::Duration;

use libtest_mimic::Failed;
use tokio::net::TcpStream;

use super::{memory, transport};
use crate::harness::{Backend, Running, Template, ensure, say};

const MANY: usize = 10_000;
/// Files that the tests and the server need besides.
const OTHERS: usize = 2_000;

pub async fn idle(backend: Backend) -> Result<(), Failed> {
    let database = backend.database(Template::Empty).await?;
    let server = Running::serve(&database.url, &["--headers-timeout=60s"])?;
    let many = MANY.min(open_files().saturating_sub(OTHERS));
    if many < MANY {
        say(&format!(
            "*** {many} idle connections only: a process may open no more files"
        ));
    }
    let before = transport::ordinary(&server, transport::post).await?;
    let size = memory(&server);
    let address = server.url.trim_start_matches("http://").to_owned();
    let mut idle = Vec::new();
    for _ in 0..many {
        let connect = TcpStream::connect(&address);
        idle.push(tokio::time::timeout(Duration::from_secs(10), connect).await??);
    }
    let during = transport::ordinary(&server, transport::post).await?;
    if during > before * 10 {
        return Err(
            format!("{during:?} instead of {before:?} beside {many} idle connections").into(),
        );
    }
    let grown = memory(&server).saturating_sub(size);
    // Each takes a few buffers, and no more.
    let most = 32 * many as u64;
    ensure((grown, grown <= most), (grown, true))?;
    drop(idle);
    let after = transport::ordinary(&server, transport::post).await?;
    ensure((after, after <= before * 10), (after, true))
}

/// How many files a process may open: sockets are some.
fn open_files() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"));
    let figure = line.and_then(|line| line.split_whitespace().next());
    figure
        .and_then(|figure| figure.parse().ok())
        .unwrap_or(1_024)
}
