//! What is kept in memory of the database: a copy that is as new as the last revision whenever it
//! is asked for, and that can be dropped at any time.
//!
//! Asking looks at the last revision, one cheap statement, so that one's own writes and those of
//! other servers are in what is answered. A copy that is behind is advanced by the revisions since;
//! one that does not fit the history (the database was restored) is built anew. It is done once for
//! all who wait, and goes on when they leave: they wait no longer than their own deadline.
use std::{
    sync::{Arc, PoisonError, RwLock, Weak},
    time::Duration,
};

use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter};
use tokio::{
    runtime::Handle,
    sync::Mutex,
    time::{self, Instant},
};

use super::{
    db::{Db, Readers},
    error::Result,
    latest::{End, Latest, end},
};
use entity::revision;

/// Revisions that come within this time are followed together.
const PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// What can be kept: it is built from a snapshot of the database, and advanced from a later one.
pub trait Keep: Send + Sync + Sized + 'static {
    /// What its memory goes by in the metrics.
    const NAME: &'static str;

    /// What it takes to build it besides the database.
    type Recipe: Send + Sync + 'static;

    fn build(
        recipe: &Self::Recipe,
        snapshot: &DatabaseTransaction,
    ) -> impl Future<Output = Result<Self, DbErr>> + Send;

    /// As of the snapshot, when it stood as of the revision `since`; none when too much has
    /// changed, and it is built anew.
    fn advance(
        &self,
        recipe: &Self::Recipe,
        snapshot: &DatabaseTransaction,
        since: i64,
    ) -> impl Future<Output = Result<Option<Self>, DbErr>> + Send;

    /// Memory that it holds, about.
    fn bytes(&self) -> usize;
}

/// Cloning it shares what is kept.
pub struct Kept<T: Keep>(Arc<Shared<T>>);

impl<T: Keep> Clone for Kept<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

struct Shared<T: Keep> {
    recipe: T::Recipe,
    db: Readers,
    latest: Latest,
    /// Where it is built: a server's workers come and go, this stays.
    runtime: Handle,
    current: RwLock<Option<(End, Arc<T>)>>,
    /// Held while it is built or advanced.
    turn: Mutex<()>,
}

impl<T: Keep> Kept<T> {
    /// Nothing is built before somebody asks. Work is done on the runtime that this is called on.
    pub fn new(db: &Db, recipe: T::Recipe) -> Self {
        Self(Arc::new(Shared {
            recipe,
            db: db.read.clone(),
            latest: db.latest.clone(),
            runtime: Handle::current(),
            current: RwLock::default(),
            turn: Mutex::default(),
        }))
    }

    /// As of the last revision at the time of asking, or of a later one.
    pub async fn get(&self) -> Result<Arc<T>> {
        let wanted = self.0.latest.get().await?;
        self.as_of(&wanted.hash).await
    }

    /// As of the revision with this hash, which was the last one just now, or of a later one.
    pub async fn as_of(&self, hash: &str) -> Result<Arc<T>> {
        if let Some(kept) = self.0.fitting(hash) {
            return Ok(kept);
        }
        let (shared, hash) = (Arc::clone(&self.0), hash.to_owned());
        let work = self
            .0
            .runtime
            .spawn(async move { shared.renew(&hash).await });
        let kept = work.await.map_err(super::error::Error::internal)?;
        Ok(kept?)
    }

    /// Begins to build it in the background; whoever asks meanwhile waits for the same. From then on
    /// it is advanced soon after each revision that this server hears of, so that those who ask find
    /// little left to do.
    pub fn begin(&self, db: &Db) {
        let (shared, mut announced) = (Arc::downgrade(&self.0), db.announced.subscribe());
        self.0.runtime.spawn(async move {
            Shared::catch_up(&shared, None).await;
            let mut pause = PAUSE;
            // When nobody is left who could announce anything, the database is closed.
            while announced.changed().await.is_ok() {
                time::sleep(pause).await;
                let began = Instant::now();
                let number = *announced.borrow_and_update();
                Shared::catch_up(&shared, Some(number)).await;
                // However much is written, it takes a tenth of one processor.
                pause = (began.elapsed() * 10).clamp(PAUSE, LONGEST_PAUSE);
            }
        });
    }

