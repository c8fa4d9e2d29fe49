//! One operation on a connection that stays: an answer, or one an event.
use actix_web::web::Data;
use async_graphql::parser::types::OperationType;
use futures_util::{StreamExt, future, stream, stream::LocalBoxStream};

use crate::{
    http::{
        Shared,
        answer::{Answer, Refusal},
        caller::Caller,
        engine::Allowed,
        request::Parameters,
    },
    kit::{curate::IdempotencyKey, feed::Position},
};

/// Who asks for an operation, and how.
#[derive(Clone)]
pub struct Asker {
    pub shared: Data<Shared>,
    pub caller: Caller,
    pub allowed: Allowed,
    pub key: IdempotencyKey,
    /// What the figures call the transport.
    pub transport: &'static str,
    /// Kept by a transport that can go on where it was.
    pub position: Position,
    /// The request's id, for the log.
    pub id: String,
}

impl Asker {
    /// Through the gate, like every request; then its answers as they come.
    pub async fn ask(
        self,
        parameters: Parameters,
    ) -> Result<LocalBoxStream<'static, Answer>, Refusal> {
        let Self {
            shared,
            caller,
            allowed,
            key,
            transport,
            position,
            id,
        } = self;
        let engine = &shared.engine;
        let prepared = engine.prepare(parameters, allowed).await?;
        let admission = engine.admit(prepared.charged(), &caller)?;
        if prepared.kind == OperationType::Subscription {
            let open = engine.metrics.subscription(transport);
            let answers = engine.subscribe(prepared, caller, admission, id, position);
            let counted = answers.inspect(move |_| {
                let _ = &open;
            });
            return Ok(counted.boxed_local());
        }
        let answer = async move {
            let engine = &shared.engine;
            engine.execute(prepared, caller, admission, key, &id).await
        };
        Ok(stream::once(answer).boxed_local())
    }

    /// The same, where a refusal is an answer, too.
    pub fn answers(self, parameters: Parameters) -> LocalBoxStream<'static, Answer> {
        let most = self.shared.engine.limits.max_errors;
        let asked = stream::once(self.ask(parameters));
        let answers = asked.flat_map(move |asked| match asked {
            Ok(answers) => answers,
            Err(refusal) => {
                stream::once(future::ready(Answer::refused(refusal, most))).boxed_local()
            }
        });
        answers.boxed_local()
    }
}
