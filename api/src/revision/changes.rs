//! The feed of changes: by subscription for who waits, by query for who comes back now and then.
use async_graphql::{Context, Object, Subscription};
use entity::revision;
use futures_util::Stream;
use sea_orm::{ColumnTrait, Condition};

use super::{Revision, RevisionFilter};
use crate::{
    auth::Subscriber,
    kit::{
        error::Result,
        feed::{Event, events},
        page::{Arguments, Page, page},
        rows,
    },
};

#[derive(Default)]
pub struct ChangeQuery;

#[Object]
impl ChangeQuery {
    /// The revisions after a number, the next one first: for those who keep up by asking now and
    /// then. Keep the `number` of the last one that came, and ask with it next time; the
    /// subscription of this name tells the same at once.
    async fn changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Number of the last revision that you have; 0 for all from the first one on."
        )]
        after: i64,
        #[graphql(desc = "How many revisions, 0 to 200; 25 when absent.")] first: Option<i32>,
        #[graphql(desc = "Which revisions; all when absent.")] filter: Option<Box<RevisionFilter>>,
    ) -> Result<Page<Revision>> {
        let later = Condition::all().add(revision::Column::Number.gt(after));
        let arguments = Arguments {
            first,
            after: None,
            last: None,
            before: None,
            filter,
            order_by: None,
        };
        Box::pin(page(ctx, rows::view(ctx), later, arguments)).await
    }
}

#[derive(Default)]
pub struct ChangeSubscription;

#[Subscription]
impl ChangeSubscription {
    /// Each revision as soon as it is committed, in the order of their numbers: those that
    /// `revisions` would show you. None is left out and none comes twice; keep the `number` of the
    /// last one, and subscribe with it as `after` to go on where you were, on any server.
    ///
    /// What becomes visible later, with its dataset, is told by the revision that published it.
    /// The subscription ends with an error when your token does, or what you may see changes.
    async fn changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Number of the last revision that you have; 0 for all from the first one on. From now on when absent."
        )]
        after: Option<i64>,
        #[graphql(desc = "Which revisions; all when absent.")] filter: Option<RevisionFilter>,
    ) -> Result<impl Stream<Item = Result<Event<Revision>>>> {
        let subscriber = Subscriber::of(ctx);
        events(ctx, revision::Column::Number, after, filter, subscriber).await
    }
}
