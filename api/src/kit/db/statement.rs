//! Selects as they are sent.
use std::fmt::{self, Write};

use sea_orm::{
    DbBackend, Statement, Value,
    sea_query::{
        PostgresQueryBuilder, QueryBuilder, SelectStatement, SqlWriter, SqlWriterValues,
        SqliteQueryBuilder,
    },
};

/// How many rows a select has at most stands in its text, and is no value: PostgreSQL keeps a plan
/// only when it is no worse than one for these very values, and of a limit that it does not know it
/// expects a tenth of the table. To plan each time took as long as to read 50 of a million rows.
pub fn statement(select: &SelectStatement, backend: DbBackend) -> Statement {
    let (sql, values) = match backend {
        DbBackend::Postgres => written(select, &PostgresQueryBuilder, "$", true),
        _ => written(select, &SqliteQueryBuilder, "?", false),
    };
    Statement {
        sql,
        values: Some(values),
        db_backend: backend,
    }
}

fn written(
    select: &SelectStatement,
    builder: &impl QueryBuilder,
    placeholder: &str,
    numbered: bool,
) -> (String, sea_orm::Values) {
    let mut to = Text(SqlWriterValues::new(placeholder, numbered));
    select.build_collect_any_into(builder, &mut to);
    to.0.into_parts()
}

struct Text(SqlWriterValues);

impl Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.write_str(text)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(to)
    }
}

impl SqlWriter for Text {
    fn push_param<T: QueryBuilder>(&mut self, value: Value, builder: &T) {
        match value {
            // Limits alone are of this type.
            Value::BigUnsigned(Some(number)) => {
                let _ = write!(self, "{number}");
            }
            value => self.0.push_param(value, builder),
        }
    }

    fn as_writer(&mut self) -> &mut dyn Write {
        self
    }
}
