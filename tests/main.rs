//! All tests: each runs on SQLite and on PostgreSQL, on a database of its own.
//!
//! PostgreSQL is found by `WAYBILL_TEST_POSTGRES`, the URL of a server on which databases may
//! be made and dropped. Without it, its half is skipped, and says so.
use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

use harness::Backend;

mod attacks;
mod auth;
mod cases;
mod checks;
mod cli;
mod concordance;
mod contract;
mod curating;
mod deadlines;
mod direct;
mod drafts;
mod edits;
mod export;
mod filters;
mod harness;
mod http;
mod import;
mod live;
mod migrations;
mod money;
mod operations;
mod paging;
mod processes;
mod provenance;
mod readers;
mod real_files;
mod search;
mod sql_count;
mod story;
mod totals;
mod uploads;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let sqlite = Backend::Sqlite;
    let postgres = Backend::postgres();
    let has_postgres = postgres.is_some();
    if !has_postgres {
        harness::say_that_postgres_is_skipped();
        if std::env::var_os("CI").is_some() {
            return ExitCode::FAILURE;
        }
    }
    // A stand-in, so that what is skipped is still listed, as ignored.
    let postgres = postgres.unwrap_or_else(|| Backend::Postgres(String::new()));

    let mut trials: Vec<Trial> = contract::trials();
    trials.extend(operations::trials_of_text());
    for (backend, runs) in [(sqlite, true), (postgres, has_postgres)] {
        let of_backend = [
            attacks::trials(&backend),
            auth::trials(&backend),
            cases::trials(&backend),
            checks::trials(&backend),
            cli::trials(&backend),
            concordance::trials(&backend),
            curating::trials(&backend),
            deadlines::trials(&backend),
            direct::trials(&backend),
            drafts::trials(&backend),
            edits::trials(&backend),
            export::trials(&backend),
            filters::trials(&backend),
            http::trials(&backend),
            import::trials(&backend),
            live::trials(&backend),
            migrations::trials(&backend),
            money::trials(&backend),
            operations::trials(&backend),
            paging::trials(&backend),
            processes::trials(&backend),
            provenance::trials(&backend),
            readers::trials(&backend),
            real_files::trials(&backend),
            search::trials(&backend),
            sql_count::trials(&backend),
            story::trials(&backend),
            totals::trials(&backend),
            uploads::trials(&backend),
        ];
        let of_backend = of_backend.into_iter().flatten();
        trials.extend(of_backend.map(|trial| trial.with_ignored_flag(!runs)));
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    harness::drop_templates();
    if !has_postgres {
        harness::say_that_postgres_is_skipped();
    }
    conclusion.exit_code()
}
