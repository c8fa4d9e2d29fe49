//! A new party: one insert. Waybill checks it, looks for one alike, and writes history and index.
use serde::{Deserialize, Serialize};
use sqlx::Error;
use uuid::Uuid;

use crate::database::Database;

pub const SQL_OF: [(&str, &str); 1] = [("party", PARTY)];

const PARTY: &str = "
    INSERT INTO party (id, name, kind, status, version, created_at, updated_at)
    VALUES ($1, $2, $3, 'PUBLISHED', 1, 0, 0)";

#[derive(Deserialize)]
pub struct New {
    name: String,
    kind: String,
}

#[derive(Serialize)]
struct Party {
    name: String,
    kind: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Created {
    party: Party,
    user_errors: [(); 0],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    create_party: Created,
}

pub async fn party(db: &Database, asked: New) -> Result<impl Serialize, Error> {
    let New { name, kind } = asked;
    let id = Uuid::now_v7();
    match db {
        Database::Postgres(pool) => {
            let insert = sqlx::query(PARTY).bind(id).bind(&name).bind(&kind);
            insert.execute(pool).await?;
        }
        Database::Sqlite(_, writer) => {
            let insert = sqlx::query(PARTY).bind(id).bind(&name).bind(&kind);
            insert.execute(writer).await?;
        }
    }
    Ok(Answer {
        create_party: Created {
            party: Party { name, kind },
            user_errors: [],
        },
    })
}
