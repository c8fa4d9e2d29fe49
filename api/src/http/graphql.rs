//! GraphQL over HTTP: `POST` with a JSON body, `GET` for queries alone.
use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{Method, StatusCode, header},
    web::{Bytes, Data},
};
use async_graphql::{
    Request, Response, Value, Variables,
    parser::types::{DocumentOperations, ExecutableDocument, OperationType},
};
use serde::Deserialize;
use serde_json::Value as Json;
use tracing_actix_web::RequestId;

use super::{
    Shared,
    answer::{Answer, Media},
    caller, gate, span,
};
use crate::kit::{
    curate::{IdempotencyKey, LONGEST_KEY},
    deadline::{self, TimedOut},
    error::{BAD_USER_INPUT, TIMEOUT},
    rows::Rows,
};

/// No request is worth waiting longer for.
const DEADLINE: Duration = Duration::from_secs(30);

/// A request as the specification names its parts; others are ignored.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Parameters {
    query: Option<String>,
    operation_name: Option<String>,
    variables: Option<Json>,
    extensions: Option<Json>,
}

pub async fn post(
    http: HttpRequest,
    id: RequestId,
    shared: Data<Shared>,
    body: Bytes,
) -> HttpResponse {
    let Some(media) = Media::accepted(&http) else {
        return Media::not_acceptable();
    };
    // A form or plain text could come from any page without asking: only JSON is taken.
    let content_type = http
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = content_type
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default()
        .trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        let message = "send the request as JSON, with Content-Type: application/json";
        return media.refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, message);
    }
    match serde_json::from_slice::<Parameters>(&body) {
        Ok(parameters) => execute(&shared, media, &http, id, parameters).await,
        Err(error) => media.refuse(
            StatusCode::BAD_REQUEST,
            &format!("the body is not a GraphQL request in JSON: {error}"),
        ),
    }
}

pub async fn get(http: HttpRequest, id: RequestId, shared: Data<Shared>) -> HttpResponse {
    let Some(media) = Media::accepted(&http) else {
        return Media::not_acceptable();
    };
    let mut parameters = Parameters::default();
    for (name, value) in form_urlencoded::parse(http.query_string().as_bytes()) {
        let place = match name.as_ref() {
            "query" => {
                parameters.query = Some(value.into_owned());
                continue;
            }
            "operationName" => {
                parameters.operation_name = Some(value.into_owned());
                continue;
            }
            "variables" => &mut parameters.variables,
            "extensions" => &mut parameters.extensions,
            _ => continue,
        };
        match serde_json::from_str(&value) {
            Ok(json) => *place = Some(json),
            Err(error) => {
                let message = format!("the parameter {name} is not JSON: {error}");
                return media.refuse(StatusCode::BAD_REQUEST, &message);
            }
        }
    }
    execute(&shared, media, &http, id, parameters).await
}

pub async fn other_method() -> HttpResponse {
    HttpResponse::MethodNotAllowed()
        .insert_header((header::ALLOW, "GET, POST"))
        .finish()
}

async fn execute(
    shared: &Shared,
    media: Media,
    http: &HttpRequest,
    id: RequestId,
    parameters: Parameters,
) -> HttpResponse {
    let Parameters {
        query,
        operation_name,
        variables,
        extensions,
    } = parameters;
    let Some(query) = query.filter(|query| !query.trim().is_empty()) else {
        return media.refuse(StatusCode::BAD_REQUEST, "the request has no query");
    };
    if [&variables, &extensions]
        .into_iter()
        .flatten()
        .any(|json| !json.is_object() && !json.is_null())
    {
        let message = "variables and extensions must be JSON objects";
        return media.refuse(StatusCode::BAD_REQUEST, message);
    }
    if let Some(refusal) = gate::too_deep(&query, variables.as_ref()) {
        return media.refuse(StatusCode::BAD_REQUEST, &refusal);
    }
    let Ok(idempotency_key) = idempotency_key(http) else {
        let message = "Idempotency-Key must be 1 to 255 characters of plain ASCII";
        return media.refuse(StatusCode::BAD_REQUEST, message);
    };
    let mut request = Request::new(query);
    if let Some(name) = operation_name.filter(|name| !name.is_empty()) {
        request = request.operation_name(name);
    }
    if let Some(variables) = variables {
        request = request.variables(Variables::from_json(variables));
    }
    let name = request.operation_name.clone();
    let mut kind = "none";
    if let Ok(document) = request.parsed_query() {
        kind = span::operation(document, name.as_deref());
        if http.method() == Method::GET && !reads_only(document, name.as_deref()) {
            return media.method_not_allowed();
        }
        if let Some(refusal) = gate::done_twice(document, name.as_deref()) {
            return media.refuse(StatusCode::BAD_REQUEST, &refusal);
        }
    }
    let caller = match caller::of(shared, media, http).await {
        Ok(caller) => caller,
        Err(refusal) => return refusal,
    };
    let is_anonymous = span::caller(caller.credential) == "anonymous";
    let db = match kind {
        // Nobody who could have written anything: what a replica has will do.
        "query" if is_anonymous => shared.db.for_anonymous_queries(),
        _ => shared.db.clone(),
    };
    let request = request
        .data(Rows::new(db.read.clone(), caller.viewer.view()))
        .data(db)
        .data(shared.auth.clone())
        .data(idempotency_key)
        .data(caller.viewer)
        .data(caller.credential)
        .data(caller.remote);
    match deadline::within(DEADLINE, shared.schema.execute(request)).await {
        Ok(response) => {
            shared.metrics.operation(kind, first_code(&response));
            Answer::new(response, id).respond(media)
        }
        Err(TimedOut(limit)) => {
            shared.metrics.operation(kind, Some(TIMEOUT));
            Answer::timeout(limit).respond(media)
        }
    }
}

/// The library's own errors have no code: they are about the document or its variables.
fn first_code(response: &Response) -> Option<&str> {
    let first = response.errors.first()?;
    let code = first
        .extensions
        .as_ref()
        .and_then(|given| given.get("code"));
    match code {
        Some(Value::String(code)) => Some(code),
        _ => Some(BAD_USER_INPUT),
    }
}

/// The key as it is sent; the draft standard would have it quoted, most clients do not.
/// One that cannot be taken must not pass for none: the client relies on it.
fn idempotency_key(http: &HttpRequest) -> Result<IdempotencyKey, ()> {
    let Some(value) = http.headers().get("idempotency-key") else {
        return Ok(IdempotencyKey(None));
    };
    let key = value.to_str().map_err(|_| ())?.trim().trim_matches('"');
    let is_good = (1..=LONGEST_KEY).contains(&key.len());
    is_good
        .then(|| IdempotencyKey(Some(key.to_owned())))
        .ok_or(())
}

/// Whether the operation that would run is a query; nothing else may come by `GET`.
fn reads_only(document: &ExecutableDocument, name: Option<&str>) -> bool {
    let is_query = |ty: OperationType| ty == OperationType::Query;
    match &document.operations {
        DocumentOperations::Single(operation) => is_query(operation.node.ty),
        DocumentOperations::Multiple(operations) => operations
            .iter()
            .filter(|(operation, _)| name.is_none_or(|name| operation.as_str() == name))
            .all(|(_, operation)| is_query(operation.node.ty)),
    }
}
