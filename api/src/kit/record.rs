//! What the kit must know of a concept: its table, and how it is shown, filtered and ordered.
use async_graphql::OutputType;
use sea_orm::{
    Condition, EntityTrait, FromQueryResult, Iterable, PrimaryKeyToColumn, Value, prelude::Uuid,
};

use serde_json::Value as Json;

use super::{filter::Filter, order::OrderField};

/// A table whose rows are records with an id of their own.
pub trait Record: EntityTrait<Model: Sync + FromQueryResult, Column: Send + Sync> {
    /// The type's name in the schema and, in lower case, in ids.
    const NAME: &'static str;

    /// Which rows anyone may see. Every select of the kit applies it.
    fn visible() -> Condition {
        Condition::all()
    }
}

/// A record as the schema shows it.
pub trait Concept: OutputType + From<<Self::Entity as EntityTrait>::Model> {
    type Entity: Record;
    type Filter: Filter<Entity = Self::Entity>;
    type Order: OrderField<Entity = Self::Entity>;

    fn key(&self) -> Uuid;
}

/// The column of the table's id.
#[expect(
    clippy::expect_used,
    reason = "an entity without a primary key does not compile"
)]
pub fn id_column<E: EntityTrait>() -> E::Column {
    let mut keys = E::PrimaryKey::iter();
    let key = keys.next().expect("every table has a primary key");
    key.into_column()
}

/// A column's value as JSON, as PostgreSQL reads it back; of the types that our columns have.
pub fn json(value: Value) -> Json {
    match value {
        Value::String(Some(text)) => text.into(),
        Value::BigInt(Some(number)) => number.into(),
        Value::Int(Some(number)) => number.into(),
        Value::Bool(Some(truth)) => truth.into(),
        Value::ChronoDate(Some(date)) => date.to_string().into(),
        Value::Uuid(Some(id)) => id.to_string().into(),
        Value::Json(Some(json)) => *json,
        _ => Json::Null,
    }
}
