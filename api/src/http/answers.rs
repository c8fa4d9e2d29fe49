//! Answers that are given again: whoever asks for the same while nothing was written meanwhile gets
//! the same bytes.
//!
//! Only what anybody may see is kept, under the request's own bytes. It is as of a revision, and
//! goes out only if that is the last one, looked up after the request came in.
use std::hash::{BuildHasher, RandomState};

use actix_web::{
    HttpRequest, HttpResponse,
    body::MessageBody,
    http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue},
    web::Bytes,
};
use async_graphql::parser::types::OperationType;
use chrono::{NaiveDate, Utc};
use moka::sync::Cache;

use super::{
    Shared, caller,
    caller::Caller,
    engine::{Engine, Prepared},
    gate::cost::Cost,
    media::Media,
    rates, span,
};
use crate::{auth::Credential, kit::latest::End};

/// Requests that are remembered to have come once.
const ONCE: u64 = 100_000;
/// What an entry takes besides its bytes, about.
const OVERHEAD: usize = 256;

/// What was answered, and what was asked once.
pub struct Answers {
    kept: Cache<(Media, Bytes), Answered>,
    /// What comes once only is not kept. Two requests that share a number are taken for one.
    once: Cache<u64, ()>,
    numbers: RandomState,
}

/// An answer, and what it is an answer to.
#[derive(Clone)]
struct Answered {
    body: Bytes,
    end: End,
    /// Totals may mean the lists of today.
    day: NaiveDate,
    cost: Cost,
    operation: Option<String>,
}

/// Leave to keep what the request will be answered with.
pub struct Keeping {
    key: (Media, Bytes),
    end: End,
    day: NaiveDate,
    cost: Cost,
    operation: Option<String>,
}

impl Answers {
    /// At most so many bytes of requests and answers.
    pub fn new(most_bytes: u64) -> Self {
        let weight = |key: &(Media, Bytes), answered: &Answered| {
            let bytes = key.1.len() + answered.body.len() + OVERHEAD;
            u32::try_from(bytes).unwrap_or(u32::MAX)
        };
        Self {
            kept: Cache::builder()
                .max_capacity(most_bytes)
                .weigher(weight)
                .build(),
            once: Cache::new(if most_bytes == 0 { 0 } else { ONCE }),
            numbers: RandomState::new(),
        }
    }

    pub fn bytes(&self) -> u64 {
        // What came lately is counted when there is time for it.
        self.kept.run_pending_tasks();
        self.kept.weighted_size()
    }

    fn is_off(&self) -> bool {
        self.kept.policy().max_capacity() == Some(0)
    }

    /// Whether the same came before, as far as is remembered.
    fn comes_again(&self, key: &(Media, Bytes)) -> bool {
        let number = self.numbers.hash_one(key);
        let came = self.once.contains_key(&number);
        if !came {
            self.once.insert(number, ());
        }
        came
    }
}

/// What was answered to the same request, if it is the answer still.
pub async fn again(
    shared: &Shared,
    media: Media,
    http: &HttpRequest,
    body: &Bytes,
) -> Option<HttpResponse> {
    let engine = &shared.engine;
    if shared.answers.is_off() || !caller::is_nobody(http) {
        return None;
    }
    let found = shared.answers.kept.get(&(media, body.clone()));
    let answered = match found {
        Some(answered) => is_current(engine, &answered).await.then_some(answered),
        None => None,
    };
    engine.metrics.cache_asked("answers", answered.is_some());
    let answered = answered?;
    let caller = caller::of(shared, http).await.ok()?;
    let operation = answered.operation.as_deref();
    span::operation(OperationType::Query, operation, answered.cost.points);
    let charge = match engine.admit(answered.cost.into(), &caller) {
        Ok(admission) => admission.charge,
        Err(refusal) => return Some(shared.refuse(media, refusal)),
    };
    let kind = span::kind(OperationType::Query);
    engine.metrics.operation(kind, None);
    let mut response = HttpResponse::Ok();
    response
        .insert_header((CONTENT_TYPE, HeaderValue::from_static(media.content_type())))
        .insert_header((CACHE_CONTROL, HeaderValue::from_static("no-store")));
    let mut response = response.body(answered.body);
    rates::tell(&mut response, charge);
    Some(response)
}

async fn is_current(engine: &Engine, answered: &Answered) -> bool {
    let end = engine.public_end().await;
    end.is_ok_and(|end| end == answered.end) && Utc::now().date_naive() == answered.day
}

/// Whether to keep the answer to a request that is about to be executed: as of now at least.
pub async fn keeping(
    shared: &Shared,
    media: Media,
    body: &Bytes,
    prepared: &Prepared,
    caller: &Caller,
) -> Option<Keeping> {
    let engine = &shared.engine;
    let may_be_kept = prepared.kind == OperationType::Query
        && caller.credential == Credential::None
        && !prepared.is_about_cost()
        && !shared.answers.is_off()
        && !engine.is_volatile(prepared);
    let key = (media, body.clone());
    if !may_be_kept || !shared.answers.comes_again(&key) {
        return None;
    }
    // Before anything else is read: what comes in meanwhile makes the answer old, never wrong.
    let day = Utc::now().date_naive();
    let end = engine.public_end().await.ok()?;
    Some(Keeping {
        key,
        end,
        day,
        cost: prepared.cost,
        operation: prepared.name.clone(),
    })
}

impl Keeping {
    /// Keeps a response without errors.
    pub fn keep(self, shared: &Shared, response: HttpResponse) -> HttpResponse {
        let (head, body) = response.into_parts();
        match body.try_into_bytes() {
            Ok(body) => {
                let answered = Answered {
                    body: body.clone(),
                    end: self.end,
                    day: self.day,
                    cost: self.cost,
                    operation: self.operation,
                };
                shared.answers.kept.insert(self.key, answered);
                head.set_body(body).map_into_boxed_body()
            }
            Err(body) => head.set_body(body),
        }
    }
}
