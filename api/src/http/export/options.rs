//! How many exports there may be, and how long.
use std::time::Duration;

use clap::Args;
use humantime::parse_duration;

/// What bounds exports.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Limits of exports")]
pub struct ExportOptions {
    /// Exports that may run at once; others are told to come back. 0: no exports.
    #[arg(
        long,
        env = "WAYBILL_MAX_EXPORTS",
        default_value_t = 16,
        value_name = "N"
    )]
    pub max_exports: usize,

    /// Of these, from one address; of IPv6, from one /64.
    #[arg(
        long,
        env = "WAYBILL_MAX_EXPORTS_PER_ADDRESS",
        default_value_t = 4,
        value_name = "N"
    )]
    pub max_exports_per_address: usize,

    /// How long an export may take; then it is cut off, and may be resumed.
    #[arg(long, env = "WAYBILL_EXPORT_TIMEOUT", default_value = "1h", value_name = "TIME", value_parser = parse_duration)]
    pub export_timeout: Duration,
}
