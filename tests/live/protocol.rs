//! `graphql-transport-ws`, message by message.
use entity::value::Status;
use libtest_mimic::Failed;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::{
    NUMBERS,
    client::{Heard, Socket},
    told, write,
};
use crate::harness::{Backend, ensure};

pub async fn closes(backend: Backend) -> Result<(), Failed> {
    let options = ["--init-timeout", "500ms", "--max-body-bytes", "20000"];
    let app = told(&backend, &options).await?;
    let url = &app.url;
    let init = json!({ "type": "connection_init" });

    let mut strange = Socket::open(url, &[]).await?;
    ensure(strange.closed().await?.0, 4406)?;

    let mut silent = Socket::speaking(url).await?;
    let expected = (4408, "Connection initialisation timeout".to_owned());
    ensure(silent.closed().await?, expected)?;

    let mut hasty = Socket::speaking(url).await?;
    hasty.subscribe("1", "{ __typename }", json!({})).await?;
    ensure(hasty.closed().await?, (4401, "Unauthorized".to_owned()))?;

    let mut eager = Socket::ready(url, "").await?;
    eager.say(init.clone()).await?;
    let expected = (4429, "Too many initialisation requests".to_owned());
    ensure(eager.closed().await?, expected)?;

    for credential in [json!("Bearer nonsense"), json!("nonsense")] {
        let mut stranger = Socket::speaking(url).await?;
        let payload = json!({ "Authorization": credential });
        let said = json!({ "type": "connection_init", "payload": payload });
        stranger.say(said).await?;
        ensure(stranger.closed().await?.0, 4403)?;
    }

    let mut double = Socket::ready(url, "").await?;
    for _ in 0..2 {
        double.subscribe("same", NUMBERS, Value::Null).await?;
    }
    let expected = (4409, "Subscriber for same already exists".to_owned());
    ensure(double.closed().await?, expected)?;

    let invalid = [
        Message::text("no JSON"),
        Message::text("[]"),
        Message::text(r#"{"type":"unheard_of"}"#),
        Message::text(r#"{"type":"subscribe"}"#),
        Message::text(r#"{"type":"subscribe","id":"","payload":{"query":"{a}"}}"#),
        Message::text(r#"{"type":"subscribe","id":1,"payload":{"query":"{a}"}}"#),
        Message::text(r#"{"type":"ping","payload":"text"}"#),
        Message::binary(init.to_string().into_bytes()),
    ];
    for message in invalid {
        let mut confused = Socket::ready(url, "").await?;
        confused.send(message).await?;
        ensure(confused.closed().await?.0, 4400)?;
    }

    let mut verbose = Socket::ready(url, "").await?;
    let payload = json!({ "long": "x".repeat(30_000) });
    verbose
        .say(json!({ "type": "ping", "payload": payload }))
        .await?;
    ensure(verbose.closed().await?.0, 1009)?;

    let mut sent = Socket::ready(url, "").await?;
    let payload = json!({ "long": "x".repeat(10_000) });
    sent.say(json!({ "type": "ping", "payload": payload }))
        .await?;
    ensure(
        sent.said().await?["payload"]["long"].as_str().map(str::len),
        Some(10_000),
    )
}

pub async fn operations(backend: Backend) -> Result<(), Failed> {
    let app = told(&backend, &[]).await?;
    let mut socket = Socket::ready(&app.url, "").await?;

    socket
        .subscribe("q", "{ a: __typename b: __typename }", Value::Null)
        .await?;
    let data = json!({ "a": "Query", "b": "Query" });
    let next = json!({ "type": "next", "id": "q", "payload": { "data": data } });
    ensure(socket.said().await?, next)?;
    let complete = json!({ "type": "complete", "id": "q" });
    ensure(socket.said().await?, complete.clone())?;

    // What ended has its id back. Through the gate like any other request:
    for refused in [
        "{ nope }",
        "{",
        "subscription { changes { number } b: changes { number } }",
    ] {
        socket.subscribe("q", refused, Value::Null).await?;
        let error = socket.said().await?;
        ensure(
            (&error["type"], &error["id"]),
            (&json!("error"), &json!("q")),
        )?;
        ensure(
            &error["payload"][0]["extensions"]["code"],
            &json!("BAD_USER_INPUT"),
        )?;
    }
    let deep = format!("{}id{}", "{ a ".repeat(60), "}".repeat(60));
    socket.subscribe("q", &deep, Value::Null).await?;
    let error = socket.said().await?;
    ensure(
        &error["payload"][0]["extensions"]["code"],
        &json!("QUERY_TOO_COMPLEX"),
    )?;

    let sign_in = r#"mutation { signIn(input: { email: "a@example.org", password: "wrong, for sure" }) { userErrors { code } } }"#;
    socket.subscribe("m", sign_in, Value::Null).await?;
    let next = socket.said().await?;
    ensure(&next["type"], &json!("next"))?;
    ensure(next["payload"]["data"]["signIn"].is_object(), true)?;
    ensure(&socket.said().await?["type"], &json!("complete"))?;

    // A query beside subscriptions that wait, and two of them at once.
    for id in ["first", "second"] {
        socket.subscribe(id, NUMBERS, json!({ "after": 0 })).await?;
    }
    socket.subscribe("q", "{ __typename }", Value::Null).await?;
    ensure(&socket.said().await?["id"], &json!("q"))?;
    ensure(socket.said().await?, complete)?;
    let number = write(&app.db, "one", Status::Published).await?;
    let mut told = [socket.said().await?, socket.said().await?];
    told.sort_by_key(|said| said["id"].to_string());
    for (said, id) in told.iter().zip(["first", "second"]) {
        let data = json!({ "changes": { "number": number } });
        ensure(
            said,
            &json!({ "type": "next", "id": id, "payload": { "data": data } }),
        )?;
    }
    // What the client completes says nothing more, not even that.
    socket
        .say(json!({ "type": "complete", "id": "first" }))
        .await?;
    socket
        .say(json!({ "type": "complete", "id": "never was" }))
        .await?;
    write(&app.db, "two", Status::Published).await?;
    ensure(&socket.said().await?["id"], &json!("second"))?;

    socket
        .subscribe("bad", NUMBERS, json!({ "after": -1 }))
        .await?;
    let refused = socket.said().await?;
    let code = &refused["payload"]["errors"][0]["extensions"]["code"];
    ensure(code, &json!("BAD_USER_INPUT"))?;
    ensure(&socket.said().await?["type"], &json!("complete"))?;
    socket.close().await
}

pub async fn signs_of_life(backend: Backend) -> Result<(), Failed> {
    let app = told(&backend, &["--ping-interval", "200ms"]).await?;
    let mut socket = Socket::speaking(&app.url).await?;
    socket.say(json!({ "type": "ping" })).await?;
    ensure(socket.said().await?, json!({ "type": "pong" }))?;
    socket
        .say(json!({ "type": "ping", "payload": { "mine": 1 } }))
        .await?;
    let pong = json!({ "type": "pong", "payload": { "mine": 1 } });
    ensure(socket.said().await?, pong)?;
    socket.say(json!({ "type": "pong" })).await?;
    socket.send(Message::Ping(vec![1, 2, 3].into())).await?;
    let mut heard = socket.hear().await?;
    while heard == Heard::Ping {
        heard = socket.hear().await?;
    }
    ensure(heard, Heard::Pong(vec![1, 2, 3]))?;
    // The library answers each of them.
    for _ in 0..5 {
        ensure(socket.hear().await?, Heard::Ping)?;
    }
    Ok(())
}

/// What a request says before it becomes a socket.
pub async fn upgrade(backend: Backend) -> Result<(), Failed> {
    let app = told(&backend, &["--cors-origins", "https://example.org"]).await?;
    let token = app.as_curator().await?;
    let protocol = ("sec-websocket-protocol", "other, graphql-transport-ws");
    let bearer = format!("Bearer {token}");
    let mut socket = Socket::open(&app.url, &[protocol, ("authorization", &bearer)]).await?;
    socket.say(json!({ "type": "connection_init" })).await?;
    ensure(socket.said().await?, json!({ "type": "connection_ack" }))?;
    socket
        .subscribe("who", "{ viewer { curator { name } } }", Value::Null)
        .await?;
    let name = &socket.said().await?["payload"]["data"]["viewer"]["curator"]["name"];
    ensure(name.is_string(), true)?;

    let refused = |opened: Result<Socket, Failed>, status: &str| match opened {
        Ok(_) => Err(Failed::from(format!(
            "it opened, and should have been {status}"
        ))),
        Err(error) => {
            let why = error.message().unwrap_or_default().to_owned();
            ensure((why.contains(status), why), (true, why_of(&error)))
        }
    };
    let bad = Socket::open(&app.url, &[protocol, ("authorization", "Bearer no")]).await;
    refused(bad, "401")?;
    let page = Socket::open(&app.url, &[protocol, ("origin", "https://example.net")]).await;
    refused(page, "403")?;
    let host = app.url.clone();
    for origin in ["https://example.org", &host] {
        Socket::open(&app.url, &[protocol, ("origin", origin)]).await?;
    }
    Ok(())
}

fn why_of(error: &Failed) -> String {
    error.message().unwrap_or_default().to_owned()
}
