//! What was written is found at once, what was taken back is not, and drafts by nobody but curators.
use entity::{party, value::Status};
use libtest_mimic::Failed;
use sea_orm::{EntityTrait, prelude::Uuid};
use serde_json::{Value, json};
use waybill::kit::{
    edit::{Author, Edit},
    id,
};

use super::{SEARCH, named, names, parties, search};
use crate::harness::{App, Backend, Template, ensure};

async fn mutate(app: &App, token: &str, mutation: &str, variables: Value) -> Result<Value, Failed> {
    let query = format!(
        "mutation ($id: ID!, $version: Int!) {{
            done: {mutation} {{ party {{ version }} revision userErrors {{ message }} }}
        }}"
    );
    let answer = app.ask(token, &query, variables).await?;
    match answer.pointer("/data/done/party/version") {
        Some(_) => Ok(answer["data"]["done"].clone()),
        None => Err(format!("{mutation}: {answer}").into()),
    }
}

/// Through all that can be done to a record.
pub async fn at_once(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let curator = app.as_curator().await?;
    parties(&app.db, &[("Zeppelin works", Some("airships"))]).await?;
    ensure(named(&app, "zeppelin airship").await?.len(), 1)?;
    let id = id::encode("Party", Uuid::from_u128(1));
    let at = |version: i32| json!({ "id": id, "version": version });

    let renamed = "updateParty(input: { id: $id, version: $version, name: \"Balloon works\", description: null })";
    let first = mutate(&app, &curator, renamed, at(1)).await?;
    ensure(named(&app, "zeppelin").await?, Vec::new())?;
    ensure(named(&app, "airships").await?, Vec::new())?;
    ensure(
        named(&app, "balloon works").await?,
        vec!["Balloon works".to_owned()],
    )?;

    let reason =
        "withdrawParty(input: { id: $id, version: $version, reason: \"entered by mistake\" })";
    mutate(&app, &curator, reason, at(2)).await?;
    ensure(named(&app, "balloon").await?, Vec::new())?;
    let before = first["revision"].as_i64().unwrap_or_default() - 1;
    let revert = "revertParty(input: { id: $id, version: $version, revision: ".to_owned();
    mutate(
        &app,
        &curator,
        &format!("{revert}{}}})", before.max(1)),
        at(3),
    )
    .await?;
    ensure(
        named(&app, "zeppelin airships").await?,
        vec!["Zeppelin works".to_owned()],
    )?;
    ensure(named(&app, "balloon").await?, Vec::new())
}

/// Not by any word, count, grade, page or mark; by curators they are.
pub async fn drafts(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let curator = app.as_curator().await?;
    parties(
        &app.db,
        &[
            ("Secret", Some("of the secret trade")),
            ("Trade", Some("secrets")),
        ],
    )
    .await?;
    let queries = [
        "secret",
        "secrets",
        "trade",
        "\"secret trade\"",
        "zzz",
        "secret trade mill",
    ];
    let mut before = Vec::new();
    for query in queries {
        before.push(
            app.anonymous(SEARCH, json!({ "query": query, "first": 1 }))
                .await?,
        );
    }
    let entered = "mutation { createParty(input: { name: \"Secret\", kind: COMPANY, description: \"trade zzz mill\" }) {
        party { status version id } userErrors { message } } }";
    let entered = app.ask(&curator, entered, json!({})).await?;
    let party = &entered["data"]["createParty"]["party"];
    ensure(&party["status"], &json!("DRAFT"))?;
    for (query, before) in queries.iter().zip(&before) {
        let after = app
            .anonymous(SEARCH, json!({ "query": query, "first": 1 }))
            .await?;
        ensure(&after, before)?;
    }
    let found = search(&app, &curator, json!({ "query": "zzz" })).await?;
    ensure(names(&found), vec!["Secret".to_owned()])?;
    // Once it is published, by everybody.
    let publish = "publishParty(input: { id: $id, version: $version })";
    let id = json!({ "id": party["id"], "version": party["version"] });
    mutate(&app, &curator, publish, id).await?;
    ensure(named(&app, "zzz").await?, vec!["Secret".to_owned()])
}

/// What was not written is not found, and several writes of a row in one edit come out as the last.
pub async fn dropped(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    parties(&app.db, &[("Kept", None)]).await?;
    let held = party::Entity::find_by_id(Uuid::from_u128(1))
        .one(&app.db.read)
        .await?;
    let held = held.ok_or("no party")?;
    let change = async |names: &[&str]| {
        let mut edit = Edit::begin(&app.db, Author::Command, "test").await?;
        for name in names {
            let name = (*name).to_owned();
            let after = party::Model {
                name,
                status: Status::Published,
                ..held.clone()
            };
            edit.update::<party::Entity>(&held, after).await?;
        }
        Ok::<_, Failed>(edit)
    };
    drop(change(&["Dropped"]).await?);
    ensure(
        (
            named(&app, "dropped").await?.len(),
            named(&app, "kept").await?.len(),
        ),
        (0, 1),
    )?;
    change(&["Once", "Twice"]).await?.commit().await?;
    ensure(
        (
            named(&app, "once").await?.len(),
            named(&app, "twice").await?.len(),
        ),
        (0, 1),
    )
}
