//! Deadlines: what takes too long is stopped in the database, and leaves nothing behind.
use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use async_graphql::{Request, Response, Variables};
use entity::party;
use libtest_mimic::{Failed, Trial};
use sea_orm::{ConnectionTrait, Database as Connect, EntityTrait, PaginatorTrait};
use serde_json::{Value, json};
use waybill::{
    auth::Remote,
    kit::{
        curate::IdempotencyKey,
        deadline::{self, TimedOut},
        rows::Rows,
    },
    schema,
};

use crate::harness::{App, Backend, Template, ensure, trial};

pub fn trials(backend: &Backend) -> Vec<Trial> {
    vec![
        trial(backend, "deadlines::stop_queries", stop_queries),
        trial(backend, "deadlines::stop_mutations", stop_mutations),
        trial(backend, "deadlines::stop_what_nobody_awaits", abandoned),
        trial(backend, "deadlines::stop_nobody_else", nobody_else),
    ]
}

const LIMIT: Duration = Duration::from_millis(300);
/// What is stopped ends far sooner than by itself, which takes minutes.
const PROMPT: Duration = Duration::from_secs(20);
/// A sum that takes minutes on both databases.
const SLOW: &str = "(WITH RECURSIVE numbers(number) AS \
    (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < 2000000000) \
    SELECT count(*) FROM numbers)";
const DATASETS: &str = "{ datasets { nodes { title } } }";
const CREATE: &str = r#"mutation { createParty(input: { name: "Late", kind: COMPANY, comment: "late" }) {
    party { name } userErrors { message } } }"#;

/// Datasets can be read, but no sooner than after minutes.
async fn slow_datasets(app: &App) -> Result<(), Failed> {
    let view =
        format!("CREATE VIEW dataset AS SELECT slow_dataset.* FROM slow_dataset WHERE {SLOW} > 0");
    administer(app, &["ALTER TABLE dataset RENAME TO slow_dataset", &view]).await
}

/// Whoever enters a party waits for minutes.
async fn slow_parties(app: &App, backend: &Backend) -> Result<(), Failed> {
    let statements = match backend {
        Backend::Sqlite => vec![format!(
            "CREATE TRIGGER slow AFTER INSERT ON party BEGIN SELECT {SLOW}; END"
        )],
        Backend::Postgres(_) => vec![
            format!(
                "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS \
                 $$ BEGIN PERFORM {SLOW}; RETURN NEW; END $$"
            ),
            "CREATE TRIGGER slow AFTER INSERT ON party FOR EACH ROW EXECUTE FUNCTION slow()"
                .to_owned(),
        ],
    };
    let statements: Vec<_> = statements.iter().map(String::as_str).collect();
    administer(app, &statements).await
}

async fn administer(app: &App, statements: &[&str]) -> Result<(), Failed> {
    let connection = Connect::connect(&app.database_url).await?;
    for statement in statements {
        connection.execute_unprepared(statement).await?;
    }
    Ok(connection.close().await?)
}

/// What the server would execute for the bearer of a token; of nobody's when empty.
async fn request(app: &App, token: &str, document: &str) -> Result<Request, Failed> {
    let authorization = (!token.is_empty()).then(|| format!("Bearer {token}"));
    let identified = app.auth.identify(&app.db, authorization.as_deref()).await;
    let (viewer, credential) = identified.map_err(|_| "the token is refused")?;
    Ok(Request::new(document)
        .variables(Variables::default())
        .data(Rows::new(app.db.read.clone(), viewer.view()))
        .data(app.db.clone())
        .data(app.auth.clone())
        .data(IdempotencyKey(None))
        .data(viewer)
        .data(credential)
        .data(Remote::new([127, 0, 0, 1].into())))
}

async fn late(app: &App, token: &str, document: &str) -> Result<(), Failed> {
    let began = Instant::now();
    let request = request(app, token, document).await?;
    let answer = deadline::within(LIMIT, schema::schema().execute(request)).await;
    let took = began.elapsed();
    let response: Response = answer.map_err(|TimedOut(limit)| {
        format!("not stopped within {limit:?}, but given up after {took:?}")
    })?;
    let response = serde_json::to_value(&response)?;
    ensure(
        &response["errors"][0]["extensions"]["code"],
        &json!("TIMEOUT"),
    )?;
    ensure((took, (LIMIT..PROMPT).contains(&took)), (took, true))
}

