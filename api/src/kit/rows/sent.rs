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

use super::{Reader, count, keys::Counted, load, rows};
use crate::kit::{
    direct::Plan,
    error::{Error, Result},
    latest::End,
    record::{Record, id_column},
    references::References,
};

/// Tells as of which revision the rows are. No column has this name.
const REVISION: &str = "hash_of_revision";

/// What was read of a page.
pub struct Sent {
    pub rows: Arc<Vec<QueryResult>>,
    /// As of the revision as of which the rows are, or a later one; none when none are needed.
    pub references: Option<Arc<References>>,
}

/// A select as a key. No two are the same.
#[derive(Clone)]
pub struct Asked {
    select: Arc<SelectStatement>,
    /// What can go out as one statement: the table, its columns, and whether the revision is told.
    shape: (TypeId, Vec<usize>, bool),
}

/// Why there is nothing.
pub enum Unread {
    /// It is no longer as of the revision that it should be.
    Stale,
    Failed(Error),
}

impl<E: Into<Error>> From<E> for Unread {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// The rows of a select, which must look at visible ones alone: what of them is written. When it is
/// said as of which revision, only if that is the last one.
pub async fn sent<E: Record>(
    ctx: &Context<'_>,
    select: Select<E>,
    plan: &Plan,
    as_of: Option<&End>,
) -> Result<Sent, Unread> {
    let columns: Vec<_> = E::Column::iter().collect();
    let has_references = plan.has_references();
    let tells = has_references || as_of.is_some();
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
    let found = load(ctx, asked).await?.unwrap_or_default();
    let hash = match found.first().filter(|_| tells) {
        Some(row) => text(row, plan.columns().len())?,
        // No row tells it: it is looked at after them.
        None if as_of.is_some() => end(ctx).await?,
        None => String::new(),
    };
    check(&hash, as_of)?;
    let references = match &rows(ctx).kept {
        Some(kept) if has_references && !found.is_empty() => Some(kept.as_of(&hash).await?),
        _ => None,
    };
    Ok(Sent {
        rows: found,
        references,
    })
}

/// How many rows a select has. When it is said as of which revision, only if that is the last one.
pub async fn counted(
    ctx: &Context<'_>,
    mut select: SelectStatement,
    as_of: Option<&End>,
) -> Result<u64, Unread> {
    if as_of.is_none() {
        return Ok(count(ctx, select).await?);
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
    check(&text(row, 1)?, as_of)?;
    let counted: i64 = row.try_get_by_index(0)?;
    Ok(u64::try_from(counted).unwrap_or_default())
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

fn text(row: &QueryResult, place: usize) -> Result<String, DbErr> {
    Ok(row
        .try_get_by_index::<Option<String>>(place)?
        .unwrap_or_default())
}

/// The same hash, where no row is there to tell it.
async fn end(ctx: &Context<'_>) -> Result<String> {
    let Some(kept) = &rows(ctx).kept else {
        return Ok(String::new());
    };
    Ok(kept.latest().get().await?.hash.to_string())
}

fn check(hash: &str, as_of: Option<&End>) -> Result<(), Unread> {
    match as_of.is_none_or(|end| *end.hash == *hash) {
        true => Ok(()),
        false => Err(Unread::Stale),
    }
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
