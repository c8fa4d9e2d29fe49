//! Batched reads: whatever is asked for at the same moment goes out as one statement.
use std::marker::PhantomData;

use async_graphql::{
    Context,
    dataloader::{DataLoader, HashMapCache},
    runtime::TokioTimer,
};
use entity::revision;
use futures_util::future::try_join_all;
use sea_orm::{
    Condition, ConnectionTrait, DatabaseConnection, DbBackend, EntityTrait, FromQueryResult,
    QueryFilter, QueryTrait, Select,
    prelude::Uuid,
    sea_query::{Alias, Asterisk, Expr, ExprTrait, Query, SelectStatement},
};

mod keys;
mod reader;

use keys::{ById, ByParent, Counted, Whole};
use reader::{KEYS_A_STATEMENT, Reader};

pub(super) use reader::uuid;

use super::{
    access::View,
    deadline::Spawner,
    edit::{Editable, is_published, row_at},
    error::{Error, Result},
    filter,
    record::{Concept, Record, id_column},
};

/// Reads for one request; what it has read stays the same until the request ends or writes.
pub struct Rows(DataLoader<Reader, HashMapCache>);

impl Rows {
    pub fn new(db: DatabaseConnection, view: View) -> Self {
        let (spawner, timer) = (Spawner::current(), TokioTimer::default());
        let loader =
            DataLoader::with_cache(Reader { db, view }, spawner, timer, HashMapCache::default())
                // A request's resolvers run on one thread: all that can ask have asked
                // before the loader gets its turn, so there is nothing to wait for.
                .delay(std::time::Duration::ZERO)
                .max_batch_size(KEYS_A_STATEMENT);
        Self(loader)
    }
}

/// From here on everything is read anew: the request itself has written.
pub fn forget(ctx: &Context<'_>) {
    loader(ctx).enable_all_cache(false);
}

/// What the one who asks sees.
pub fn view(ctx: &Context<'_>) -> View {
    loader(ctx).loader().view
}

fn loader<'a>(ctx: &Context<'a>) -> &'a DataLoader<Reader, HashMapCache> {
    &ctx.data_unchecked::<Rows>().0
}

/// Which database answers.
pub fn backend(ctx: &Context<'_>) -> DbBackend {
    loader(ctx).loader().db.get_database_backend()
}

/// The row with this id, if it is seen.
pub async fn find<E: Record>(ctx: &Context<'_>, id: Uuid) -> Result<Option<E::Model>> {
    loader(ctx).load_one(ById::<E>(id, PhantomData)).await
}

/// The row that a column points at, shown as its concept; null when the column is.
pub async fn shown<C: From<E::Model>, E: Record>(
    ctx: &Context<'_>,
    id: Option<Uuid>,
) -> Result<Option<C>> {
    match id {
        Some(id) => Ok(find::<E>(ctx, id).await?.map(C::from)),
        None => Ok(None),
    }
}

/// The row as of a revision, when it is seen now and was then; as it stands when no revision is
/// named.
pub async fn as_of<C, E>(
    ctx: &Context<'_>,
    found: Option<E::Model>,
    revision: Option<i64>,
) -> Result<Option<C>>
where
    C: Concept<Entity = E>,
    E: Record + Editable,
{
    let (Some(row), Some(revision)) = (found.clone(), revision) else {
        return Ok(found.map(C::from));
    };
    let Reader { db, view } = loader(ctx).loader();
    if revision::Entity::find_by_id(revision)
        .one(db)
        .await?
        .is_none()
    {
        return Err(Error::bad_input(format!(
            "there is no revision {revision}; the query revisions lists them"
        )));
    }
    let Some(row) = row_at::<E>(db, uuid(&row, id_column::<E>()), revision).await? else {
        return Ok(None);
    };
    let seen = !view.is_public() || is_published::<E>(&row).unwrap_or(true);
    Ok(seen.then(|| C::as_of(row, revision)))
}

/// The row that a mandatory column points at: the database and the write rules vouch for it.
pub async fn parent<C: From<E::Model>, E: Record>(ctx: &Context<'_>, id: Uuid) -> Result<C> {
    let row = find::<E>(ctx, id).await?;
    let missing = || Error::internal(format!("no visible {} {id}", E::NAME));
    row.map(C::from).ok_or_else(missing)
}

