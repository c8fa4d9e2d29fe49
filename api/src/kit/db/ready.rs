//! Connections of a pool that have answered, and wait for the next statement.
use std::{
    ops::{Deref, DerefMut},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use sea_orm::{
    DbErr,
    sqlx::{Database, Error, Pool, pool::PoolConnection},
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time,
};

use super::send::not_acquired;
use crate::kit::deadline::{self, Watcher};

/// After so long a connection is given back to its pool all the same, which ends those that are old.
const LONGEST: Duration = Duration::from_secs(300);

pub struct Stack<D: Database, W: Watcher<D>> {
    pool: Pool<D>,
    watcher: W,
    ready: Mutex<Vec<Taken<D, W>>>,
    /// As many as there may be connections: who sends a statement has one, and gets it in turn.
    turns: Arc<Semaphore>,
    /// Those who wait for the pool, of which somebody else has connections for longer than a
    /// statement. As long as there are any, everything goes back to it: it serves them in turn.
    waiting: AtomicUsize,
}

/// A connection that is in use.
pub struct Taken<D: Database, W: Watcher<D>> {
    connection: PoolConnection<D>,
    known: W::Known,
    /// When the pool gave it.
    since: Instant,
    /// When it answered last.
    answered: Instant,
    /// None while it waits for a statement.
    turn: Option<OwnedSemaphorePermit>,
}

impl<D: Database, W: Watcher<D>> Stack<D, W> {
    pub fn new(pool: Pool<D>, watcher: W) -> Self {
        let most = pool.options().get_max_connections();
        Self {
            pool,
            watcher,
            ready: Mutex::default(),
            turns: Arc::new(Semaphore::new(usize::try_from(most).unwrap_or(1))),
            waiting: AtomicUsize::new(0),
        }
    }

    fn ready(&self) -> MutexGuard<'_, Vec<Taken<D, W>>> {
        self.ready.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many wait for a statement.
    pub fn len(&self) -> usize {
        self.ready().len()
    }

    pub async fn take(&self) -> Result<Taken<D, W>, DbErr> {
        let turn = self.turn().await.map_err(not_acquired)?;
        let mut taken = match self.next() {
            Some(taken) => taken,
            None => self.fresh().await.map_err(not_acquired)?,
        };
        taken.turn = Some(turn);
        Ok(taken)
    }

    async fn turn(&self) -> Result<OwnedSemaphorePermit, Error> {
        if let Ok(turn) = Arc::clone(&self.turns).try_acquire_owned() {
            return Ok(turn);
        }
        let longest = self.pool.options().get_acquire_timeout();
        let turn = time::timeout(longest, Arc::clone(&self.turns).acquire_owned()).await;
        turn.map_err(|_| Error::PoolTimedOut)?
            .map_err(|_| Error::PoolClosed)
    }

    fn next(&self) -> Option<Taken<D, W>> {
        let taken = self.ready().pop()?;
        self.watcher.begin(&taken.known);
        Some(taken)
    }

    /// One from the pool.
    async fn fresh(&self) -> Result<Taken<D, W>, Error> {
        let _waiting = self.wait();
        // One may have come back before it was said that somebody waits.
        if let Some(taken) = self.next() {
            return Ok(taken);
        }
        let mut connection = self.pool.acquire().await?;
        let known = self.watcher.meet(&mut connection).await?;
        let now = Instant::now();
        Ok(Taken {
            connection,
            known,
            since: now,
            answered: now,
            turn: None,
        })
    }

    /// Of a connection whose statement was answered. Any other is dropped: then the pool asks it
    /// whether it is of use still.
    pub async fn give(&self, mut taken: Taken<D, W>) {
        if deadline::is_stopped() || taken.since.elapsed() > LONGEST {
            return;
        }
        self.watcher.end(&taken.known).await;
        taken.answered = Instant::now();
        // It is there before anybody has a turn that finds nothing.
        let turn = taken.turn.take();
        self.ready().push(taken);
        drop(turn);
        // Who began to wait before this was there will not look for it.
        if self.waiting.load(Ordering::SeqCst) > 0 || self.turns.is_closed() {
            self.spare();
        }
    }

    /// Lets somebody else have one from the pool, who waits for it until this is dropped.
    pub fn claim(&self) -> Waiting<'_> {
        let waiting = self.wait();
        self.spare();
        waiting
    }

    fn wait(&self) -> Waiting<'_> {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        Waiting(&self.waiting)
    }

    /// Gives one that is ready to the pool.
    fn spare(&self) {
        let spare = self.ready().pop();
        drop(spare);
    }

    /// From here on nobody gets one.
    pub fn close(&self) {
        self.turns.close();
        self.thin(Duration::ZERO);
    }

    /// Gives those to the pool that nobody has needed for so long.
    pub fn thin(&self, longest: Duration) {
        let unused = {
            let mut ready = self.ready();
            // The last one to come is the first to go: those below wait for longer.
            let unused = ready.partition_point(|taken| taken.answered.elapsed() >= longest);
            ready.drain(..unused).collect::<Vec<_>>()
        };
        drop(unused);
    }
}

/// What is not given back to the pool is taken out of it: giving back takes a runtime.
impl<D: Database, W: Watcher<D>> Drop for Stack<D, W> {
    fn drop(&mut self) {
        let ready = std::mem::take(&mut *self.ready());
        for taken in ready {
            drop(taken.connection.detach());
        }
    }
}

/// Somebody who waits for the pool.
pub struct Waiting<'s>(&'s AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl<D: Database, W: Watcher<D>> Deref for Taken<D, W> {
    type Target = D::Connection;

    fn deref(&self) -> &D::Connection {
        &self.connection
    }
}

impl<D: Database, W: Watcher<D>> DerefMut for Taken<D, W> {
    fn deref_mut(&mut self) -> &mut D::Connection {
        &mut self.connection
    }
}
