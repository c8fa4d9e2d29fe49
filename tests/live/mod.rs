//! What stays open: subscriptions over sockets and event streams.
use std::time::Duration;

use entity::{
    api_key, curator, dataset,
    value::{Status, Texts},
};
use libtest_mimic::{Failed, Trial};
use sea_orm::prelude::Uuid;
use waybill::{
    auth,
    kit::{
        db::Db,
        edit::{Author, Edit},
    },
};

use crate::harness::{self, App, Backend, Template, trial};

/// A client of sockets.
pub mod client;
mod events;
mod feed;
mod limits;
mod protocol;
mod resume;
mod standing;

pub fn trials(backend: &Backend) -> Vec<Trial> {
    let mut trials = vec![
        trial(
            backend,
            "live::closes_with_the_right_codes",
            protocol::closes,
        ),
        trial(
            backend,
            "live::operations_over_a_socket",
            protocol::operations,
        ),
        trial(backend, "live::signs_of_life", protocol::signs_of_life),
        trial(backend, "live::who_may_open_a_socket", protocol::upgrade),
        trial(backend, "live::events_over_http", events::over_http),
        trial(backend, "live::what_is_wrong_is_an_event", events::refusals),
        trial(
            backend,
            "live::an_event_source_comes_back",
            events::comes_back,
        ),
        trial(backend, "live::limits_of_connections", limits::connections),
        trial(
            backend,
            "live::slow_readers_are_cut_off",
            limits::slow_readers,
        ),
        trial(
            backend,
            "live::silent_peers_are_cut_off",
            limits::silent_peers,
        ),
        trial(backend, "live::what_ends_takes_no_room", limits::freed),
        trial(backend, "live::stopping_ends_what_stays", limits::drained),
        trial(backend, "live::drafts_are_never_told", standing::drafts),
        trial(backend, "live::credentials_expire", standing::expired),
        trial(
            backend,
            "live::revoked_keys_hear_nothing_more",
            standing::revoked,
        ),
        trial(
            backend,
            "live::resumed_without_loss_or_repeat",
            resume::resumed,
        ),
        trial(backend, "live::two_hundred_sockets", feed::many),
        trial(backend, "live::imports_by_another_process", feed::imported),
        trial(backend, "live::polled_changes_are_the_same", feed::polled),
    ];
    if backend.name() == "postgres" {
        trials.extend([
            trial(backend, "live::revisions_are_announced", feed::announced),
            trial(backend, "live::a_lost_connection_loses_nothing", feed::lost),
        ]);
    }
    trials
}

const NUMBERS: &str = "subscription ($after: Int) { changes(after: $after) { number } }";

/// A server with these options.
async fn told(backend: &Backend, options: &[&str]) -> Result<App, Failed> {
    let auth = auth::Auth::new(Some(auth::keys::Keyring::fleeting()?), "waybill", None);
    App::told(backend.database(Template::Empty).await?, auth, options).await
}

/// One revision that enters a dataset; its number.
async fn write(db: &Db, slug: &str, status: Status) -> Result<i64, Failed> {
    let mut edit = Edit::begin(db, Author::Command, format!("enters {slug}")).await?;
    let row = dataset::Model {
        status,
        ..harness::dataset(slug)
    };
    edit.insert::<dataset::Entity>(row).await?;
    Ok(edit.commit().await?.ok_or("nothing was written")?)
}

/// A key of a curator's that expires then, and its row.
async fn key(
    app: &App,
    curator: &curator::Model,
    expires_in: Option<Duration>,
) -> Result<(String, api_key::Model), Failed> {
    let key = auth::api_key().map_err(|error| format!("{error:?}"))?;
    let mut edit = Edit::begin(&app.db, Author::Command, "a key").await?;
    let row = api_key::Model {
        id: Uuid::now_v7(),
        curator_id: curator.id,
        name: "tests".to_owned(),
        scopes: Texts(vec!["READ".to_owned(), "DRAFTS".to_owned()]),
        secret_hash: auth::digest(key.expose()),
        expires_at: expires_in.map(|left| (chrono::Utc::now() + left).into()),
        revoked_at: None,
        last_used_at: None,
        created_at: edit.now,
    };
    let row = edit.insert::<api_key::Entity>(row).await?;
    edit.commit().await?;
    Ok((key.expose().to_owned(), row))
}

/// Waits until it holds.
async fn until(what: &str, mut holds: impl FnMut() -> bool) -> Result<(), Failed> {
    let waited = tokio::time::timeout(client::LONGEST, async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    waited
        .await
        .map_err(|_| format!("it never came to {what}").into())
}
