//! SQLite: a statement looks now and then whether its request was stopped.
use std::sync::{Arc, atomic::Ordering};

use sea_orm::sqlx::{Connection, Error, Sqlite, SqliteConnection, pool::PoolOptions};

use super::current;

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

/// Whether the driver still counts a transaction that SQLite itself rolled back when its statement
/// was stopped: the driver's own rollback fails then, and nothing can begin on the connection.
fn is_lost(connection: &SqliteConnection) -> bool {
    connection.is_in_transaction()
}
