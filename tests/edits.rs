//! The door for writes: all or nothing, and revisions without a gap, in the order of commits.
use entity::{dataset, revision, revision_change};
use libtest_mimic::{Failed, Trial};
use sea_orm::{EntityTrait, PaginatorTrait, QueryOrder};
use waybill::kit::{
    db::Db,
    edit::{Author, Edit},
};

use crate::harness::{self, Backend, Template, ensure, trial};

pub fn trials(backend: &Backend) -> Vec<Trial> {
    vec![
        trial(backend, "edits::dropped_leave_no_trace", dropped),
        trial(backend, "edits::failed_leave_no_trace", failed),
        trial(backend, "edits::at_once_make_a_chain_without_gaps", at_once),
    ]
}

async fn traces(db: &Db) -> Result<[u64; 3], Failed> {
    Ok([
        dataset::Entity::find().count(&db.read).await?,
        revision::Entity::find().count(&db.read).await?,
        revision_change::Entity::find().count(&db.read).await?,
    ])
}

async fn dropped(backend: Backend) -> Result<(), Failed> {
    let database = backend.database(Template::Empty).await?;
    let db = Db::open(&database.url).await?;
    let mut edit = Edit::begin(&db, Author::Command, "test").await?;
    edit.insert::<dataset::Entity>(harness::dataset("dropped"))
        .await?;
    drop(edit);
    ensure(traces(&db).await?, [0, 0, 0])
}

async fn failed(backend: Backend) -> Result<(), Failed> {
    let database = backend.database(Template::Empty).await?;
    let db = Db::open(&database.url).await?;
    let mut edit = Edit::begin(&db, Author::Command, "test").await?;
    edit.insert::<dataset::Entity>(harness::dataset("twice"))
        .await?;
    let again = edit
        .insert::<dataset::Entity>(harness::dataset("twice"))
        .await;
    ensure(again.is_err(), true)?;
    drop(edit);
    ensure(traces(&db).await?, [0, 0, 0])
}

async fn at_once(backend: Backend) -> Result<(), Failed> {
    const EDITS: usize = 20;
    let database = backend.database(Template::Empty).await?;
    let db = Db::open(&database.url).await?;
    let edits = (0..EDITS).map(|number| {
        let db = db.clone();
        tokio::spawn(async move {
            let mut edit = Edit::begin(&db, Author::Command, format!("edit {number}")).await?;
            edit.insert::<dataset::Entity>(harness::dataset(&format!("at-once-{number}")))
                .await?;
            edit.commit().await
        })
    });
    let edits: Vec<_> = edits.collect();
    let mut numbers = Vec::with_capacity(EDITS);
    for edit in edits {
        numbers.extend(edit.await??);
    }
    numbers.sort_unstable();
    let expected: Vec<i64> = (1..).take(EDITS).collect();
    ensure(&numbers, &expected)?;
    let rows = revision::Entity::find()
        .order_by_asc(revision::Column::Number)
        .all(&db.read)
        .await?;
    let stored: Vec<_> = rows.iter().map(|row| row.number).collect();
    ensure(&stored, &expected)?;
    let mut hashes: Vec<_> = rows.iter().map(|row| &row.hash).collect();
    hashes.sort_unstable();
    hashes.dedup();
    ensure(hashes.len(), EDITS)
}
