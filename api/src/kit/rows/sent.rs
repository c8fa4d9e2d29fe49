//! Rows as the database sends them, of the columns that are written, with what is kept of the rows
//! that they refer to.
use std::{
    any::TypeId,
    collections::HashMap,
    hash::{Hash, Hasher},
    sync::Arc,
};

use async_graphql::{Context, dataloader::Loader};
use entity::revision;
use sea_orm::{
    DbErr, EntityTrait, Iterable, QueryOrder, QueryResult, QuerySelect, QueryTrait, Select,
    sea_query::{Alias, Asterisk, Expr, ExprTrait, SelectStatement, SimpleExpr},
};

use super::{Reader, count, keys::Counted, load};
use crate::kit::{
    direct::Plan,
    error::{Error, Result},
    record::{Record, id_column},
    references::References,
};

/// Tells as of which revision the rows are. No column has this name.
const REVISION: &str = "hash_of_revision";

/// What was read of a page.
pub struct Sent {
    pub rows: Arc<Vec<QueryResult>>,
    /// The hash of the last revision then; none where no row tells it.
    pub revision: Option<String>,
    /// As of the revision as of which the rows are, or a later one; none when none are needed.
    pub references: Option<Arc<References>>,
}

/// How many rows there are.
pub struct Length {
    pub rows: u64,
    /// The hash of the last revision then; none where it was not to be told.
    pub revision: Option<String>,
}

/// A select as a key. No two are the same.
#[derive(Clone)]
pub struct Asked {
    select: Arc<SelectStatement>,
    /// What can go out as one statement: the table, its columns, and whether the revision is told.
    shape: (TypeId, Vec<usize>, bool),
}

/// The rows of a select, which must look at visible ones alone: what of them is written. Where it
/// is to be told, or there are references, they tell as of which revision they are.
pub async fn sent<E: Record>(
    ctx: &Context<'_>,
    select: Select<E>,
    plan: &Plan,
    tells: bool,
) -> Result<Sent> {
    let columns: Vec<_> = E::Column::iter().collect();
    let has_references = plan.has_references();
    let tells = tells || has_references;
    let mut select = select.select_only();
    for place in plan.columns() {
        select = select.column(columns[*place]);
    }
    if tells {
        // With the rows: to ask for it before them would take as long again.
        select = select.expr_as(last(), REVISION);
    } else if plan.columns().is_empty() {
        select = select.column(id_column::<E>());
    }
    let asked = Asked {
        select: Arc::new(select.into_query()),
        shape: (TypeId::of::<E>(), plan.columns().to_vec(), tells),
    };
    let rows = load(ctx, asked).await?.unwrap_or_default();
    let revision = match rows.first().filter(|_| tells) {
        Some(row) => Some(hash(row, plan.columns().len())?),
        None => None,
    };
    let references = match (&super::rows(ctx).kept, &revision) {
        (Some(kept), Some(hash)) if has_references => Some(kept.as_of(hash).await?),
        _ => None,
    };
    Ok(Sent {
        rows,
        revision,
        references,
    })
}

/// How many rows a select has; and where it is to be told, as of which revision.
pub async fn counted(
    ctx: &Context<'_>,
    mut select: SelectStatement,
    tells: bool,
) -> Result<Length> {
    if !tells {
        return Ok(Length {
            rows: count(ctx, select).await?,
            revision: None,
        });
    }
    let select = select
        .clear_selects()
        .expr(Expr::col(Asterisk).count())
        .expr_as(last(), Alias::new(REVISION))
        .take();
    let asked = Asked {
        select: Arc::new(select),
        shape: (TypeId::of::<Counted>(), Vec::new(), true),
    };
    let found = load(ctx, asked).await?.unwrap_or_default();
    let missing = || Error::internal("a count without a row");
    let row = found.first().ok_or_else(missing)?;
    let rows: i64 = row.try_get_by_index(0)?;
    Ok(Length {
        rows: u64::try_from(rows).unwrap_or_default(),
        revision: Some(hash(row, 1)?),
    })
}

/// The hash of the last revision, as a column of every row.
fn last() -> SimpleExpr {
    let last = revision::Entity::find()
        .select_only()
        .column(revision::Column::Hash)
        .order_by_desc(revision::Column::Number)
        .limit(1);
    SimpleExpr::SubQuery(None, Box::new(last.into_query().into()))
}

/// Empty before the first revision.
fn hash(row: &QueryResult, place: usize) -> Result<String, DbErr> {
    let hash: Option<String> = row.try_get_by_index(place)?;
    Ok(hash.unwrap_or_default())
}

impl Loader<Asked> for Reader {
    type Value = Arc<Vec<QueryResult>>;
    type Error = Error;

    async fn load(&self, keys: &[Asked]) -> Result<HashMap<Asked, Self::Value>> {
        let mut alike: Vec<Vec<&Asked>> = Vec::new();
        for key in keys {
            match alike.iter_mut().find(|keys| keys[0].shape == key.shape) {
                Some(keys) => keys.push(key),
                None => alike.push(vec![key]),
            }
        }
        let mut found = HashMap::with_capacity(keys.len());
        for keys in alike {
            let selects: Vec<_> = keys.iter().map(|key| &*key.select).collect();
            let mut rows: Vec<Vec<QueryResult>> = Vec::new();
            rows.resize_with(keys.len(), Vec::new);
            for (place, row) in self.all(&selects).await? {
                rows[place].push(row);
            }
            let answers = keys.into_iter().cloned().zip(rows);
            found.extend(answers.map(|(key, rows)| (key, Arc::new(rows))));
        }
        Ok(found)
    }
}

impl PartialEq for Asked {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.select, &other.select)
    }
}

impl Eq for Asked {}

impl Hash for Asked {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.select).hash(state);
    }
}
