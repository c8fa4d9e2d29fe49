//! What stands in a column of a row, and how an answer says it in JSON.
use std::{
    borrow::Cow,
    fmt::{self, Display, Write},
};

use chrono::Datelike;
use entity::value::{Date, Timestamp};
use sea_orm::{
    ColumnType, DbErr, QueryResult, Value,
    prelude::{ChronoDate, Uuid},
    sqlx::{self, Row},
};
use serde_json::Value as Json;

/// How a column is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    /// Of 32 bits.
    Integer,
    /// Of 64 bits.
    Long,
    Boolean,
    Date,
    Uuid,
}

/// How a value goes into an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As it is stored: texts in quotes, numbers without.
    Plain,
    /// Thousandths.
    Decimal,
    /// Microseconds.
    Instant,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Cell<'r> {
    Null,
    Text(Cow<'r, str>),
    Number(i64),
    Boolean(bool),
    Date(ChronoDate),
    Uuid(Uuid),
}

impl Kind {
    /// None for what is no single value.
    pub fn of(column: &ColumnType) -> Option<Self> {
        Some(match column {
            ColumnType::Text | ColumnType::String(_) => Self::Text,
            ColumnType::Integer => Self::Integer,
            ColumnType::BigInteger => Self::Long,
            ColumnType::Boolean => Self::Boolean,
            ColumnType::Date => Self::Date,
            ColumnType::Uuid => Self::Uuid,
            _ => return None,
        })
    }

    /// What stands in a row as the database sent it.
    pub fn read(self, row: &QueryResult, place: usize) -> Result<Cell<'_>, DbErr> {
        match (row.try_as_pg_row(), row.try_as_sqlite_row()) {
            (Some(row), _) => self.decoded(row, place),
            (_, Some(row)) => self.decoded(row, place),
            _ => Err(DbErr::Custom("a row of an unknown database".to_owned())),
        }
    }

    /// The same, as SeaORM has values.
    pub fn value(self, row: &QueryResult, place: usize) -> Result<Value, DbErr> {
        let cell = self.read(row, place)?;
        Ok(match self {
            Self::Text => Value::String(match cell {
                Cell::Text(text) => Some(text.into_owned()),
                _ => None,
            }),
            Self::Integer => Value::Int(cell.number().and_then(|number| number.try_into().ok())),
            Self::Long => Value::BigInt(cell.number()),
            Self::Boolean => Value::Bool(match cell {
                Cell::Boolean(truth) => Some(truth),
                _ => None,
            }),
            Self::Date => Value::ChronoDate(match cell {
                Cell::Date(date) => Some(date),
                _ => None,
            }),
            Self::Uuid => Value::Uuid(match cell {
                Cell::Uuid(id) => Some(id),
                _ => None,
            }),
        })
    }

    fn decoded<'r, R: Row>(self, row: &'r R, place: usize) -> Result<Cell<'r>, DbErr>
    where
        usize: sqlx::ColumnIndex<R>,
        &'r str: sqlx::Decode<'r, R::Database>,
        i32: sqlx::Decode<'r, R::Database>,
        i64: sqlx::Decode<'r, R::Database>,
        bool: sqlx::Decode<'r, R::Database>,
        ChronoDate: sqlx::Decode<'r, R::Database>,
        Uuid: sqlx::Decode<'r, R::Database>,
    {
        // Types are the schema's own: to compare them again for each cell would cost as much as to
        // read them.
        fn cell<'r, R: Row, T: sqlx::Decode<'r, R::Database>>(
            row: &'r R,
            place: usize,
            make: impl FnOnce(T) -> Cell<'r>,
        ) -> Result<Cell<'r>, DbErr>
        where
            usize: sqlx::ColumnIndex<R>,
        {
            let value: Option<T> = row
                .try_get_unchecked(place)
                .map_err(|error| DbErr::Custom(error.to_string()))?;
            Ok(value.map_or(Cell::Null, make))
        }
        match self {
            Self::Text => cell(row, place, |text: &str| Cell::Text(text.into())),
            Self::Integer => cell(row, place, |number: i32| Cell::Number(number.into())),
            Self::Long => cell(row, place, Cell::Number),
            Self::Boolean => cell(row, place, Cell::Boolean),
            Self::Date => cell(row, place, Cell::Date),
            Self::Uuid => cell(row, place, Cell::Uuid),
        }
    }
}

