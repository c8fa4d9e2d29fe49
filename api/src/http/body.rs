//! Bodies of requests: what may come in, how much of it, and in how much time.
use actix_web::{
    HttpRequest,
    http::header,
    web::{Bytes, Payload},
};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::{
    Shared,
    answer::Refusal,
    limits::{Exceeded, Limit, Limits},
};

/// Memory for the bodies that are on their way: as much as all requests that may run at once need.
/// Whoever sends slowly holds as much of it as they announced.
pub struct Bodies(Semaphore);

/// What a permit stands for, in bytes.
const PIECE: u64 = 1 << 10;

impl Bodies {
    pub fn new(limits: &Limits) -> Self {
        let pieces = limits.max_body_bytes / PIECE as usize + 1;
        let all = pieces.saturating_mul(limits.max_concurrent);
        Self(Semaphore::new(all.min(Semaphore::MAX_PERMITS)))
    }

    /// Room for a body of so many bytes; none when others have it all.
    fn take(&self, length: u64) -> Option<SemaphorePermit<'_>> {
        let pieces = u32::try_from(length / PIECE + 1).ok()?;
        self.0.try_acquire_many(pieces).ok()
    }
}

/// A form or plain text could come from any page without asking: only JSON is taken. It must not
/// be packed, for what it would be unpacked to shows only when it is.
pub async fn read(shared: &Shared, http: &HttpRequest, payload: Payload) -> Result<Bytes, Refusal> {
    let header = |name| {
        http.headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    let essence = header(header::CONTENT_TYPE)
        .unwrap_or_default()
        .split(';')
        .next();
    let essence = essence.unwrap_or_default().trim();
    let coding = header(header::CONTENT_ENCODING).unwrap_or("identity");
    if !essence.eq_ignore_ascii_case("application/json") || !coding.eq_ignore_ascii_case("identity")
    {
        return Err(Refusal::MediaType);
    }
    let most = shared.engine.limits.max_body_bytes;
    let too_large = |had| {
        Refusal::Limit(Exceeded {
            limit: Limit::BodyBytes,
            most: most as u64,
            had,
        })
    };
    let announced = header(header::CONTENT_LENGTH).and_then(|length| length.parse().ok());
    if let Some(length) = announced.filter(|length| *length > most as u64) {
        return Err(too_large(Some(length)));
    }
    let length = announced.unwrap_or(most as u64);
    let _room = shared.bodies.take(length).ok_or(Refusal::Busy)?;
    let longest = shared.options.body_timeout;
    match tokio::time::timeout(longest, payload.to_bytes_limited(most)).await {
        Ok(Ok(Ok(bytes))) => Ok(bytes),
        Ok(Ok(Err(error))) => Err(Refusal::Malformed(format!(
            "the body did not arrive: {error}"
        ))),
        Ok(Err(_)) => Err(too_large(None)),
        Err(_) => Err(Refusal::Slow),
    }
}
