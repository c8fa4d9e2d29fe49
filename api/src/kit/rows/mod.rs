//! Batched reads: whatever is asked for at the same moment goes out as one statement.
use std::{
    any::TypeId,
    hash::Hash,
    marker::PhantomData,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use async_graphql::{
    Context, ContextBase,
    dataloader::{DataLoader, HashMapCache, Loader},
};
use entity::revision;
use futures_util::future::try_join_all;
use sea_orm::{
    Condition, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, QueryFilter, QueryTrait,
    Select,
    prelude::Uuid,
    sea_query::{Alias, Asterisk, Expr, ExprTrait, SelectStatement},
};
use tokio::sync::OnceCell;

mod decode;
mod keys;
mod reader;
mod sent;
mod turn;

use keys::{ById, ByParent, Counted, Whole};
use reader::KEYS_A_STATEMENT;
use turn::NextTurn;

pub(super) use reader::uuid;
pub use reader::{Among, ReadAmong, Reader, among};
pub(super) use sent::{Length, Sent, counted, sent};

use super::{
    access::View,
    db::{Readers, statement},
    deadline::Spawner,
    direct::Shapes,
    edit::{Editable, is_published, row_at},
    error::{Error, Result},
    filter,
    kept::{Keep, Kept},
    latest::End,
    record::{Concept, Record, id_column},
    references::{Named, References},
};

/// Reads for one request; what it has read stays the same until the request ends or writes.
pub struct Rows {
    loader: DataLoader<Reader, HashMapCache>,
    /// None where it would take longer to look whether it is up to date than to read.
    kept: Option<Kept<References>>,
    /// The last revision when one first asked for it.
    end: OnceCell<End>,
    /// Those of the first time that one was asked for.
    references: OnceCell<Arc<References>>,
    has_written: AtomicBool,
    /// What is written of objects; none where every field is resolved.
    shapes: Option<Shapes>,
}

impl Rows {
    pub fn new(db: Readers, view: View) -> Self {
        let reader = Reader { db, view };
        let loader = DataLoader::with_cache(
            reader,
            Spawner::current(),
            NextTurn,
            HashMapCache::default(),
        )
        .max_batch_size(KEYS_A_STATEMENT);
        Self {
            loader,
            kept: None,
            end: OnceCell::new(),
            references: OnceCell::new(),
            has_written: AtomicBool::new(false),
            shapes: None,
        }
    }

    /// The same, with rows that are kept in memory; pages and objects are written from their rows,
    /// unless every field of them is to be resolved.
    pub fn with(self, kept: Kept<References>, writes: bool) -> Self {
        Self {
            kept: Some(kept),
            shapes: writes.then(Shapes::default),
            ..self
        }
    }

    /// Whether the rows of a table are kept in memory, as far as is known before they are read.
    fn keeps(&self, entity: TypeId) -> bool {
        if let Some(references) = self.references.get() {
            return references.keep(entity);
        }
        self.kept
            .as_ref()
            .is_some_and(|kept| match kept.standing() {
                Some((_, references)) => references.keep(entity),
                None => kept.recipe().iter().any(|loader| loader.entity == entity),
            })
    }

    /// Rows that are kept in memory, as of the last revision or a later one; none once the request
    /// itself has written.
    async fn references(&self) -> Result<Option<&References>> {
        let Some(kept) = self.unwritten() else {
            return Ok(None);
        };
        if let Some(references) = self.references.get() {
            return Ok(Some(references));
        }
        let references = self.references.get_or_try_init(|| self.current(kept));
        Ok(Some(Box::pin(references).await?))
    }

    fn unwritten(&self) -> Option<&Kept<References>> {
        let has_written = self.has_written.load(Ordering::Relaxed);
        self.kept.as_ref().filter(|_| !has_written)
    }

    async fn current<T: Keep>(&self, kept: &Kept<T>) -> Result<Arc<T>> {
        match self.unwritten() {
            Some(references) => {
                let end = self.end.get_or_try_init(|| references.latest().get());
                kept.as_of(&end.await?.hash).await
            }
            None => kept.get().await,
        }
    }
}

/// From here on everything is read anew: the request itself has written.
pub fn forget(ctx: &Context<'_>) {
    let rows = rows(ctx);
    rows.has_written.store(true, Ordering::Relaxed);
    rows.loader.enable_all_cache(false);
}

/// The tables whose rows are kept in memory.
pub(super) fn kept<T>(ctx: &ContextBase<'_, T>) -> Vec<TypeId> {
    let rows = rows(ctx);
    let tables = rows.kept.iter().flat_map(Kept::recipe);
    let tables = tables.map(|loader| loader.entity);
    tables.filter(|entity| rows.keeps(*entity)).collect()
}

/// What is written of objects, and pages may be as well; none where every field is to be resolved.
pub(super) fn shapes<'a, T>(ctx: &ContextBase<'a, T>) -> Option<&'a Shapes> {
    rows(ctx).shapes.as_ref()
}

