//! Orders: several keys, each with a direction and a place for nulls.
use std::borrow::Cow;

use async_graphql::{Enum, InputObject, InputType, TypeName};
use sea_orm::EntityTrait;

use super::record::Record;

/// An enum of the columns that a concept can be ordered by.
pub trait OrderField: InputType + Copy {
    type Entity: Record;

    fn column(self) -> <Self::Entity as EntityTrait>::Column;
}

/// Which way an order goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum Direction {
    /// From the least to the greatest; text by its Unicode code points.
    Asc,
    /// From the greatest to the least.
    Desc,
}

/// Where records without a value stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum Nulls {
    /// Before those with a value.
    First,
    /// After those with a value.
    Last,
}

/// One key of an order. Records that are equal in all keys are ordered by their id.
#[derive(InputObject)]
#[graphql(name_type)]
pub struct Order<F: OrderField> {
    /// What to order by.
    pub field: F,
    /// Which way.
    #[graphql(default_with = "Direction::Asc")]
    pub direction: Direction,
    /// Where records without a value stand, whichever the direction.
    #[graphql(default_with = "Nulls::Last")]
    pub nulls: Nulls,
}

impl<F: OrderField> TypeName for Order<F> {
    fn type_name() -> Cow<'static, str> {
        // `ShipmentOrderField` orders shipments by `ShipmentOrder`.
        F::type_name().trim_end_matches("Field").to_owned().into()
    }
}
