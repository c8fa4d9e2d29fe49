//! Random values, for properties that hold for all of them.
use libtest_mimic::Failed;
use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::{Config, TestRunner},
};

/// Other values each time; a failure prints the case that it met.
pub fn runner() -> TestRunner {
    TestRunner::new(Config {
        failure_persistence: None,
        ..Config::default()
    })
}

pub fn generate<S: Strategy>(runner: &mut TestRunner, strategy: &S) -> Result<S::Value, Failed> {
    let tree = strategy
        .new_tree(runner)
        .map_err(|error| error.to_string())?;
    Ok(tree.current())
}
