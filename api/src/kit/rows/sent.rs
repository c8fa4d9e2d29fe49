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
    EntityTrait, Iterable, QueryOrder, QueryResult, QuerySelect, QueryTrait, Select,
    sea_query::{SelectStatement, SimpleExpr},
};

use super::{Reader, loader, rows};
use crate::kit::{
    cell::{Cell, Kind},
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

/// The rows of a select, which must look at visible ones alone: what of them is written.
pub async fn sent<E: Record>(ctx: &Context<'_>, select: Select<E>, plan: &Plan) -> Result<Sent> {
    let columns: Vec<_> = E::Column::iter().collect();
    let has_references = plan.has_references();
    let mut select = select.select_only();
    for place in plan.columns() {
        select = select.column(columns[*place]);
    }
    if has_references {
        // With the rows: to ask for it before them would take as long again.
        let last = revision::Entity::find()
            .select_only()
            .column(revision::Column::Hash)
            .order_by_desc(revision::Column::Number)
            .limit(1);
        let last = SimpleExpr::SubQuery(None, Box::new(last.into_query().into()));
        select = select.expr_as(last, REVISION);
    } else if plan.columns().is_empty() {
        select = select.column(id_column::<E>());
    }
    let asked = Asked {
        select: Arc::new(select.into_query()),
        shape: (TypeId::of::<E>(), plan.columns().to_vec(), has_references),
    };
    let found = loader(ctx).load_one(asked).await?.unwrap_or_default();
    let mut references = None;
    if let (Some(row), Some(kept)) = (found.first().filter(|_| has_references), &rows(ctx).kept) {
        references = Some(match Kind::Text.read(row, plan.columns().len())? {
            Cell::Text(hash) => kept.as_of(&hash).await?,
            _ => kept.as_of("").await?,
        });
    }
    Ok(Sent {
        rows: found,
        references,
    })
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
