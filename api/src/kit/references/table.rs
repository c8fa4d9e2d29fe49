//! The rows of one table in memory, in shards: a new row takes a copy of its shard alone.
use std::{
    any::{Any, TypeId},
    collections::HashMap,
    sync::Arc,
};

use futures_util::future::BoxFuture;
use sea_orm::{
    ColumnTrait, DatabaseTransaction, DbErr, EntityName, EntityTrait, IdenStatic, Iterable,
    ModelTrait, PaginatorTrait, QueryFilter, Value, prelude::Uuid,
};

use super::Told;
use crate::kit::{
    access::View,
    edit::{Editable, is_published},
    json::camel_case,
    plain::Plainly,
    record::{Record, id_column},
    rows::uuid,
};

const SHARDS: usize = 256;
/// A table that is longer is none of those that are few: its rows are read as they are asked for.
const MOST_ROWS: u64 = 200_000;
/// As many ids go into one statement.
const IDS_A_STATEMENT: usize = 10_000;

/// How a table is read.
#[derive(Clone, Copy)]
pub struct Loader {
    pub entity: TypeId,
    pub name: &'static str,
    /// Columns of texts, as the schema calls them, by which filters look for rows.
    keys: &'static [&'static str],
    count: Count,
    load: Load,
}

type Count = for<'s> fn(&'s DatabaseTransaction) -> BoxFuture<'s, Result<u64, DbErr>>;
/// All rows, or those with these ids.
type Load = for<'s> fn(
    &'s Loader,
    &'s DatabaseTransaction,
    Option<&'s [Uuid]>,
) -> BoxFuture<'s, Result<Vec<Row>, DbErr>>;

/// A row, and how answers say it.
pub struct Row {
    pub id: Uuid,
    /// Its entity's model.
    model: Box<dyn Any + Send + Sync>,
    pub told: Told,
    /// What names it in its table, where anything does.
    names: Vec<Box<str>>,
    /// The texts in the loader's keys.
    keys: Vec<Option<Box<str>>>,
    /// Whether all may see it.
    is_public: bool,
}

/// Cloning it shares the rows.
#[derive(Clone)]
pub struct Table {
    pub loader: Loader,
    /// None when it is too long to be kept.
    rows: Option<Rows>,
}

#[derive(Clone)]
struct Rows {
    shards: Vec<Arc<HashMap<Uuid, Arc<Row>>>>,
    names: Arc<HashMap<Box<str>, Uuid>>,
    /// Of each of the loader's keys, which rows have a text.
    keyed: Arc<Vec<HashMap<Box<str>, Vec<Uuid>>>>,
    bytes: usize,
}

/// Rows that have names of their own, which no two share: what is asked for by one is found in
/// memory.
pub trait Named: Record {
    fn names(row: &Self::Model) -> Vec<String>;
}

impl Loader {
    /// Of a concept whose rows are looked for by their ids.
    pub fn of<C: Plainly + 'static>() -> Self
    where
        C::Entity: Editable,
        <C::Entity as EntityTrait>::Model: 'static,
    {
        Self {
            entity: TypeId::of::<C::Entity>(),
            name: C::Entity::default().table_name(),
            keys: &[],
            count: |snapshot| Box::pin(C::Entity::find().count(snapshot)),
            load: |loader, snapshot, ids| {
                Box::pin(load::<C>(loader, snapshot, ids, |_| Vec::new()))
            },
        }
    }

    /// The same, and filters find rows by the texts in these columns, as the schema calls them.
    pub const fn by(self, keys: &'static [&'static str]) -> Self {
        Self { keys, ..self }
    }

    /// Of one whose rows are looked for by their names as well.
    pub fn named<C: Plainly + 'static>() -> Self
    where
        C::Entity: Editable + Named,
        <C::Entity as EntityTrait>::Model: 'static,
    {
        Self {
            load: |loader, snapshot, ids| {
                Box::pin(load::<C>(
                    loader,
                    snapshot,
                    ids,
                    <C::Entity as Named>::names,
                ))
            },
            ..Self::of::<C>()
        }
    }
}

async fn load<C: Plainly + 'static>(
    loader: &Loader,
    snapshot: &DatabaseTransaction,
    ids: Option<&[Uuid]>,
    names: fn(&<C::Entity as EntityTrait>::Model) -> Vec<String>,
) -> Result<Vec<Row>, DbErr>
where
    C::Entity: Editable,
    <C::Entity as EntityTrait>::Model: 'static,
{
    let id = id_column::<C::Entity>();
    let mut select = C::Entity::find();
    if let Some(ids) = ids {
        select = select.filter(id.is_in(ids.iter().copied()));
    }
    let keys = loader.keys.iter();
    let columns: Vec<_> = keys
        .filter_map(|key| column_called::<C::Entity>(key))
        .collect();
    let found = select.all(snapshot).await?.into_iter();
    let rows = found.map(|row| Row {
        id: uuid(&row, id),
        told: Told::of(&row, C::plain()),
        names: names(&row).into_iter().map(Box::from).collect(),
        keys: columns.iter().map(|column| text(&row, *column)).collect(),
        is_public: is_published::<C::Entity>(&row).unwrap_or(true),
        model: Box::new(row),
    });
    Ok(rows.collect())
}

