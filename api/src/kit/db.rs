//! The database: one URL, a way to read and a way to write.
use std::{
    fs::OpenOptions,
    io::ErrorKind,
    os::unix::fs::OpenOptionsExt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use migration::{Migrator, MigratorTrait};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend,
    DbErr, SqliteTransactionMode, TransactionOptions, TransactionTrait,
    sqlx::{
        self, Connection, PgConnection,
        postgres::PgConnectOptions,
        sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
    },
};
use tokio::sync::watch;

/// Connections that read, and on PostgreSQL as many that write.
const CONNECTIONS: u32 = 8;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(30);
/// How long to wait for another writer before giving up.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);
/// Any number that nothing else in the same database locks.
const MIGRATION_LOCK: i64 = 0x0077_6179_6269_6c6c;

/// Cloning it shares the pools.
#[derive(Clone)]
pub struct Db {
    /// Several connections that cannot write.
    pub read: DatabaseConnection,
    /// Those that can; on SQLite there is one.
    pub(super) write: DatabaseConnection,
    /// One connection for the feed alone, so that it waits for nobody. It cannot write either.
    pub(super) follow: DatabaseConnection,
    /// Where the feed hears of revisions.
    pub(super) url: Arc<str>,
    /// The number of the last revision that this process heard of.
    pub(super) announced: watch::Sender<i64>,
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
        if url.starts_with("postgres") {
            greet(url).await?;
        }
        if is_sqlite {
            make_file(url)?;
        }
        let write = connect(url, |options| {
            if is_sqlite {
                options.max_connections(1);
            }
        })
        .await?;
        migrate(&write).await?;
        // Pools of their own, so that readers do not wait behind writers who wait for each other.
        let mut read = connect(url, read_only).await?;
        let follow = connect(url, |options| {
            read_only(options);
            options.max_connections(1).connect_lazy(true);
        })
        .await?;
        let reads = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&reads);
        read.set_metric_callback(move |_| {
            counter.fetch_add(1, Ordering::Relaxed);
        });
        Ok(Self {
            read,
            write,
            follow,
            url: url.into(),
            announced: watch::Sender::new(0),
            reads,
        })
    }

    /// Statements that have read so far.
    pub fn reads(&self) -> u64 {
        self.reads.load(Ordering::Relaxed)
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), DbErr> {
        self.read.execute_unprepared("SELECT 1").await.map(drop)
    }

    /// A transaction for what is no record and has no history: sessions, and when a key was last
    /// used. Everything else goes through `kit::edit`.
    pub async fn begin_unrecorded(&self) -> Result<DatabaseTransaction, DbErr> {
        begin(&self.write).await
    }

    /// Lets running statements end, then closes every connection.
    pub async fn close(self) -> Result<(), DbErr> {
        self.follow.close().await?;
        self.read.close().await?;
        self.write.close().await
    }
}

/// A pool tries again until it gives up, and then cannot say why; a single connection can.
async fn greet(url: &str) -> Result<(), DbErr> {
    let failed = |error: sqlx::Error| DbErr::Custom(error.to_string());
    let options: PgConnectOptions = url.parse().map_err(failed)?;
    let connected =
        tokio::time::timeout(CONNECT_TIMEOUT, PgConnection::connect_with(&options)).await;
    let waited = |_| DbErr::Custom(format!("no answer in {} s", CONNECT_TIMEOUT.as_secs()));
    connected
        .map_err(waited)?
        .map_err(failed)?
        .close()
        .await
        .map_err(failed)
}

/// A new database file is its owner's alone: it will hold hashes of passwords.
fn make_file(url: &str) -> Result<(), DbErr> {
    let options: SqliteConnectOptions = url
        .parse()
        .map_err(|error: sqlx::Error| DbErr::Custom(error.to_string()))?;
    let creates = url.contains("mode=rwc");
    let made = creates.then(|| {
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(options.get_filename())
    });
    match made {
        Some(Err(error)) if error.kind() != ErrorKind::AlreadyExists => {
            Err(DbErr::Custom(error.to_string()))
        }
        _ => Ok(()),
    }
}

async fn connect(
    url: &str,
    adjust: impl FnOnce(&mut ConnectOptions),
) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(CONNECTIONS)
        .acquire_timeout(CONNECT_TIMEOUT)
        .statement_timeout(STATEMENT_TIMEOUT)
        .sqlx_logging(false)
        // A round trip per checkout; a broken connection shows itself on first use.
        .test_before_acquire(false)
        .map_sqlx_sqlite_opts(sqlite_options);
    adjust(&mut options);
    Database::connect(options).await
}

fn read_only(options: &mut ConnectOptions) {
    options
        .map_sqlx_sqlite_opts(|sqlite| sqlite_options(sqlite).read_only(true))
        .map_sqlx_postgres_opts(|postgres| {
            postgres.options([("default_transaction_read_only", "on")])
        });
}

fn sqlite_options(options: SqliteConnectOptions) -> SqliteConnectOptions {
    options
        .journal_mode(SqliteJournalMode::Wal)
        // What was acknowledged outlives a power cut, at the price of one sync a commit.
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY_TIMEOUT)
        .foreign_keys(true)
}

/// All steps or none; servers that start at the same time wait for each other here.
async fn migrate(db: &DatabaseConnection) -> Result<(), DbErr> {
    let transaction = begin(db).await?;
    if db.get_database_backend() == DbBackend::Postgres {
        let lock = format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})");
        transaction.execute_unprepared(&lock).await?;
    }
    Migrator::up(&transaction, None).await?;
    transaction.commit().await
}

/// A transaction that may write. On SQLite it waits for the writer before from the start:
/// later, with something read already, it could not.
pub(super) async fn begin(db: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let is_sqlite = db.get_database_backend() == DbBackend::Sqlite;
    let options = TransactionOptions {
        sqlite_transaction_mode: is_sqlite.then_some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    db.begin_with_options(options).await
}
