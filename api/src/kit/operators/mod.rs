//! The operators of filters, each written once for every column of its type.
//!
//! Records without a value match no operator but `ne`, `notIn` and `isNull`: `ne` is the
//! complement of `eq`, on both databases.
use std::{fmt, hash::Hash};

use async_graphql::{ID, InputType};
use entity::value::{Date, Decimal, Status, Timestamp};
use sea_orm::{ColumnTrait, Condition, Value};

use super::{
    error::{Error, Result},
    id,
};

mod inputs;
mod terms;

pub use inputs::{Choice, CodeFilter, Comparison, PartialDateFilter, TextFilter};

pub trait Operators {
    fn on(self, column: impl ColumnTrait) -> Result<Condition>;
}

/// A type whose values are equal or not.
pub trait Choosable: InputType + Clone + Hash + Eq {
    /// What its filter is called before `Filter`.
    fn filter_name() -> String {
        Self::type_name().into_owned()
    }

    /// The value to compare a column of this table with.
    fn compared(self, table: &str) -> Result<Value>;
}

/// A type whose values have an order.
pub trait Comparable: Choosable + PartialOrd + fmt::Display {}

/// PostgreSQL has no place for a NUL, and SQLite does: neither gets one.
pub fn plain(text: String) -> Result<String> {
    if text.contains('\0') {
        return Err(Error::bad_input("a text cannot hold the character U+0000"));
    }
    Ok(text)
}

impl Choosable for String {
    fn compared(self, _: &str) -> Result<Value> {
        plain(self).map(Value::from)
    }
}

impl Choosable for ID {
    fn compared(self, table: &str) -> Result<Value> {
        // Tables are called like their types: `product_list` holds each `ProductList`.
        id::key(&self, &table.replace('_', "")).map(Value::from)
    }
}

macro_rules! choosable {
    ($($type:ty $(, $comparable:ident)?;)+) => {$(
        impl Choosable for $type {
            fn compared(self, _: &str) -> Result<Value> {
                Ok(self.into())
            }
        }
        $(impl $comparable for $type {})?
    )+};
}

choosable! {
    bool;
    i32, Comparable;
    Date, Comparable;
    Decimal, Comparable;
    Timestamp, Comparable;
}

/// Makes enums of columns filterable: `StanceFilter` for `Stance`.
macro_rules! choosable_enums {
    ($($type:ty),+ $(,)?) => {$(
        impl $crate::kit::operators::Choosable for $type {
            fn compared(self, _: &str) -> $crate::kit::error::Result<sea_orm::Value> {
                Ok(sea_orm::ActiveEnum::into_value(self).into())
            }
        }
    )+};
}

pub(crate) use choosable_enums;

choosable_enums!(Status);
