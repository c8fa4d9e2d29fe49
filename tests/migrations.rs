//! Migrations on databases of every age: what was there stays, and fits what came since.
use entity::{revision_change, source_link, value::Status};
use libtest_mimic::{Failed, Trial};
use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, Database, EntityTrait};
use waybill::kit::{
    db::Db,
    edit::{Verified, verify},
};

use crate::harness::{Backend, Template, ensure, trial};

pub fn trials(backend: &Backend) -> Vec<Trial> {
    vec![trial(
        backend,
        "migrations::keep_what_was_entered_before_curators",
        before_curators,
    )]
}

/// How many steps there were when everything came in by the command line alone.
const BEFORE_CURATORS: u32 = 6;

/// Rows as that version wrote them; `id` spells a UUID for the database.
fn rows(id: impl Fn(u8) -> String) -> Vec<String> {
    let (one, two, link, change) = (id(1), id(2), id(3), id(4));
    let source = |id: &str, title: &str| {
        format!(
            "INSERT INTO source (id, kind, title, authors, status, version, created_at, updated_at) \
             VALUES ({id}, 'ARTICLE', '{title}', '[]', 'PUBLISHED', 1, 7, 7)"
        )
    };
    vec![
        source(&one, "one"),
        source(&two, "two"),
        format!(
            "INSERT INTO source_link (id, source_id, target_id, kind) \
             VALUES ({link}, {one}, {two}, 'CITES')"
        ),
        format!(
            "INSERT INTO revision (number, at, comment, hash) VALUES (1, 7, 'entered', '{HASH}')"
        ),
        format!(
            "INSERT INTO revision_change (id, revision_number, position, record_type, record_id, after) \
             VALUES ({change}, 1, 1, 'source_link', {link}, '{LINK}')"
        ),
    ]
}

const LINK: &str = r#"{"id":"00000000-0000-0000-0000-000000000003","source_id":"00000000-0000-0000-0000-000000000001","target_id":"00000000-0000-0000-0000-000000000002","kind":"CITES","note":null}"#;
/// Of the revision above, as that version computed it.
const HASH: &str = "f00033c573345d1d5b7891b4a4cf0f6617601617559c7bf86aef1fe1fc8aed91";

async fn before_curators(backend: Backend) -> Result<(), Failed> {
    let database = backend.database(Template::Bare).await?;
    let old = Database::connect(&database.url).await?;
    Migrator::up(&old, Some(BEFORE_CURATORS)).await?;
    let is_sqlite = database.url.starts_with("sqlite");
    let id = |number: u8| match is_sqlite {
        true => format!("x'{number:032x}'"),
        false => format!("'00000000-0000-0000-0000-{number:012x}'"),
    };
    for row in rows(id) {
        old.execute_unprepared(&row).await?;
    }
    old.close().await?;

    let db = Db::open(&database.url).await?;
    let link = source_link::Entity::find()
        .one(&db.read)
        .await?
        .ok_or("the link is lost")?;
    ensure((link.added_at.microseconds(), link.removed_at), (7, None))?;
    let change = revision_change::Entity::find()
        .one(&db.read)
        .await?
        .ok_or("the change is lost")?;
    ensure((change.root_id, change.public), (link.source_id, true))?;
    let country = entity::country::Entity::find()
        .one(&db.read)
        .await?
        .ok_or("no country")?;
    ensure((country.status, country.version), (Status::Published, 1))?;
    // The chain that was begun then goes on holding.
    let Ok(Verified { revisions, .. }) = verify(&db.read, None).await? else {
        return Err("the history does not hold any more".into());
    };
    ensure(revisions, 1)?;
    db.close().await?;
    Ok(())
}
