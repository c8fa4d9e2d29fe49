//! Totals: after whatever was written, by whichever server, they equal a full scan.
use libtest_mimic::Trial;

use crate::harness::{Backend, trial};

mod naive;
mod property;
mod random;
mod real;
mod warnings;

pub fn trials(backend: &Backend) -> Vec<Trial> {
    vec![
        trial(
            backend,
            "totals::equal_a_full_scan",
            property::equal_a_full_scan,
        ),
        trial(
            backend,
            "totals::another_database_in_its_place",
            property::restored,
        ),
        trial(backend, "totals::mixed_values", warnings::mixed),
        trial(backend, "totals::real_files", real::comtrade),
        trial(backend, "totals::much_at_once", property::much_at_once),
        trial(
            backend,
            "totals::checked_by_the_command",
            property::by_the_command,
        ),
    ]
}
