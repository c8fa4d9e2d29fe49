//! GraphQL over server-sent events, each operation on a connection of its own (the "distinct
//! connections mode" of graphql-sse).
use std::{convert::Infallible, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        Method,
        header::{ACCEPT, CACHE_CONTROL, CONTENT_ENCODING},
    },
    web::{Bytes, Data},
};
use futures_util::{StreamExt, future, stream, stream::LocalBoxStream};
use tokio::time;
use tracing::{Instrument, Span};
use tracing_actix_web::RequestId;

use super::{End, end, operation::Asker};
use crate::{
    http::{
        Shared,
        answer::{Answer, Refusal},
        caller::{self, Caller},
        engine::Allowed,
        graphql::idempotency_key,
        limits::{Exceeded, Limit, Limits},
        media::{Media, written},
        places::Place,
        request::Parameters,
    },
    kit::feed::Position,
};

const MEDIA: &str = "text/event-stream";

/// Whether the client takes events.
pub fn wanted(http: &HttpRequest) -> bool {
    let accept = http.headers().get_all(ACCEPT);
    let mut ranges = accept
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    ranges.any(|range| {
        let media = range.split(';').next().unwrap_or_default();
        media.trim().eq_ignore_ascii_case(MEDIA)
    })
}

/// Answers by a stream of events. What is wrong with the operation itself is an event, since an
/// `EventSource` shows its page nothing of another status; who may not come in gets that status.
pub async fn stream(
    shared: Data<Shared>,
    http: &HttpRequest,
    id: RequestId,
    parameters: Result<Parameters, Refusal>,
) -> HttpResponse {
    let begun = begin(&shared, http, id, parameters).await;
    let (caller, place, position, answers) = match begun {
        Ok(begun) => begun,
        Err(refusal) => return shared.refuse(Media::GraphQl, refusal),
    };
    let span = Span::current();
    let stream = Stream {
        ends: ends(shared.clone(), caller),
        ping_interval: shared.live.options().ping_interval,
        limits: shared.engine.limits.clone(),
        position,
        answers,
        state: State::Opening,
        _place: place,
    };
    HttpResponse::Ok()
        .content_type(MEDIA)
        .insert_header((CACHE_CONTROL, "no-store"))
        // Packing would hold events back, and so would some proxies.
        .insert_header((CONTENT_ENCODING, "identity"))
        .insert_header(("x-accel-buffering", "no"))
        .streaming(stream::unfold(stream, move |mut stream| {
            let next = async {
                let bytes = stream.next().await?;
                Some((Ok::<_, Infallible>(Bytes::from(bytes)), stream))
            };
            next.instrument(span.clone())
        }))
}

type Begun = (Caller, Place, Position, LocalBoxStream<'static, Answer>);

async fn begin(
    shared: &Data<Shared>,
    http: &HttpRequest,
    id: RequestId,
    parameters: Result<Parameters, Refusal>,
) -> Result<Begun, Refusal> {
    let parameters = parameters?;
    let (key, position) = (idempotency_key(http)?, last_event(http)?);
    let caller = caller::of(shared, http).await?;
    let place = shared.live.enter(caller.remote)?;
    let asker = Asker {
        shared: shared.clone(),
        caller: caller.clone(),
        allowed: match *http.method() {
            Method::GET => Allowed::QueriesAndSubscriptions,
            _ => Allowed::Everything,
        },
        key,
        transport: "sse",
        position: position.clone(),
        id: id.to_string(),
    };
    let answers = match asker.ask(parameters).await {
        Ok(answers) => answers,
        Err(refusal) if is_told_by_event(&refusal) => {
            let answer = Answer::refused(refusal, shared.engine.limits.max_errors);
            stream::once(future::ready(answer)).boxed_local()
        }
        Err(refusal) => return Err(refusal),
    };
    Ok((caller, place, position, answers))
}

fn is_told_by_event(refusal: &Refusal) -> bool {
    matches!(
        refusal,
        Refusal::Malformed(_)
            | Refusal::Limit(_)
            | Refusal::Syntax(_)
            | Refusal::Invalid(_)
            | Refusal::PersistedQueryNotFound
            | Refusal::NotTrusted
    )
}

/// What an `EventSource` sends when it comes back: where it was.
fn last_event(http: &HttpRequest) -> Result<Position, Refusal> {
    let Some(value) = http.headers().get("last-event-id") else {
        return Ok(Position::default());
    };
    let number = value.to_str().ok().and_then(|text| text.parse().ok());
    let number = number.filter(|number| *number >= 0);
    number.map(Position::after).ok_or_else(|| {
        let message = "Last-Event-ID must be the id of an event, the number of a revision";
        Refusal::Malformed(message.to_owned())
    })
}

fn ends(shared: Data<Shared>, caller: Caller) -> LocalBoxStream<'static, End> {
    stream::once(async move { end(&shared, &caller).await }).boxed_local()
}

struct Stream {
    answers: LocalBoxStream<'static, Answer>,
    ends: LocalBoxStream<'static, End>,
    ping_interval: Duration,
    limits: Limits,
    position: Position,
    state: State,
    _place: Place,
}

enum State {
    Opening,
    Running,
    /// All is said but that.
    Completing,
    Over,
}

impl Stream {
    /// What to send next; none at the end.
    async fn next(&mut self) -> Option<Vec<u8>> {
        match self.state {
            State::Opening => {
                // So that the client knows that it is connected before anything happens.
                self.state = State::Running;
                Some(b":\n\n".to_vec())
            }
            State::Running => tokio::select! {
                answer = self.answers.next() => Some(match answer {
                    Some(answer) => self.event(&answer),
                    None => self.complete(),
                }),
                end = self.ends.next() => match end {
                    Some(End::Expired(why)) => {
                        self.state = State::Completing;
                        let refusal = Refusal::Unauthenticated(why);
                        Some(self.event(&Answer::refused(refusal, self.limits.max_errors)))
                    }
                    // Not complete: the client is to come back.
                    Some(End::Drained) | None => None,
                },
                () = time::sleep(self.ping_interval) => Some(b":\n\n".to_vec()),
            },
            State::Completing => Some(self.complete()),
            State::Over => None,
        }
    }

    fn complete(&mut self) -> Vec<u8> {
        self.state = State::Over;
        b"event: complete\ndata:\n\n".to_vec()
    }

    /// JSON has no line breaks but between its tokens, and there we write none.
    fn event(&self, answer: &Answer) -> Vec<u8> {
        let most = self.limits.max_answer_bytes;
        let data = written(answer, most).or_else(|_| {
            let refusal = Refusal::Limit(Exceeded::early(Limit::AnswerBytes, most));
            written(&Answer::refused(refusal, self.limits.max_errors), most)
        });
        let mut event = b"event: next\n".to_vec();
        if let Some(number) = self.position.get() {
            event.extend(format!("id: {number}\n").bytes());
        }
        event.extend(b"data: ");
        event.extend(data.unwrap_or_default());
        event.extend(b"\n\n");
        event
    }
}
