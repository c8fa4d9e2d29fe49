//! The database: one URL, a way to read and a way to write, and perhaps a copy to read from.
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use migration::{Migrator, MigratorTrait};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};

use tokio::sync::watch;

use super::{deadline, latest::Latest, search};

mod connect;
mod copy;
mod readers;
mod ready;
mod send;
mod statement;
mod transaction;

pub use copy::{copy_into, open_copy};
pub use readers::Readers;
pub use statement::statement;
pub use transaction::Transaction;

/// Any number that nothing else in the same database locks.
const MIGRATION_LOCK: i64 = 0x0077_6179_6269_6c6c;
/// How often to look whether a replica has followed.
const FOLLOW: Duration = Duration::from_millis(100);

/// Where the database is, and how many connections to it there may be.
#[derive(Clone, Debug)]
pub struct Settings {
    /// An SQLite file, or a PostgreSQL server.
    pub url: String,
    /// A copy of a PostgreSQL database, which follows it and cannot be written.
    pub replica_url: Option<String>,
    /// Connections that read, on each of the two.
    pub read_connections: u32,
    /// Connections that write; on SQLite there is one.
    pub write_connections: u32,
    /// Bytes of an SQLite file that readers map into memory at most.
    pub sqlite_mapped_bytes: u64,
    /// How long to wait for a connection that others have.
    pub acquire_timeout: Duration,
    /// How long to wait for a server to answer at the start, and for a replica to follow.
    pub connect_timeout: Duration,
    /// How long an unused connection is kept.
    pub idle_timeout: Duration,
    /// How long a statement may take on PostgreSQL, whoever sent it.
    pub statement_timeout: Duration,
}

impl Settings {
    /// What serves most.
    pub fn of(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            replica_url: None,
            read_connections: 8,
            write_connections: 8,
            sqlite_mapped_bytes: 64 << 30,
            acquire_timeout: Duration::from_secs(10),
            connect_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(600),
            statement_timeout: Duration::from_secs(30),
        }
    }
}

/// Cloning it shares the pools.
#[derive(Clone)]
pub struct Db {
    /// Several connections that cannot write.
    pub read: Readers,
    /// Those that can; on SQLite there is one.
    pub(super) write: DatabaseConnection,
    /// Several that read a copy, which may be behind.
    replica: Option<Readers>,
    /// One connection for what no request asks for, the feed above all, so that it waits for nobody.
    /// It cannot write either.
    pub(super) follow: DatabaseConnection,
    /// Where the feed hears of revisions.
    pub(super) url: Arc<str>,
    /// The number of the last revision that this process heard of.
    pub(super) announced: watch::Sender<i64>,
    /// The last revision, as `read` has it.
    pub latest: Latest,
    /// The last one that the copy has.
    replica_latest: Option<Latest>,
    reads: Arc<AtomicU64>,
    writes: Arc<AtomicU64>,
}

/// How the connections of a pool are used just now.
#[derive(Clone, Copy, Debug)]
pub struct Pool {
    /// What they are for: `read`, `write` or `replica`.
    pub name: &'static str,
    /// Connections that are open.
    pub open: u32,
    /// Open ones that nobody uses.
    pub idle: u32,
    /// As many may be open.
    pub most: u32,
}

impl Db {
    /// Connects with the usual settings and brings the schema and the search index up to date.
    pub async fn open(url: &str) -> Result<Self, DbErr> {
        let db = Self::with(&Settings::of(url)).await?;
        search::fill(&db).await?;
        Ok(db)
    }

    /// Connects and brings the schema up to date. A replica must have followed by then. Records that
    /// an older program wrote may be missing from the search index.
    pub async fn with(settings: &Settings) -> Result<Self, DbErr> {
        let (reads, writes) = <(Arc<AtomicU64>, Arc<AtomicU64>)>::default();
        // Pools of their own, so that readers do not wait behind writers who wait for each other.
        let (write, read) = connect::writer_and_reader(settings, &reads).await?;
        let write = counted(write, &writes);
        migrate(&write).await?;
        let replica = match &settings.replica_url {
            Some(url) => Some(connect::replica(settings, url, &reads).await?),
            None => None,
        };
        let db = Self {
            latest: Latest::new(read.clone()),
            replica_latest: replica.clone().map(Latest::new),
            read,
            write,
            replica,
            follow: connect::follower(settings).await?,
            url: settings.url.as_str().into(),
            announced: watch::Sender::new(0),
            reads,
            writes,
        };
        search::fill_new(&db).await?;
        db.replica_has_followed(settings.connect_timeout).await?;
        Ok(db)
    }

