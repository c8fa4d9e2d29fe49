//! Rows as PostgreSQL's `COPY` reads them in binary: exact, and with nothing to parse.
use sea_orm::{DbErr, EntityTrait, IdenStatic, Iterable, ModelTrait, Value, prelude::ChronoDate};

/// What goes out at a time: the database reads one while the next is written.
const PIECE: usize = 1 << 16;
const BEGINNING: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
const END: i16 = -1;
const NULL: i32 = -1;
/// Dates are days since then.
const EPOCH: Option<ChronoDate> = ChronoDate::from_ymd_opt(2000, 1, 1);
/// The only version of `jsonb` that there is.
const JSON_VERSION: u8 = 1;

/// The statement that takes a table's rows.
pub fn statement<E: EntityTrait>() -> String {
    let columns: Vec<_> = E::Column::iter()
        .map(|column| format!(r#""{}""#, column.as_str()))
        .collect();
    let (table, columns) = (E::default().table_name().to_owned(), columns.join(", "));
    format!(r#"COPY "{table}" ({columns}) FROM STDIN (FORMAT BINARY)"#)
}

/// Rows on their way, a piece at a time.
pub struct Pieces<'r, E: EntityTrait> {
    rows: std::slice::Iter<'r, E::Model>,
    columns: Vec<E::Column>,
    /// Whether the beginning was written, and whether the end was.
    has_begun: bool,
    has_ended: bool,
    /// Why the rows end early.
    pub failed: Option<DbErr>,
}

impl<'r, E: EntityTrait> Pieces<'r, E> {
    pub fn of(rows: &'r [E::Model]) -> Self {
        Self {
            rows: rows.iter(),
            columns: E::Column::iter().collect(),
            has_begun: false,
            has_ended: false,
            failed: None,
        }
    }
}

impl<E: EntityTrait> Iterator for &mut Pieces<'_, E> {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        if self.has_ended {
            return None;
        }
        let mut piece = Vec::with_capacity(PIECE + PIECE / 4);
        if !self.has_begun {
            piece.extend_from_slice(BEGINNING);
            self.has_begun = true;
        }
        while piece.len() < PIECE {
            let Some(row) = self.rows.next() else {
                piece.extend_from_slice(&END.to_be_bytes());
                self.has_ended = true;
                break;
            };
            if let Err(error) = write_row::<E>(&mut piece, &self.columns, row) {
                // Cut off within a row, nothing of it is taken.
                self.failed = Some(error);
                self.has_ended = true;
                break;
            }
        }
        Some(piece)
    }
}

fn write_row<E: EntityTrait>(
    to: &mut Vec<u8>,
    columns: &[E::Column],
    row: &E::Model,
) -> Result<(), DbErr> {
    to.extend_from_slice(&length::<i16>(columns.len())?.to_be_bytes());
    for column in columns {
        write(to, row.get(*column))?;
    }
    Ok(())
}

/// A field: its length in bytes, and the bytes.
fn write(to: &mut Vec<u8>, value: Value) -> Result<(), DbErr> {
    match value {
        Value::String(Some(text)) => field(to, text.as_bytes()),
        Value::Uuid(Some(id)) => field(to, id.as_bytes()),
        Value::BigInt(Some(number)) => field(to, &number.to_be_bytes()),
        Value::Int(Some(number)) => field(to, &number.to_be_bytes()),
        Value::Bool(Some(truth)) => field(to, &[u8::from(truth)]),
        Value::ChronoDate(Some(date)) => {
            let since = date.signed_duration_since(EPOCH.unwrap_or_default());
            let days = i32::try_from(since.num_days()).map_err(too_long)?;
            field(to, &days.to_be_bytes())
        }
        Value::Json(Some(json)) => {
            let mut bytes = vec![JSON_VERSION];
            serde_json::to_writer(&mut bytes, &*json)
                .map_err(|error| DbErr::Json(error.to_string()))?;
            field(to, &bytes)
        }
        Value::String(None)
        | Value::Uuid(None)
        | Value::BigInt(None)
        | Value::Int(None)
        | Value::Bool(None)
        | Value::ChronoDate(None)
        | Value::Json(None) => {
            to.extend_from_slice(&NULL.to_be_bytes());
            Ok(())
        }
        other => Err(DbErr::Custom(format!("{other:?} cannot be copied in"))),
    }
}

fn field(to: &mut Vec<u8>, bytes: &[u8]) -> Result<(), DbErr> {
    to.extend_from_slice(&length::<i32>(bytes.len())?.to_be_bytes());
    to.extend_from_slice(bytes);
    Ok(())
}

fn length<N: TryFrom<usize>>(bytes: usize) -> Result<N, DbErr> {
    N::try_from(bytes).map_err(|_| DbErr::Custom("a value is too long to be copied in".to_owned()))
}

fn too_long(_: std::num::TryFromIntError) -> DbErr {
    DbErr::Custom("a date is beyond what the database holds".to_owned())
}
