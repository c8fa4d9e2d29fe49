//! Batched reads: whatever is asked for at the same moment goes out as one statement.
use std::{collections::HashMap, hash::Hash, marker::PhantomData, sync::Arc};

use async_graphql::{
    Context,
    dataloader::{DataLoader, HashMapCache, Loader},
    runtime::{TokioSpawner, TokioTimer},
};
use entity::{revision, value::Timestamp};
use futures_util::future::try_join_all;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseConnection, EntityTrait, FromQueryResult,
    IdenStatic, ModelTrait, QueryFilter, QueryOrder, QueryTrait, Select, StatementBuilder,
    prelude::Uuid,
    sea_query::{Alias, Asterisk, Expr, ExprTrait, Query, SelectStatement, UnionType},
};

use super::{
    access::View,
    edit::{Editable, is_published, row_at},
    error::{Error, Result},
    record::{Concept, Record, id_column},
};

/// SQLite takes at most 500 selects in one statement; beyond some, parsing costs more than it saves.
const SELECTS_A_STATEMENT: usize = 100;
/// Both databases take at least 32,766 values in one statement.
const KEYS_A_STATEMENT: usize = 10_000;
/// Tells which select of a statement a row answers. No column has this name.
const ORDINAL: &str = "ordinal_in_batch";

/// Reads for one request; what it has read stays the same until the request ends or writes.
pub struct Rows(DataLoader<Reader, HashMapCache>);

struct Reader {
    db: DatabaseConnection,
    view: View,
}

impl Rows {
    pub fn new(db: DatabaseConnection, view: View) -> Self {
        let (spawner, timer) = (TokioSpawner::current(), TokioTimer::default());
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
    let Some((row, at)) = row_at::<E>(db, uuid(&row, id_column::<E>()), revision).await? else {
        return Ok(None);
    };
    let seen = !view.is_public() || is_published::<E>(&row).unwrap_or(true);
    Ok(seen.then(|| C::as_of(row, at)))
}

/// The row that a mandatory column points at: the database and the write rules vouch for it.
pub async fn parent<C: From<E::Model>, E: Record>(ctx: &Context<'_>, id: Uuid) -> Result<C> {
    let row = find::<E>(ctx, id).await?;
    let missing = || Error::internal(format!("no visible {} {id}", E::NAME));
    row.map(C::from).ok_or_else(missing)
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
    at: Option<Timestamp>,
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
    let key = Whole::<Select<E>>::new(select.clone().into_query(), select, ctx);
    Ok(loader(ctx).load_one(key).await?.unwrap_or_default())
}

/// How many rows a select has.
pub(super) async fn count(ctx: &Context<'_>, select: SelectStatement) -> Result<u64> {
    let counted = Query::select()
        .expr_as(Expr::col(Asterisk).count(), Alias::new("rows"))
        .from_subquery(select, Alias::new("counted"))
        .take();
    let key = Whole::<Counted>::new(counted, Counted, ctx);
    Ok(loader(ctx).load_one(key).await?.unwrap_or_default())
}

struct ById<E>(Uuid, PhantomData<E>);

impl<E: Record> Loader<ById<E>> for Reader {
    type Value = E::Model;
    type Error = Error;

    async fn load(&self, keys: &[ById<E>]) -> Result<HashMap<ById<E>, E::Model>> {
        let id = id_column::<E>();
        let select = E::find()
            .filter(id.is_in(keys.iter().map(|key| key.0)))
            .filter(E::visible(self.view));
        let rows = select.all(&self.db).await?;
        let keyed = rows
            .into_iter()
            .map(|row| (ById(uuid(&row, id), PhantomData), row));
        Ok(keyed.collect())
    }
}

struct ByParent<E: EntityTrait> {
    column: E::Column,
    id: Uuid,
    order: E::Column,
    at: Option<Timestamp>,
}

impl<E: Record> Loader<ByParent<E>> for Reader {
    type Value = Vec<E::Model>;
    type Error = Error;

