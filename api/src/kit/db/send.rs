//! Statements, sent by whichever driver it is, on a connection that is held.
use std::sync::Arc;

use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr, sqlx};

/// Sends a statement on whichever connection it is, and makes something of what the driver answers.
macro_rules! send {
    ($statement:ident by $held:ident of $connection:expr, $how:ident, $of:expr) => {{
        use sea_orm::sqlx::{AssertSqlSafe, query_with};
        let sea_orm::Statement { sql, values, .. } = $statement;
        let values = values.unwrap_or(sea_orm::Values(Vec::new()));
        let query = (AssertSqlSafe(sql), sea_query_sqlx::SqlxValues(values));
        let done = match &mut *$connection {
            $held::Postgres(held) => {
                let query = query_with(query.0, query.1);
                query.$how(&mut **held).await.map($of)
            }
            $held::Sqlite(held) => {
                let query = query_with(query.0, query.1);
                query.$how(&mut **held).await.map($of)
            }
        };
        done.map_err($crate::kit::db::send::failed)
    }};
}

pub(super) use send;

pub fn failed(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(Arc::new(error)))
}

/// There is no connection to be had.
pub fn not_acquired(error: sqlx::Error) -> DbErr {
    match error {
        sqlx::Error::PoolTimedOut => DbErr::ConnectionAcquire(ConnAcquireErr::Timeout),
        sqlx::Error::PoolClosed => DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed),
        error => DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error))),
    }
}
