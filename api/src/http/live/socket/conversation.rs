//! What is said over one socket, from `connection_init` to its end.
use std::pin::Pin;

use actix_web::web::Data;
use actix_ws::{AggregatedMessage, AggregatedMessageStream, ProtocolError};
use futures_util::{StreamExt, future, stream, stream::LocalBoxStream};
use serde_json::{Map, Value as Json};
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until};
use tokio_stream::StreamMap;

use super::{
    message::{Closing, Incoming, Outgoing as Message},
    outgoing::{CutOff, Outgoing},
};
use crate::{
    auth::{Authorization, Secret},
    http::{
        Shared,
        answer::{Answer, Refusal},
        caller::{self, Caller},
        engine::Allowed,
        limits::{Exceeded, Limit},
        live::{End, end, operation::Asker},
        media::written,
        request::Parameters,
    },
    kit::{curate::IdempotencyKey, feed::Position},
};

/// So long an id is sent again with every event.
const LONGEST_ID: usize = 255;

pub struct Conversation {
    shared: Data<Shared>,
    caller: Caller,
    /// The request's id, for the log.
    id: String,
    outgoing: Outgoing,
    is_acknowledged: bool,
    is_answered: bool,
    operations: StreamMap<String, LocalBoxStream<'static, Step>>,
    /// Since when nothing runs.
    idle_since: Instant,
    ends: Pin<Box<dyn Future<Output = End>>>,
}

/// What an operation comes to.
enum Step {
    Answer(Answer),
    Complete,
}

/// How a conversation ends.
pub enum Stop {
    Close(Closing),
    /// The peer closed first.
    Closed,
    /// The peer is gone, or will not hear.
    Gone,
}

impl From<Closing> for Stop {
    fn from(closing: Closing) -> Self {
        Self::Close(closing)
    }
}

impl From<CutOff> for Stop {
    fn from(_: CutOff) -> Self {
        Self::Gone
    }
}

impl Conversation {
    pub fn new(shared: Data<Shared>, caller: Caller, id: String, outgoing: Outgoing) -> Self {
        Self {
            ends: ends(&shared, &caller),
            shared,
            caller,
            id,
            outgoing,
            is_acknowledged: false,
            is_answered: true,
            operations: StreamMap::new(),
            idle_since: Instant::now(),
        }
    }

    /// Ends what runs, and leaves the way out.
    pub fn end(self) -> Outgoing {
        self.outgoing
    }

