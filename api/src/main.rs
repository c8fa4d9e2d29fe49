//! The `waybill` command.

#[tokio::main]
async fn main() -> std::process::ExitCode {
    waybill::cli::run().await
}
