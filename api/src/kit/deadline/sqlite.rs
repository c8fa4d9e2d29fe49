//! SQLite: a statement looks now and then whether its request was stopped.
use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use sea_orm::sqlx::{Connection, Error, Sqlite, SqliteConnection, pool::PoolOptions};

use super::{Watcher, current};

/// Instructions of SQLite's virtual machine between two looks: some microseconds.
const BETWEEN_LOOKS: i32 = 1000;

/// Lets the deadlines of requests stop what runs on the connections of a pool.
pub fn watch(pool: PoolOptions<Sqlite>) -> PoolOptions<Sqlite> {
    pool.after_connect(|connection, _| Box::pin(look(connection)))
        .before_acquire(|connection, _| {
            Box::pin(async move {
                look(connection).await?;
                Ok(!is_lost(connection))
            })
        })
}

/// From here on the connection works for the present request; for none, it is never stopped.
async fn look(connection: &mut SqliteConnection) -> Result<(), Error> {
    let mut handle = connection.lock_handle().await?;
    match current() {
        Some(work) => {
            let is_stopped = Arc::clone(&work.is_stopped);
            handle.set_progress_handler(BETWEEN_LOOKS, move || !is_stopped.load(Ordering::Relaxed));
        }
        None => handle.remove_progress_handler(),
    }
    Ok(())
}

/// Looks at whichever request a connection works for: to tell the driver anew for each would take
/// two trips to the thread that has the connection.
pub struct Progress;

/// Whether the request that a connection works for was stopped; none while it works for nobody.
type Present = Arc<Mutex<Option<Arc<AtomicBool>>>>;

impl Progress {
    fn set(present: &Present, is_stopped: Option<Arc<AtomicBool>>) {
        *present.lock().unwrap_or_else(PoisonError::into_inner) = is_stopped;
    }
}

impl Watcher<Sqlite> for Progress {
    type Known = Present;

    async fn meet(&self, connection: &mut SqliteConnection) -> Result<Present, Error> {
        let present = Present::default();
        self.begin(&present);
        let looked_at = Arc::clone(&present);
        let goes_on = move || {
            let present = looked_at.lock().unwrap_or_else(PoisonError::into_inner);
            !matches!(&*present, Some(is_stopped) if is_stopped.load(Ordering::Relaxed))
        };
        let mut handle = connection.lock_handle().await?;
        handle.set_progress_handler(BETWEEN_LOOKS, goes_on);
        Ok(present)
    }

    fn begin(&self, present: &Present) {
        Self::set(present, current().map(|work| Arc::clone(&work.is_stopped)));
    }

    async fn end(&self, present: &Present) {
        Self::set(present, None);
    }
}

/// Whether the driver still counts a transaction that SQLite itself rolled back when its statement
/// was stopped: the driver's own rollback fails then, and nothing can begin on the connection.
fn is_lost(connection: &SqliteConnection) -> bool {
    connection.is_in_transaction()
}