    /// What is kept just now, and as of which revision; it may be behind. None before it is built.
    pub fn standing(&self) -> Option<(End, Arc<T>)> {
        self.0.current()
    }

    /// Where it looks for the last revision.
    pub fn latest(&self) -> &Latest {
        &self.0.latest
    }

    /// What it is built by, besides the database.
    pub fn recipe(&self) -> &T::Recipe {
        &self.0.recipe
    }

    /// Where it is read from.
    pub fn connection(&self) -> &Readers {
        &self.0.db
    }

    /// Lets it go; whoever asks next has it built again.
    pub fn drop_it(&self) {
        *self
            .0
            .current
            .write()
            .unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// What says how much memory it holds.
pub trait Held: Send + Sync {
    fn name(&self) -> &'static str;

    /// Nothing, while it is not built.
    fn bytes(&self) -> usize;
}

impl<T: Keep> Held for Kept<T> {
    fn name(&self) -> &'static str {
        T::NAME
    }

    fn bytes(&self) -> usize {
        let current = self
            .0
            .current
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        current.as_ref().map_or(0, |(_, kept)| kept.bytes())
    }
}

impl<T: Keep> Shared<T> {
    fn current(&self) -> Option<(End, Arc<T>)> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        current.clone()
    }

    /// What is kept, if it is as new as this. One that is newer has been advanced meanwhile.
    fn fitting(&self, hash: &str) -> Option<Arc<T>> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        let fits = current.as_ref().filter(|(end, _)| *end.hash == *hash);
        fits.map(|(_, kept)| Arc::clone(kept))
    }

    /// Builds it, or, if it is there and behind this revision, advances it.
    async fn catch_up(shared: &Weak<Self>, number: Option<i64>) {
        let Some(shared) = shared.upgrade() else {
            return;
        };
        let is_behind = |number| {
            let current = shared.current();
            current.is_some_and(|(end, _)| end.number < number)
        };
        if number.is_none_or(is_behind)
            && let Err(error) = Kept(shared).get().await
            && !error.is_closed()
        {
            tracing::warn!(?error, "{} cannot be kept yet", T::NAME);
        }
    }

    async fn renew(&self, wanted: &str) -> Result<Arc<T>, DbErr> {
        let _turn = self.turn.lock().await;
        if let Some(kept) = self.fitting(wanted) {
            return Ok(kept);
        }
        let began = Instant::now();
        let snapshot = self.db.snapshot().await?;
        let end = end(&snapshot).await?;
        let mut advanced = None;
        if let Some((stood, kept)) = self.current() {
            if stood == end {
                return Ok(kept);
            }
            if is_in_history(&snapshot, &stood).await? {
                advanced = kept.advance(&self.recipe, &snapshot, stood.number).await?;
            }
        }
        let is_new = advanced.is_none();
        let renewed = match advanced {
            Some(advanced) => advanced,
            None => T::build(&self.recipe, &snapshot).await?,
        };
        snapshot.commit().await?;
        let kept = Arc::new(renewed);
        if is_new {
            tracing::info!(
                revision = end.number,
                bytes = kept.bytes(),
                seconds = began.elapsed().as_secs_f64(),
                "{} built",
                T::NAME
            );
        }
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        *current = Some((end, Arc::clone(&kept)));
        Ok(kept)
    }
}

/// Whether the history went on from here; not when another was put in its place.
async fn is_in_history(db: &impl ConnectionTrait, end: &End) -> Result<bool, DbErr> {
    let found = revision::Entity::find_by_id(end.number)
        .filter(revision::Column::Hash.eq(&*end.hash))
        .one(db);
    Ok(end.number == 0 || found.await?.is_some())
}
