//! GraphQL over HTTP: `POST` with a JSON body, `GET` for queries alone.
use actix_web::{
    HttpRequest, HttpResponse,
    http::{Method, StatusCode, header},
    web::{Bytes, Data, Payload},
};
use async_graphql::parser::types::OperationType;
use tracing_actix_web::RequestId;

use super::{
    Shared,
    answer::{Answer, Refusal},
    answers, body, caching, caller,
    engine::Allowed,
    limits::{Exceeded, Limit},
    live::events,
    media::Media,
    rates,
    request::{Body, Parameters},
};
use crate::kit::curate::{IdempotencyKey, LONGEST_KEY};

pub async fn post(
    http: HttpRequest,
    id: RequestId,
    shared: Data<Shared>,
    payload: Payload,
) -> HttpResponse {
    let Some(media) = Media::accepted(&http) else {
        if !events::wanted(&http) {
            return Media::not_acceptable();
        }
        let read = body::read(&shared, &http, payload).await;
        let parameters = read
            .and_then(|bytes| Body::read(&bytes))
            .and_then(Body::one);
        return events::stream(shared, &http, id, parameters).await;
    };
    let bytes = match body::read(&shared, &http, payload).await {
        Ok(bytes) => bytes,
        Err(refusal) => return shared.refuse(media, refusal),
    };
    if let Some(answered) = answers::again(&shared, media, &http, &bytes).await {
        return answered;
    }
    match Body::read(&bytes) {
        Ok(Body::One(parameters)) => one(&shared, media, &http, id, parameters, Some(&bytes)).await,
        Ok(Body::Batch(requests)) => batch(&shared, media, &http, id, requests).await,
        Err(refusal) => shared.refuse(media, refusal),
    }
}

pub async fn get(http: HttpRequest, id: RequestId, shared: Data<Shared>) -> HttpResponse {
    let Some(media) = Media::accepted(&http) else {
        if !events::wanted(&http) {
            return Media::not_acceptable();
        }
        let parameters = Parameters::of_address(http.query_string());
        return events::stream(shared, &http, id, parameters).await;
    };
    match Parameters::of_address(http.query_string()) {
        Ok(parameters) => one(&shared, media, &http, id, parameters, None).await,
        Err(refusal) => shared.refuse(media, refusal),
    }
}

pub async fn other_method() -> HttpResponse {
    HttpResponse::MethodNotAllowed()
        .insert_header((header::ALLOW, "GET, POST"))
        .finish()
}

/// An answer; or events, for a subscription by a client that takes either. `body` is all that was
/// sent, where that is all there is to the request.
async fn one(
    shared: &Data<Shared>,
    media: Media,
    http: &HttpRequest,
    id: RequestId,
    parameters: Parameters,
    body: Option<&Bytes>,
) -> HttpResponse {
    let takes_events = events::wanted(http);
    let allowed = match (http.method(), takes_events) {
        (&Method::GET, false) => Allowed::Queries,
        (&Method::GET, true) => Allowed::QueriesAndSubscriptions,
        (_, false) => Allowed::QueriesAndMutations,
        (_, true) => Allowed::Everything,
    };
    let engine = &shared.engine;
    let again = takes_events.then(|| parameters.clone());
    let prepared = match engine.prepare(parameters, allowed).await {
        Ok(prepared) => prepared,
        Err(refusal) => return shared.refuse(media, refusal),
    };
    if let Some(parameters) = again.filter(|_| prepared.kind == OperationType::Subscription) {
        return events::stream(shared.clone(), http, id, Ok(parameters)).await;
    }
    let (key, caller) = match (idempotency_key(http), caller::of(shared, http).await) {
        (Ok(key), Ok(caller)) => (key, caller),
        (Err(refusal), _) | (_, Err(refusal)) => return shared.refuse(media, refusal),
    };
    let admission = match engine.admit(prepared.charged(), &caller) {
        Ok(admission) => admission,
        Err(refusal) => return shared.refuse(media, refusal),
    };
    let charge = admission.charge;
    let mut response = match caching::Validator::of(shared, http, &prepared, &caller).await {
        Some(validator) if validator.holds(http) => validator.not_modified(),
        validator => {
            let keeping = match body {
                Some(body) => answers::keeping(shared, media, body, &prepared, &caller).await,
                None => None,
            };
            let answer = engine
                .execute(prepared, caller, admission, key, &id.to_string())
                .await;
            let response = media.respond(&answer, &engine.limits, shared.options.status_profile);
            match (validator, keeping) {
                _ if !answer.errors.is_empty() || response.status() != StatusCode::OK => response,
                (Some(validator), _) => validator.mark(response),
                (None, Some(keeping)) => keeping.keep(shared, response),
                (None, None) => response,
            }
        }
    };
    rates::tell(&mut response, charge);
    response
}

/// One after the other, so that a mutation sees what the one before it wrote.
async fn batch(
    shared: &Shared,
    media: Media,
    http: &HttpRequest,
    id: RequestId,
    requests: Vec<Parameters>,
) -> HttpResponse {
    let engine = &shared.engine;
    let most = engine.limits.max_batch;
    if most == 0 {
        let message = "lists of requests are not taken here: send each by itself";
        return shared.refuse(media, Refusal::Malformed(message.to_owned()));
    }
    if let Err(exceeded) = Exceeded::check(Limit::Batch, most as u64, requests.len() as u64) {
        return shared.refuse(media, exceeded.into());
    }
    let mut answers = Vec::new();
    for parameters in requests {
        let answered = async {
            let prepared = engine
                .prepare(parameters, Allowed::QueriesAndMutations)
                .await?;
            // A key would be used by all of them, for different inputs.
            let is_mutation = prepared.kind == OperationType::Mutation;
            if is_mutation && http.headers().contains_key(IDEMPOTENCY_KEY) {
                let message = "Idempotency-Key is for one mutation: give each its own in its input";
                return Err(Refusal::Malformed(message.to_owned()));
            }
            let caller = caller::of(shared, http).await?;
            let admission = engine.admit(prepared.charged(), &caller)?;
            let key = IdempotencyKey(None);
            Ok(engine
                .execute(prepared, caller, admission, key, &id.to_string())
                .await)
        };
        let answer = answered.await;
        answers.push(
            answer.unwrap_or_else(|refusal| Answer::refused(refusal, engine.limits.max_errors)),
        );
    }
    media.respond_to_batch(&answers, &engine.limits, shared.options.status_profile)
}

const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// The key as it is sent; the draft standard would have it quoted, most clients do not.
/// One that cannot be taken must not pass for none: the client relies on it.
pub fn idempotency_key(http: &HttpRequest) -> Result<IdempotencyKey, Refusal> {
    let Some(value) = http.headers().get(IDEMPOTENCY_KEY) else {
        return Ok(IdempotencyKey(None));
    };
    let key = value.to_str().ok().map(|key| key.trim().trim_matches('"'));
    match key.filter(|key| (1..=LONGEST_KEY).contains(&key.len())) {
        Some(key) => Ok(IdempotencyKey(Some(key.to_owned()))),
        None => Err(Refusal::Malformed(
            "Idempotency-Key must be 1 to 255 characters of plain ASCII".to_owned(),
        )),
    }
}
