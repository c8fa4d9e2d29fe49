//! The database: one URL, a way to read and a way to write.
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use migration::{Migrator, MigratorTrait};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr,
    TransactionTrait, sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous},
};

/// Connections that read; on PostgreSQL they write as well.
const CONNECTIONS: u32 = 8;
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(30);
/// How long to wait for another writer before giving up.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);
/// Any number that nothing else in the same database locks.
const MIGRATION_LOCK: i64 = 0x0077_6179_6269_6c6c;

/// Cloning it shares the pools.
#[derive(Clone)]
pub struct Db {
    /// SQLite: several connections that cannot write.
    pub read: DatabaseConnection,
    /// SQLite: the one that can.
    pub(super) write: DatabaseConnection,
    reads: Arc<AtomicU64>,
}

impl Db {
    /// Connects and brings the schema up to date.
    pub async fn open(url: &str) -> Result<Self, DbErr> {
        let is_sqlite = url.starts_with("sqlite:");
        if is_sqlite && url.contains(":memory:") {
            return Err(DbErr::Custom(
                "a database in memory cannot be shared by readers and a writer: name a file, \
                 such as sqlite://waybill.db?mode=rwc"
                    .to_owned(),
            ));
        }
        let write = connect(url, |options| {
            if is_sqlite {
                options.max_connections(1);
            }
        })
        .await?;
        migrate(&write).await?;
        let mut read = if is_sqlite {
            connect(url, |options| {
                options.map_sqlx_sqlite_opts(|sqlite| sqlite_options(sqlite).read_only(true));
            })
            .await?
        } else {
            write.clone()
        };
        let reads = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&reads);
        read.set_metric_callback(move |_| {
            counter.fetch_add(1, Ordering::Relaxed);
        });
        Ok(Self { read, write, reads })
    }

    /// Statements that have read so far.
    pub fn reads(&self) -> u64 {
        self.reads.load(Ordering::Relaxed)
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), DbErr> {
        self.read.execute_unprepared("SELECT 1").await.map(drop)
    }

    /// Lets running statements end, then closes every connection.
    pub async fn close(self) -> Result<(), DbErr> {
        self.read.close().await?;
        self.write.close().await
    }
}

async fn connect(
    url: &str,
    adjust: impl FnOnce(&mut ConnectOptions),
) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(CONNECTIONS)
        .acquire_timeout(Duration::from_secs(10))
        .statement_timeout(STATEMENT_TIMEOUT)
        .sqlx_logging(false)
        // A round trip per checkout; a broken connection shows itself on first use.
        .test_before_acquire(false)
        .map_sqlx_sqlite_opts(sqlite_options);
    adjust(&mut options);
    Database::connect(options).await
}

fn sqlite_options(
    options: sea_orm::sqlx::sqlite::SqliteConnectOptions,
) -> sea_orm::sqlx::sqlite::SqliteConnectOptions {
    options
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .busy_timeout(BUSY_TIMEOUT)
        .foreign_keys(true)
}

/// Servers that start at the same time on one PostgreSQL wait for each other here.
async fn migrate(db: &DatabaseConnection) -> Result<(), DbErr> {
    if db.get_database_backend() != DbBackend::Postgres {
        return Migrator::up(db, None).await;
    }
    let lock = db.begin().await?;
    lock.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
        .await?;
    Migrator::up(db, None).await?;
    lock.commit().await
}
