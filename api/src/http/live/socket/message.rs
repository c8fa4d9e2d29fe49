//! The messages of `graphql-transport-ws`, and the codes that it closes sockets with.
use async_graphql::ServerError;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::http::{answer::Answer, request::Parameters};

pub const PROTOCOL: &str = "graphql-transport-ws";

/// What a client says.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Incoming {
    ConnectionInit {
        #[serde(default)]
        payload: Option<Map<String, Json>>,
    },
    Ping {
        #[serde(default)]
        payload: Option<Map<String, Json>>,
    },
    Pong {},
    Subscribe {
        id: String,
        payload: Parameters,
    },
    Complete {
        id: String,
    },
}

/// What we say.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Outgoing<'m> {
    ConnectionAck,
    Pong {
        #[serde(skip_serializing_if = "Option::is_none")]
        payload: Option<Map<String, Json>>,
    },
    Next {
        id: &'m str,
        payload: &'m Answer,
    },
    /// The operation did not begin.
    Error {
        id: &'m str,
        payload: &'m [ServerError],
    },
    Complete {
        id: &'m str,
    },
}

/// Why a socket is closed: a code, and why in words.
#[derive(Debug)]
pub struct Closing {
    pub code: u16,
    pub why: String,
}

impl Closing {
    fn new(code: u16, why: impl Into<String>) -> Self {
        let why = why.into();
        Self { code, why }
    }

    /// The peer closed first.
    pub fn answer() -> Self {
        Self::new(1000, "")
    }

    /// Nothing ran on it for long.
    pub fn idle() -> Self {
        Self::new(1000, "No operation for long")
    }

    /// The server stops; clients come back.
    pub fn going_away() -> Self {
        Self::new(1001, "The server stops")
    }

    /// Against RFC 6455.
    pub fn protocol(why: impl Into<String>) -> Self {
        Self::new(1002, why)
    }

    pub fn too_big(most: usize) -> Self {
        Self::new(1009, format!("A message has at most {most} bytes"))
    }

    /// Something that we stand on does not answer; clients come back.
    pub fn try_later() -> Self {
        Self::new(1013, "Try again later")
    }

    pub fn invalid(why: impl Into<String>) -> Self {
        Self::new(4400, why)
    }

    /// An operation before the acknowledgement.
    pub fn unauthorized() -> Self {
        Self::new(4401, "Unauthorized")
    }

    /// A bad credential, or one that is good no more: clients may come back with another.
    pub fn forbidden(why: impl Into<String>) -> Self {
        Self::new(4403, why)
    }

    pub fn subprotocol() -> Self {
        Self::new(4406, "Subprotocol not acceptable")
    }

    pub fn init_timeout() -> Self {
        Self::new(4408, "Connection initialisation timeout")
    }

    pub fn subscriber_exists(id: &str) -> Self {
        Self::new(4409, format!("Subscriber for {id} already exists"))
    }

    pub fn too_many_inits() -> Self {
        Self::new(4429, "Too many initialisation requests")
    }

    pub fn internal() -> Self {
        Self::new(4500, "Internal server error")
    }
}