    /// Statements that have read so far.
    pub fn reads(&self) -> u64 {
        self.reads.load(Ordering::Relaxed)
    }

    /// Statements that were sent so far by those who may write.
    pub fn writes(&self) -> u64 {
        self.writes.load(Ordering::Relaxed)
    }

    /// The same, read from the replica when there is one: what was just written may be missing, so
    /// it is for queries by those who cannot have written anything.
    pub fn for_anonymous_queries(&self) -> Self {
        let read = self.replica.as_ref().unwrap_or(&self.read).clone();
        let latest = self.replica_latest.as_ref().unwrap_or(&self.latest).clone();
        Self {
            read,
            latest,
            ..self.clone()
        }
    }

    /// Whether the database answers, and its replica.
    pub async fn ping(&self) -> Result<(), DbErr> {
        for connection in [Some(&self.read), self.replica.as_ref()]
            .into_iter()
            .flatten()
        {
            connection.execute_unprepared("SELECT 1").await?;
        }
        Ok(())
    }

    /// How all pools are used just now.
    pub fn pools(&self) -> Vec<Pool> {
        let readers = [
            ("read", Some(&self.read)),
            ("replica", self.replica.as_ref()),
        ];
        let readers = readers
            .into_iter()
            .filter_map(|(name, readers)| readers.map(|readers| (name, readers)));
        let mut pools = vec![connect::usage("write", &self.write)];
        pools.extend(readers.map(|(name, readers)| {
            let pool = connect::usage(name, readers.pool());
            let ready = u32::try_from(readers.ready()).unwrap_or(u32::MAX);
            Pool {
                idle: pool.idle.saturating_add(ready),
                ..pool
            }
        }));
        pools
    }

    /// A transaction for what is no record and has no history: sessions, and when a key was last
    /// used. Everything else goes through `kit::edit`.
    pub async fn begin_unrecorded(&self) -> Result<DatabaseTransaction, DbErr> {
        begin(&self.write).await
    }

    /// For looking at what no request asks for: nobody who was asked waits for it.
    pub fn unasked(&self) -> &DatabaseConnection {
        &self.follow
    }

    /// Whether whoever writes waits for everybody else who does.
    pub fn has_one_writer(&self) -> bool {
        self.write.get_database_backend() != DbBackend::Postgres
    }

    /// Lets running statements end, then closes every connection.
    pub async fn close(self) -> Result<(), DbErr> {
        self.follow.close().await?;
        self.read.close().await?;
        if let Some(replica) = self.replica {
            replica.close().await?;
        }
        self.write.close().await
    }

    /// Whether the replica has the schema that this program needs; it is waited for.
    async fn replica_has_followed(&self, longest: Duration) -> Result<(), DbErr> {
        let Some(replica) = &self.replica else {
            return Ok(());
        };
        let began = Instant::now();
        let expected = schema_version(&self.read).await?;
        loop {
            let found = schema_version(replica).await;
            if found.as_ref().is_ok_and(|found| *found == expected) {
                return Ok(());
            }
            if began.elapsed() > longest {
                let found = found.unwrap_or_else(|error| format!("none ({error})"));
                return Err(DbErr::Custom(format!(
                    "the replica's schema is not the database's: it has {found}, not {expected}; \
                     see whether it follows this database"
                )));
            }
            tokio::time::sleep(FOLLOW).await;
        }
    }
}

/// The name of the last migration.
async fn schema_version(db: &impl ConnectionTrait) -> Result<String, DbErr> {
    let last = "SELECT max(version) AS version FROM seaql_migrations";
    let last = Statement::from_string(db.get_database_backend(), last);
    match db.query_one_raw(last).await? {
        Some(row) => row.try_get("", "version"),
        None => Ok(String::new()),
    }
}

/// What is sent counts for all, and for the request that sends it.
fn counted(mut db: DatabaseConnection, counter: &Arc<AtomicU64>) -> DatabaseConnection {
    let counter = Arc::clone(counter);
    db.set_metric_callback(move |_| {
        deadline::count();
        counter.fetch_add(1, Ordering::Relaxed);
    });
    db
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
async fn begin(db: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let is_sqlite = db.get_database_backend() == DbBackend::Sqlite;
    let options = TransactionOptions {
        sqlite_transaction_mode: is_sqlite.then_some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    db.begin_with_options(options).await
}
