//! Connections that read go from one statement straight to the next, and to everybody in the end.
use std::time::{Duration, Instant};

use libtest_mimic::{Failed, Trial};
use sea_orm::{ConnectionTrait, Statement};
use tokio::time::timeout;
use waybill::kit::{
    db::{Db, Settings},
    deadline,
};

use crate::harness::{Backend, Database, Template, ensure, trial};

pub fn trials(backend: &Backend) -> Vec<Trial> {
    vec![
        trial(backend, "readers::everybody_has_a_turn", everybody),
        trial(backend, "readers::none_is_lost", none_is_lost),
        trial(backend, "readers::unused_ones_are_closed", unused),
    ]
}

/// What takes this long has been passed over.
const LONG: Duration = Duration::from_secs(20);

async fn opened(database: &Database, most: u32, idle: Duration) -> Result<Db, Failed> {
    let settings = Settings {
        read_connections: most,
        acquire_timeout: LONG,
        idle_timeout: idle,
        ..Settings::of(&database.url)
    };
    Ok(Db::with(&settings).await?)
}

fn countries(db: &Db) -> Statement {
    let count = "SELECT count(*) AS countries FROM country";
    Statement::from_string(db.read.get_database_backend(), count)
}

async fn count(db: &impl ConnectionTrait, statement: Statement) -> Result<i64, Failed> {
    let row = db.query_one_raw(statement).await?.ok_or("no row")?;
    Ok(row.try_get("", "countries")?)
}

/// Statements that come without a pause, transactions, and statements that are given up: with one
/// connection, and with two.
async fn everybody(backend: Backend) -> Result<(), Failed> {
    let database = backend.database(Template::Empty).await?;
    for most in [1, 2] {
        let db = opened(&database, most, LONG).await?;
        let expected = count(&db.read, countries(&db)).await?;
        let mut at_work = Vec::new();
        for number in 0..30 {
            let db = db.clone();
            at_work.push(tokio::spawn(async move {
                for turn in 0..20 {
                    let statement = countries(&db);
                    let found = match (number % 3, turn % 5) {
                        (0, 0) => {
                            let snapshot = db.read.snapshot().await?;
                            let found = count(&snapshot, statement).await?;
                            snapshot.commit().await?;
                            found
                        }
                        (1, 0) => {
                            let given_up = count(&db.read, statement);
                            let _ = timeout(Duration::from_micros(200), given_up).await;
                            expected
                        }
                        _ => count(&db.read, statement).await?,
                    };
                    ensure(found, expected)?;
                }
                Ok::<_, Failed>(())
            }));
        }
        for worker in at_work {
            timeout(LONG, worker).await???;
        }
        // A transaction gets the only connection, although that waits for the next statement.
        count(&db.read, countries(&db)).await?;
        drop(timeout(LONG, db.read.snapshot()).await??);
        timeout(LONG, db.close()).await??;
    }
    Ok(())
}

/// Requests that are stopped leave connections for those after them, whom nothing stops.
async fn none_is_lost(backend: Backend) -> Result<(), Failed> {
    const SLOW: &str = "WITH RECURSIVE numbers(number) AS (SELECT 1 UNION ALL SELECT number + 1 \
        FROM numbers WHERE number < 2000000000) SELECT count(*) AS countries FROM numbers";
    let database = backend.database(Template::Empty).await?;
    let db = opened(&database, 1, LONG).await?;
    let slow = Statement::from_string(db.read.get_database_backend(), SLOW);
    for _ in 0..5 {
        let began = Instant::now();
        let stopped = deadline::within(Duration::from_millis(100), count(&db.read, slow.clone()));
        ensure(matches!(stopped.await, Ok(Err(_))), true)?;
        ensure(began.elapsed() < LONG, true)?;
        for _ in 0..20 {
            let asked = deadline::within(LONG, count(&db.read, countries(&db))).await;
            ensure(asked.map_err(|_| "it was late")?? > 0, true)?;
        }
    }
    Ok(db.close().await?)
}

async fn unused(backend: Backend) -> Result<(), Failed> {
    let database = backend.database(Template::Empty).await?;
    let db = opened(&database, 4, Duration::from_millis(200)).await?;
    let all = (0..4).map(|_| count(&db.read, countries(&db)));
    futures_util::future::try_join_all(all).await?;
    let open = || {
        let pools = db.pools().into_iter();
        let read = pools.filter(|pool| pool.name == "read");
        read.map(|pool| (pool.open, pool.idle)).collect::<Vec<_>>()
    };
    ensure(open()[0].0 > 0, true)?;
    let began = Instant::now();
    while open() != [(0, 0)] {
        if began.elapsed() > LONG {
            return Err(format!("{:?} are open still", open()).into());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    ensure(count(&db.read, countries(&db)).await? > 0, true)?;
    Ok(db.close().await?)
}
