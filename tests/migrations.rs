//! Migrations on databases of every age: what was there stays, and fits what came since.
use entity::{
    claim, claim_subject, import_batch, revision, revision_change, shipment, source_link,
    value::Status,
};
use libtest_mimic::{Failed, Trial};
use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, Database, EntityTrait};
use waybill::kit::{
    db::Db,
    edit::{Verified, verify},
};

use crate::harness::{Backend, Template, ensure, trial};

pub fn trials(backend: &Backend) -> Vec<Trial> {
    vec![
        trial(
            backend,
            "migrations::keep_what_was_entered_before_curators",
            before_curators,
        ),
        trial(
            backend,
            "migrations::keep_what_came_in_before_mappings",
            before_mappings,
        ),
        trial(
            backend,
            "migrations::keep_claims_from_before_directions",
            before_directions,
        ),
    ]
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

/// How a database spells the id with this number.
fn spelling(url: &str) -> impl Fn(u8) -> String {
    let is_sqlite = url.starts_with("sqlite");
    move |number| match is_sqlite {
        true => format!("x'{number:032x}'"),
        false => format!("'00000000-0000-0000-0000-{number:012x}'"),
    }
}

async fn before_curators(backend: Backend) -> Result<(), Failed> {
    let database = backend.database(Template::Bare).await?;
    let old = Database::connect(&database.url).await?;
    Migrator::up(&old, Some(BEFORE_CURATORS)).await?;
    for row in rows(spelling(&database.url)) {
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

/// How many steps there were when files were of two formats.
const BEFORE_MAPPINGS: u32 = 8;

async fn before_mappings(backend: Backend) -> Result<(), Failed> {
    let database = backend.database(Template::Bare).await?;
    let old = Database::connect(&database.url).await?;
    Migrator::up(&old, Some(BEFORE_MAPPINGS)).await?;
    let id = spelling(&database.url);
    let (dataset, batch, record) = (id(1), id(2), id(3));
    let sha256 = "0".repeat(64);
    let rows = [
        format!(
            "INSERT INTO dataset (id, slug, title, grain, valuation, status, version, created_at, updated_at) \
             VALUES ({dataset}, 'old', 'Old', 'STATISTIC', 'FOB', 'PUBLISHED', 1, 7, 7)"
        ),
        format!(
            "INSERT INTO import_batch (id, dataset_id, format, file_name, sha256, rows_read, rows_kept, \
             rows_unchanged, rows_refused, refusals, started_at, finished_at) \
             VALUES ({batch}, {dataset}, 'COMTRADE', 'old.csv', '{sha256}', 3, 1, 1, 1, '[]', 7, 8)"
        ),
        format!(
            "INSERT INTO shipment (id, dataset_id, key, reported_by, flow, period_start, period_end, frequency, \
             value_comparator, valuation, quantity_estimated, alternative_quantity_estimated, net_mass_estimated, \
             gross_mass_estimated, aggregated, import_batch_id, status, version, created_at, updated_at) \
             VALUES ({record}, {dataset}, 'k', 'EXPORTER', 'EXPORT', '2022-01-01', '2022-12-31', 'YEAR', \
             'EXACT', 'FOB', FALSE, FALSE, FALSE, FALSE, FALSE, {batch}, 'PUBLISHED', 1, 7, 7)"
        ),
        format!(
            "INSERT INTO revision (number, at, comment, hash, import_batch_id) \
             VALUES (1, 7, 'came in', '{HASH}', {batch})"
        ),
    ];
    for row in rows {
        old.execute_unprepared(&row).await?;
    }
    old.close().await?;

    let db = Db::open(&database.url).await?;
    let found = import_batch::Entity::find().one(&db.read).await?;
    let batch = found.ok_or("the batch is lost")?;
    let figures = (
        batch.file_name.as_str(),
        batch.rows_read,
        batch.rows_skipped,
    );
    ensure(figures, ("old.csv", 3, 0))?;
    ensure(batch.mapping.as_deref(), None)?;
    let record = shipment::Entity::find().one(&db.read).await?;
    ensure(
        record.and_then(|record| record.import_batch_id),
        Some(batch.id),
    )?;
    let revision = revision::Entity::find().one(&db.read).await?;
    ensure(
        revision.and_then(|revision| revision.import_batch_id),
        Some(batch.id),
    )?;
    // What refers to batches still does: none can be taken away below its records.
    db.close().await?;
    let new = Database::connect(&database.url).await?;
    let taken = new.execute_unprepared("DELETE FROM import_batch").await;
    ensure(taken.is_err(), true)?;
    new.close().await?;
    Ok(())
}

/// How many steps there were when a change was stated in percent or not at all.
const BEFORE_DIRECTIONS: u32 = 11;

async fn before_directions(backend: Backend) -> Result<(), Failed> {
    let database = backend.database(Template::Bare).await?;
    let old = Database::connect(&database.url).await?;
    Migrator::up(&old, Some(BEFORE_DIRECTIONS)).await?;
    let id = spelling(&database.url);
    let (amount, change, subject) = (id(1), id(2), id(3));
    let rows = [
        format!(
            "INSERT INTO claim (id, kind, text, language, measure, comparator, amount, currency, status, version, created_at, updated_at) \
             VALUES ({amount}, 'QUANTITY', 'so much', 'en', 'VALUE', 'ABOUT', 1500, 'USD', 'PUBLISHED', 3, 7, 8)"
        ),
        format!(
            "INSERT INTO claim (id, kind, text, language, period_start, period_end, change_percent, change_base_start, change_base_end, status, withdrawal_reason, version, created_at, updated_at) \
             VALUES ({change}, 'CHANGE', 'more', 'en', '2023-01-01', '2023-12-31', 69000, '2022-01-01', '2022-12-31', 'WITHDRAWN', 'wrong', 1, 7, 7)"
        ),
        format!(
            "INSERT INTO claim_subject (id, claim_id, position, country_id, added_at) \
             SELECT {subject}, {amount}, 1, id, 7 FROM country WHERE m49 = '156'"
        ),
    ];
    for row in rows {
        old.execute_unprepared(&row).await?;
    }
    old.close().await?;

    let db = Db::open(&database.url).await?;
    let mut claims = claim::Entity::find().all(&db.read).await?;
    claims.sort_by_key(|claim| claim.id);
    let said: Vec<_> = claims
        .iter()
        .map(|claim| (&*claim.text, claim.version, claim.change_direction))
        .collect();
    ensure(said, vec![("so much", 3, None), ("more", 1, None)])?;
    let thousandths = |claim: &claim::Model| (claim.amount, claim.change_percent);
    let said: Vec<_> = claims.iter().map(thousandths).collect();
    let stated = |number| Some(entity::value::Decimal::from_thousandths(number));
    ensure(said, vec![(stated(1_500), None), (None, stated(69_000))])?;
    let subject = claim_subject::Entity::find().one(&db.read).await?;
    ensure(subject.map(|subject| subject.claim_id), Some(claims[0].id))?;
    db.close().await?;
    // What refers to claims still does, and the rules hold as before.
    let new = Database::connect(&database.url).await?;
    for refused in [
        format!("DELETE FROM claim WHERE id = {amount}"),
        format!("UPDATE claim SET change_percent = NULL WHERE id = {change}"),
        format!("UPDATE claim SET change_direction = 'INCREASE' WHERE id = {change}"),
        format!("UPDATE claim SET currency = NULL WHERE id = {amount}"),
        format!("UPDATE claim SET withdrawal_reason = NULL WHERE id = {change}"),
    ] {
        if new.execute_unprepared(&refused).await.is_ok() {
            return Err(format!("{refused}: nobody minds").into());
        }
    }
    let only = format!(
        "UPDATE claim SET change_percent = NULL, change_direction = 'INCREASE' WHERE id = {change}"
    );
    new.execute_unprepared(&only).await?;
    new.close().await?;
    Ok(())
}