    /// To its end.
    pub async fn hold(&mut self, incoming: &mut AggregatedMessageStream) -> Stop {
        let options = self.shared.live.options().clone();
        let started = Instant::now();
        let mut ping = interval_at(started + options.ping_interval, options.ping_interval);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let is_idle = self.operations.is_empty();
            let stopped = tokio::select! {
                received = incoming.recv() => match received {
                    Some(Ok(message)) => self.receive(message).await,
                    Some(Err(error)) => Err(self.broken(&error).into()),
                    None => Err(Stop::Gone),
                },
                Some((id, step)) = self.operations.next() => self.tell(&id, step).await,
                end = &mut self.ends => Err(Stop::Close(match end {
                    End::Drained => Closing::going_away(),
                    End::Expired(why) => Closing::forbidden(why),
                })),
                () = sleep_until(started + options.init_timeout), if !self.is_acknowledged => {
                    Err(Closing::init_timeout().into())
                }
                () = sleep_until(self.idle_since + options.socket_idle_timeout), if is_idle => {
                    Err(Closing::idle().into())
                }
                _ = ping.tick() => self.ping().await,
            };
            if let Err(stop) = stopped {
                return stop;
            }
        }
    }

    async fn ping(&mut self) -> Result<(), Stop> {
        if !self.is_answered {
            return Err(Stop::Gone);
        }
        self.is_answered = false;
        Ok(self.outgoing.ping().await?)
    }

    async fn receive(&mut self, message: AggregatedMessage) -> Result<(), Stop> {
        // Whatever comes is a sign of life.
        self.is_answered = true;
        let text = match message {
            AggregatedMessage::Text(text) => text,
            AggregatedMessage::Ping(payload) => return Ok(self.outgoing.pong(&payload).await?),
            AggregatedMessage::Pong(_) => return Ok(()),
            AggregatedMessage::Close(_) => return Err(Stop::Closed),
            AggregatedMessage::Binary(_) => {
                return Err(Closing::invalid("Messages are text, in JSON").into());
            }
        };
        let message = serde_json::from_str(&text)
            .map_err(|error| Closing::invalid(format!("Invalid message: {error}")))?;
        match message {
            Incoming::ConnectionInit { payload } => self.begin(payload).await,
            Incoming::Ping { payload } => self.send(&Message::Pong { payload }).await,
            Incoming::Pong {} => Ok(()),
            Incoming::Subscribe { id, payload } => self.subscribe(id, payload).await,
            Incoming::Complete { id } => {
                self.forget(&id);
                Ok(())
            }
        }
    }

    /// Who it is may be said once more here, for browsers cannot say it in a header.
    async fn begin(&mut self, payload: Option<Map<String, Json>>) -> Result<(), Stop> {
        if self.is_acknowledged {
            return Err(Closing::too_many_inits().into());
        }
        let mut payload = payload.unwrap_or_default();
        let said = ["authorization", "Authorization"].map(|name| payload.remove(name));
        match said.into_iter().flatten().find(|said| !said.is_null()) {
            Some(Json::String(said)) => {
                let authorization = Authorization(Some(Secret::new(said)));
                let remote = self.caller.remote;
                let identified = caller::identified(&self.shared.engine, authorization, remote);
                self.caller = identified.await.map_err(|refusal| match refusal {
                    Refusal::Unauthenticated(why) => Closing::forbidden(why),
                    _ => Closing::try_later(),
                })?;
                self.ends = ends(&self.shared, &self.caller);
            }
            Some(_) => return Err(Closing::invalid("authorization must be a text").into()),
            None => {}
        }
        self.is_acknowledged = true;
        self.idle_since = Instant::now();
        self.send(&Message::ConnectionAck).await
    }

    async fn subscribe(&mut self, id: String, parameters: Parameters) -> Result<(), Stop> {
        if !self.is_acknowledged {
            return Err(Closing::unauthorized().into());
        }
        if id.is_empty() || id.len() > LONGEST_ID {
            let why = format!("An id has from 1 to {LONGEST_ID} bytes");
            return Err(Closing::invalid(why).into());
        }
        if self.operations.contains_key(&id) {
            return Err(Closing::subscriber_exists(&id).into());
        }
        let most = self.shared.live.options().max_operations;
        if self.operations.len() >= most {
            let refusal = Refusal::RateLimited {
                message: format!("at most {most} operations run on one socket at once"),
                retry_after: 1,
            };
            let answer = Answer::refused(refusal, self.shared.engine.limits.max_errors);
            return self.tell(&id, Step::Answer(answer)).await;
        }
        let asker = Asker {
            shared: self.shared.clone(),
            caller: self.caller.clone(),
            allowed: Allowed::Everything,
            key: IdempotencyKey(None),
            transport: "websocket",
            position: Position::default(),
            id: self.id.clone(),
        };
        let answers = asker.answers(parameters).map(Step::Answer);
        let steps = answers.chain(stream::once(future::ready(Step::Complete)));
        self.operations.insert(id, steps.boxed_local());
        Ok(())
    }

    async fn tell(&mut self, id: &str, step: Step) -> Result<(), Stop> {
        match step {
            Step::Answer(answer) if answer.data.is_none() => {
                self.forget(id);
                self.send(&Message::Error {
                    id,
                    payload: &answer.errors,
                })
                .await
            }
            Step::Answer(answer) => {
                self.send(&Message::Next {
                    id,
                    payload: &answer,
                })
                .await
            }
            Step::Complete => {
                self.forget(id);
                self.send(&Message::Complete { id }).await
            }
        }
    }

    fn forget(&mut self, id: &str) {
        self.operations.remove(id);
        self.idle_since = Instant::now();
    }

    async fn send(&mut self, message: &Message<'_>) -> Result<(), Stop> {
        let limits = &self.shared.engine.limits;
        let text = match (written(message, limits.max_answer_bytes), message) {
            (Ok(text), _) => text,
            (Err(_), Message::Next { id, .. }) => {
                let most = limits.max_answer_bytes;
                let refusal = Refusal::Limit(Exceeded::early(Limit::AnswerBytes, most));
                let answer = Answer::refused(refusal, limits.max_errors);
                let message = Message::Error {
                    id,
                    payload: &answer.errors,
                };
                self.operations.remove(*id);
                written(&message, most).map_err(|_| Closing::internal())?
            }
            (Err(_), _) => return Err(Closing::internal().into()),
        };
        Ok(self.outgoing.text(&text).await?)
    }

    fn broken(&self, error: &ProtocolError) -> Closing {
        let most = self.shared.engine.limits.max_body_bytes;
        match error {
            ProtocolError::Overflow => Closing::too_big(most),
            // This is how the library tells of too long a message in several frames.
            ProtocolError::Io(error) if error.kind() == std::io::ErrorKind::Other => {
                Closing::too_big(most)
            }
            ProtocolError::Io(_) => Closing::invalid("Messages are text in UTF-8"),
            error => Closing::protocol(error.to_string()),
        }
    }
}

fn ends(shared: &Data<Shared>, caller: &Caller) -> Pin<Box<dyn Future<Output = End>>> {
    let (shared, caller) = (shared.clone(), caller.clone());
    Box::pin(async move { end(&shared, &caller).await })
}
