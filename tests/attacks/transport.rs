//! The ways by which a document comes to a server. Each is one function: what it answers is the
//! code of the first error, an empty text when there is none; nothing when it cannot carry it.
use std::time::{Duration, Instant};

use libtest_mimic::Failed;
use reqwest::Response;
use serde_json::{Value, json};

use super::{documents::Attack, ordinary as ordinary_request, worked};
use crate::{
    harness::Running,
    live::client::{Heard, Socket},
};

/// A request on its way.
pub struct Sent {
    pub client: reqwest::Client,
    pub url: String,
    pub request: Value,
}

/// Beyond it a socket is closed.
const LONGEST_MESSAGE: usize = 1_000_000;
/// Longer addresses are not read.
const LONGEST_ADDRESS: usize = 60_000;

pub async fn post(sent: Sent) -> Result<Option<String>, Failed> {
    let request = sent.client.post(format!("{}/graphql", sent.url));
    code(request.json(&sent.request).send().await?).await
}

pub async fn get(sent: Sent) -> Result<Option<String>, Failed> {
    let mut address = form_urlencoded::Serializer::new(String::new());
    for (name, value) in sent.request.as_object().into_iter().flatten() {
        match value {
            Value::String(text) => address.append_pair(name, text),
            other => address.append_pair(name, &other.to_string()),
        };
    }
    let address = address.finish();
    if address.len() > LONGEST_ADDRESS {
        return Ok(None);
    }
    let request = sent.client.get(format!("{}/graphql?{address}", sent.url));
    code(request.send().await?).await
}

/// `graphql-transport-ws`, on a socket of its own.
pub async fn socket(sent: Sent) -> Result<Option<String>, Failed> {
    let length = sent.request.to_string().len();
    let mut socket = Socket::ready(&sent.url, "").await?;
    let message = json!({ "type": "subscribe", "id": "1", "payload": sent.request });
    if socket.say(message).await.is_err() && length > LONGEST_MESSAGE {
        return Ok(None);
    }
    loop {
        let said = match socket.hear().await? {
            Heard::Said(said) => said,
            Heard::Ping | Heard::Pong(_) => continue,
            Heard::Closed(..) | Heard::Gone if length > LONGEST_MESSAGE => return Ok(None),
            heard => return Err(format!("{heard:?} came").into()),
        };
        let errors = match said["type"].as_str() {
            Some("next") => &said["payload"]["errors"],
            Some("error") => &said["payload"],
            _ => continue,
        };
        let code = errors[0]["extensions"]["code"].as_str();
        return Ok(Some(code.unwrap_or_default().to_owned()));
    }
}

/// Server-sent events, of which the first tells.
pub async fn events(sent: Sent) -> Result<Option<String>, Failed> {
    let request = sent.client.post(format!("{}/graphql", sent.url));
    let request = request.header("accept", "text/event-stream");
    let response = request.json(&sent.request).send().await?;
    let is_stream = response.status() == 200;
    let text = response.text().await?;
    let mut data = text.lines().filter_map(|line| line.strip_prefix("data: "));
    let told = if is_stream {
        data.next()
    } else {
        Some(text.as_str())
    };
    let answer: Value = serde_json::from_str(told.ok_or("no event came")?)?;
    let code = answer["errors"][0]["extensions"]["code"].as_str();
    Ok(Some(code.unwrap_or_default().to_owned()))
}

async fn code(response: Response) -> Result<Option<String>, Failed> {
    let answer: Value = response.json().await?;
    let code = answer["errors"][0]["extensions"]["code"].as_str();
    Ok(Some(code.unwrap_or_default().to_owned()))
}

/// How long an ordinary request takes, once the server has warmed up.
pub async fn ordinary<F>(server: &Running, send: fn(Sent) -> F) -> Result<Duration, Failed>
where
    F: Future<Output = Result<Option<String>, Failed>>,
{
    let client = reqwest::Client::new();
    let mut times = Vec::new();
    for _ in 0..60 {
        let began = Instant::now();
        let sent = Sent {
            client: client.clone(),
            url: server.url.clone(),
            request: ordinary_request(),
        };
        let code = send(sent).await?;
        if code.as_deref() != Some("") {
            return Err(format!("an ordinary request answered {code:?}").into());
        }
        times.push(began.elapsed());
    }
    times.sort_unstable();
    Ok(times[times.len() / 2])
}

/// What an attack answers, and how long that takes: the shortest of three times, by the clock or by
/// what the server's processor did, since others may keep this machine busy.
pub async fn timed<F>(
    server: &Running,
    send: fn(Sent) -> F,
    attack: &Attack,
) -> Result<(Option<String>, Duration), Failed>
where
    F: Future<Output = Result<Option<String>, Failed>>,
{
    let client = reqwest::Client::new();
    let mut best = (None, Duration::MAX);
    for _ in 0..3 {
        let sent = Sent {
            client: client.clone(),
            url: server.url.clone(),
            request: attack.request.clone(),
        };
        let (began, before) = (Instant::now(), worked(server));
        let code = send(sent).await;
        let code = code.map_err(|error| format!("{}: {error:?}", attack.what))?;
        let took = began.elapsed();
        let spent = worked(server).zip(before);
        // A thread that ended takes what it did along.
        let spent = spent.and_then(|(after, before)| after.checked_sub(before));
        let spent = spent.filter(|spent| !spent.is_zero()).unwrap_or(took);
        best = (code, best.1.min(took).min(spent));
    }
    Ok(best)
}
