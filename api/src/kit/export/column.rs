//! Columns of an export: their names, their types, and what stands in them.
use std::borrow::Cow;

use entity::value::{Date, Decimal, PartialDate, Timestamp, Url};
use sea_orm::{ActiveEnum, prelude::Uuid};
use serde_json::Value as Json;

use crate::kit::id;

/// What stands in a column of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell<'r> {
    Null,
    Text(Cow<'r, str>),
    Integer(i64),
    Boolean(bool),
    Decimal(Decimal),
    Date(Date),
    Instant(Timestamp),
}

/// What all cells of a column are, but for nulls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    Integer,
    Boolean,
    Decimal,
    Date,
    Instant,
}

/// What a format must know of a column.
#[derive(Clone, Copy, Debug)]
pub struct Head {
    pub name: &'static str,
    pub kind: Kind,
    pub is_nullable: bool,
}

impl Kind {
    /// As Table Schema calls it.
    const fn name(self) -> &'static str {
        match self {
            Self::Text => "string",
            Self::Integer => "integer",
            Self::Boolean => "boolean",
            Self::Decimal => "number",
            Self::Date => "date",
            Self::Instant => "datetime",
        }
    }
}

/// A column of rows of a kind.
pub struct Column<R> {
    pub head: Head,
    /// What it says, for people.
    pub about: &'static str,
    pub cell: for<'r> fn(&'r R) -> Cell<'r>,
}

impl<R> Column<R> {
    /// As Table Schema describes it.
    pub fn described(&self) -> Json {
        let Head {
            name,
            kind,
            is_nullable,
        } = self.head;
        serde_json::json!({
            "name": name,
            "type": kind.name(),
            "description": self.about.trim(),
            "constraints": { "required": !is_nullable },
        })
    }
}

/// The columns of an export: `name: Kind = |row| value;`, and `or null` where there may be none.
macro_rules! columns {
    ($of:ty { $(
        $(#[doc = $doc:literal])+
        $name:ident: $kind:ident $(or $null:ident)? = |$row:pat_param| $cell:expr;
    )* }) => {
        &[$($crate::kit::export::Column::<$of> {
            head: $crate::kit::export::Head {
                name: stringify!($name),
                kind: $crate::kit::export::Kind::$kind,
                is_nullable: false $(|| !stringify!($null).is_empty())?,
            },
            about: concat!($($doc),+),
            cell: |$row| $crate::kit::export::Cell::from($cell),
        }),*]
    };
}

pub(crate) use columns;

/// An enum's value as the schema calls it.
pub fn named<E: ActiveEnum<Value = String>>(value: E) -> Cell<'static> {
    Cell::Text(value.to_value().into())
}

/// The global id of a record of the type called `name`.
pub fn global(name: &str, id: Uuid) -> Cell<'static> {
    Cell::Text(id::encode(name, id).0.into())
}

impl<'r, T> From<Option<T>> for Cell<'r>
where
    Cell<'r>: From<T>,
{
    fn from(value: Option<T>) -> Self {
        value.map_or(Cell::Null, Cell::from)
    }
}

impl<'r> From<&'r str> for Cell<'r> {
    fn from(text: &'r str) -> Self {
        Cell::Text(text.into())
    }
}

impl<'r> From<&'r String> for Cell<'r> {
    fn from(text: &'r String) -> Self {
        Cell::Text(text.into())
    }
}

impl<'r> From<&'r Url> for Cell<'r> {
    fn from(url: &'r Url) -> Self {
        Cell::Text(url.as_str().into())
    }
}

impl From<&PartialDate> for Cell<'_> {
    fn from(date: &PartialDate) -> Self {
        Cell::Text(date.to_string().into())
    }
}

impl From<i32> for Cell<'_> {
    fn from(number: i32) -> Self {
        Cell::Integer(number.into())
    }
}

impl From<i64> for Cell<'_> {
    fn from(number: i64) -> Self {
        Cell::Integer(number)
    }
}

impl From<bool> for Cell<'_> {
    fn from(truth: bool) -> Self {
        Cell::Boolean(truth)
    }
}

impl From<Decimal> for Cell<'_> {
    fn from(decimal: Decimal) -> Self {
        Cell::Decimal(decimal)
    }
}

impl From<Date> for Cell<'_> {
    fn from(date: Date) -> Self {
        Cell::Date(date)
    }
}

impl From<Timestamp> for Cell<'_> {
    fn from(at: Timestamp) -> Self {
        Cell::Instant(at)
    }
}