/// The column that the schema calls so.
fn column_called<E: EntityTrait>(field: &str) -> Option<E::Column> {
    E::Column::iter().find(|column| camel_case(column.as_str()) == field)
}

fn text<M: ModelTrait>(row: &M, column: <M::Entity as EntityTrait>::Column) -> Option<Box<str>> {
    match row.get(column) {
        Value::String(Some(text)) => Some(text.into()),
        _ => None,
    }
}

impl Row {
    /// The row itself, for those who may see it.
    pub fn seen<E: Record>(&self, view: View) -> Option<E::Model>
    where
        E::Model: 'static,
    {
        let model = self.is_seen(view).then(|| self.model.downcast_ref());
        model.flatten().cloned()
    }

    pub fn is_seen(&self, view: View) -> bool {
        self.is_public || !view.is_public()
    }

    /// About: texts of the model are as long as what is told of them.
    fn bytes(&self) -> usize {
        let names = self.names.iter().chain(self.keys.iter().flatten());
        let names: usize = names.map(|name| 2 * name.len() + 64).sum();
        2 * self.told.bytes() + size_of_val(&*self.model) + size_of::<Self>() + names + 64
    }
}

impl Table {
    pub async fn read(loader: Loader, snapshot: &DatabaseTransaction) -> Result<Self, DbErr> {
        if (loader.count)(snapshot).await? > MOST_ROWS {
            return Ok(Self { loader, rows: None });
        }
        let mut rows = Rows {
            shards: vec![Arc::default(); SHARDS],
            names: Arc::default(),
            keyed: Arc::new(vec![HashMap::new(); loader.keys.len()]),
            bytes: 0,
        };
        rows.add((loader.load)(&loader, snapshot, None).await?);
        Ok(Self {
            loader,
            rows: Some(rows),
        })
    }

    /// The same, with these rows as they are now. None ever leaves: what is withdrawn stays.
    pub async fn with(&self, ids: &[Uuid], snapshot: &DatabaseTransaction) -> Result<Self, DbErr> {
        let mut changed = self.clone();
        if let Some(rows) = &mut changed.rows {
            for ids in ids.chunks(IDS_A_STATEMENT) {
                rows.add((self.loader.load)(&self.loader, snapshot, Some(ids)).await?);
            }
        }
        Ok(changed)
    }

    /// Whether there are as many rows as are kept.
    pub async fn is_as_long(&self, snapshot: &DatabaseTransaction) -> Result<bool, DbErr> {
        let Some(rows) = &self.rows else {
            return Ok(true);
        };
        let kept: usize = rows.shards.iter().map(|shard| shard.len()).sum();
        Ok((self.loader.count)(snapshot).await? == kept as u64)
    }

    pub const fn is_kept(&self) -> bool {
        self.rows.is_some()
    }

    pub fn row(&self, id: Uuid) -> Option<&Row> {
        let rows = self.rows.as_ref()?;
        rows.shards[shard(id)].get(&id).map(|row| &**row)
    }

    pub fn by_name(&self, name: &str) -> Option<&Row> {
        self.row(*self.rows.as_ref()?.names.get(name)?)
    }

    pub fn ids_by(&self, field: &str, text: &str, view: View) -> Option<Vec<Uuid>> {
        let rows = self.rows.as_ref()?;
        let key = self.loader.keys.iter().position(|key| *key == field)?;
        let ids = rows.keyed[key].get(text).into_iter().flatten().copied();
        let is_seen = |id: &Uuid| self.row(*id).is_some_and(|row| row.is_seen(view));
        Some(ids.filter(is_seen).collect())
    }

    pub fn bytes(&self) -> usize {
        self.rows.as_ref().map_or(0, |rows| rows.bytes)
    }
}

impl Rows {
    fn add(&mut self, new: Vec<Row>) {
        for row in new {
            self.bytes += row.bytes();
            let id = row.id;
            let shard = Arc::make_mut(&mut self.shards[shard(id)]);
            let row = Arc::new(row);
            if let Some(before) = shard.insert(id, Arc::clone(&row)) {
                self.bytes -= before.bytes();
                if before.names == row.names && before.keys == row.keys {
                    continue;
                }
                self.forget(&before);
            }
            if !row.names.is_empty() {
                let known = Arc::make_mut(&mut self.names);
                known.extend(row.names.iter().map(|name| (name.clone(), id)));
            }
            if !row.keys.is_empty() {
                let keyed = Arc::make_mut(&mut self.keyed).iter_mut();
                for (ids, text) in keyed.zip(&row.keys) {
                    if let Some(text) = text {
                        ids.entry(text.clone()).or_default().push(id);
                    }
                }
            }
        }
    }

    /// What a row was called that is called something else now. Another may be called so by now.
    fn forget(&mut self, before: &Row) {
        let names = Arc::make_mut(&mut self.names);
        for name in &before.names {
            if names.get(name) == Some(&before.id) {
                names.remove(name);
            }
        }
        let keyed = Arc::make_mut(&mut self.keyed).iter_mut();
        for (ids, text) in keyed.zip(&before.keys) {
            let ids = text.as_ref().and_then(|text| ids.get_mut(text));
            if let Some(ids) = ids {
                ids.retain(|id| *id != before.id);
            }
        }
    }
}

/// By the id's last byte, which is random.
fn shard(id: Uuid) -> usize {
    usize::from(id.as_bytes()[15]) % SHARDS
}
