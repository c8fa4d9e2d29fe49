//! Connections that read, handed straight from one statement to the next.
//!
//! The driver's pool asks the database whenever a connection is given back, and has to be told for whom
//! whenever one is taken: on PostgreSQL a trip for each statement besides its own, on SQLite three to
//! the thread that has the connection. One that has just answered is there, and stays the same.
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    ExecResult, IsolationLevel, QueryResult, Statement, TransactionOptions, TransactionTrait,
    sqlx::{AssertSqlSafe, Executor, Postgres, Sqlite},
};
use tokio::time;

use super::{
    ready::{Stack, Taken},
    send::{failed, send},
};
use crate::kit::deadline::{self, postgres::Leases, sqlite::Progress};

/// To look more often which connections are unused would be of no use.
const OFTEN: Duration = Duration::from_millis(50);

/// Cloning it shares the connections.
#[derive(Clone)]
pub struct Readers(Arc<Shared>);

struct Shared {
    pool: DatabaseConnection,
    ready: Ready,
    sent: Arc<AtomicU64>,
}

enum Ready {
    Postgres(Stack<Postgres, Arc<Leases>>),
    Sqlite(Stack<Sqlite, Progress>),
}

/// A connection while a statement is sent on it.
enum Held {
    Postgres(Taken<Postgres, Arc<Leases>>),
    Sqlite(Taken<Sqlite, Progress>),
}

impl Readers {
    /// Of a pool, which nobody else takes connections from; `leases` are those of PostgreSQL. What is
    /// sent is counted. Connections that nobody uses for so long are closed.
    pub(super) fn new(
        pool: DatabaseConnection,
        leases: Option<Arc<Leases>>,
        sent: Arc<AtomicU64>,
        idle: Duration,
    ) -> Self {
        let ready = match leases {
            Some(leases) => {
                let pool = pool.get_postgres_connection_pool().clone();
                Ready::Postgres(Stack::new(pool, leases))
            }
            None => {
                let pool = pool.get_sqlite_connection_pool().clone();
                Ready::Sqlite(Stack::new(pool, Progress))
            }
        };
        let shared = Arc::new(Shared { pool, ready, sent });
        let thinned = Arc::downgrade(&shared);
        tokio::spawn(async move {
            while let Some(shared) = thinned.upgrade() {
                match &shared.ready {
                    Ready::Postgres(stack) => stack.thin(idle),
                    Ready::Sqlite(stack) => stack.thin(idle),
                }
                drop(shared);
                time::sleep((idle / 2).max(OFTEN)).await;
            }
        });
        Self(shared)
    }

    /// Reads that all see the same, for as long as they take.
    pub async fn snapshot(&self) -> Result<DatabaseTransaction, DbErr> {
        let is_postgres = self.get_database_backend() == DbBackend::Postgres;
        let options = TransactionOptions {
            isolation_level: is_postgres.then_some(IsolationLevel::RepeatableRead),
            access_mode: is_postgres.then_some(AccessMode::ReadOnly),
            ..TransactionOptions::default()
        };
        let waiting = match &self.0.ready {
            Ready::Postgres(stack) => stack.claim(),
            Ready::Sqlite(stack) => stack.claim(),
        };
        let snapshot = self.0.pool.begin_with_options(options).await?;
        drop(waiting);
        if is_postgres {
            snapshot
                .execute_unprepared("SET LOCAL statement_timeout = 0")
                .await?;
        }
        Ok(snapshot)
    }

    /// Lets running statements end, then closes every connection.
    pub(super) async fn close(&self) -> Result<(), DbErr> {
        match &self.0.ready {
            Ready::Postgres(stack) => stack.close(),
            Ready::Sqlite(stack) => stack.close(),
        }
        self.0.pool.close_by_ref().await
    }

    /// How many are open and wait for a statement, besides those of the pool.
    pub(super) fn ready(&self) -> usize {
        match &self.0.ready {
            Ready::Postgres(stack) => stack.len(),
            Ready::Sqlite(stack) => stack.len(),
        }
    }

    pub(super) fn pool(&self) -> &DatabaseConnection {
        &self.0.pool
    }

    async fn take(&self) -> Result<Held, DbErr> {
        // What is sent counts for all, and for the request that sends it.
        deadline::count();
        self.0.sent.fetch_add(1, Ordering::Relaxed);
        Ok(match &self.0.ready {
            Ready::Postgres(stack) => Held::Postgres(stack.take().await?),
            Ready::Sqlite(stack) => Held::Sqlite(stack.take().await?),
        })
    }

    /// After a statement that was answered; a connection whose statement failed is looked at first.
    async fn give<T>(&self, held: Held, done: Result<T, DbErr>) -> Result<T, DbErr> {
        if done.is_ok() {
            match (&self.0.ready, held) {
                (Ready::Postgres(stack), Held::Postgres(held)) => stack.give(held).await,
                (Ready::Sqlite(stack), Held::Sqlite(held)) => stack.give(held).await,
                // It would be of the other driver.
                _ => {}
            }
        }
        done
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Readers {
    fn get_database_backend(&self) -> DbBackend {
        self.0.pool.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let mut held = self.take().await?;
        let done = send!(statement by Held of &mut held, execute, ExecResult::from);
        self.give(held, done).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let sql = AssertSqlSafe(sql.to_owned());
        let mut held = self.take().await?;
        let done = match &mut held {
            Held::Postgres(held) => (&mut **held).execute(sql).await.map(ExecResult::from),
            Held::Sqlite(held) => (&mut **held).execute(sql).await.map(ExecResult::from),
        };
        self.give(held, done.map_err(failed)).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let mut held = self.take().await?;
        let done = send!(statement by Held of &mut held, fetch_optional, |row| row
            .map(QueryResult::from));
        self.give(held, done).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let mut held = self.take().await?;
        let done = send!(statement by Held of &mut held, fetch_all, |rows| rows
            .into_iter()
            .map(QueryResult::from)
            .collect());
        self.give(held, done).await
    }
}
