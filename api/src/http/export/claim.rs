//! A claim as JSON-LD: the API's own answer, in other words.
use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{CACHE_CONTROL, VARY},
    web::{Data, Path},
};
use serde_json::{Value as Json, json};
use tracing_actix_web::RequestId;

use crate::{
    claim::{QUERY, json_ld},
    http::{
        Shared,
        answer::{Answer, Refusal},
        caller,
        engine::Allowed,
        media::Media,
        request::Parameters,
        told,
    },
    kit::curate::IdempotencyKey,
};

const EXTENSION: &str = ".jsonld";

pub async fn get(
    http: HttpRequest,
    id: RequestId,
    shared: Data<Shared>,
    name: Path<String>,
) -> HttpResponse {
    let found = match name.strip_suffix(EXTENSION) {
        Some(claim) => found(&shared, &http, id, claim).await,
        None => Err(Refusal::NotFound(format!(
            "a claim is at /export/claims/ID{EXTENSION}"
        ))),
    };
    match found {
        Ok(Ok(document)) => HttpResponse::Ok()
            .content_type("application/ld+json")
            .insert_header((CACHE_CONTROL, "no-store"))
            .insert_header((VARY, "Authorization"))
            .body(document.to_string()),
        Ok(Err(answer)) => Media::GraphQl.respond(
            &answer,
            &shared.engine.limits,
            shared.options.status_profile,
        ),
        Err(refusal) => shared.refuse(Media::GraphQl, refusal),
    }
}

/// The document, or what the query answered instead.
async fn found(
    shared: &Shared,
    http: &HttpRequest,
    id: RequestId,
    claim: &str,
) -> Result<Result<Json, Box<Answer>>, Refusal> {
    let engine = &shared.engine;
    let mut statements = Vec::new();
    let mut after = Json::Null;
    loop {
        let variables = json!({ "id": claim, "after": after });
        let parameters = Parameters {
            query: Some(QUERY.to_owned()),
            variables: variables.as_object().cloned(),
            ..Parameters::default()
        };
        let prepared = engine.prepare(parameters, Allowed::Queries).await?;
        let caller = caller::of(shared, http).await?;
        let admission = engine.admit(prepared.charged(), &caller)?;
        let key = IdempotencyKey(None);
        let answer = engine
            .execute(prepared, caller, admission, key, &id.to_string())
            .await;
        if !answer.errors.is_empty() {
            return Ok(Err(Box::new(answer)));
        }
        let data = answer.data.and_then(|data| told::json(&data).ok());
        let mut claim = data.unwrap_or_default()["claim"].take();
        if claim.is_null() {
            let message = "there is no claim with this id, or it is not published";
            return Err(Refusal::NotFound(message.to_owned()));
        }
        let page = claim["statements"].take();
        statements.extend(page["nodes"].as_array().into_iter().flatten().cloned());
        if page["pageInfo"]["hasNextPage"] != true {
            return Ok(Ok(json_ld(&claim, &statements)));
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}
