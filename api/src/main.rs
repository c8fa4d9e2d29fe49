//! The `waybill` command.

fn main() -> std::process::ExitCode {
    waybill::cli::run()
}
