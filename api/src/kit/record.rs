//! What the kit must know of a concept: its table, and how it is shown, filtered and ordered.
use async_graphql::OutputType;
use entity::value::{Status, Timestamp};
use sea_orm::{
    Condition, EntityTrait, FromQueryResult, IdenStatic, Iterable, PrimaryKeyToColumn, Value,
    prelude::Uuid,
};

use serde_json::Value as Json;

use super::{access::View, filter::Filter, order::OrderField};

/// A table whose rows are records with an id of their own.
pub trait Record: EntityTrait<Model: Sync + FromQueryResult, Column: Send + Sync> {
    /// The type's name in the schema and, in lower case, in ids.
    const NAME: &'static str;

    /// Whether a row is a part of another record: then it is shown as of the same revision.
    const IS_PART: bool = false;

    /// Which rows are seen. Every select of the kit applies it.
    fn visible(_: View) -> Condition {
        Condition::all()
    }
}

/// A record as the schema shows it.
pub trait Concept: OutputType + From<<Self::Entity as EntityTrait>::Model> {
    type Entity: Record;
    type Filter: Filter<Entity = Self::Entity>;
    type Order: OrderField<Entity = Self::Entity>;

    /// The record as it stood as of a revision.
    fn as_of(row: <Self::Entity as EntityTrait>::Model, revision: i64) -> Self;
}

/// What may be shown as it stood as of a revision.
pub trait AsOf {
    /// Its number; none for now.
    fn at(&self) -> Option<i64> {
        None
    }
}

/// A record that is a draft, published or withdrawn, and counts its versions.
pub trait Standing: Record<Model: Default> {
    fn stand(row: &mut Self::Model) -> Stand<'_>;

    /// A new record, yet to be filled in.
    fn blank(status: Status, now: Timestamp) -> Self::Model {
        let mut row = Self::Model::default();
        let stand = Self::stand(&mut row);
        *stand.id = Uuid::now_v7();
        *stand.status = status;
        *stand.version = 1;
        (*stand.created_at, *stand.updated_at) = (now, now);
        row
    }
}

/// The columns that all such records have.
pub struct Stand<'r> {
    pub id: &'r mut Uuid,
    pub status: &'r mut Status,
    pub withdrawal_reason: &'r mut Option<String>,
    pub version: &'r mut i32,
    pub created_at: &'r mut Timestamp,
    pub updated_at: &'r mut Timestamp,
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

/// The column of this name, where the table has one.
pub fn column_named<E: EntityTrait>(name: &str) -> Option<E::Column> {
    E::Column::iter().find(|column| column.as_str() == name)
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
