//! The events of a subscription: the revisions that somebody may see, from any of them on.
use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_graphql::{Context, Data};
use futures_util::stream::{self, Stream};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ModelTrait, QueryFilter, QueryOrder, QuerySelect,
};
use tokio::{sync::watch, time};

use super::{Event, Feed, Pause, Position};
use crate::kit::{
    access::View,
    db::{Db, Readers},
    deadline::{self, TimedOut},
    edit::last_number,
    error::{Error, Result},
    filter::{Filter, Scope},
    record::{Concept, Record},
    rows::{self, Rows},
};

/// Revisions read at a time. More than these never wait for a slow reader: the rest is in the
/// database.
const BATCH: u64 = 50;

/// Whoever subscribed, who may not be who they were by the next event.
pub trait Subscriber: Send {
    /// What they see by now; an error when they are nobody any more.
    fn identify(&mut self) -> impl Future<Output = Result<View>> + Send;

    /// What says who they are, for the fields of an event.
    fn data(&self) -> Data;
}

/// The records of a table that counts revisions by `number`, each as soon as it is there: those
/// that `filter` holds for, from after the one that is named, else from now on.
pub async fn events<C, S>(
    ctx: &Context<'_>,
    number: <C::Entity as EntityTrait>::Column,
    after: Option<i64>,
    filter: Option<C::Filter>,
    subscriber: S,
) -> Result<impl Stream<Item = Result<Event<C>>> + use<C, S>>
where
    C: Concept,
    S: Subscriber,
{
    let (db, view) = (&ctx.data_unchecked::<Db>().read, rows::view(ctx));
    let feed = ctx.data_unchecked::<Feed>();
    let position = ctx.data_opt::<Position>().cloned().unwrap_or_default();
    let condition = match filter {
        Some(filter) => filter.condition(Scope::new(view))?,
        None => Condition::all(),
    };
    let place = match position.get().or(after) {
        Some(place) if place < 0 => {
            return Err(Error::bad_input(format!(
                "after must be the number of a revision, or 0 for all, and is {place}"
            )));
        }
        Some(place) => place,
        None => last_number(db).await?,
    };
    let events = Events::<C, S> {
        db: db.clone(),
        number,
        condition,
        view,
        subscriber,
        news: feed.subscribe(),
        deadline: feed.0.deadline,
        place,
        position,
        read: VecDeque::new(),
        is_lost: Arc::default(),
        has_ended: false,
    };
    Ok(stream::unfold(events, |mut events| async {
        let event = events.next().await?;
        Some((event, events))
    }))
}

struct Events<C: Concept, S> {
    db: Readers,
    number: <C::Entity as EntityTrait>::Column,
    condition: Condition,
    view: View,
    subscriber: S,
    news: watch::Receiver<i64>,
    deadline: Duration,
    /// All up to this number are sent, or are read and wait.
    place: i64,
    position: Position,
    read: VecDeque<<C::Entity as EntityTrait>::Model>,
    is_lost: Arc<AtomicBool>,
    has_ended: bool,
}

impl<C: Concept, S: Subscriber> Events<C, S> {
    async fn next(&mut self) -> Option<Result<Event<C>>> {
        let mut pause = Pause::default();
        while !self.has_ended && !self.is_lost.load(Ordering::Relaxed) {
            // Marked as seen before it is read: what comes meanwhile wakes again.
            let latest = *self.news.borrow_and_update();
            if self.read.is_empty() && self.place >= latest {
                self.news.changed().await.ok()?;
                continue;
            }
            let advanced = deadline::within(self.deadline, self.advance(latest)).await;
            match advanced.unwrap_or_else(|TimedOut(_)| Err(Error::TimedOut)) {
                Ok(event) => match event {
                    Some(event) => return Some(Ok(event)),
                    None => continue,
                },
                Err(error) if is_passing(&error) => time::sleep(pause.next()).await,
                Err(error) => {
                    self.has_ended = true;
                    return Some(Err(error));
                }
            }
        }
        None
    }

    /// The next event up to this number; none when there was nothing to see.
    async fn advance(&mut self, latest: i64) -> Result<Option<Event<C>>> {
        let view = self.subscriber.identify().await?;
        if view != self.view {
            return Err(Error::Forbidden(
                "what you may see has changed since you subscribed: subscribe again".to_owned(),
            ));
        }
        if self.read.is_empty() {
            self.read(latest).await?;
        }
        let Some(row) = self.read.pop_front() else {
            return Ok(None);
        };
        self.position.set(self.number_of(&row));
        let mut data = self.subscriber.data();
        data.insert(Rows::new(self.db.clone(), view));
        let is_lost = Arc::clone(&self.is_lost);
        Ok(Some(Event::new(C::from(row), data, self.deadline, is_lost)))
    }

    async fn read(&mut self, latest: i64) -> Result<()> {
        let rows = C::Entity::find()
            .filter(C::Entity::visible(self.view))
            .filter(self.condition.clone())
            .filter(self.number.gt(self.place))
            .filter(self.number.lte(latest))
            .order_by_asc(self.number)
            .limit(BATCH)
            .all(&self.db)
            .await?;
        self.place = match rows.last() {
            Some(last) if rows.len() as u64 == BATCH => self.number_of(last),
            _ => latest,
        };
        self.read = rows.into();
        Ok(())
    }

    fn number_of(&self, row: &<C::Entity as EntityTrait>::Model) -> i64 {
        row.get(self.number).unwrap()
    }
}

/// A database that is away comes back, and the subscription goes on then.
fn is_passing(error: &Error) -> bool {
    if let Error::Internal(cause) = error {
        tracing::warn!(%cause, "a subscription waits for the database");
    }
    matches!(error, Error::Internal(_) | Error::Busy | Error::Collision)
}
