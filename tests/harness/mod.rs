//! What a test stands on: a database of its own, a server on it, and a client.
use std::{
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

use libtest_mimic::{Failed, Trial};

mod app;
mod command;
mod database;
mod desk;
mod generate;
mod rows;

pub use app::App;
pub use command::{Outcome, Running, address, begin, waybill, waybill_told};
pub use database::{Backend, Database, Template, drop_templates};
pub use desk::Desk;
pub use generate::{generate, runner};
pub use rows::{country, dataset, publish, shipment};

/// A test on one database, named after both.
pub fn trial<F>(
    backend: &Backend,
    name: impl AsRef<str>,
    test: impl FnOnce(Backend) -> F + Send + 'static,
) -> Trial
where
    F: Future<Output = Result<(), Failed>>,
{
    let backend = backend.clone();
    Trial::test(
        format!("{}::{}", backend.name(), name.as_ref()),
        move || {
            // One thread, as the server's workers have: tests see the batches that users cause.
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime.block_on(test(backend))
        },
    )
}

/// The folder of the tests.
pub fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests")
}

/// Real files by others, which the project may read and does not own; none on most machines.
pub fn real_data() -> Option<PathBuf> {
    let folder = tests().join("../../shared/data");
    folder.is_dir().then_some(folder)
}

/// Past the test runner, which keeps what passing tests print to itself.
pub fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

pub fn say_that_postgres_is_skipped() {
    say("\n*** The PostgreSQL half of the tests is SKIPPED: set WAYBILL_TEST_POSTGRES to the URL");
    say(
        "*** of a server on which databases may be made, such as postgres://postgres@127.0.0.1/postgres\n",
    );
}

fn binary() -> Command {
    Command::new(env!("CARGO_BIN_EXE_waybill"))
}

pub fn ensure<T: PartialEq + std::fmt::Debug>(found: T, expected: T) -> Result<(), Failed> {
    if found == expected {
        Ok(())
    } else {
        Err(format!("{found:?}, not {expected:?}").into())
    }
}
