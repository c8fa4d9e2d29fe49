//! What connections that stay may take up, and that they give it back.
use entity::value::Status;
use libtest_mimic::Failed;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{
    NUMBERS,
    client::{Events, Heard, Socket, connect},
    events::post,
    told, until, write,
};
use crate::harness::{App, Backend, Template, ensure};

pub async fn connections(backend: Backend) -> Result<(), Failed> {
    let options = [
        "--max-live-per-address",
        "2",
        "--max-operations",
        "2",
        "--socket-idle-timeout",
        "500ms",
    ];
    let app = told(&backend, &options).await?;
    let mut socket = Socket::ready(&app.url, "").await?;
    for id in ["1", "2", "3"] {
        socket.subscribe(id, NUMBERS, Value::Null).await?;
    }
    let refused = socket.said().await?;
    ensure(
        (&refused["id"], &refused["type"]),
        (&json!("3"), &json!("error")),
    )?;
    let code = &refused["payload"][0]["extensions"]["code"];
    ensure(code, &json!("RATE_LIMITED"))?;
    socket.say(json!({ "type": "complete", "id": "1" })).await?;
    socket.subscribe("3", "{ __typename }", Value::Null).await?;
    ensure(&socket.said().await?["type"], &json!("next"))?;

    let events = Events::open(post(&app, NUMBERS, Value::Null)).await?;
    ensure(app.server().live(), 2)?;
    let third = Socket::speaking(&app.url).await.err();
    let why = third.and_then(|error| error.message().map(str::to_owned));
    ensure(why.is_some_and(|why| why.contains("429")), true)?;
    let third = Events::open(post(&app, NUMBERS, Value::Null)).await.err();
    let why = third.and_then(|error| error.message().map(str::to_owned));
    ensure(
        why.is_some_and(|why| why.contains("at most 2 may be")),
        true,
    )?;
    drop(events);
    until("room again", || app.server().live() == 1).await?;

    // What waits for revisions is no idler; a socket without any operation is.
    let mut idle = Socket::ready(&app.url, "").await?;
    let expected = (1000, "No operation for long".to_owned());
    ensure(idle.closed().await?, expected)?;
    let number = write(&app.db, "one", Status::Published).await?;
    while socket.said().await?["payload"]["data"]["changes"]["number"] != json!(number) {}
    Ok(())
}

/// Each event is long, and there are many; nobody reads them.
pub async fn slow_readers(backend: Backend) -> Result<(), Failed> {
    const LONG: &str =
        "subscription { changes(after: 0) { changes(first: 200) { nodes { before after } } } }";
    const MANY: usize = 80;
    let options = ["--send-timeout", "1s", "--max-waiting-bytes", "65536"];
    let auth = waybill::auth::Auth::new(None, "waybill", None);
    let app = App::told(backend.database(Template::Filled).await?, auth, &options).await?;
    let mut socket = Socket::ready(&app.url, "").await?;
    for number in 0..MANY {
        socket
            .subscribe(&number.to_string(), LONG, Value::Null)
            .await?;
    }
    until("subscriptions", || app.server().subscriptions() > 0).await?;
    until("an end of the socket", || app.server().live() == 0).await?;
    until("an end of them", || app.server().subscriptions() == 0).await?;
    // Those that were read would be so many; it was cut off before, and without a word.
    let mut events = 0;
    let last = loop {
        match socket.hear().await? {
            Heard::Said(_) => events += 1,
            Heard::Ping => {}
            heard => break heard,
        }
    };
    ensure((last, events < MANY), (Heard::Gone, true))?;

    let mut stream = connect(&app.url).await?;
    let aliases: String = (0..40)
        .map(|number| format!("a{number}: changes(first: 200) {{ nodes {{ before after }} }} "))
        .collect();
    let query = format!("subscription {{ changes(after: 0) {{ {aliases} }} }}");
    let body = json!({ "query": query }).to_string();
    let request = format!(
        "POST /graphql HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await?;
    until("an event stream", || app.server().live() == 1).await?;
    until("an end of the event stream", || app.server().live() == 0).await?;
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest).await;
    let end = b"event: complete";
    ensure(rest.windows(end.len()).any(|window| window == end), false)
}

/// A peer that answers no ping is gone, though its connection stands.
pub async fn silent_peers(backend: Backend) -> Result<(), Failed> {
    let app = told(&backend, &["--ping-interval", "300ms"]).await?;
    let mut socket = Socket::ready(&app.url, "").await?;
    socket.subscribe("1", NUMBERS, Value::Null).await?;
    until("a subscription", || app.server().subscriptions() == 1).await?;
    // Nothing is read, and so nothing is answered.
    until("an end", || {
        app.server().live() + app.server().subscriptions() == 0
    })
    .await
}

pub async fn freed(backend: Backend) -> Result<(), Failed> {
    let app = told(&backend, &[]).await?;
    let server = app.server();
    let mut socket = Socket::ready(&app.url, "").await?;
    for id in ["1", "2", "3", "4", "5"] {
        socket.subscribe(id, NUMBERS, Value::Null).await?;
    }
    until("five subscriptions", || server.subscriptions() == 5).await?;
    for id in ["1", "2"] {
        socket.say(json!({ "type": "complete", "id": id })).await?;
    }
    until("three subscriptions", || server.subscriptions() == 3).await?;
    socket.close().await?;
    until("none", || server.subscriptions() + server.live() == 0).await?;

    // Without a word, in the middle of what is told.
    let mut socket = Socket::ready(&app.url, "").await?;
    socket
        .subscribe("1", NUMBERS, json!({ "after": 0 }))
        .await?;
    write(&app.db, "one", Status::Published).await?;
    socket.said().await?;
    drop(socket);
    let events = Events::open(post(&app, NUMBERS, json!({ "after": 0 }))).await?;
    drop(events);
    write(&app.db, "two", Status::Published).await?;
    until("none again", || server.subscriptions() + server.live() == 0).await
}

pub async fn drained(backend: Backend) -> Result<(), Failed> {
    let app = told(&backend, &[]).await?;
    let mut socket = Socket::ready(&app.url, "").await?;
    socket.subscribe("1", NUMBERS, Value::Null).await?;
    let mut unready = Socket::speaking(&app.url).await?;
    let mut events = Events::open(post(&app, NUMBERS, Value::Null)).await?;
    let stopped = app.server().stop(true);
    for socket in [&mut socket, &mut unready] {
        let (code, why) = socket.closed().await?;
        ensure((code, why.as_str()), (1001, "The server stops"))?;
    }
    // Not complete: whoever comes back goes on.
    ensure(events.next().await?, None)?;
    let stopped = tokio::time::timeout(super::client::LONGEST / 4, stopped).await;
    ensure(stopped.is_ok(), true)
}
