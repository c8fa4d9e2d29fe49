//! Servers and imports as processes: killed at any moment, and several on one database at once.
use std::time::Duration;

use entity::revision;
use libtest_mimic::{Failed, Trial};
use sea_orm::{ConnectOptions, ConnectionTrait, Database as Connect, EntityTrait, QueryOrder};
use waybill::kit::db::Db;

use crate::harness::{Backend, ensure, trial, waybill};

mod backups;
pub mod client;
mod contest;
mod crossing;
mod draining;
mod imports;
mod kills;
mod replicas;
mod together;

pub fn trials(backend: &Backend) -> Vec<Trial> {
    vec![
        trial(
            backend,
            "processes::servers_killed_while_they_write",
            kills::servers,
        ),
        trial(
            backend,
            "processes::imports_killed_are_whole_or_absent",
            imports::killed,
        ),
        trial(
            backend,
            "processes::two_servers_make_one_history",
            together::two_servers,
        ),
        trial(
            backend,
            "processes::a_hundred_updates_of_one_record",
            contest::a_hundred,
        ),
        trial(
            backend,
            "processes::edits_that_cross_both_end_well",
            crossing::two_edits,
        ),
        trial(
            backend,
            "processes::a_server_that_stops_finishes_what_runs",
            draining::finishes,
        ),
        trial(
            backend,
            "processes::a_server_that_must_stop_does",
            draining::cut_off,
        ),
        trial(
            backend,
            "processes::a_replica_is_read_by_those_who_cannot_write",
            replicas::behind,
        ),
        trial(
            backend,
            "processes::what_is_no_replica_is_refused",
            replicas::foreign,
        ),
        trial(
            backend,
            "processes::a_backup_while_others_write",
            backups::while_writing,
        ),
    ]
}

/// A server that waits in vain for what nobody will send must not hold up the tests.
const LONGEST: Duration = Duration::from_secs(120);

/// Opens the database once nobody else is connected: on PostgreSQL, a killed process may still be
/// ending a statement, or committing.
async fn after_the_others(url: &str) -> Result<Db, Failed> {
    if url.starts_with("postgres") {
        let mut options = ConnectOptions::new(url);
        options.max_connections(1).sqlx_logging(false);
        let connection = Connect::connect(options).await?;
        let others = "SELECT 1 AS one FROM pg_stat_activity WHERE datname = current_database() \
                      AND pid <> pg_backend_pid() AND backend_type = 'client backend'";
        let backend = connection.get_database_backend();
        let others = sea_orm::Statement::from_string(backend, others);
        let gone = async {
            while connection.query_one_raw(others.clone()).await?.is_some() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            Ok::<_, Failed>(())
        };
        tokio::time::timeout(LONGEST, gone).await??;
        connection.close().await?;
    }
    Ok(Db::open(url).await?)
}

/// The revisions in their order, numbered 1 to the last, in a chain that `waybill verify` passes.
async fn history(url: &str, db: &Db) -> Result<Vec<revision::Model>, Failed> {
    waybill(url, &["verify"])?.succeeded()?;
    let revisions = revision::Entity::find()
        .order_by_asc(revision::Column::Number)
        .all(&db.read)
        .await?;
    let numbers: Vec<_> = revisions.iter().map(|revision| revision.number).collect();
    let expected: Vec<_> = (1..).take(numbers.len()).collect();
    ensure(numbers, expected)?;
    Ok(revisions)
}
