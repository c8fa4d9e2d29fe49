//! A transaction that may write: by statements, and by PostgreSQL's own bulk load.
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement, Values,
    sqlx::{self, AssertSqlSafe, Executor, IntoArguments, Postgres, Sqlite},
};
use sea_query_sqlx::SqlxValues;
use tokio::sync::Mutex;

use super::{
    Db,
    send::{failed, not_acquired, send},
};
use crate::kit::deadline;

/// SeaORM's own does not let anybody come near the connection, without which nothing is copied in.
/// Dropped without [`commit`](Self::commit), it leaves nothing behind.
pub struct Transaction {
    held: Mutex<Held>,
    backend: DbBackend,
    sent: Arc<AtomicU64>,
}

enum Held {
    Postgres(sqlx::Transaction<'static, Postgres>),
    Sqlite(sqlx::Transaction<'static, Sqlite>),
}

impl Db {
    /// On SQLite this waits for the writer before from the start: later, with something read
    /// already, it could not.
    pub(in crate::kit) async fn begin(&self) -> Result<Transaction, DbErr> {
        let backend = self.write.get_database_backend();
        let begun = match backend {
            DbBackend::Postgres => {
                let pool = self.write.get_postgres_connection_pool();
                pool.begin().await.map(Held::Postgres)
            }
            _ => {
                let pool = self.write.get_sqlite_connection_pool();
                pool.begin_with("BEGIN IMMEDIATE").await.map(Held::Sqlite)
            }
        };
        Ok(Transaction {
            held: Mutex::new(begun.map_err(not_acquired)?),
            backend,
            sent: Arc::clone(&self.writes),
        })
    }
}

impl Transaction {
    pub async fn commit(self) -> Result<(), DbErr> {
        let committed = match self.held.into_inner() {
            Held::Postgres(held) => held.commit().await,
            Held::Sqlite(held) => held.commit().await,
        };
        committed.map_err(failed)
    }

    /// Sends what a `COPY … FROM STDIN` takes, piece by piece. PostgreSQL alone has that.
    pub async fn copy_in(
        &self,
        statement: &str,
        pieces: impl Iterator<Item = Vec<u8>>,
    ) -> Result<u64, DbErr> {
        let mut held = self.held.lock().await;
        let Held::Postgres(held) = &mut *held else {
            return Err(DbErr::Custom("only PostgreSQL copies in".to_owned()));
        };
        self.count();
        let mut copy = held.copy_in_raw(statement).await.map_err(failed)?;
        for piece in pieces {
            copy.send(piece).await.map_err(failed)?;
        }
        copy.finish().await.map_err(failed)
    }

    /// Runs a statement with one set of values after the other, the next of which is put together
    /// while the database has this one. For SQLite, where nothing else comes near a bulk load.
    pub async fn repeat(
        &self,
        statement: &str,
        sets: impl Iterator<Item = Values>,
    ) -> Result<(), DbErr> {
        let mut held = self.held.lock().await;
        let Held::Sqlite(held) = &mut *held else {
            return Err(DbErr::Custom("only SQLite is sent row by row".to_owned()));
        };
        let mut sets =
            sets.map(|values| IntoArguments::<Sqlite>::into_arguments(SqlxValues(values)));
        let mut next = sets.next();
        while let Some(values) = next {
            self.count();
            let query = sqlx::query_with(AssertSqlSafe(statement.to_owned()), values);
            let (done, following) = tokio::join!(query.execute(&mut **held), async { sets.next() });
            done.map_err(failed)?;
            next = following;
        }
        Ok(())
    }

    /// What is sent counts for all, and for the request that sends it.
    fn count(&self) {
        deadline::count();
        self.sent.fetch_add(1, Ordering::Relaxed);
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Transaction {
    fn get_database_backend(&self) -> DbBackend {
        self.backend
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.count();
        send!(statement by Held of self.held.lock().await, execute, ExecResult::from)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let sql = AssertSqlSafe(sql.to_owned());
        let done = match &mut *self.held.lock().await {
            Held::Postgres(held) => held.execute(sql).await.map(ExecResult::from),
            Held::Sqlite(held) => held.execute(sql).await.map(ExecResult::from),
        };
        done.map_err(failed)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.count();
        send!(statement by Held of self.held.lock().await, fetch_optional, |row| row
            .map(QueryResult::from))
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.count();
        send!(statement by Held of self.held.lock().await, fetch_all, |rows| rows
            .into_iter()
            .map(QueryResult::from)
            .collect())
    }
}
