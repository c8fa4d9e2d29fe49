//! Headers that every answer has: what browsers may do with it.
use actix_cors::Cors;
use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method,
        header::{self, HeaderName, HeaderValue},
    },
    middleware::Next,
};

/// An answer is data: a browser must not take it for anything else.
const SECURE: [(HeaderName, &str); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CROSS_ORIGIN_RESOURCE_POLICY, "cross-origin"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    ),
];

/// Adds what the answer does not say itself.
pub async fn secure(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let mut response = next.call(request).await?;
    for (name, value) in SECURE {
        let headers = response.headers_mut();
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    Ok(response)
}

/// Packed, an answer has other bytes, and so another strong tag (RFC 9110, section 8.8.3).
pub async fn tag_coding(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let mut response = next.call(request).await?;
    let header = |name| {
        response
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    let tags = (header(header::ETAG), header(header::CONTENT_ENCODING));
    if let (Some(tag), Some(coding)) = tags {
        let packed = format!("{}-{coding}\"", tag.trim_end_matches('"'));
        if let Ok(packed) = HeaderValue::from_str(&packed) {
            response.headers_mut().insert(header::ETAG, packed);
        }
    }
    Ok(response)
}

/// Which pages may ask. There are no cookies: what a page asks, it asks in its own name.
pub fn cors(origins: &[String]) -> Cors {
    let cors = Cors::default()
        .allowed_methods([Method::GET, Method::POST, Method::PUT])
        .allowed_headers([
            header::AUTHORIZATION,
            header::ACCEPT,
            header::CONTENT_TYPE,
            header::IF_NONE_MATCH,
            HeaderName::from_static("idempotency-key"),
            HeaderName::from_static("last-event-id"),
            HeaderName::from_static("traceparent"),
        ])
        .expose_headers([
            header::CONTENT_DISPOSITION,
            header::ETAG,
            header::RETRY_AFTER,
            HeaderName::from_static("ratelimit"),
            HeaderName::from_static("ratelimit-policy"),
        ])
        .max_age(3600);
    origins
        .iter()
        .fold(cors, |cors, origin| match origin.as_str() {
            "*" => cors.allow_any_origin().send_wildcard(),
            origin => cors.allowed_origin(origin),
        })
}

/// An origin is a scheme and a host, and a port if it is not the usual one.
pub fn check_origins(origins: &[String]) -> Result<(), String> {
    let is_origin = |origin: &String| {
        let host = origin
            .strip_prefix("https://")
            .or(origin.strip_prefix("http://"));
        origin == "*"
            || host.is_some_and(|host| !host.is_empty() && !host.contains(['/', ' ', '*', '?']))
    };
    match origins.iter().find(|origin| !is_origin(origin)) {
        Some(origin) => Err(format!(
            "--cors-origins {origin}: an origin is a scheme and a host, such as https://example.org"
        )),
        None => Ok(()),
    }
}
