//! What can go wrong, and whose fault it is.
use std::{borrow::Cow, sync::Arc};

use async_graphql::ErrorExtensions;
use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr, sqlx};

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The messages are for the client, but for the last one's: that is for the log alone.
// No `Display`: what is ours must not reach a client by being printed.
#[derive(Clone, Debug)]
pub enum Error {
    /// The user's: what was sent makes no sense. The message says what would.
    BadUserInput(String),
    /// The user's: who is it? The message says how to sign in.
    Unauthenticated(String),
    /// The user's: they may not. The message says what it takes.
    Forbidden(String),
    /// The user's: too many attempts; try again after so many seconds.
    RateLimited { message: String, retry_after: u64 },
    /// The state's: what was asked for is not there.
    NotFound(String),
    /// The state's: others were at work for too long; try again.
    Busy,
    /// The state's: two waited for each other, and this one gave way. Nothing was written.
    Collision,
    /// The state's: it took too long, and was stopped. Nothing was written.
    TimedOut,
    /// Ours.
    Internal(Arc<dyn std::error::Error + Send + Sync>),
}

impl Error {
    pub fn bad_input(message: impl Into<String>) -> Self {
        Self::BadUserInput(message.into())
    }

    /// Whether the database was closed, as by [`is_closed`].
    pub fn is_closed(&self) -> bool {
        let Self::Internal(cause) = self else {
            return false;
        };
        cause.downcast_ref().is_some_and(is_closed)
    }

    pub fn internal(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(Arc::from(error.into()))
    }
}

/// Whether others were at work for too long.
pub fn is_busy(error: &DbErr) -> bool {
    code(error).is_some_and(|code| code == BUSY || BUSY_CODES.contains(&code.as_ref()))
}

/// Whether the database was closed: the server stops, and what runs in the background ends quietly.
pub fn is_closed(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed) => true,
        DbErr::Conn(RuntimeErr::SqlxError(driver)) => matches!(**driver, sqlx::Error::PoolClosed),
        _ => false,
    }
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        if is_busy(&error) {
            return Self::Busy;
        }
        match code(&error).as_deref() {
            Some(code) if STOPPED_CODES.contains(&code) => Self::TimedOut,
            Some(code) if COLLISION_CODES.contains(&code) => Self::Collision,
            _ => Self::internal(error),
        }
    }
}

/// No connection became free in time.
const BUSY: &str = "no connection";
/// SQLITE_BUSY and its kinds; PostgreSQL's lock_not_available.
const BUSY_CODES: [&str; 4] = ["5", "261", "517", "55P03"];
/// PostgreSQL's serialization_failure and deadlock_detected.
const COLLISION_CODES: [&str; 2] = ["40001", "40P01"];

/// SQLITE_INTERRUPT; PostgreSQL's query_canceled.
const STOPPED_CODES: [&str; 2] = ["9", "57014"];

/// What the database calls the error.
fn code(error: &DbErr) -> Option<Cow<'_, str>> {
    let driver = match error {
        DbErr::ConnectionAcquire(ConnAcquireErr::Timeout) => return Some(BUSY.into()),
        DbErr::Conn(RuntimeErr::SqlxError(driver))
        | DbErr::Exec(RuntimeErr::SqlxError(driver))
        | DbErr::Query(RuntimeErr::SqlxError(driver)) => driver,
        _ => return None,
    };
    match driver.as_ref() {
        sqlx::Error::Database(driver) => driver.code(),
        sqlx::Error::PoolTimedOut => Some(BUSY.into()),
        _ => None,
    }
}

/// `extensions.code` of an error that is ours.
pub const INTERNAL: &str = "INTERNAL";
/// `extensions.code` of an error that is the user's.
pub const BAD_USER_INPUT: &str = "BAD_USER_INPUT";
/// `extensions.code` when what was asked for is not there.
pub const NOT_FOUND: &str = "NOT_FOUND";
/// `extensions.code` when it took too long.
pub const TIMEOUT: &str = "TIMEOUT";
/// `extensions.code` when it takes to sign in.
pub const UNAUTHENTICATED: &str = "UNAUTHENTICATED";
/// `extensions.code` when somebody asks too often.
pub const RATE_LIMITED: &str = "RATE_LIMITED";

impl From<Error> for async_graphql::Error {
    fn from(error: Error) -> Self {
        let (code, message) = match error {
            Error::BadUserInput(message) => (BAD_USER_INPUT, message),
            Error::Unauthenticated(message) => (UNAUTHENTICATED, message),
            Error::Forbidden(message) => ("FORBIDDEN", message),
            Error::NotFound(message) => (NOT_FOUND, message),
            Error::RateLimited {
                message,
                retry_after,
            } => {
                return Self::new(message).extend_with(|_, extensions| {
                    extensions.set("code", RATE_LIMITED);
                    extensions.set("retryAfter", retry_after);
                });
            }
            Error::Busy | Error::Collision => {
                let message = "the server is busy, and it took too long to wait for others: nothing was done, try again";
                (TIMEOUT, message.to_owned())
            }
            Error::TimedOut => {
                let message =
                    "it took too long, and was stopped: nothing was done; ask for less at a time";
                (TIMEOUT, message.to_owned())
            }
            Error::Internal(cause) => {
                tracing::error!(%cause, "internal error");
                let message = "Something failed on our side. It is logged; try again later.";
                (INTERNAL, message.to_owned())
            }
        };
        Self::new(message).extend_with(|_, extensions| extensions.set("code", code))
    }
}