/// What the one who asks sees.
pub fn view<T>(ctx: &ContextBase<'_, T>) -> View {
    loader(ctx).loader().view
}

fn rows<'a, T>(ctx: &ContextBase<'a, T>) -> &'a Rows {
    ctx.data_unchecked::<Rows>()
}

/// What reads for this request.
pub(super) fn reader<'a, T>(ctx: &ContextBase<'a, T>) -> &'a Reader {
    loader(ctx).loader()
}

fn loader<'a, T>(ctx: &ContextBase<'a, T>) -> &'a DataLoader<Reader, HashMapCache> {
    &rows(ctx).loader
}

/// What is read from the database is kept apart: a resolver that may come to it, as most fields of
/// relations may, would have room for all that reading takes, and so would each field beside it.
async fn load<K>(ctx: &Context<'_>, key: K) -> Result<Option<<Reader as Loader<K>>::Value>>
where
    K: Send + Sync + Hash + Eq + Clone + 'static,
    Reader: Loader<K, Error = Error>,
{
    Box::pin(loader(ctx).load_one(key)).await
}

/// Which database answers.
pub fn backend(ctx: &Context<'_>) -> DbBackend {
    loader(ctx).loader().db.get_database_backend()
}

/// The row with this id, if it is seen.
pub async fn find<E: Record>(ctx: &Context<'_>, id: Uuid) -> Result<Option<E::Model>> {
    let rows = rows(ctx);
    if rows.keeps(TypeId::of::<E>())
        && let Some(references) = rows.references().await?
        && let Some(row) = references.find::<E>(id, rows.loader.loader().view)
    {
        return Ok(Some(row));
    }
    let row = load(ctx, ById::<E>(id, PhantomData)).await?;
    Ok(row.map(Arc::unwrap_or_clone))
}

/// Rows that are kept in memory, for filters that name one; none for what the request has written.
pub async fn known<'a, T>(ctx: &ContextBase<'a, T>) -> Result<Option<&'a References>> {
    rows(ctx).references().await
}

/// Rows that are kept in memory, and as of which revision, which may not be the last one any more;
/// none for what the request has written.
pub(super) fn standing(ctx: &Context<'_>) -> Option<(End, Arc<References>)> {
    rows(ctx).unwritten()?.standing()
}

/// What is kept, as of the last revision or a later one: a request looks once which one that is,
/// until it writes.
pub async fn current<T: Keep>(ctx: &Context<'_>, kept: &Kept<T>) -> Result<Arc<T>> {
    rows(ctx).current(kept).await
}

/// The row of this name, if it is seen, and kept in memory.
pub async fn named<E: Named>(ctx: &Context<'_>, name: &str) -> Result<Option<E::Model>> {
    let rows = rows(ctx);
    let references = rows.references().await?;
    Ok(references.and_then(|references| references.named::<E>(name, rows.loader.loader().view)))
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
    match (found, revision) {
        (Some(row), Some(revision)) => Box::pin(then(ctx, row, revision)).await,
        (found, _) => Ok(found.map(C::from)),
    }
}

/// As it stood then.
async fn then<C, E>(ctx: &Context<'_>, row: E::Model, revision: i64) -> Result<Option<C>>
where
    C: Concept<Entity = E>,
    E: Record + Editable,
{
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
    Ok(load(ctx, key).await?.unwrap_or_default())
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
    let db = &loader(ctx).loader().db;
    let select = statement(&select, db.get_database_backend());
    let found = db.query_all_raw(select).await?;
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
    select: &SelectStatement,
) -> Result<Option<R>> {
    let select = statement(select, backend(ctx));
    let row = loader(ctx).loader().db.query_one_raw(select).await?;
    Ok(row.map(|row| R::from_query_result(&row, "")).transpose()?)
}

/// The rows of a select, which must look at visible ones alone.
pub(super) async fn all<E: Record>(ctx: &Context<'_>, select: Select<E>) -> Result<Vec<E::Model>> {
    let key = Whole::<Select<E>>::new(select.clone().into_query(), select, backend(ctx));
    Ok(load(ctx, key).await?.unwrap_or_default())
}

/// How many rows a select has.
pub(super) async fn count(ctx: &Context<'_>, mut select: SelectStatement) -> Result<u64> {
    let counted = select
        .clear_selects()
        .expr_as(Expr::col(Asterisk).count(), Alias::new("rows"))
        .take();
    let key = Whole::<Counted>::new(counted, Counted, backend(ctx));
    Ok(load(ctx, key).await?.unwrap_or_default())
}
