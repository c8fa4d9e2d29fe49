//! How many connections may stay, and what is waited for on them.
use std::time::Duration;

use clap::Args;
use humantime::parse_duration;

/// What bounds sockets and event streams.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Limits of sockets and event streams")]
pub struct LiveOptions {
    /// Sockets and event streams that may be open at once.
    #[arg(
        long,
        env = "WAYBILL_MAX_LIVE",
        default_value_t = 10_000,
        value_name = "N"
    )]
    pub max_live: usize,

    /// Of these, from one address; of IPv6, from one /64.
    #[arg(
        long,
        env = "WAYBILL_MAX_LIVE_PER_ADDRESS",
        default_value_t = 1_000,
        value_name = "N"
    )]
    pub max_live_per_address: usize,

    /// Operations that may run at once on one socket.
    #[arg(
        long,
        env = "WAYBILL_MAX_OPERATIONS",
        default_value_t = 100,
        value_name = "N"
    )]
    pub max_operations: usize,

    /// Bytes that wait on a socket for a slow reader, beside the message that is too long for it.
    #[arg(long, env = "WAYBILL_MAX_WAITING_BYTES", default_value_t = 1 << 20, value_name = "BYTES")]
    pub max_waiting_bytes: u32,

    /// How long a socket may take to begin with `connection_init`.
    #[arg(long, env = "WAYBILL_INIT_TIMEOUT", default_value = "10s", value_name = "TIME", value_parser = some_time)]
    pub init_timeout: Duration,

    /// A reader that takes nothing for so long is cut off.
    #[arg(long, env = "WAYBILL_SEND_TIMEOUT", default_value = "30s", value_name = "TIME", value_parser = some_time)]
    pub send_timeout: Duration,

    /// Time between two signs of life; a socket that does not answer one by the next is cut off.
    #[arg(long, env = "WAYBILL_PING_INTERVAL", default_value = "20s", value_name = "TIME", value_parser = some_time)]
    pub ping_interval: Duration,

    /// How long a socket may stay open without any operation.
    #[arg(long, env = "WAYBILL_SOCKET_IDLE_TIMEOUT", default_value = "10m", value_name = "TIME", value_parser = some_time)]
    pub socket_idle_timeout: Duration,

    /// After so long it is found out again whether the caller may stay.
    #[arg(long, env = "WAYBILL_RECHECK_INTERVAL", default_value = "1m", value_name = "TIME", value_parser = some_time)]
    pub recheck_interval: Duration,
}

/// None at all would be no time to do anything in.
fn some_time(text: &str) -> Result<Duration, String> {
    let parsed = parse_duration(text).map_err(|error| error.to_string())?;
    match parsed.is_zero() {
        true => Err("it must be longer than 0".to_owned()),
        false => Ok(parsed),
    }
}
