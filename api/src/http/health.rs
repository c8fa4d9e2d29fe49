//! Whether the server lives, and whether it can serve.
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use actix_web::{HttpResponse, http::header::CACHE_CONTROL, web};
use tokio::time::timeout;

use super::Shared;

/// Whoever asks whether it is ready does not wait long either.
const LONGEST: Duration = Duration::from_secs(4);

/// Whether the server still wants to be sent requests. Cloning it shares the answer.
#[derive(Clone, Default)]
pub struct Drain(Arc<AtomicBool>);

impl Drain {
    /// From here on readiness says no; what is sent is answered still.
    pub fn begin(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn has_begun(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The process answers.
pub async fn live() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .body("live\n")
}

/// The database answers, too, and the server is not about to stop.
pub async fn ready(shared: web::Data<Shared>) -> HttpResponse {
    if shared.drain.has_begun() {
        return HttpResponse::ServiceUnavailable()
            .insert_header((CACHE_CONTROL, "no-store"))
            .body("stopping\n");
    }
    let (mut response, body) = match timeout(LONGEST, shared.engine.db.ping()).await {
        Ok(Ok(())) => (HttpResponse::Ok(), "ready\n"),
        Ok(Err(error)) => {
            tracing::error!(%error, "the database does not answer");
            (HttpResponse::ServiceUnavailable(), "not ready\n")
        }
        Err(_) => {
            tracing::error!("the database does not answer in {LONGEST:?}");
            (HttpResponse::ServiceUnavailable(), "not ready\n")
        }
    };
    response
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(body)
}
