//! Search: what is found in which language and order, at once and by nobody who must not see it.
use entity::{
    party::{self, PartyKind},
    value::Status,
};
use libtest_mimic::{Failed, Trial};
use sea_orm::prelude::Uuid;
use serde_json::{Value, json};
use waybill::kit::{
    db::Db,
    edit::{Author, Edit},
};

mod filling;
mod hostile;
mod languages;
mod order;
mod pages;
mod standing;

use crate::harness::{App, Backend, trial};

pub fn trials(backend: &Backend) -> Vec<Trial> {
    vec![
        trial(backend, "search::languages", languages::each_finds_its_own),
        trial(backend, "search::highlights", languages::highlights),
        trial(backend, "search::long_texts", languages::long_texts),
        trial(backend, "search::order_is_the_rules", order::is_the_rules),
        trial(backend, "search::same_on_both", order::same_on_both),
        trial(backend, "search::pages", pages::every_hit_once),
        trial(
            backend,
            "search::cursors_are_checked",
            pages::cursors_are_checked,
        ),
        trial(backend, "search::edits_are_seen_at_once", standing::at_once),
        trial(backend, "search::drafts_are_never_found", standing::drafts),
        trial(backend, "search::dropped_edits", standing::dropped),
        trial(backend, "search::old_databases", filling::old_databases),
        trial(backend, "search::servers_at_once", filling::at_once),
        trial(backend, "search::bulk", filling::bulk),
        trial(backend, "search::refusals", hostile::refusals),
        trial(backend, "search::any_text", hostile::any_text),
    ]
}

const SEARCH: &str = "query ($query: String!, $types: [SearchType!], $first: Int, $after: String, $last: Int, $before: String) {
    search(query: $query, types: $types, first: $first, after: $after, last: $last, before: $before) {
        totalCount
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        edges { cursor grade highlights { field cutBefore cutAfter fragments { text matched } }
            node { __typename
                ... on Party { name } ... on Statement { text } ... on Claim { text } ... on Source { title }
                ... on Country { name } ... on Product { code } ... on ProductList { title } ... on Dataset { title } } }
    }
}";

/// Parties with these names and descriptions, under ids that count up from 1.
async fn parties<N: AsRef<str>>(db: &Db, texts: &[(N, Option<N>)]) -> Result<(), Failed> {
    let mut edit = Edit::begin(db, Author::Command, "test").await?;
    for ((name, description), number) in texts.iter().zip(1..) {
        let row = party::Model {
            id: Uuid::from_u128(number),
            name: name.as_ref().to_owned(),
            description: description.as_ref().map(|text| text.as_ref().to_owned()),
            kind: PartyKind::Person,
            status: Status::Published,
            version: 1,
            ..party::Model::default()
        };
        edit.insert::<party::Entity>(row).await?;
    }
    edit.commit().await?;
    Ok(())
}

/// What a search finds, as somebody's token sees it.
async fn search(app: &App, token: &str, variables: Value) -> Result<Value, Failed> {
    let mut answer = app.ask(token, SEARCH, variables.clone()).await?;
    match answer.get("errors") {
        None => Ok(answer["data"]["search"].take()),
        Some(errors) => Err(format!("{variables} answered {errors}").into()),
    }
}

/// What the hits are called, in their order.
fn names(found: &Value) -> Vec<String> {
    let edges = found["edges"].as_array().into_iter().flatten();
    let names = edges.filter_map(|edge| {
        let node = edge["node"].as_object()?;
        let (_, name) = node.iter().find(|(field, _)| *field != "__typename")?;
        name.as_str().map(str::to_owned)
    });
    names.collect()
}

async fn named(app: &App, query: &str) -> Result<Vec<String>, Failed> {
    let variables = json!({ "query": query, "first": 200 });
    Ok(names(&search(app, "", variables).await?))
}
