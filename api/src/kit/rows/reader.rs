//! How keys are read: those of a kind as one statement.
use std::{collections::HashMap, marker::PhantomData, sync::Arc};

use async_graphql::dataloader::Loader;
use futures_util::future::BoxFuture;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, IdenStatic, Iterable, ModelTrait,
    QueryFilter, QueryOrder, QueryResult, QuerySelect, QueryTrait, Select,
    prelude::Uuid,
    sea_query::{Alias, Asterisk, Expr, Query, SelectStatement, SimpleExpr, UnionType},
};

use super::{
    decode::models,
    keys::{ById, ByParent, Counted, Whole},
};
use crate::kit::{
    access::View,
    db::{Readers, statement},
    error::{Error, Result},
    record::{Record, id_column},
};

/// SQLite takes at most 500 selects in one statement; beyond some, parsing costs more than it saves.
const SELECTS_A_STATEMENT: usize = 100;
/// Both databases take at least 32,766 values in one statement.
pub const KEYS_A_STATEMENT: usize = 10_000;
/// Tells which select of a statement a row answers. No column has this name.
const ORDINAL: &str = "ordinal_in_batch";

/// Reads for one request.
pub struct Reader {
    pub db: Readers,
    pub view: View,
}

/// Rows of a table in which a column is among some ids; columns are told by their places in it.
pub struct Among<'a> {
    /// Those that are read, in this order.
    pub columns: &'a [usize],
    pub key: usize,
    pub ids: &'a [Uuid],
    /// In the order of another column, and then of the id.
    pub order: Option<usize>,
}

/// Reads such rows of one table.
pub type ReadAmong = for<'r> fn(&'r Reader, Among<'r>) -> BoxFuture<'r, Result<Vec<QueryResult>>>;

pub fn among<'r, E: Record>(
    reader: &'r Reader,
    among: Among<'r>,
) -> BoxFuture<'r, Result<Vec<QueryResult>>> {
    Box::pin(async move {
        let columns: Vec<_> = E::Column::iter().collect();
        let order = among.order.map(|order| [columns[order], id_column::<E>()]);
        let mut rows = Vec::new();
        for ids in among.ids.chunks(KEYS_A_STATEMENT) {
            let (key, ids) = (columns[among.key], ids.iter().copied());
            let select =
                reader.select_among::<E>(key, ids, reader.view, order.as_slice().as_flattened());
            let read = among.columns.iter().map(|column| columns[*column]);
            let select = select.select_only().columns(read);
            rows.extend(reader.rows(&select.into_query()).await?);
        }
        Ok(rows)
    })
}

impl<E: Record> Loader<ById<E>> for Reader {
    type Value = Arc<E::Model>;
    type Error = Error;

