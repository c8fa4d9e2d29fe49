//! Pools of connections: those that write, and those that cannot.
use std::{
    fs::OpenOptions,
    io::ErrorKind,
    os::unix::fs::OpenOptionsExt,
    pin::pin,
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use futures_util::future::{Either, select, try_join};
use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, DbBackend, DbErr,
    sqlx::{
        self, Connection, PgConnection,
        pool::Pool as Connections,
        postgres::PgConnectOptions,
        sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
    },
};

use super::{
    Pool, Readers, Settings, counted,
    deadline::{self, postgres::Leases},
};

/// How long to wait for another writer before giving up.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);
/// Rows that SQLite may have read before they are asked for.
const ROWS_AHEAD: usize = 256;

/// Connections that write, to a database that is made when it is a file that is not there yet, and
/// those that cannot.
pub async fn writer_and_reader(
    settings: &Settings,
    reads: &Arc<AtomicU64>,
) -> Result<(DatabaseConnection, Readers), DbErr> {
    let url = &settings.url;
    let is_sqlite = is_sqlite(url);
    if is_sqlite && url.contains(":memory:") {
        return Err(DbErr::Custom(
            "a database in memory cannot be shared by readers and a writer: name a file, \
             such as sqlite://waybill.db?mode=rwc"
                .to_owned(),
        ));
    }
    if is_sqlite && settings.replica_url.is_some() {
        return Err(DbErr::Custom(
            "only a PostgreSQL database has replicas: leave --read-database-url away".to_owned(),
        ));
    }
    if is_sqlite {
        make_file(url)?;
        // The file is what it is to be once it was written to.
        let (writer, _) = connect(settings, url, 1, |_| {}).await?;
        return Ok((writer, readers(settings, url, reads).await?));
    }
    // At once: to connect may take a tenth of a second, most of it waiting.
    let writer = connect(settings, url, settings.write_connections, |_| {});
    let both = try_join(writer, readers(settings, url, reads));
    let ((writer, _), readers) = greeted(url, settings.connect_timeout, both).await?;
    Ok((writer, readers))
}

/// Connections that read, and cannot write; what is sent is counted.
pub async fn readers(
    settings: &Settings,
    url: &str,
    reads: &Arc<AtomicU64>,
) -> Result<Readers, DbErr> {
    let mapped = settings.sqlite_mapped_bytes;
    let only_reads = |options: &mut ConnectOptions| read_only(options, mapped);
    let (pool, leases) = connect(settings, url, settings.read_connections, only_reads).await?;
    let pool = counted(pool, reads);
    Ok(Readers::new(
        pool,
        leases,
        Arc::clone(reads),
        settings.idle_timeout,
    ))
}

/// One that looks for revisions, and is not there before it does.
pub async fn follower(settings: &Settings) -> Result<DatabaseConnection, DbErr> {
    let connected = connect(settings, &settings.url, 1, |options| {
        read_only(options, 0);
        options.connect_lazy(true);
    });
    Ok(connected.await?.0)
}

/// To copy each page of a file takes SQLite as long as most statements take for all else; who writes
/// has little to read.
fn read_only(options: &mut ConnectOptions, mapped: u64) {
    options
        .map_sqlx_sqlite_opts(move |sqlite| {
            sqlite_options(sqlite)
                .read_only(true)
                // A page and its end: the driver's thread waits for nobody to take them.
                .row_buffer_size(ROWS_AHEAD)
                .pragma("mmap_size", mapped.to_string())
        })
        .map_sqlx_postgres_opts(|postgres| {
            postgres.options([("default_transaction_read_only", "on")])
        });
}

/// Connections that read a copy.
pub async fn replica(
    settings: &Settings,
    url: &str,
    reads: &Arc<AtomicU64>,
) -> Result<Readers, DbErr> {
    let failed = |error| DbErr::Custom(format!("its replica: {error}"));
    if is_sqlite(url) {
        return Err(failed("a replica is a PostgreSQL server".to_owned()));
    }
    let connected = greeted(url, settings.connect_timeout, readers(settings, url, reads)).await;
    connected.map_err(|error| match error {
        DbErr::Custom(why) => failed(why),
        error => failed(error.to_string()),
    })
}

/// How a pool is used just now.
pub fn usage(name: &'static str, db: &DatabaseConnection) -> Pool {
    fn of<D: sqlx::Database>(name: &'static str, pool: &Connections<D>) -> Pool {
        Pool {
            name,
            open: pool.size(),
            idle: u32::try_from(pool.num_idle()).unwrap_or(u32::MAX),
            most: pool.options().get_max_connections(),
        }
    }
    match db.get_database_backend() {
        DbBackend::Postgres => of(name, db.get_postgres_connection_pool()),
        _ => of(name, db.get_sqlite_connection_pool()),
    }
}

fn is_sqlite(url: &str) -> bool {
    url.starts_with("sqlite:")
}

/// A pool tries again until it gives up, and then cannot say why; a single connection can.
async fn greeted<T>(
    url: &str,
    longest: Duration,
    pools: impl Future<Output = Result<T, DbErr>>,
) -> Result<T, DbErr> {
    match select(pin!(greet(url, longest)), pin!(pools)).await {
        Either::Left((greeted, pools)) => {
            greeted?;
            pools.await
        }
        Either::Right((pools, greeted)) => {
            greeted.await?;
            pools
        }
    }
}

async fn greet(url: &str, longest: Duration) -> Result<(), DbErr> {
    if !url.starts_with("postgres") {
        return Ok(());
    }
    let failed = |error: sqlx::Error| DbErr::Custom(error.to_string());
    let options: PgConnectOptions = url.parse().map_err(failed)?;
    let connected = tokio::time::timeout(longest, PgConnection::connect_with(&options)).await;
    let waited = |_| DbErr::Custom(format!("no answer in {} s", longest.as_secs()));
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
    settings: &Settings,
    url: &str,
    most: u32,
    adjust: impl FnOnce(&mut ConnectOptions),
) -> Result<(DatabaseConnection, Option<Arc<Leases>>), DbErr> {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(most)
        .acquire_timeout(settings.acquire_timeout)
        .idle_timeout(settings.idle_timeout)
        .statement_timeout(settings.statement_timeout)
        .sqlx_logging(false)
        // A round trip per checkout; a broken connection shows itself on first use.
        .test_before_acquire(false)
        .map_sqlx_sqlite_opts(sqlite_options)
        .map_sqlx_sqlite_pool_opts(deadline::sqlite::watch);
    let mut leases = None;
    if !is_sqlite(url) {
        let server: PgConnectOptions = url
            .parse()
            .map_err(|error: sqlx::Error| DbErr::Custom(error.to_string()))?;
        let watched = Arc::new(Leases::of(&server));
        leases = Some(Arc::clone(&watched));
        options.map_sqlx_postgres_pool_opts(move |pool| deadline::postgres::watch(pool, &watched));
    }
    adjust(&mut options);
    Ok((Database::connect(options).await?, leases))
}

fn sqlite_options(options: SqliteConnectOptions) -> SqliteConnectOptions {
    options
        .journal_mode(SqliteJournalMode::Wal)
        // What was acknowledged outlives a power cut, at the price of one sync a commit.
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY_TIMEOUT)
        .foreign_keys(true)
}
