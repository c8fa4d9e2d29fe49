//! Clients of sockets and event streams, as bare as they come.
use std::{collections::VecDeque, time::Duration};

use futures_util::{SinkExt, StreamExt};
use libtest_mimic::Failed;
use reqwest::Response;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Error, Message, client::IntoClientRequest, http::HeaderValue},
};

/// Nothing that a test waits for takes so long.
pub const LONGEST: Duration = Duration::from_secs(60);

pub struct Socket(WebSocketStream<TcpStream>);

/// What comes over a socket.
#[derive(Debug, PartialEq)]
pub enum Heard {
    Said(Value),
    Ping,
    Pong(Vec<u8>),
    Closed(u16, String),
    /// Without a word.
    Gone,
}

impl Socket {
    /// Opened, and no more, with these headers.
    pub async fn open(url: &str, headers: &[(&'static str, &str)]) -> Result<Self, Failed> {
        Self::over(connect(url).await?, url, headers).await
    }

    pub async fn over(
        stream: TcpStream,
        url: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<Self, Failed> {
        let address = url.replacen("http", "ws", 1) + "/graphql";
        let mut request = address.into_client_request()?;
        for (name, value) in headers {
            request
                .headers_mut()
                .insert(*name, HeaderValue::from_str(value)?);
        }
        let (socket, _) = client_async(request, stream).await?;
        Ok(Self(socket))
    }

    /// Opened with the right protocol.
    pub async fn speaking(url: &str) -> Result<Self, Failed> {
        Self::open(url, &[("sec-websocket-protocol", "graphql-transport-ws")]).await
    }

    /// Ready for operations, by the bearer of a token or API key; by nobody's when empty.
    pub async fn ready(url: &str, token: &str) -> Result<Self, Failed> {
        let mut socket = Self::speaking(url).await?;
        let payload = match token {
            "" => json!({}),
            token => json!({ "authorization": format!("Bearer {token}") }),
        };
        socket
            .say(json!({ "type": "connection_init", "payload": payload }))
            .await?;
        match socket.hear().await? {
            Heard::Said(said) if said["type"] == "connection_ack" => Ok(socket),
            heard => Err(format!("not acknowledged: {heard:?}").into()),
        }
    }

    pub async fn say(&mut self, message: Value) -> Result<(), Failed> {
        self.send(Message::text(message.to_string())).await
    }

    pub async fn send(&mut self, message: Message) -> Result<(), Failed> {
        Ok(self.0.send(message).await?)
    }

    pub async fn subscribe(
        &mut self,
        id: &str,
        query: &str,
        variables: Value,
    ) -> Result<(), Failed> {
        let payload = json!({ "query": query, "variables": variables });
        self.say(json!({ "type": "subscribe", "id": id, "payload": payload }))
            .await
    }

    pub async fn hear(&mut self) -> Result<Heard, Failed> {
        let heard = tokio::time::timeout(LONGEST, self.0.next()).await;
        Ok(match heard.map_err(|_| "nothing was said for too long")? {
            Some(Ok(Message::Text(text))) => Heard::Said(serde_json::from_str(&text)?),
            Some(Ok(Message::Ping(_))) => Heard::Ping,
            Some(Ok(Message::Pong(payload))) => Heard::Pong(payload.to_vec()),
            Some(Ok(Message::Close(Some(frame)))) => {
                Heard::Closed(frame.code.into(), frame.reason.to_string())
            }
            Some(Ok(other)) => return Err(format!("{other:?} came").into()),
            None | Some(Err(Error::Io(_) | Error::Protocol(_) | Error::ConnectionClosed)) => {
                Heard::Gone
            }
            Some(Err(error)) => return Err(error.into()),
        })
    }

    /// The next message that is not a sign of life.
    pub async fn said(&mut self) -> Result<Value, Failed> {
        loop {
            match self.hear().await? {
                Heard::Ping => {}
                Heard::Said(said) => return Ok(said),
                heard => return Err(format!("{heard:?} came").into()),
            }
        }
    }

    /// The code and the reason that it closes with, whatever comes before.
    pub async fn closed(&mut self) -> Result<(u16, String), Failed> {
        loop {
            match self.hear().await? {
                Heard::Closed(code, why) => return Ok((code, why)),
                Heard::Gone => return Err("it closed without a word".into()),
                _ => {}
            }
        }
    }

    /// Closes, and waits for the answer.
    pub async fn close(mut self) -> Result<(), Failed> {
        self.0.close(None).await?;
        while !matches!(self.hear().await?, Heard::Gone | Heard::Closed(..)) {}
        Ok(())
    }
}

pub async fn connect(url: &str) -> Result<TcpStream, Failed> {
    Ok(TcpStream::connect(url.trim_start_matches("http://")).await?)
}

/// A stream of server-sent events.
pub struct Events {
    response: Response,
    unread: String,
    events: VecDeque<Event>,
}

#[derive(Debug, Default, PartialEq)]
pub struct Event {
    pub name: String,
    pub id: Option<i64>,
    pub data: Value,
}

impl Events {
    pub async fn open(request: reqwest::RequestBuilder) -> Result<Self, Failed> {
        let response = request.header("accept", "text/event-stream").send().await?;
        let kind = response.headers().get("content-type").cloned();
        if response.status() != 200 || kind.is_none_or(|kind| kind != "text/event-stream") {
            let status = response.status();
            return Err(format!("{status}: {}", response.text().await?).into());
        }
        Ok(Self {
            response,
            unread: String::new(),
            events: VecDeque::new(),
        })
    }

    /// The next event; none at the end.
    pub async fn next(&mut self) -> Result<Option<Event>, Failed> {
        while self.events.is_empty() {
            let chunk = tokio::time::timeout(LONGEST, self.response.chunk()).await;
            let Some(chunk) = chunk.map_err(|_| "nothing came for too long")?? else {
                return Ok(None);
            };
            self.unread.push_str(std::str::from_utf8(&chunk)?);
            while let Some((block, rest)) = self.unread.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.unread = rest;
                self.events.extend(event(&block)?);
            }
        }
        Ok(self.events.pop_front())
    }
}

fn event(block: &str) -> Result<Option<Event>, Failed> {
    let mut event = Event::default();
    for line in block.lines() {
        match line.split_once(':') {
            Some(("event", name)) => event.name = name.trim().to_owned(),
            Some(("id", id)) => event.id = Some(id.trim().parse()?),
            Some(("data", data)) if !data.is_empty() => event.data = serde_json::from_str(data)?,
            _ => {}
        }
    }
    Ok((!event.name.is_empty()).then_some(event))
}
