//! An event, with all that it takes to read what is asked of it, as of when it is sent.
use std::{
    borrow::Cow,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::Duration,
};

use async_graphql::{
    ContextSelectionSet, Data, OutputType, Positioned, ServerResult, Value, parser::types::Field,
    registry::Registry,
};

use crate::kit::{
    deadline::{self, TimedOut},
    error::{Error, INTERNAL, TIMEOUT},
};

/// What happened, and the context that its fields are resolved in: what a subscription began with
/// is old by now.
pub struct Event<T> {
    value: T,
    data: Data,
    deadline: Duration,
    /// Set when it could not be told for reasons of ours: what comes after must not hide that.
    is_lost: Arc<AtomicBool>,
}

impl<T> Event<T> {
    pub(super) fn new(value: T, data: Data, deadline: Duration, is_lost: Arc<AtomicBool>) -> Self {
        Self {
            value,
            data,
            deadline,
            is_lost,
        }
    }
}

impl<T: OutputType> OutputType for Event<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry)
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        let mut ctx = ctx.clone();
        ctx.execute_data = Some(&self.data);
        let resolving = self.value.resolve(&ctx, field);
        let resolved = deadline::within(self.deadline, resolving).await;
        let resolved = resolved.unwrap_or_else(|TimedOut(_)| {
            let error = async_graphql::Error::from(Error::TimedOut);
            Err(ctx.set_error_path(error.into_server_error(field.pos)))
        });
        if let Err(error) = &resolved {
            let code = error.extensions.as_ref().and_then(|held| held.get("code"));
            if code == Some(&INTERNAL.into()) || code == Some(&TIMEOUT.into()) {
                self.is_lost.store(true, Ordering::Relaxed);
            }
        }
        resolved
    }
}

/// How far a subscription has come: the number of the revision that it sent last. A transport that
/// keeps it can go on from there.
#[derive(Clone, Debug)]
pub struct Position(Arc<AtomicI64>);

/// Numbers begin with 1, and 0 stands before them.
const NOWHERE: i64 = -1;

impl Default for Position {
    fn default() -> Self {
        Self::after(NOWHERE)
    }
}

impl Position {
    /// From after this revision on, whatever the subscription itself says.
    pub fn after(number: i64) -> Self {
        Self(Arc::new(AtomicI64::new(number)))
    }

    /// None before the first event of a subscription that was not told where to begin.
    pub fn get(&self) -> Option<i64> {
        Some(self.0.load(Ordering::Relaxed)).filter(|number| *number > NOWHERE)
    }

    pub(super) fn set(&self, number: i64) {
        self.0.store(number, Ordering::Relaxed);
    }
}
