//! GraphQL over WebSocket, by the protocol `graphql-transport-ws`.
use std::time::Duration;

use actix_web::{
    Error, HttpRequest, HttpResponse,
    guard::GuardContext,
    http::{
        StatusCode,
        header::{HOST, ORIGIN, SEC_WEBSOCKET_PROTOCOL, UPGRADE},
    },
    rt,
    web::{Data, Payload},
};
use actix_ws::{AggregatedMessage, AggregatedMessageStream};
use tokio::time;
use tracing::{Instrument, Span};
use tracing_actix_web::RequestId;

use crate::http::{Shared, caller, media::Media};

mod conversation;
mod message;
mod outgoing;

use conversation::{Conversation, Stop};
use message::{Closing, PROTOCOL};
use outgoing::{CutOff, Outgoing};

/// A peer that was told that the socket closes gets so long to hear it.
const FAREWELL: Duration = Duration::from_millis(500);

/// Whether a request wants to become a socket.
pub fn wanted(request: &GuardContext<'_>) -> bool {
    let upgrade = request.head().headers().get(UPGRADE);
    let upgrade = upgrade.and_then(|value| value.to_str().ok());
    upgrade.is_some_and(|name| name.eq_ignore_ascii_case("websocket"))
}

/// What the request itself says is judged before anything is switched; what is wrong after that
/// is told by closing.
pub async fn open(
    http: HttpRequest,
    id: RequestId,
    shared: Data<Shared>,
    payload: Payload,
) -> Result<HttpResponse, Error> {
    let media = Media::GraphQl;
    if !is_of_origin(&http, &shared.options.cors_origins) {
        let message = "pages of this origin may not open sockets here: see --cors-origins\n";
        return Ok(HttpResponse::build(StatusCode::FORBIDDEN).body(message));
    }
    let admitted = match caller::of(&shared, &http).await {
        Ok(caller) => shared.live.enter(caller.remote).map(|open| (caller, open)),
        Err(refusal) => Err(refusal),
    };
    let (caller, open) = match admitted {
        Ok(admitted) => admitted,
        Err(refusal) => return Ok(shared.refuse(media, refusal)),
    };
    let (response, _, incoming) = actix_ws::handle_with_protocols(&http, payload, &[PROTOCOL])?;
    let speaks = response.headers().contains_key(SEC_WEBSOCKET_PROTOCOL);
    let options = shared.live.options();
    let (most, patience) = (options.max_waiting_bytes, options.send_timeout);
    let (response, kept) = response.into_parts();
    let (outgoing, body) = Outgoing::new(most, patience, kept);
    let longest = shared.engine.limits.max_body_bytes;
    let mut incoming = incoming
        .max_frame_size(longest)
        .aggregate_continuations()
        .max_continuation_size(longest);
    let mut conversation = Conversation::new(shared, caller, id.to_string(), outgoing);
    let held = async move {
        let stop = match speaks {
            true => conversation.hold(&mut incoming).await,
            false => Closing::subprotocol().into(),
        };
        let outgoing = conversation.end();
        drop(open);
        let closed = match stop {
            Stop::Close(closing) => outgoing.close(closing).await,
            // Answered, the peer goes.
            Stop::Closed => return drop(outgoing.close(Closing::answer()).await),
            Stop::Gone => Err(CutOff),
        };
        match closed {
            // Closing with something unread would take back what was sent last.
            Ok(()) => drop(time::timeout(FAREWELL, heard(&mut incoming)).await),
            Err(CutOff) => outgoing.cut_off(),
        }
    };
    rt::spawn(held.instrument(Span::current()));
    Ok(response.set_body(body))
}

/// Until the peer has answered by closing, as RFC 6455 asks of it, or is gone.
async fn heard(incoming: &mut AggregatedMessageStream) {
    while let Some(Ok(message)) = incoming.recv().await {
        if matches!(message, AggregatedMessage::Close(_)) {
            break;
        }
    }
}

/// A page asks in its own name, since there are no cookies; the answer is for who may read it.
fn is_of_origin(http: &HttpRequest, allowed: &[String]) -> bool {
    let header = |name| {
        http.headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    let Some(origin) = header(ORIGIN) else {
        // Only browsers send one.
        return true;
    };
    let host = origin.split_once("://").map(|(_, host)| host);
    host == header(HOST)
        || allowed
            .iter()
            .any(|allowed| allowed == "*" || allowed == origin)
}