/// The same for a record as it stood at some time: what it pointed at then may be gone by now.
pub async fn parent_at<C: From<E::Model>, E: Record>(
    ctx: &Context<'_>,
    at: Option<i64>,
    id: Uuid,
) -> Result<C> {
    if at.is_none() {
        return parent::<C, E>(ctx, id).await;
    }
    let missing = || {
        let message = format!(
            "the {} that it referred to then was withdrawn since",
            E::NAME
        );
        Error::NotFound(message)
    };
    find::<E>(ctx, id).await?.map(C::from).ok_or_else(missing)
}

/// The rows that mandatory columns point at, in the order of these ids.
pub async fn parents<C: From<E::Model>, E: Record>(
    ctx: &Context<'_>,
    ids: impl IntoIterator<Item = Uuid>,
) -> Result<Vec<C>> {
    try_join_all(ids.into_iter().map(|id| parent::<C, E>(ctx, id))).await
}

/// All rows whose `column` is this id, by `order`: for lists that stay short.
pub async fn children<E: Record>(
    ctx: &Context<'_>,
    column: E::Column,
    id: Uuid,
    order: E::Column,
) -> Result<Vec<E::Model>> {
    children_at::<E>(ctx, None, column, id, order).await
}

/// The same, of parts that were there at some time; now, when absent.
pub async fn children_at<E: Record>(
    ctx: &Context<'_>,
    at: Option<i64>,
    column: E::Column,
    id: Uuid,
    order: E::Column,
) -> Result<Vec<E::Model>> {
    let key = ByParent::<E> {
        column,
        id,
        order,
        at,
    };
    Ok(loader(ctx).load_one(key).await?.unwrap_or_default())
}

/// All visible rows for which the condition holds: for lists that stay short.
pub async fn matching<E: Record>(ctx: &Context<'_>, condition: Condition) -> Result<Vec<E::Model>> {
    all(
        ctx,
        E::find().filter(E::visible(view(ctx))).filter(condition),
    )
    .await
}

/// The ids of all visible rows for which the condition holds.
pub async fn matching_ids<E: Record>(ctx: &Context<'_>, condition: Condition) -> Result<Vec<Uuid>> {
    let select = filter::ids::<E>(view(ctx), id_column::<E>(), condition);
    let found = loader(ctx).loader().db.query_all(&select).await?;
    let ids = found.iter().map(|row| row.try_get_by_index(0));
    Ok(ids.collect::<std::result::Result<_, _>>()?)
}

/// All rows for which the condition holds, seen or not: for what was seen at some time.
pub async fn unchecked<E: Record>(
    ctx: &Context<'_>,
    condition: Condition,
) -> Result<Vec<E::Model>> {
    all(ctx, E::find().filter(condition)).await
}

/// The visible row for which the condition holds.
pub async fn one<E: Record>(ctx: &Context<'_>, condition: Condition) -> Result<Option<E::Model>> {
    Ok(matching::<E>(ctx, condition).await?.into_iter().next())
}

/// The first row of a statement that no concept is made from.
pub async fn first<R: FromQueryResult>(
    ctx: &Context<'_>,
    statement: &SelectStatement,
) -> Result<Option<R>> {
    let row = loader(ctx).loader().db.query_one(statement).await?;
    Ok(row.map(|row| R::from_query_result(&row, "")).transpose()?)
}

/// The rows of a select, which must look at visible ones alone.
pub(super) async fn all<E: Record>(ctx: &Context<'_>, select: Select<E>) -> Result<Vec<E::Model>> {
    let key = Whole::<Select<E>>::new(select.clone().into_query(), select, backend(ctx));
    Ok(loader(ctx).load_one(key).await?.unwrap_or_default())
}

/// How many rows a select has.
pub(super) async fn count(ctx: &Context<'_>, select: SelectStatement) -> Result<u64> {
    let counted = Query::select()
        .expr_as(Expr::col(Asterisk).count(), Alias::new("rows"))
        .from_subquery(select, Alias::new("counted"))
        .take();
    let key = Whole::<Counted>::new(counted, Counted, backend(ctx));
    Ok(loader(ctx).load_one(key).await?.unwrap_or_default())
}
