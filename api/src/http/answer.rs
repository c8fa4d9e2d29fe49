//! Answers: what a client gets to see, and of errors how much.
use std::time::Duration;

use async_graphql::{ErrorExtensionValues, Pos, Response, ServerError, Value};
use serde::Serialize;

use super::{
    document::Refused,
    limits::{Exceeded, Limit},
    told,
};
use crate::kit::error::{
    BAD_USER_INPUT, Error, INTERNAL, NOT_FOUND, RATE_LIMITED, TIMEOUT, UNAUTHENTICATED,
};

/// What is sent: `data` stands in it only when execution began.
#[derive(Debug, Serialize)]
pub struct Answer {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ServerError>,
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "told::serialize"
    )]
    pub data: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extensions: Option<Value>,
    /// Why execution did not begin.
    #[serde(skip)]
    pub refusal: Option<Reason>,
}

/// Why a request is not executed. All but the last three are the user's.
#[derive(Debug)]
pub enum Refusal {
    /// The body is no JSON.
    NoJson(String),
    /// It is not a request.
    Malformed(String),
    /// It is more than a request may be.
    Limit(Exceeded),
    /// Its document is no GraphQL.
    Syntax(ServerError),
    /// Its document or its variables are none for this schema.
    Invalid(Vec<ServerError>),
    /// The body did not arrive in time.
    Slow,
    /// The body is said to be something else than JSON.
    MediaType,
    /// The transport takes no operation of this kind.
    Method(&'static str),
    /// The hash is not known: the text must be sent with it.
    PersistedQueryNotFound,
    /// Only trusted documents may run, and this is none.
    NotTrusted,
    /// There is nothing at this address; the message says what there is.
    NotFound(String),
    /// The credential is bad: it is never taken for nobody's.
    Unauthenticated(String),
    /// The caller has used up what it may; in so many seconds it may go on.
    RateLimited { message: String, retry_after: u64 },
    /// More is asked of the server than it does at once.
    Busy,
    /// Something that we stand on does not answer.
    Unavailable(String),
}

/// What a refusal is to a transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    NoJson,
    Malformed,
    TooLarge,
    BodyTooLarge,
    Syntax,
    Invalid,
    Slow,
    MediaType,
    Method,
    Unknown,
    NotTrusted,
    NotFound,
    Unauthenticated,
    /// Seconds to wait.
    RateLimited(u64),
    Busy,
    Unavailable,
}

/// Seconds after which a server that is busy may have time.
pub const BUSY_SECONDS: u64 = 1;

impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Limit(exceeded) => Self::Limit(exceeded),
            Refused::Syntax(error) => Self::Syntax(error),
            Refused::Invalid(errors) => Self::Invalid(errors),
        }
    }
}

impl From<Exceeded> for Refusal {
    fn from(exceeded: Exceeded) -> Self {
        Self::Limit(exceeded)
    }
}

/// What went wrong before anything was sent.
impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound(message) => Self::NotFound(message),
            Error::Unauthenticated(message) => Self::Unauthenticated(message),
            Error::RateLimited {
                message,
                retry_after,
            } => Self::RateLimited {
                message,
                retry_after,
            },
            Error::Busy | Error::Collision | Error::TimedOut => Self::Busy,
            error @ Error::Internal(_) => {
                let told = async_graphql::Error::from(error);
                Self::Unavailable(told.message)
            }
            error @ (Error::BadUserInput(_) | Error::Forbidden(_)) => {
                let told = async_graphql::Error::from(error);
                let mut error = ServerError::new(told.message, None::<Pos>);
                error.extensions = told.extensions;
                Self::Invalid(vec![error])
            }
        }
    }
}

impl Answer {
    /// What execution came to. `id` is the request's, so that what we logged can be found by it.
    pub fn new(response: Response, id: &str, most_errors: usize) -> Self {
        let Response {
            mut errors, data, ..
        } = response;
        // Only a field's error has a path; without one, execution did not begin.
        let began = errors.iter().all(|error| !error.path.is_empty());
        for error in &mut errors {
            let extensions = error.extensions.get_or_insert_default();
            // The library's own errors have no code: they are about the document or its variables.
            if extensions.get("code").is_none() {
                extensions.set("code", BAD_USER_INPUT);
            }
            if extensions.get("code") == Some(&INTERNAL.into()) {
                extensions.set("requestId", id);
            }
        }
        Self {
            errors: first(errors, most_errors),
            data: began.then_some(data),
            extensions: None,
            refusal: (!began).then_some(Reason::Invalid),
        }
    }

