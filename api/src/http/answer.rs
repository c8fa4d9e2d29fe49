//! Answers: their media type, their status, and what a client gets to see of an error.
use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
};
use async_graphql::{Pos, Response, ServerError, Value};
use serde::Serialize;
use tracing_actix_web::RequestId;

use crate::kit::error::{BAD_USER_INPUT, INTERNAL, UNAUTHENTICATED};

/// In which of the two forms of GraphQL over HTTP to answer.
#[derive(Clone, Copy)]
pub enum Media {
    /// `application/graphql-response+json`: the status tells of errors.
    GraphQl,
    /// `application/json`, for older clients: any well-formed request answers 200.
    Json,
}

impl Media {
    /// The one that the client likes best; none when it takes neither.
    pub fn accepted(http: &HttpRequest) -> Option<Self> {
        let Some(accept) = http.headers().get(header::ACCEPT) else {
            return Some(Self::Json);
        };
        let mut best = None;
        for range in accept.to_str().unwrap_or_default().split(',') {
            let mut parts = range.split(';').map(str::trim);
            let media = match parts.next().map(str::to_ascii_lowercase).as_deref() {
                Some("application/graphql-response+json") => Self::GraphQl,
                Some("application/json" | "application/*" | "*/*") => Self::Json,
                _ => continue,
            };
            let quality = parts.find_map(|part| part.strip_prefix("q=")?.parse::<f32>().ok());
            let quality = quality.unwrap_or(1.0);
            if quality > 0.0 && best.is_none_or(|(most, _)| quality > most) {
                best = Some((quality, media));
            }
        }
        best.map(|(_, media)| media)
    }

    pub fn not_acceptable() -> HttpResponse {
        HttpResponse::NotAcceptable()
            .content_type("text/plain; charset=utf-8")
            .body("This answers in application/graphql-response+json or application/json.\n")
    }

    fn content_type(self) -> &'static str {
        match self {
            Self::GraphQl => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        }
    }

    /// The request never became a GraphQL one.
    pub fn refuse(self, status: StatusCode, message: &str) -> HttpResponse {
        let answer = Answer::error(message, BAD_USER_INPUT);
        HttpResponse::build(status)
            .content_type(self.content_type())
            .json(&answer)
    }

    /// The request's credential is bad: it is never taken for nobody's.
    pub fn unauthenticated(self, message: &str) -> HttpResponse {
        HttpResponse::Unauthorized()
            .insert_header((header::WWW_AUTHENTICATE, r#"Bearer error="invalid_token""#))
            .content_type(self.content_type())
            .json(Answer::error(message, UNAUTHENTICATED))
    }

    /// Something that we stand on does not answer.
    pub fn unavailable(self, message: &str) -> HttpResponse {
        HttpResponse::ServiceUnavailable()
            .content_type(self.content_type())
            .json(Answer::error(message, INTERNAL))
    }

    /// Something other than a query came by `GET`.
    pub fn method_not_allowed(self) -> HttpResponse {
        let answer = Answer::error("only queries may come by GET; use POST", BAD_USER_INPUT);
        HttpResponse::MethodNotAllowed()
            .insert_header((header::ALLOW, "POST"))
            .content_type(self.content_type())
            .json(&answer)
    }
}

/// What is sent: `data` stands in it only when execution began.
#[derive(Serialize)]
pub struct Answer {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<ServerError>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Value>,
}

impl Answer {
    /// `id` is the request's, so that what we logged can be found by it.
    pub fn new(response: Response, id: RequestId) -> Self {
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
                extensions.set("requestId", id.to_string());
            }
        }
        Self {
            errors,
            data: began.then_some(data),
        }
    }

    fn error(message: &str, code: &str) -> Self {
        let mut error = ServerError::new(message, None::<Pos>);
        error.extensions.get_or_insert_default().set("code", code);
        Self {
            errors: vec![error],
            data: None,
        }
    }

    pub fn timeout(deadline: Duration) -> Self {
        let seconds = deadline.as_secs();
        let message = format!("the request took longer than {seconds} s; ask for less at a time");
        Self::error(&message, "TIMEOUT")
    }

    pub fn respond(self, media: Media) -> HttpResponse {
        let status = match media {
            Media::GraphQl if self.data.is_none() => StatusCode::BAD_REQUEST,
            Media::GraphQl | Media::Json => StatusCode::OK,
        };
        HttpResponse::build(status)
            .content_type(media.content_type())
            .json(&self)
    }
}
