//! What can go wrong, and whose fault it is.
use std::sync::Arc;

use async_graphql::ErrorExtensions;
use sea_orm::DbErr;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The message of the first two is for the client. That of the last is for the log alone.
// No `Display`: what is ours must not reach a client by being printed.
#[derive(Clone, Debug)]
pub enum Error {
    /// The user's: what was sent makes no sense. The message says what would.
    BadUserInput(String),
    /// The state's: what was asked for is not there.
    NotFound(String),
    /// Ours.
    Internal(Arc<dyn std::error::Error + Send + Sync>),
}

impl Error {
    pub fn bad_input(message: impl Into<String>) -> Self {
        Self::BadUserInput(message.into())
    }

    pub fn internal(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(Arc::from(error.into()))
    }
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        Self::internal(error)
    }
}

/// `extensions.code` of an error that is ours.
pub const INTERNAL: &str = "INTERNAL";
/// `extensions.code` of an error that is the user's.
pub const BAD_USER_INPUT: &str = "BAD_USER_INPUT";

impl From<Error> for async_graphql::Error {
    fn from(error: Error) -> Self {
        let (code, message) = match error {
            Error::BadUserInput(message) => (BAD_USER_INPUT, message),
            Error::NotFound(message) => ("NOT_FOUND", message),
            Error::Internal(cause) => {
                tracing::error!(%cause, "internal error");
                let message = "Something failed on our side. It is logged; try again later.";
                (INTERNAL, message.to_owned())
            }
        };
        Self::new(message).extend_with(|_, extensions| extensions.set("code", code))
    }
}
