//! The `waybill` command.
use mimalloc::MiMalloc;

/// A tenth of what a page costs was the system's own.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> std::process::ExitCode {
    waybill::cli::run()
}
