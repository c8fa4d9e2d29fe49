//! How many connections to the database there may be, how long they wait, and where its copy is.
use std::{num::NonZeroU32, time::Duration};

use clap::Args;
use humantime::parse_duration;

use super::Store;
use crate::kit::db::Settings;

#[derive(Args)]
pub struct Pools {
    /// Replica of a PostgreSQL database. Queries of those who have not signed in are read from it,
    /// and may be behind; everybody else reads what was written last.
    #[arg(
        long,
        env = "READ_DATABASE_URL",
        hide_env_values = true,
        value_name = "URL"
    )]
    read_database_url: Option<String>,

    /// Connections that read, and as many to a replica.
    #[arg(
        long,
        env = "WAYBILL_READ_CONNECTIONS",
        value_name = "NUMBER",
        default_value = "8"
    )]
    read_connections: NonZeroU32,

    /// Connections that write to PostgreSQL. An embedded database has one.
    #[arg(
        long,
        env = "WAYBILL_WRITE_CONNECTIONS",
        value_name = "NUMBER",
        default_value = "8"
    )]
    write_connections: NonZeroU32,

    /// Bytes of an SQLite file that are read where the system has them in memory, and not copied: of a
    /// larger file, those from its beginning. 0: none. What is mapped is no memory of the server's
    /// own, though some tools count it as that.
    #[arg(
        long,
        env = "WAYBILL_SQLITE_MAPPED_BYTES",
        value_name = "BYTES",
        default_value = "68719476736"
    )]
    sqlite_mapped_bytes: u64,

    /// How long a request waits for a connection that others have.
    #[arg(long, env = "WAYBILL_ACQUIRE_TIMEOUT", value_name = "TIME", default_value = "10s", value_parser = parse_duration)]
    acquire_timeout: Duration,

    /// How long to wait, at the start, for a database to answer and for a replica to follow.
    #[arg(long, env = "WAYBILL_CONNECT_TIMEOUT", value_name = "TIME", default_value = "10s", value_parser = parse_duration)]
    connect_timeout: Duration,

    /// How long a connection that nobody uses is kept.
    #[arg(long, env = "WAYBILL_IDLE_TIMEOUT", value_name = "TIME", default_value = "10m", value_parser = parse_duration)]
    idle_timeout: Duration,

    /// How long a statement may take on PostgreSQL, whatever sent it.
    #[arg(long, env = "WAYBILL_STATEMENT_TIMEOUT", value_name = "TIME", default_value = "30s", value_parser = parse_duration)]
    statement_timeout: Duration,
}

impl Pools {
    pub fn settings(&self, store: &Store) -> Settings {
        Settings {
            url: store.database_url.clone(),
            replica_url: self.read_database_url.clone(),
            read_connections: self.read_connections.get(),
            write_connections: self.write_connections.get(),
            sqlite_mapped_bytes: self.sqlite_mapped_bytes,
            acquire_timeout: self.acquire_timeout,
            connect_timeout: self.connect_timeout,
            idle_timeout: self.idle_timeout,
            statement_timeout: self.statement_timeout,
        }
    }
}