/// Nothing of ours runs in the database any more.
async fn is_quiet(app: &App, backend: &Backend) -> Result<(), Failed> {
    let Backend::Postgres(_) = backend else {
        return Ok(());
    };
    let connection = Connect::connect(&app.database_url).await?;
    let busy = "SELECT state, query FROM pg_stat_activity WHERE datname = current_database() \
                AND pid <> pg_backend_pid() AND state <> 'idle' AND backend_type = 'client backend'";
    let busy = sea_orm::Statement::from_string(connection.get_database_backend(), busy);
    let began = Instant::now();
    while let Some(row) = connection.query_one_raw(busy.clone()).await? {
        if began.elapsed() > PROMPT {
            let query: String = row.try_get("", "query")?;
            return Err(format!("this still runs: {query}").into());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Ok(connection.close().await?)
}

/// More often than there are connections: none is lost.
const TIMES: usize = 10;

async fn stop_queries(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Filled).await?;
    slow_datasets(&app).await?;
    for _ in 0..TIMES {
        late(&app, "", DATASETS).await?;
    }
    is_quiet(&app, &backend).await?;
    app.data("{ countries(first: 1) { nodes { name } } }", json!({}))
        .await?;
    Ok(())
}

async fn stop_mutations(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let token = app.as_curator().await?;
    slow_parties(&app, &backend).await?;
    let revisions = || entity::revision::Entity::find().count(&app.db.read);
    let before = revisions().await?;
    for _ in 0..TIMES {
        late(&app, &token, CREATE).await?;
    }
    is_quiet(&app, &backend).await?;
    ensure(party::Entity::find().count(&app.db.read).await?, 0)?;
    ensure(revisions().await?, before)?;
    let stop = match backend {
        Backend::Sqlite => "DROP TRIGGER slow",
        Backend::Postgres(_) => "DROP TRIGGER slow ON party",
    };
    administer(&app, &[stop]).await?;
    let answer = app.ask(&token, CREATE, json!({})).await?;
    ensure(
        &answer["data"]["createParty"]["party"]["name"],
        &json!("Late"),
    )
}

/// A client that goes away takes its statements along.
async fn abandoned(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Filled).await?;
    slow_datasets(&app).await?;
    for _ in 0..TIMES {
        let request = request(&app, "", DATASETS).await?;
        let schema = schema::schema();
        let running = deadline::within(PROMPT, schema.execute(request));
        ensure(tokio::time::timeout(LIMIT, running).await.is_err(), true)?;
    }
    is_quiet(&app, &backend).await?;
    let began = Instant::now();
    app.data("{ countries(first: 1) { nodes { name } } }", json!({}))
        .await?;
    ensure(began.elapsed() < PROMPT, true)
}

/// Who shares the connections with what is stopped is answered all the same.
async fn nobody_else(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Filled).await?;
    slow_datasets(&app).await?;
    let answered = AtomicUsize::new(0);
    let slow = async {
        // Longer on a busy machine, and not for ever if nobody is answered.
        for round in 0..30 {
            if round >= 3 && answered.load(Ordering::Relaxed) > 10 {
                break;
            }
            let all = (0..4).map(|_| late(&app, "", DATASETS));
            futures_util::future::try_join_all(all).await?;
        }
        Ok::<_, Failed>(())
    };
    let mut slow = std::pin::pin!(slow);
    loop {
        let quick = app.anonymous("{ countries(first: 50) { nodes { name } } }", json!({}));
        tokio::select! {
            done = &mut slow => {
                done?;
                break;
            }
            answer = quick => {
                let answer: Value = answer?;
                ensure(answer.get("errors"), None)?;
                answered.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
    ensure(answered.load(Ordering::Relaxed) > 10, true)
}
