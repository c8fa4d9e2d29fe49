//! The feed: which revision is the last one, known on every server as soon as it is committed.
//!
//! The door announces a revision when it commits. What is announced only wakes: the number is read
//! from where the records are read, so that whoever is told of a revision can read it. Nothing is
//! lost with an announcement, since the number is read anyway now and then.
use std::{sync::Arc, time::Duration};

use sea_orm::{
    DatabaseConnection, DbBackend,
    sqlx::{
        Error, Executor,
        postgres::{PgListener, PgNotification},
    },
};
use tokio::{sync::watch, task::AbortHandle, time};

use super::{db::Db, edit, error::is_closed};

mod event;
mod events;

pub use event::{Event, Position};
pub use events::{Subscriber, events};

/// Where PostgreSQL carries the number of each revision. It is carried within one database alone.
pub const CHANNEL: &str = "waybill_revision";
/// What wrote an SQLite file from another process told nobody.
const LOOK: Duration = Duration::from_millis(500);
/// Whatever became of the announcements, a revision is known after so long.
const SAFETY_NET: Duration = Duration::from_secs(5);
/// A connection that nothing came by for so long is asked whether it is there.
const QUIET: Duration = Duration::from_secs(30);
const ANSWER: Duration = Duration::from_secs(5);
/// Between attempts to come back to a database that is away, doubling.
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Follows the revisions of a database for as long as any clone of it is there. One a server.
#[derive(Clone)]
pub struct Feed(Arc<Following>);

struct Following {
    /// How long it may take to tell of one event.
    deadline: Duration,
    latest: watch::Sender<i64>,
    tasks: Vec<AbortHandle>,
}

impl Drop for Following {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl Feed {
    /// Begins in the background; a database that is away is tried until it is back.
    /// `deadline` is how long it may take to tell of one event.
    pub fn follow(db: &Db, deadline: Duration) -> Self {
        let latest = watch::Sender::new(0);
        let announced = db.announced.clone();
        let is_postgres = db.follow.get_database_backend() == DbBackend::Postgres;
        let look = if is_postgres { SAFETY_NET } else { LOOK };
        let reading = read(
            db.follow.clone(),
            announced.subscribe(),
            latest.clone(),
            look,
        );
        let mut tasks = vec![tokio::spawn(reading).abort_handle()];
        if is_postgres {
            let listening = listen(Arc::clone(&db.url), announced);
            tasks.push(tokio::spawn(listening).abort_handle());
        }
        Self(Arc::new(Following {
            deadline,
            latest,
            tasks,
        }))
    }

    /// The number of the last revision that is known here; 0 before the first. It never runs ahead
    /// of what can be read, and is behind by as long as an announcement takes, or by seconds when
    /// one was lost: whoever must not miss what was just acknowledged asks the
    /// database, by [`last_number`](edit::last_number).
    pub fn latest(&self) -> i64 {
        *self.0.latest.borrow()
    }

    /// The same, and a wake-up with what comes; several that come meanwhile are one.
    pub fn subscribe(&self) -> watch::Receiver<i64> {
        self.0.latest.subscribe()
    }

    /// How many wait for revisions just now.
    pub fn subscribers(&self) -> usize {
        self.0.latest.receiver_count()
    }
}

/// Numbers only grow, whoever hears of them first.
pub fn raise(number: &watch::Sender<i64>, to: i64) {
    number.send_if_modified(|number| {
        let grows = to > *number;
        *number = to.max(*number);
        grows
    });
}

/// Keeps `latest` at the last revision that can be read. Numbers have no gaps, and whoever sees one
/// sees all before it: each is taken under a lock that is held until it can be seen.
async fn read(
    db: DatabaseConnection,
    mut announced: watch::Receiver<i64>,
    latest: watch::Sender<i64>,
    look: Duration,
) {
    let mut pause = Pause::default();
    loop {
        announced.mark_unchanged();
        let wait = match edit::last_number(&db).await {
            Ok(number) => {
                pause = Pause::default();
                raise(&latest, number);
                look
            }
            // The server stops.
            Err(error) if is_closed(&error) => return,
            Err(error) => {
                let wait = pause.next();
                tracing::warn!(%error, "the last revision cannot be read");
                wait
            }
        };
        // Nobody who could announce anything is left: the database is closed.
        if let Ok(Err(_)) = time::timeout(wait, announced.changed()).await {
            return;
        }
    }
}

/// Hears what other servers announce.
async fn listen(url: Arc<str>, announced: watch::Sender<i64>) {
    let mut pause = Pause::default();
    loop {
        let error = match connect(&url).await {
            Ok(mut listener) => {
                pause = Pause::default();
                // Whatever was announced while nobody listened is found by looking.
                announced.send_modify(|_| {});
                hear(&mut listener, &announced).await
            }
            Err(error) => error,
        };
        tracing::warn!(%error, "revisions are not announced; looking for them instead");
        time::sleep(pause.next()).await;
    }
}

async fn connect(url: &str) -> Result<PgListener, Error> {
    let mut listener = PgListener::connect(url).await?;
    listener.eager_reconnect(false);
    listener.listen(CHANNEL).await?;
    Ok(listener)
}

/// Until the connection is lost.
async fn hear(listener: &mut PgListener, announced: &watch::Sender<i64>) -> Error {
    loop {
        match time::timeout(QUIET, listener.try_recv()).await {
            Ok(Ok(Some(heard))) => raise(announced, number(&heard)),
            Ok(Ok(None)) => return Error::WorkerCrashed,
            Ok(Err(error)) => return error,
            Err(_) => match time::timeout(ANSWER, listener.execute("SELECT 1")).await {
                Ok(Ok(_)) => {}
                Ok(Err(error)) => return error,
                Err(_) => return Error::PoolTimedOut,
            },
        }
    }
}

fn number(heard: &PgNotification) -> i64 {
    heard.payload().parse().unwrap_or_default()
}

/// How long to wait before trying again.
pub(super) struct Pause(Duration);

impl Default for Pause {
    fn default() -> Self {
        Self(SHORTEST_PAUSE)
    }
}

impl Pause {
    pub fn next(&mut self) -> Duration {
        let pause = self.0;
        self.0 = (pause * 2).min(LONGEST_PAUSE);
        pause
    }
}
