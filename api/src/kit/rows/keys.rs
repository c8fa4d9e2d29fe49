//! What can be asked of the database at once, as keys of a loader.
use std::{hash::Hash, marker::PhantomData, sync::Arc};

use sea_orm::{
    DbBackend, EntityTrait, IdenStatic, StatementBuilder, prelude::Uuid, sea_query::SelectStatement,
};

/// A row by its id.
pub struct ById<E>(pub Uuid, pub PhantomData<E>);

/// Rows by a column that points at their parent.
pub struct ByParent<E: EntityTrait> {
    pub column: E::Column,
    pub id: Uuid,
    pub order: E::Column,
    pub at: Option<i64>,
}

/// A select as a key: equal when it would send the same SQL.
pub struct Whole<T> {
    pub sql: Arc<str>,
    pub select: Arc<SelectStatement>,
    pub kind: PhantomData<fn() -> T>,
}

impl<T> Whole<T> {
    pub fn new(select: SelectStatement, _: T, backend: DbBackend) -> Self {
        let sql = StatementBuilder::build(&select, &backend).to_string();
        Self {
            sql: sql.into(),
            select: Arc::new(select),
            kind: PhantomData,
        }
    }
}

/// How many rows a select has.
pub struct Counted;

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
    pub fn is_like(&self, other: &Self) -> bool {
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