impl Cell<'_> {
    fn number(&self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// What stands in a row that was taken apart already.
    pub fn of(value: Value) -> Option<Self> {
        Some(match value {
            Value::String(text) => text.map_or(Self::Null, |text| Self::Text(text.into())),
            Value::BigInt(number) => number.map_or(Self::Null, Self::Number),
            Value::Int(number) => number.map_or(Self::Null, |number| Self::Number(number.into())),
            Value::Bool(truth) => truth.map_or(Self::Null, Self::Boolean),
            Value::ChronoDate(date) => date.map_or(Self::Null, Self::Date),
            Value::Uuid(id) => id.map_or(Self::Null, Self::Uuid),
            _ => return None,
        })
    }

    /// As a cursor remembers it.
    pub fn json(self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Text(text) => text.into(),
            Self::Number(number) => number.into(),
            Self::Boolean(truth) => truth.into(),
            Self::Date(date) => date.to_string().into(),
            Self::Uuid(id) => id.to_string().into(),
        }
    }

    /// Writes it as the schema's types do.
    pub fn write(&self, form: Form, out: &mut Vec<u8>) {
        match (self, form) {
            (Self::Null, _) => out.extend_from_slice(b"null"),
            (Self::Text(text), _) => write_text(text, out),
            (Self::Number(number), Form::Plain) => {
                // Writing to memory does not fail.
                let _ = serde_json::to_writer(out, number);
            }
            (Self::Number(thousandths), Form::Decimal) => {
                write_decimal(*thousandths, out);
            }
            (Self::Number(microseconds), Form::Instant) => {
                let instant = Timestamp::from_microseconds(*microseconds);
                written_in_quotes(out, instant);
            }
            (Self::Boolean(truth), _) => written(out, truth),
            (Self::Date(date), _) => write_date(*date, out),
            (Self::Uuid(id), _) => written_in_quotes(out, id),
        }
    }
}

/// A text in quotes.
pub fn write_text(text: &str, out: &mut Vec<u8>) {
    // Writing to memory does not fail, and neither do texts.
    let _ = serde_json::to_writer(out, text);
}

/// As `Decimal` is shown, at a third of what formatting takes.
fn write_decimal(thousandths: i64, out: &mut Vec<u8>) {
    let (whole, rest) = (
        thousandths.unsigned_abs() / 1000,
        thousandths.unsigned_abs() % 1000,
    );
    out.push(b'"');
    if thousandths < 0 {
        out.push(b'-');
    }
    let _ = serde_json::to_writer(&mut *out, &whole);
    if rest > 0 {
        out.push(b'.');
        digits(rest, 100, out);
        while out.last() == Some(&b'0') {
            out.pop();
        }
    }
    out.push(b'"');
}

/// As `Date` is shown, likewise.
fn write_date(date: ChronoDate, out: &mut Vec<u8>) {
    let Some(year) = u64::try_from(date.year())
        .ok()
        .filter(|year| *year < 10_000)
    else {
        return written_in_quotes(out, Date(date));
    };
    out.push(b'"');
    digits(year, 1000, out);
    out.push(b'-');
    digits(date.month().into(), 10, out);
    out.push(b'-');
    digits(date.day().into(), 10, out);
    out.push(b'"');
}

/// The digits of a number that has none before the one of this value.
fn digits(number: u64, first: u64, out: &mut Vec<u8>) {
    let mut value = first;
    while value > 0 {
        out.push(b'0' + (number / value % 10) as u8);
        value /= 10;
    }
}

/// Straight into the bytes: `io::Write` would ask after each piece whether it failed.
fn written(out: &mut Vec<u8>, what: impl Display) {
    struct Bytes<'o>(&'o mut Vec<u8>);

    impl Write for Bytes<'_> {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            self.0.extend_from_slice(text.as_bytes());
            Ok(())
        }
    }

    let _ = write!(Bytes(out), "{what}");
}

fn written_in_quotes(out: &mut Vec<u8>, what: impl Display) {
    out.push(b'"');
    written(out, what);
    out.push(b'"');
}
