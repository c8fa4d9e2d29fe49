//! Two servers on one database, many writers, and clients that come and go: each hears of every
//! revision that it may see, once, and in order.
use libtest_mimic::Failed;
use proptest::strategy::Strategy;
use reqwest::Client as Http;
use serde_json::{Value, json};
use tokio::sync::watch;
use waybill::kit::db::Db;

use super::client::{Events, Socket};
use crate::{
    harness::{Backend, Running, Template, ensure, generate, runner},
    processes::client::Client,
};

const WRITERS: usize = 4;
const WRITES: usize = 50;
const QUERY: &str = "subscription ($after: Int) { changes(after: $after) { number } }";

/// How a subscriber hears.
#[derive(Clone, Copy)]
enum By {
    Socket,
    Events,
}

pub async fn resumed(backend: Backend) -> Result<(), Failed> {
    let database = backend.database(Template::Empty).await?;
    let db = Db::open(&database.url).await?;
    let client = Client::enter(&db).await?;
    db.close().await?;
    let servers = [
        Running::serve(&database.url, &[])?,
        Running::serve(&database.url, &[])?,
    ];
    let urls = servers.each_ref().map(|server| server.url.clone());
    let (last, wanted) = watch::channel(None);
    let key = client.key().to_owned();
    let subscribers = [
        (By::Socket, String::new()),
        (By::Events, String::new()),
        (By::Socket, key.clone()),
    ];
    let subscribers: Vec<_> = subscribers
        .into_iter()
        .map(|(by, token)| {
            let (urls, wanted) = (urls.clone(), wanted.clone());
            tokio::spawn(follow(urls, by, token, wanted))
        })
        .collect();
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| tokio::spawn(write(client.clone(), urls.clone(), writer)))
        .collect();
    for writer in writers {
        writer.await??;
    }
    let end = enter(&client, &urls[0], "the end", true).await?;
    last.send_replace(Some(end));

    let mut heard = Vec::new();
    for subscriber in subscribers {
        heard.push(subscriber.await??);
    }
    let (public, all) = (visible(&urls[1], "").await?, visible(&urls[1], &key).await?);
    // The curator's own entry is no revision of theirs to see.
    ensure(all.len() > WRITERS * WRITES, true)?;
    ensure(public.len() < all.len() && !public.is_empty(), true)?;
    ensure(&heard[0], &public)?;
    ensure(&heard[1], &public)?;
    ensure(&heard[2], &all)
}

/// Every third party is a draft, and they go to both servers in turn.
async fn write(client: Client, urls: [String; 2], writer: usize) -> Result<(), Failed> {
    for number in 0..WRITES {
        let name = format!("party {number} of {writer}");
        enter(
            &client,
            &urls[(writer + number) % 2],
            &name,
            number % 3 != 0,
        )
        .await?;
    }
    Ok(())
}

async fn enter(client: &Client, url: &str, name: &str, publish: bool) -> Result<i64, Failed> {
    let input = json!({ "name": name, "kind": "COMPANY", "publish": publish });
    let payload = client.send(url, "createParty", input, name).await?;
    let payload = payload.ok_or("the server is gone")?;
    let number = payload["revision"].as_i64();
    Ok(number.ok_or_else(|| format!("no revision in {payload}"))?)
}

/// What somebody may see of all revisions, by paging through them.
async fn visible(url: &str, token: &str) -> Result<Vec<i64>, Failed> {
    let query = "query ($after: Int!) { changes(after: $after, first: 200) { nodes { number } } }";
    let mut numbers: Vec<i64> = Vec::new();
    loop {
        let after = numbers.last().copied().unwrap_or_default();
        let body = json!({ "query": query, "variables": { "after": after } });
        let mut request = Http::new().post(format!("{url}/graphql")).json(&body);
        if !token.is_empty() {
            request = request.bearer_auth(token);
        }
        let answer: Value = request.send().await?.json().await?;
        let nodes = answer["data"]["changes"]["nodes"].as_array();
        let nodes = nodes.ok_or_else(|| format!("no changes in {answer}"))?;
        if nodes.is_empty() {
            return Ok(numbers);
        }
        numbers.extend(nodes.iter().filter_map(|node| node["number"].as_i64()));
    }
}

/// Comes to one of the servers, hears some, leaves, and comes back with the last that it heard.
async fn follow(
    urls: [String; 2],
    by: By,
    token: String,
    mut wanted: watch::Receiver<Option<i64>>,
) -> Result<Vec<i64>, Failed> {
    let mut heard: Vec<i64> = Vec::new();
    loop {
        let (place, some) = generate(
            &mut runner(),
            &(0..2usize, 1..20usize).prop_map(|drawn| drawn),
        )?;
        let variables = json!({ "after": heard.last().copied().unwrap_or_default() });
        let mut hearing = Hearing::begin(&urls[place], by, &token, variables).await?;
        for _ in 0..some {
            tokio::select! {
                number = hearing.next() => heard.push(number?),
                _ = wanted.wait_for(|last| last.is_some() && *last == heard.last().copied()) => {
                    return Ok(heard);
                }
            }
        }
    }
}

enum Hearing {
    Socket(Box<Socket>),
    Events(Box<Events>),
}

impl Hearing {
    async fn begin(url: &str, by: By, token: &str, variables: Value) -> Result<Self, Failed> {
        match by {
            By::Socket => {
                let mut socket = Socket::ready(url, token).await?;
                socket.subscribe("1", QUERY, variables).await?;
                Ok(Self::Socket(Box::new(socket)))
            }
            By::Events => {
                let body = json!({ "query": QUERY, "variables": variables });
                let request = Http::new().post(format!("{url}/graphql")).json(&body);
                Ok(Self::Events(Box::new(Events::open(request).await?)))
            }
        }
    }

    async fn next(&mut self) -> Result<i64, Failed> {
        let said = match self {
            Self::Socket(socket) => socket.said().await?["payload"].take(),
            Self::Events(events) => events.next().await?.ok_or("the stream ended")?.data,
        };
        let number = said["data"]["changes"]["number"].as_i64();
        Ok(number.ok_or_else(|| format!("no revision in {said}"))?)
    }
}