    async fn load(&self, keys: &[ById<E>]) -> Result<HashMap<ById<E>, Arc<E::Model>>> {
        let id = id_column::<E>();
        let ids = keys.iter().map(|key| key.0);
        let rows = self.among::<E>(id, ids, self.view, &[]).await?;
        let keyed = rows
            .into_iter()
            .map(|row| (ById(uuid(&row, id), PhantomData), Arc::new(row)));
        Ok(keyed.collect())
    }
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
            let alike = keys
                .iter()
                .filter(|key| key.column.as_str() == column.as_str() && key.at == at);
            let ids = alike.map(|key| key.id);
            let keys = [order, id_column::<E>()];
            let view = self.view.at(at);
            for row in self.among::<E>(column, ids, view, &keys).await? {
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

impl<E: Record> Loader<Whole<Select<E>>> for Reader {
    type Value = Vec<E::Model>;
    type Error = Error;

    async fn load(&self, keys: &[Whole<Select<E>>]) -> Result<Answers<Select<E>, Self::Value>> {
        let mut found: HashMap<_, Vec<_>> = HashMap::with_capacity(keys.len());
        let (keys, rows): (Vec<_>, Vec<_>) = self.union(keys).await?.into_iter().unzip();
        let rows = models::<E>(rows.into_iter())?;
        for (key, row) in keys.into_iter().zip(rows) {
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
    /// The rows of a select.
    async fn rows(&self, select: &SelectStatement) -> Result<Vec<QueryResult>> {
        let select = statement(select, self.db.get_database_backend());
        Ok(self.db.query_all_raw(select).await?)
    }

    /// The visible rows of a table for which a column is among some ids, in an order.
    async fn among<E: Record>(
        &self,
        column: E::Column,
        ids: impl Iterator<Item = Uuid>,
        view: View,
        order: &[E::Column],
    ) -> Result<Vec<E::Model>> {
        let select = self.select_among::<E>(column, ids, view, order);
        let rows = self.rows(&select.into_query()).await?;
        Ok(models::<E>(rows.into_iter())?)
    }

    fn select_among<E: Record>(
        &self,
        column: E::Column,
        ids: impl Iterator<Item = Uuid>,
        view: View,
        order: &[E::Column],
    ) -> Select<E> {
        let is_among = is_among(column, ids, self.db.get_database_backend());
        let select = E::find().filter(is_among).filter(E::visible(view));
        let order = order.iter();
        order.fold(select, |select, key| select.order_by_asc(*key))
    }

    /// The rows of all these selects, each with the key that it answers.
    async fn union<'k, T>(&self, keys: &'k [Whole<T>]) -> Result<Vec<(&'k Whole<T>, QueryResult)>> {
        let selects: Vec<_> = keys.iter().map(|key| &*key.select).collect();
        let found = self.all(&selects).await?.into_iter();
        Ok(found.map(|(place, row)| (&keys[place], row)).collect())
    }

    /// The rows of all these selects, which have the same columns, each with the place of its
    /// select. What tells them apart comes last.
    pub(super) async fn all(
        &self,
        selects: &[&SelectStatement],
    ) -> Result<Vec<(usize, QueryResult)>> {
        if let [select] = selects {
            let found = self.rows(select).await?.into_iter();
            return Ok(found.map(|row| (0, row)).collect());
        }
        let mut answers = Vec::new();
        for (chunk, selects) in selects.chunks(SELECTS_A_STATEMENT).enumerate() {
            let mut tagged = selects.iter().zip(0i32..).map(|(select, ordinal)| {
                Query::select()
                    .column(Asterisk)
                    .expr_as(Expr::Constant(ordinal.into()), Alias::new(ORDINAL))
                    .from_subquery(SelectStatement::clone(select), Alias::new("selected"))
                    .take()
            });
            let Some(mut statement) = tagged.next() else {
                continue;
            };
            for select in tagged {
                statement.union(UnionType::All, select);
            }
            for row in self.rows(&statement).await? {
                let ordinal: i32 = row.try_get("", ORDINAL)?;
                let place = usize::try_from(ordinal).ok();
                let place = place.filter(|place| *place < selects.len());
                answers.extend(place.map(|place| (chunk * SELECTS_A_STATEMENT + place, row)));
            }
        }
        Ok(answers)
    }
}

/// Whether a column is among some ids. PostgreSQL gets them as one value, so that however many they
/// are, it is the same statement, which is planned once.
fn is_among(
    column: impl ColumnTrait,
    ids: impl Iterator<Item = Uuid>,
    backend: DbBackend,
) -> SimpleExpr {
    if backend != DbBackend::Postgres {
        return column.is_in(ids);
    }
    let ids: Vec<_> = ids.map(|id| id.hyphenated().to_string()).collect();
    let ids = format!("{{{}}}", ids.join(","));
    Expr::cust_with_exprs(
        "$1 = ANY(CAST($2 AS uuid[]))",
        [Expr::col(column.as_column_ref()), Expr::val(ids)],
    )
}

pub fn uuid<M: ModelTrait>(row: &M, column: <M::Entity as EntityTrait>::Column) -> Uuid {
    row.get(column).unwrap::<Uuid>()
}
