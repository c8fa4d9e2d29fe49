//! Whether the server lives, and whether it can serve.
use actix_web::{HttpResponse, http::header::CACHE_CONTROL, web};

use super::Shared;

/// The process answers.
pub async fn live() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .body("live\n")
}

/// The database answers, too.
pub async fn ready(shared: web::Data<Shared>) -> HttpResponse {
    let (mut response, body) = match shared.engine.db.ping().await {
        Ok(()) => (HttpResponse::Ok(), "ready\n"),
        Err(error) => {
            tracing::error!(%error, "the database does not answer");
            (HttpResponse::ServiceUnavailable(), "not ready\n")
        }
    };
    response
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(body)
}