    async fn load(&self, keys: &[ByParent<E>]) -> Result<HashMap<ByParent<E>, Vec<E::Model>>> {
        let mut found: HashMap<_, Vec<_>> = HashMap::with_capacity(keys.len());
        // All keys of a request have the same few columns and times: one statement each.
        let mut kinds: Vec<ByParent<E>> = Vec::new();
        for key in keys {
            if !kinds.iter().any(|kind| kind.is_like(key)) {
                kinds.push(key.clone());
            }
        }
        for ByParent {
            column, order, at, ..
        } in kinds.iter().cloned()
        {
            let of_column = || {
                keys.iter()
                    .filter(|key| key.column.as_str() == column.as_str() && key.at == at)
            };
            let select = E::find()
                .filter(column.is_in(of_column().map(|key| key.id)))
                .filter(E::visible(self.view.at(at)))
                .order_by_asc(order)
                .order_by_asc(id_column::<E>());
            for row in select.all(&self.db).await? {
                let id = uuid(&row, column);
                found
                    .entry(ByParent {
                        column,
                        id,
                        order,
                        at,
                    })
                    .or_default()
                    .push(row);
            }
        }
        Ok(found)
    }
}

/// A select as a key: equal when it would send the same SQL.
struct Whole<T> {
    sql: Arc<str>,
    select: Arc<SelectStatement>,
    kind: PhantomData<fn() -> T>,
}

impl<T> Whole<T> {
    fn new(select: SelectStatement, _: T, ctx: &Context<'_>) -> Self {
        let backend = loader(ctx).loader().db.get_database_backend();
        let sql = StatementBuilder::build(&select, &backend).to_string();
        Self {
            sql: sql.into(),
            select: Arc::new(select),
            kind: PhantomData,
        }
    }
}

struct Counted;

impl<E: Record> Loader<Whole<Select<E>>> for Reader {
    type Value = Vec<E::Model>;
    type Error = Error;

    async fn load(&self, keys: &[Whole<Select<E>>]) -> Result<Answers<Select<E>, Self::Value>> {
        let mut found: HashMap<_, Vec<_>> = HashMap::with_capacity(keys.len());
        for (key, row) in self.union(keys).await? {
            let row = E::Model::from_query_result(&row, "")?;
            found.entry(key.clone()).or_default().push(row);
        }
        Ok(found)
    }
}

impl Loader<Whole<Counted>> for Reader {
    type Value = u64;
    type Error = Error;

    async fn load(&self, keys: &[Whole<Counted>]) -> Result<Answers<Counted, u64>> {
        let mut found = HashMap::with_capacity(keys.len());
        for (key, row) in self.union(keys).await? {
            let rows: i64 = row.try_get("", "rows")?;
            found.insert(key.clone(), u64::try_from(rows).unwrap_or_default());
        }
        Ok(found)
    }
}

type Answers<T, V> = HashMap<Whole<T>, V>;

impl Reader {
    /// The rows of all these selects, each with the key that it answers.
    async fn union<'k, T>(
        &self,
        keys: &'k [Whole<T>],
    ) -> Result<Vec<(&'k Whole<T>, sea_orm::QueryResult)>> {
        let mut answers = Vec::new();
        for keys in keys.chunks(SELECTS_A_STATEMENT) {
            let mut tagged = keys.iter().zip(0i32..).map(|(key, ordinal)| {
                Query::select()
                    .expr_as(Expr::val(ordinal), Alias::new(ORDINAL))
                    .column(Asterisk)
                    .from_subquery(SelectStatement::clone(&key.select), Alias::new("selected"))
                    .take()
            });
            let Some(mut statement) = tagged.next() else {
                continue;
            };
            for select in tagged {
                statement.union(UnionType::All, select);
            }
            for row in self.db.query_all(&statement).await? {
                let ordinal: i32 = row.try_get("", ORDINAL)?;
                let key = usize::try_from(ordinal)
                    .ok()
                    .and_then(|place| keys.get(place));
                answers.extend(key.map(|key| (key, row)));
            }
        }
        Ok(answers)
    }
}

fn uuid<M: ModelTrait>(row: &M, column: <M::Entity as EntityTrait>::Column) -> Uuid {
    row.get(column).unwrap::<Uuid>()
}

impl<E> Clone for ById<E> {
    fn clone(&self) -> Self {
        Self(self.0, PhantomData)
    }
}

impl<E> PartialEq for ById<E> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<E> Eq for ById<E> {}

impl<E> Hash for ById<E> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl<E: EntityTrait> Clone for ByParent<E> {
    fn clone(&self) -> Self {
        Self { ..*self }
    }
}

impl<E: EntityTrait> ByParent<E> {
    /// Whether one statement can answer both.
    fn is_like(&self, other: &Self) -> bool {
        self.column.as_str() == other.column.as_str() && self.at == other.at
    }
}

impl<E: EntityTrait> PartialEq for ByParent<E> {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id && self.is_like(other)
    }
}

impl<E: EntityTrait> Eq for ByParent<E> {}

impl<E: EntityTrait> Hash for ByParent<E> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (self.column.as_str(), self.id, self.at).hash(state);
    }
}

impl<T> Clone for Whole<T> {
    fn clone(&self) -> Self {
        Self {
            sql: Arc::clone(&self.sql),
            select: Arc::clone(&self.select),
            kind: PhantomData,
        }
    }
}

impl<T> PartialEq for Whole<T> {
    fn eq(&self, other: &Self) -> bool {
        self.sql == other.sql
    }
}

impl<T> Eq for Whole<T> {}

impl<T> Hash for Whole<T> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.sql.hash(state);
    }
}
