//! Servers that are told to stop: whoever waits is answered, and whoever looks sees that they stop.
use std::time::{Duration, Instant};

use libtest_mimic::Failed;
use sea_orm::{ConnectionTrait, Database as Connect};
use serde_json::{Value, json};

use super::LONGEST;
use crate::harness::{Backend, Database, Running, Template, ensure};

const SLOW: &str = "{ datasets { nodes { title } } }";
const QUICK: &str = "{ __typename }";
/// Long enough to look around meanwhile.
const WHILE: Duration = Duration::from_secs(2);

/// Datasets can be read, but slowly: as long as it takes to count so far.
async fn slow_datasets(database: &Database, count: u64) -> Result<(), Failed> {
    let connection = Connect::connect(&database.url).await?;
    let renamed = "ALTER TABLE dataset RENAME TO slow_dataset";
    // Done already the second time.
    let _ = connection.execute_unprepared(renamed).await;
    let statements = [
        "DROP VIEW IF EXISTS dataset".to_owned(),
        format!(
            "CREATE VIEW dataset AS SELECT slow_dataset.* FROM slow_dataset WHERE \
             (WITH RECURSIVE numbers(number) AS (SELECT 1 UNION ALL \
              SELECT number + 1 FROM numbers WHERE number < {count}) \
              SELECT count(*) FROM numbers) > 0"
        ),
    ];
    for statement in statements {
        connection.execute_unprepared(&statement).await?;
    }
    Ok(connection.close().await?)
}

/// Slower and slower, until it takes as long as is wanted.
async fn make_slow(database: &Database, server: &Running) -> Result<(), Failed> {
    let mut count = 200_000;
    loop {
        slow_datasets(database, count).await?;
        let began = Instant::now();
        ask(&server.url, SLOW).await?;
        if began.elapsed() > WHILE {
            return Ok(());
        }
        count *= 2;
    }
}

async fn ask(url: &str, query: &str) -> Result<Value, Failed> {
    let client = reqwest::Client::builder().timeout(LONGEST).build()?;
    let request = client.post(format!("{url}/graphql"));
    let answer = request.json(&json!({ "query": query })).send().await?;
    Ok(answer.json().await?)
}

async fn readiness(url: &str) -> Result<u16, Failed> {
    let answer = reqwest::get(format!("{url}/health/ready")).await?;
    Ok(answer.status().as_u16())
}

/// Begins a slow query, and waits until it runs: the next one is answered after it was sent.
async fn begin_slow(
    server: &Running,
) -> Result<tokio::task::JoinHandle<Result<Value, String>>, Failed> {
    let url = server.url.clone();
    let slow = tokio::spawn(async move {
        let answer = ask(&url, SLOW).await;
        answer.map_err(|error| format!("{error:?}"))
    });
    tokio::time::sleep(Duration::from_millis(300)).await;
    ask(&server.url, QUICK).await?;
    Ok(slow)
}

pub async fn finishes(backend: Backend) -> Result<(), Failed> {
    let database = backend.database(Template::Filled).await?;
    // An answer that is given again would be quick, however slow the database.
    let options = ["--drain-delay", "1s", "--response-cache-bytes", "0"];
    let server = Running::serve(&database.url, &options)?;
    make_slow(&database, &server).await?;
    let slow = begin_slow(&server).await?;
    ensure(readiness(&server.url).await?, 200)?;
    server.stop()?;
    let began = Instant::now();
    while readiness(&server.url).await? != 503 {
        ensure(began.elapsed() < LONGEST, true)?;
    }
    // Others are answered as well, as long as some may not know yet.
    let quick = ask(&server.url, QUICK).await?;
    ensure(&quick["data"]["__typename"], &json!("Query"))?;
    ensure(slow.is_finished(), false)?;
    let answer = slow.await??;
    ensure(answer.get("errors"), None)?;
    ensure(answer["data"]["datasets"]["nodes"].is_array(), true)?;
    let (status, log) = server.wait()?;
    ensure((status.success(), log.contains("cut off")), (true, false))
}

pub async fn cut_off(backend: Backend) -> Result<(), Failed> {
    let endless = 2_000_000_000;
    // Signals sent, and how long those who run may go on.
    for (signals, timeout) in [(2, "1h"), (1, "200ms")] {
        let database = backend.database(Template::Filled).await?;
        let server = Running::serve(&database.url, &["--shutdown-timeout", timeout])?;
        slow_datasets(&database, endless).await?;
        let slow = begin_slow(&server).await?;
        let began = Instant::now();
        for _ in 0..signals {
            server.stop()?;
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        let (status, log) = server.wait()?;
        ensure((status.success(), log.contains("cut off")), (true, true))?;
        ensure(began.elapsed() < Duration::from_secs(20), true)?;
        // No answer, or one that it failed.
        let answer = slow.await?.unwrap_or_default();
        ensure(answer["data"]["datasets"]["nodes"].is_array(), false)?;
    }
    Ok(())
}
