//! Both databases behind one name.
use std::time::Duration;

use sqlx::{
    Error, PgPool, SqlitePool,
    pool::PoolOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

/// As many connections as Waybill reads by.
const CONNECTIONS: u32 = 8;

pub enum Database {
    Postgres(PgPool),
    /// Those that read, and the one that writes.
    Sqlite(SqlitePool, SqlitePool),
}

impl Database {
    pub async fn connect(url: &str) -> Result<Self, Error> {
        if url.starts_with("postgres") {
            let pool = PoolOptions::new()
                .max_connections(CONNECTIONS)
                .test_before_acquire(false);
            return Ok(Self::Postgres(pool.connect(url).await?));
        }
        let options: SqliteConnectOptions = url.parse()?;
        let options = options
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(30));
        let pool = |connections| {
            let pool = PoolOptions::new()
                .max_connections(connections)
                .test_before_acquire(false);
            pool.connect_lazy_with(options.clone())
        };
        Ok(Self::Sqlite(pool(CONNECTIONS), pool(1)))
    }
}

/// All rows of a statement, whichever the database.
macro_rules! rows {
    ($db:expr, $sql:expr, $($value:expr),* $(,)?) => {
        match $db {
            crate::database::Database::Postgres(pool) => {
                sqlx::query_as($sql)$(.bind($value))*.fetch_all(pool).await
            }
            crate::database::Database::Sqlite(pool, _) => {
                sqlx::query_as($sql)$(.bind($value))*.fetch_all(pool).await
            }
        }
    };
}

/// A row by the places of its columns, on both databases.
macro_rules! row {
    ($(#[$attribute:meta])* $name:ident { $($field:ident: $type:ty),+ $(,)? }) => {
        $(#[$attribute])*
        pub struct $name { $(pub $field: $type),+ }

        row!(@from sqlx::postgres::PgRow, $name { $($field),+ });
        row!(@from sqlx::sqlite::SqliteRow, $name { $($field),+ });
    };
    (@from $row:ty, $name:ident { $($field:ident),+ }) => {
        impl sqlx::FromRow<'_, $row> for $name {
            fn from_row(row: &$row) -> Result<Self, sqlx::Error> {
                let mut places = 0..;
                Ok(Self {
                    $($field: sqlx::Row::try_get(row, places.next().unwrap_or_default())?),+
                })
            }
        }
    };
}

pub(crate) use {row, rows};