    /// Not executed to its end: what it wrote is undone, unless it was done by then.
    pub fn timeout(deadline: Duration) -> Self {
        let seconds = deadline.as_secs_f64();
        let message = format!("the request took longer than {seconds} s; ask for less at a time");
        Self {
            errors: vec![error(&message, TIMEOUT)],
            data: Some(Value::Null),
            extensions: None,
            refusal: None,
        }
    }

    /// Not executed.
    pub fn refused(refusal: Refusal, most_errors: usize) -> Self {
        let (reason, error) = match refusal {
            Refusal::NoJson(why) => {
                let message = format!("the body is not a GraphQL request in JSON: {why}");
                (Reason::NoJson, error(&message, BAD_USER_INPUT))
            }
            Refusal::Malformed(message) => (Reason::Malformed, error(&message, BAD_USER_INPUT)),
            Refusal::Limit(exceeded) => {
                let mut error = error(&exceeded.to_string(), "QUERY_TOO_COMPLEX");
                let extensions = error.extensions.get_or_insert_default();
                extensions.set("limit", exceeded.limit.option());
                extensions.set("most", exceeded.most);
                if let Some(had) = exceeded.had {
                    extensions.set("had", had);
                }
                match exceeded.limit {
                    Limit::BodyBytes => (Reason::BodyTooLarge, error),
                    _ => (Reason::TooLarge, error),
                }
            }
            Refusal::Syntax(mut error) => {
                error
                    .extensions
                    .get_or_insert_default()
                    .set("code", BAD_USER_INPUT);
                (Reason::Syntax, error)
            }
            Refusal::Invalid(errors) => return Self::invalid(errors, most_errors),
            Refusal::Slow => {
                let message = "the body took too long to arrive";
                (Reason::Slow, error(message, TIMEOUT))
            }
            Refusal::MediaType => {
                let message = "send the request as JSON, with Content-Type: application/json and without Content-Encoding";
                (Reason::MediaType, error(message, BAD_USER_INPUT))
            }
            Refusal::Method(message) => (Reason::Method, error(message, BAD_USER_INPUT)),
            // Clients look for this very message and code, and send the text.
            Refusal::PersistedQueryNotFound => (
                Reason::Unknown,
                error("PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND"),
            ),
            Refusal::NotTrusted => {
                let message = "only trusted documents run here, and this is none of them";
                (Reason::NotTrusted, error(message, "FORBIDDEN"))
            }
            Refusal::NotFound(message) => (Reason::NotFound, error(&message, NOT_FOUND)),
            Refusal::Unauthenticated(message) => {
                (Reason::Unauthenticated, error(&message, UNAUTHENTICATED))
            }
            Refusal::RateLimited {
                message,
                retry_after,
            } => {
                let mut error = error(&message, RATE_LIMITED);
                error
                    .extensions
                    .get_or_insert_default()
                    .set("retryAfter", retry_after);
                (Reason::RateLimited(retry_after), error)
            }
            Refusal::Busy => {
                let message =
                    "the server has its hands full: nothing was done, try again in a second";
                (Reason::Busy, error(message, TIMEOUT))
            }
            Refusal::Unavailable(message) => (Reason::Unavailable, error(&message, INTERNAL)),
        };
        Self {
            errors: vec![error],
            data: None,
            extensions: None,
            refusal: Some(reason),
        }
    }

    fn invalid(errors: Vec<ServerError>, most: usize) -> Self {
        let mut errors = first(errors, most);
        for error in &mut errors {
            let extensions = error.extensions.get_or_insert_default();
            if extensions.get("code").is_none() {
                extensions.set("code", BAD_USER_INPUT);
            }
        }
        Self {
            errors,
            data: None,
            extensions: None,
            refusal: Some(Reason::Invalid),
        }
    }

    /// `code` of the first error, for the log and the metrics; none when all is well.
    pub fn code(&self) -> Option<&str> {
        let extensions = self.errors.first()?.extensions.as_ref()?;
        match extensions.get("code")? {
            Value::String(code) => Some(code),
            _ => None,
        }
    }
}

fn error(message: &str, code: &str) -> ServerError {
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", code);
    let mut error = ServerError::new(message, None::<Pos>);
    error.extensions = Some(extensions);
    error
}

/// So many of them, and how many more there are.
fn first(mut errors: Vec<ServerError>, most: usize) -> Vec<ServerError> {
    let more = errors.len().saturating_sub(most);
    if more > 0 {
        errors.truncate(most);
        let message = format!("and {more} errors more: at most {most} are reported");
        let mut last = error(&message, BAD_USER_INPUT);
        last.path = errors
            .last()
            .map(|error| error.path.clone())
            .unwrap_or_default();
        errors.push(last);
    }
    errors
}
