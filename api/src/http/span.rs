//! What is told of a request: one line in the log, figures, and a span for traces; never what was
//! asked, with which values, or by whom by name.
use std::{
    borrow::Cow,
    time::{Duration, Instant},
};

use actix_web::{
    Error, HttpMessage,
    body::{BodySize, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::header::{HeaderMap, HeaderName},
    web::Data,
};
use async_graphql::parser::types::OperationType;
use opentelemetry::{
    propagation::{Extractor, TextMapPropagator},
    trace::Status,
};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::{Span, field::Empty, info_span};
use tracing_actix_web::{RequestId, RootSpanBuilder};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use super::{Shared, metrics::Open};
use crate::auth::Credential;

/// More of what a client chose is not shown.
const LONGEST_PATH: usize = 120;
const LONGEST_NAME: usize = 60;
/// Asked for all day by machines: told only to those who want to know everything.
const HEALTH: &str = "/health/";

pub struct Request;

/// What is remembered of a request until it is answered.
struct Begun {
    at: Instant,
    _in_flight: Option<Open>,
}

impl RootSpanBuilder for Request {
    fn on_request_start(request: &ServiceRequest) -> Span {
        let id = request.extensions().get::<RequestId>().copied();
        let id = id.map(|id| id.to_string()).unwrap_or_default();
        let shared = request.app_data::<Data<Shared>>();
        request.extensions_mut().insert(Begun {
            at: Instant::now(),
            _in_flight: shared.map(|shared| shared.engine.metrics.request()),
        });
        // The query string of a GET holds variables: the path alone is told.
        let path = plain(request.path(), LONGEST_PATH);
        let span = info_span!(
            "request",
            id,
            method = request.method().as_str(),
            path = path.as_ref(),
            status = Empty,
            operation = Empty,
            operation_type = Empty,
            caller = Empty,
            cost = Empty,
            sql = Empty,
            bytes = Empty,
            milliseconds = Empty,
        );
        let caller = TraceContextPropagator::new().extract(&Headers(request.headers()));
        // Nobody listens when no collector is configured.
        let _ = span.set_parent(caller);
        span
    }

    fn on_request_end<B: MessageBody>(span: Span, outcome: &Result<ServiceResponse<B>, Error>) {
        let (status, is_health) = match outcome {
            Ok(response) => {
                let request = response.request();
                let took = request
                    .extensions()
                    .get::<Begun>()
                    .map(|begun| begun.at.elapsed());
                let took = took.unwrap_or_default();
                let status = response.status();
                span.record("milliseconds", milliseconds(took));
                if let BodySize::Sized(bytes) = response.response().body().size() {
                    span.record("bytes", bytes);
                }
                if let Some(shared) = request.app_data::<Data<Shared>>() {
                    let pattern = request.match_pattern();
                    let path = pattern.as_deref().unwrap_or("other");
                    shared.engine.metrics.answered(path, status.as_u16(), took);
                }
                (status, request.path().starts_with(HEALTH))
            }
            Err(error) => (error.as_response_error().status_code(), false),
        };
        span.record("status", status.as_u16());
        if status.is_server_error() {
            span.set_status(Status::error(status.to_string()));
        }
        span.in_scope(|| match is_health {
            true => tracing::debug!("answered"),
            false => tracing::info!("answered"),
        });
    }
}

/// Notes on the present span which operation is asked for, and what it costs.
pub fn operation(kind: OperationType, name: Option<&str>, cost: u64) {
    let span = Span::current();
    span.record("operation_type", self::kind(kind));
    span.record("cost", cost);
    if let Some(name) = name {
        span.record("operation", plain(name, LONGEST_NAME).as_ref());
    }
}

/// Notes on the present span which file is exported, and what it costs to begin.
pub fn export(file: &'static str, cost: u64) {
    let span = Span::current();
    span.record("operation_type", "export");
    span.record("operation", file);
    span.record("cost", cost);
}

/// What logs and figures call a type of operation.
pub fn kind(kind: OperationType) -> &'static str {
    match kind {
        OperationType::Query => "query",
        OperationType::Mutation => "mutation",
        OperationType::Subscription => "subscription",
    }
}

/// Notes on the present span what kind of caller it is, and answers it.
pub fn caller(credential: Credential) -> &'static str {
    let kind = match credential {
        Credential::None => "anonymous",
        Credential::ApiKey(_) => "key",
        Credential::Session | Credential::Provider => "curator",
    };
    Span::current().record("caller", kind);
    kind
}

/// What a client chose, so short and so plain that no log is hurt by it.
fn plain(text: &str, longest: usize) -> Cow<'_, str> {
    let is_plain = |letter: char| letter.is_ascii_graphic() && !matches!(letter, '"' | '\\');
    if text.len() <= longest && text.chars().all(is_plain) {
        return text.into();
    }
    let mut shown: String = text
        .chars()
        .take(longest)
        .map(|letter| if is_plain(letter) { letter } else { '?' })
        .collect();
    if shown.len() < text.len() {
        shown.push_str("...");
    }
    shown.into()
}

/// To the microsecond.
fn milliseconds(took: Duration) -> f64 {
    (took.as_secs_f64() * 1e6).round() / 1e3
}

/// `traceparent` and `tracestate`.
struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }
}
