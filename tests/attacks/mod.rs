//! Hostile requests: refused with the right code, about as fast as an ordinary request is answered,
//! and without memory. Others are served meanwhile.
use std::time::Duration;

use libtest_mimic::{Failed, Trial};
use serde_json::json;

use crate::harness::{Backend, Running, Template, trial};

mod bodies;
mod connections;
mod documents;
mod load;
mod transport;

pub fn trials(backend: &Backend) -> Vec<Trial> {
    // What is refused comes to no database.
    match backend {
        Backend::Sqlite => vec![
            trial(backend, "attacks::documents_by_post", |backend| {
                all(backend, transport::post)
            }),
            trial(backend, "attacks::documents_by_get", |backend| {
                all(backend, transport::get)
            }),
            trial(backend, "attacks::documents_by_socket", |backend| {
                all(backend, transport::socket)
            }),
            trial(backend, "attacks::documents_by_events", |backend| {
                all(backend, transport::events)
            }),
            trial(backend, "attacks::bodies", bodies::all),
            trial(backend, "attacks::idle_connections", connections::idle),
            trial(backend, "attacks::too_many_at_once", load::too_many),
            trial(backend, "attacks::bodies_held_back", load::held_back),
        ],
        Backend::Postgres(_) => vec![trial(backend, "attacks::too_many_at_once", load::too_many)],
    }
}

/// An attack of a megabyte may take so many times as long as an ordinary request: to read the worst
/// of them takes 170 times as long, and what grows faster than its length thousands of times.
const LONGEST: u32 = 300;
/// And a server may grow to so many times what ordinary requests made it.
const LARGEST: u64 = 4;

/// Every document, by one transport.
async fn all<F>(backend: Backend, send: fn(transport::Sent) -> F) -> Result<(), Failed>
where
    F: Future<Output = Result<Option<String>, Failed>>,
{
    let database = backend.database(Template::Empty).await?;
    let mut wrong = Vec::new();
    for (options, attacks) in [
        (&[][..], documents::attacks()),
        (&["--max-body-bytes=8000000"], documents::large()),
    ] {
        let server = Running::serve(&database.url, options)?;
        let ordinary = transport::ordinary(&server, send).await?;
        let size = memory(&server);
        for attack in attacks {
            let (code, took) = transport::timed(&server, send, &attack).await?;
            if code.as_deref().is_some_and(|code| code != attack.code) {
                wrong.push(format!("{}: {code:?}, not {}", attack.what, attack.code));
            }
            if took > ordinary * LONGEST * megabytes(&attack.request) {
                let what = attack.what;
                wrong.push(format!(
                    "{what}: {took:?}, and an ordinary request {ordinary:?}"
                ));
            }
        }
        let (before, after) = (size, memory(&server));
        if after > before * LARGEST {
            wrong.push(format!("the server grew from {before} to {after} KiB"));
        }
    }
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(wrong.join("\n").into()),
    }
}

/// How many a request has, begun ones as well.
fn megabytes(request: &serde_json::Value) -> u32 {
    let bytes = request.to_string().len();
    u32::try_from(bytes.div_ceil(1 << 20)).unwrap_or(u32::MAX)
}

/// The processor's time that a server has taken; none where that cannot be told.
fn worked(server: &Running) -> Option<Duration> {
    let threads = std::fs::read_dir(format!("/proc/{}/task", server.id())).ok()?;
    let spent = threads.flatten().map(|thread| {
        let spent = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
        spent.split_whitespace().next()?.parse::<u64>().ok()
    });
    Some(Duration::from_nanos(spent.flatten().sum()))
}

/// KiB that a server takes for itself; 0 where that cannot be told.
fn memory(server: &Running) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.id()));
    let status = status.unwrap_or_default();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:"));
    let figure = line.and_then(|line| line.split_whitespace().next());
    figure.and_then(|figure| figure.parse().ok()).unwrap_or(0)
}

/// A query that is nothing special.
fn ordinary() -> serde_json::Value {
    json!({ "query": "{ countries(first: 5) { nodes { name } } }" })
}
