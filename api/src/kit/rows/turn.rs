//! When what was asked for is read: once all who ask in the present turn have asked.
use std::time::Duration;

use async_graphql::runtime::Timer;
use futures_util::future::{BoxFuture, ready};

/// The loader's own task begins after the one that asks: that is wait enough. A timer would take
/// until the next millisecond, which is longer than most statements do.
pub struct Turn;

impl Timer for Turn {
    fn delay(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(ready(()))
    }
}
