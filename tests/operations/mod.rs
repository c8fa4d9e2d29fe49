//! What those who run a server rely on: its configuration, and what it tells.
use libtest_mimic::Trial;

use crate::harness::{Backend, trial};

mod configuration;
mod documents;
mod telling;
mod traces;

pub fn trials(backend: &Backend) -> Vec<Trial> {
    vec![
        trial(backend, "operations::log", telling::log),
        trial(
            backend,
            "operations::a_log_that_nobody_reads_holds_nobody_up",
            telling::unread,
        ),
        trial(backend, "operations::metrics", telling::metrics),
        trial(backend, "operations::traces", traces::traces),
    ]
}

/// Those for which no database matters.
pub fn trials_of_text() -> Vec<Trial> {
    vec![
        Trial::test("operations::precedence", configuration::precedence),
        Trial::test("operations::mistakes", configuration::mistakes),
        Trial::test("operations::readers", configuration::readers),
        Trial::test("operations::defaults", configuration::defaults),
        Trial::test("operations::options_are_documented", documents::options),
    ]
}
