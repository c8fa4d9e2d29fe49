//! PostgreSQL: a statement is stopped from another connection, by the process that runs it.
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sea_orm::sqlx::{
    AssertSqlSafe, Column, Error, Executor, PgConnection, PgPool, Postgres, SqlSafeStr, Statement,
    pool::PoolOptions, postgres::PgConnectOptions, query, query_scalar, raw_sql,
};
use tokio::sync::Mutex as Turn;

use super::{Watcher, current};

/// The driver keeps the process's id to itself. So each connection prepares a statement whose
/// column is named after it; that is described once, and known without asking from then on.
const WHO: &str = "EXECUTE waybill_process";
/// Ids are used again: only together with its beginning is a process certain.
const NAME: &str = "SELECT pid || ' ' || extract(epoch FROM backend_start) \
                    FROM pg_stat_activity WHERE pid = pg_backend_pid()";
const STOP: &str = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity \
                    WHERE pid || ' ' || extract(epoch FROM backend_start) = $1";
/// No connection to stop with in so long: the statement's own timeout ends it.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);

/// A connection while one request has it.
pub struct Lease {
    process: String,
    /// Where to stop it from.
    stopper: PgPool,
    /// Held while it is being stopped, so that it is given to nobody else meanwhile.
    is_over: Turn<bool>,
}

impl Lease {
    /// Being stopped just now, it is not over.
    pub fn is_over(&self) -> bool {
        self.is_over.try_lock().is_ok_and(|is_over| *is_over)
    }

    /// Stops the statement that runs on it. Between statements, this does nothing.
    pub async fn cancel(&self) {
        let mut is_over = self.is_over.lock().await;
        if *is_over {
            return;
        }
        let cancel = query(STOP).bind(&self.process);
        match cancel.fetch_optional(&self.stopper).await {
            // The connection broke, and nobody could say that it is over.
            Ok(found) => *is_over = found.is_none(),
            Err(error) => {
                tracing::warn!(%error, "a statement past its deadline could not be stopped");
            }
        }
    }

    async fn end(&self) {
        *self.is_over.lock().await = true;
    }
}

/// Which connections of a pool are held, by their processes.
pub struct Leases {
    stopper: PgPool,
    held: Mutex<HashMap<String, Arc<Lease>>>,
}

impl Leases {
    pub fn of(connection: &PgConnectOptions) -> Self {
        let stopper = PoolOptions::new()
            .max_connections(1)
            .min_connections(0)
            .acquire_timeout(CONNECT_TIMEOUT)
            .idle_timeout(IDLE_TIMEOUT)
            .connect_lazy_with(connection.clone());
        Self {
            stopper,
            held: Mutex::default(),
        }
    }

    fn hold(&self, process: String) {
        let Some(work) = current() else {
            return;
        };
        let lease = Arc::new(Lease {
            process: process.clone(),
            stopper: self.stopper.clone(),
            is_over: Turn::new(false),
        });
        work.hold(Arc::clone(&lease));
        let mut held = self.held();
        // Those of connections that broke, once the work that had them is done.
        held.retain(|_, lease| Arc::strong_count(lease) > 1);
        held.insert(process, lease);
    }

    async fn release(&self, process: &str) {
        let lease = self.held().remove(process);
        if let Some(lease) = lease {
            lease.end().await;
        }
    }

    fn held(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<Lease>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lets the deadlines of requests stop what runs on the connections of a pool.
pub fn watch(pool: PoolOptions<Postgres>, leases: &Arc<Leases>) -> PoolOptions<Postgres> {
    let [connected, acquired, released] = [leases, leases, leases].map(Arc::clone);
    pool.after_connect(move |connection, _| {
        let leases = Arc::clone(&connected);
        Box::pin(async move {
            introduce(connection).await?;
            leases.hold(process(connection).await?);
            Ok(())
        })
    })
    .before_acquire(move |connection, _| {
        let leases = Arc::clone(&acquired);
        Box::pin(async move {
            leases.hold(process(connection).await?);
            Ok(true)
        })
    })
    .after_release(move |connection, _| {
        let leases = Arc::clone(&released);
        Box::pin(async move {
            // Waits for what still runs, and for being stopped.
            leases.release(&process(connection).await?).await;
            Ok(true)
        })
    })
}

impl Watcher<Postgres> for Arc<Leases> {
    /// The process.
    type Known = String;

    async fn meet(&self, connection: &mut PgConnection) -> Result<String, Error> {
        process(connection).await
    }

    fn begin(&self, process: &String) {
        self.hold(process.clone());
    }

    async fn end(&self, process: &String) {
        self.release(process).await;
    }
}

async fn introduce(connection: &mut PgConnection) -> Result<(), Error> {
    let process: String = query_scalar(NAME).fetch_one(&mut *connection).await?;
    let sql = format!(r#"PREPARE waybill_process AS SELECT 1 AS "{process}""#);
    raw_sql(AssertSqlSafe(sql)).execute(connection).await?;
    Ok(())
}

async fn process(connection: &mut PgConnection) -> Result<String, Error> {
    let described = connection.prepare(WHO.into_sql_str()).await?;
    let name = described.columns().first().map(Column::name);
    let unknown = || Error::Protocol("the connection does not know its process".to_owned());
    name.map(str::to_owned).ok_or_else(unknown)
}
