//! Over HTTP: in which media type an answer goes out, and with which status.
use std::io;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
};
use clap::ValueEnum;

use super::{
    answer::{Answer, BUSY_SECONDS, Reason, Refusal},
    limits::{Exceeded, Limit, Limits},
};

/// In which of the two forms of GraphQL over HTTP to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Media {
    /// `application/graphql-response+json`: the status tells of errors.
    GraphQl,
    /// `application/json`, for older clients: any well-formed request answers 200.
    Json,
}

/// Which edition of GraphQL over HTTP the statuses follow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum StatusProfile {
    /// What clients know: 400 for every request that cannot be executed, 200 for the rest.
    #[default]
    Settled,
    /// The working draft: 422 for what can be read but not executed, 294 for partial success.
    Draft,
}

/// Partial success, as the working draft has it.
const PARTIAL: u16 = 294;

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

    pub const fn content_type(self) -> &'static str {
        match self {
            Self::GraphQl => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        }
    }

    /// `application/json` says nothing of what GraphQL made of a request that it could read.
    fn status(self, answer: &Answer, profile: StatusProfile) -> StatusCode {
        let executable = |code| match self {
            Self::GraphQl => code,
            Self::Json => StatusCode::OK,
        };
        let is_draft = profile == StatusProfile::Draft && self == Self::GraphQl;
        let unreadable = StatusCode::BAD_REQUEST;
        let refused = match is_draft {
            true => StatusCode::UNPROCESSABLE_ENTITY,
            false => StatusCode::BAD_REQUEST,
        };
        match answer.refusal {
            None if is_draft && !answer.errors.is_empty() => {
                StatusCode::from_u16(PARTIAL).unwrap_or(StatusCode::OK)
            }
            None => StatusCode::OK,
            Some(Reason::NoJson) => unreadable,
            Some(Reason::Malformed) => refused,
            Some(Reason::Syntax) => executable(unreadable),
            Some(Reason::Invalid | Reason::TooLarge | Reason::Unknown) => executable(refused),
            Some(Reason::BodyTooLarge) => StatusCode::PAYLOAD_TOO_LARGE,
            Some(Reason::Slow) => StatusCode::REQUEST_TIMEOUT,
            Some(Reason::MediaType) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Some(Reason::Method) => StatusCode::METHOD_NOT_ALLOWED,
            Some(Reason::NotTrusted) => StatusCode::FORBIDDEN,
            Some(Reason::NotFound) => StatusCode::NOT_FOUND,
            Some(Reason::Unauthenticated) => StatusCode::UNAUTHORIZED,
            Some(Reason::RateLimited(_)) => StatusCode::TOO_MANY_REQUESTS,
            Some(Reason::Busy | Reason::Unavailable) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    pub fn refuse(self, refusal: Refusal, limits: &Limits, profile: StatusProfile) -> HttpResponse {
        let answer = Answer::refused(refusal, limits.max_errors);
        self.respond(&answer, limits, profile)
    }

    /// Sends the answer, or the error that it is too long.
    pub fn respond(self, answer: &Answer, limits: &Limits, profile: StatusProfile) -> HttpResponse {
        let most = limits.max_answer_bytes;
        let Ok(body) = written(answer, most) else {
            let refusal = Refusal::Limit(Exceeded::early(Limit::AnswerBytes, most));
            return self.refuse(refusal, limits, profile);
        };
        let mut response = HttpResponse::build(self.status(answer, profile));
        response
            .content_type(self.content_type())
            .insert_header((header::CACHE_CONTROL, "no-store"));
        match answer.refusal {
            Some(Reason::Method) => {
                response.insert_header((header::ALLOW, "POST"));
            }
            Some(Reason::Unauthenticated) => {
                let challenge = r#"Bearer error="invalid_token""#;
                response.insert_header((header::WWW_AUTHENTICATE, challenge));
            }
            Some(Reason::RateLimited(seconds)) => {
                response.insert_header((header::RETRY_AFTER, seconds));
            }
            Some(Reason::Busy) => {
                response.insert_header((header::RETRY_AFTER, BUSY_SECONDS));
            }
            _ => {}
        }
        response.body(body)
    }

    /// Several answers to several requests, in their order.
    pub fn respond_to_batch(
        self,
        answers: &[Answer],
        limits: &Limits,
        profile: StatusProfile,
    ) -> HttpResponse {
        let most = limits.max_answer_bytes;
        match written(&answers, most) {
            Ok(body) => HttpResponse::Ok()
                .content_type(self.content_type())
                .insert_header((header::CACHE_CONTROL, "no-store"))
                .body(body),
            Err(_) => {
                let refusal = Refusal::Limit(Exceeded::early(Limit::AnswerBytes, most));
                self.refuse(refusal, limits, profile)
            }
        }
    }
}

/// In JSON; an error when it would be longer than so many bytes.
pub fn written(value: &impl serde::Serialize, most: usize) -> serde_json::Result<Vec<u8>> {
    let mut bounded = Bounded {
        bytes: Vec::new(),
        most,
    };
    serde_json::to_writer(&mut bounded, value)?;
    Ok(bounded.bytes)
}

struct Bounded {
    bytes: Vec<u8>,
    most: usize,
}

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > self.most {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
