//! Copies of an embedded database.
use std::{path::Path, sync::Arc};

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, Statement,
};

use super::{Settings, connect};

/// Writes the database as of now into an empty file, while others read and write.
pub async fn copy_into(url: &str, file: &Path) -> Result<(), DbErr> {
    let db = connect::readers(&Settings::of(url), url, &Arc::default()).await?;
    let name = file.to_string_lossy().into_owned();
    let copy = Statement::from_sql_and_values(DbBackend::Sqlite, "VACUUM INTO ?", [name.into()]);
    let copied = db.execute_raw(copy).await;
    db.close().await?;
    copied.map(drop)
}

/// A copy to look at, which stays as it is.
pub async fn open_copy(file: &Path) -> Result<DatabaseConnection, DbErr> {
    let file = file.to_owned();
    let mut options = ConnectOptions::new("sqlite:");
    options
        .max_connections(1)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(move |sqlite| sqlite.filename(&file).read_only(true));
    Database::connect(options).await
}
