//! How long a request may take, and how its statements are stopped in the database itself.
use std::{
    future::Future,
    pin::pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use futures_util::task::{FutureObj, Spawn, SpawnError};
use sea_orm::sqlx;
use tokio::{runtime::Handle, time};
use tracing::Span;

use postgres::Lease;

pub mod postgres;
pub mod sqlite;

/// What was stopped gets so long to say so, and to give back what it holds.
const GRACE: Duration = Duration::from_secs(2);
/// A statement may begin just after the others were stopped: they are stopped again, this often.
const STOP_AGAIN: Duration = Duration::from_millis(50);
/// What cannot be stopped in so long has ended by the database's own timeout.
const LONGEST_STOP: Duration = Duration::from_secs(60);

tokio::task_local! {
    /// Seen by the pools, which ask for whom a connection is taken.
    static WORK: Arc<Work>;
}

/// What one request does in the database.
#[derive(Default)]
pub struct Work {
    /// Shared with SQLite's connections, which keep it for longer than the work takes.
    is_stopped: Arc<AtomicBool>,
    statements: AtomicU64,
    /// Connections to PostgreSQL that it holds.
    leases: Mutex<Vec<Arc<Lease>>>,
}

/// It took longer than this, and was stopped.
#[derive(Clone, Copy, Debug)]
pub struct TimedOut(pub Duration);

/// Runs something as one request's work. When it takes longer, its statements are stopped in the
/// database, and fail as [`TimedOut`](super::error::Error::TimedOut): the answer that comes of that
/// is answered still, so that what was done is never said to be undone. Whoever stops waiting
/// stops the statements, too. The span that it is called in gets the count of statements as `sql`.
pub async fn within<T>(limit: Duration, task: impl Future<Output = T>) -> Result<T, TimedOut> {
    let running = Running::default();
    let mut task = pin!(WORK.scope(Arc::clone(&running.work), task));
    let done = match time::timeout(limit, &mut task).await {
        Ok(done) => Ok(done),
        Err(_) => {
            running.work.stop();
            let late = time::timeout(GRACE, &mut task).await;
            late.map_err(|_| TimedOut(limit))
        }
    };
    Span::current().record("sql", running.work.statements());
    running.finish(done.is_ok());
    done
}

/// Statements that the present request has sent so far; none outside of one.
pub fn statements() -> Option<u64> {
    WORK.try_with(|work| work.statements()).ok()
}

/// Counts one statement of the present request.
pub(super) fn count() {
    let _ = WORK.try_with(|work| work.statements.fetch_add(1, Ordering::Relaxed));
}

/// The present request's work.
fn current() -> Option<Arc<Work>> {
    WORK.try_with(Arc::clone).ok()
}

/// Whether the present request is to do nothing more.
pub(super) fn is_stopped() -> bool {
    current().is_some_and(|work| work.is_stopped.load(Ordering::Relaxed))
}

/// How what runs on a connection is stopped that goes from one request straight to the next.
pub trait Watcher<D: sqlx::Database>: Send + Sync {
    /// What must be known of a connection, and stays the same.
    type Known: Send;

    /// One that the pool gave to the present request.
    fn meet(
        &self,
        connection: &mut D::Connection,
    ) -> impl Future<Output = Result<Self::Known, sqlx::Error>> + Send;

    /// From here on it works for the present request.
    fn begin(&self, known: &Self::Known);

    /// From here on it works for nobody: this waits until it is not being stopped.
    fn end(&self, known: &Self::Known) -> impl Future<Output = ()> + Send;
}

/// Spawns tasks that work for the same request.
pub struct Spawner(Handle);

impl Spawner {
    pub fn current() -> Self {
        Self(Handle::current())
    }
}

impl Spawn for Spawner {
    fn spawn_obj(&self, future: FutureObj<'static, ()>) -> Result<(), SpawnError> {
        match current() {
            Some(work) => self.0.spawn(WORK.scope(work, future)),
            None => self.0.spawn(future),
        };
        Ok(())
    }
}

/// Work that is waited for.
#[derive(Default)]
struct Running {
    work: Arc<Work>,
    is_finished: bool,
}

impl Running {
    fn finish(mut self, is_finished: bool) {
        self.is_finished = is_finished;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.is_finished {
            self.work.stop();
        }
    }
}

impl Work {
    fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// SQLite looks by itself; PostgreSQL is told until nothing is held any more.
    fn stop(self: &Arc<Self>) {
        let was_stopped = self.is_stopped.swap(true, Ordering::Relaxed);
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        if was_stopped {
            return;
        }
        let work = Arc::clone(self);
        runtime.spawn(time::timeout(LONGEST_STOP, async move {
            // The last one is this task's own: nobody works any more who could take a connection.
            while Arc::strong_count(&work) > 1 || !work.held().is_empty() {
                for lease in work.held() {
                    lease.cancel().await;
                }
                time::sleep(STOP_AGAIN).await;
            }
        }));
    }

    fn hold(&self, lease: Arc<Lease>) {
        let mut leases = self.leases.lock().unwrap_or_else(PoisonError::into_inner);
        leases.retain(|lease| !lease.is_over());
        leases.push(lease);
    }

    fn held(&self) -> Vec<Arc<Lease>> {
        let mut leases = self.leases.lock().unwrap_or_else(PoisonError::into_inner);
        leases.retain(|lease| !lease.is_over());
        leases.clone()
    }
}
