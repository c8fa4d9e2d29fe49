//! What is not published is seen nowhere: in no list, relation, count, filter, nor by its id.
use entity::{
    citation, claim,
    claim::{ClaimKind, Comparator},
    claim_subject, party,
    party::PartyKind,
    product_list,
    product_list::ProductListKind,
    product_list_entry, shipment,
    source::{self, SourceKind},
    source_link::{self, SourceLinkKind},
    statement::{self, Rank, Stance, StatementForm},
    statement_citation, statement_link,
    statement_link::StatementLinkKind,
    value::{Date, Status, Texts},
};
use libtest_mimic::{Failed, Trial};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter,
    prelude::{ChronoDate, Uuid},
};
use serde_json::{Value, json};
use waybill::kit::{
    edit::{Author, Edit},
    id,
};

mod every_field;

use crate::harness::{App, Backend, Template, country, dataset, shipment, trial};

pub fn trials(backend: &Backend) -> Vec<Trial> {
    vec![
        trial(backend, "drafts::never_leak", never_leak),
        trial(backend, "drafts::withdrawn_leave_no_trace", withdrawn),
        trial(
            backend,
            "drafts::no_field_leaks_them",
            every_field::never_leaks,
        ),
    ]
}

/// In each text of an unpublished record.
const SECRET: &str = "SECRET";

/// Stands for the columns that all curated records have.
macro_rules! unpublished {
    ($edit:expr, $status:expr, $table:ident { $($fields:tt)* }) => {
        $table::Model {
            id: Uuid::now_v7(),
            status: $status,
            withdrawal_reason: ($status == Status::Withdrawn).then(|| "entered by mistake".to_owned()),
            version: 1,
            created_at: $edit.now,
            updated_at: $edit.now,
            $($fields)*
        }
    };
}

/// One unpublished record of each kind, hung onto published ones wherever it can be.
async fn enter(app: &App, status: Status) -> Result<Vec<(&'static str, Uuid)>, Failed> {
    let published = statement::Entity::find()
        .one(&app.db.read)
        .await?
        .ok_or("no statement")?;
    let public_claim = claim::Entity::find_by_id(published.claim_id)
        .one(&app.db.read)
        .await?
        .ok_or("no claim")?;
    let public_source = source::Entity::find()
        .one(&app.db.read)
        .await?
        .ok_or("no source")?;
    let public_product = entity::product::Entity::find()
        .filter(entity::product::Column::Code.eq("440111"))
        .one(&app.db.read)
        .await?
        .ok_or("no product")?;

    let mut edit = Edit::begin(&app.db, Author::Command, "test").await?;
    let text = || SECRET.to_owned();
    let party = unpublished!(
        edit,
        status,
        party {
            name: text(),
            kind: PartyKind::Company,
            country_id: Some(country(156)),
            description: None,
            url: None,
        }
    );
    let party = edit.insert::<party::Entity>(party).await?;
    let source = unpublished!(
        edit,
        status,
        source {
            kind: SourceKind::Report,
            title: text(),
            publisher_id: public_source.publisher_id,
            authors: Texts(vec![text()]),
            published_on: None,
            language: None,
            url: None,
            archived_url: None,
            retrieved_at: None,
            sha256: None,
            note: None,
        }
    );
    let source = edit.insert::<source::Entity>(source).await?;
    let link = source_link::Model {
        id: Uuid::now_v7(),
        source_id: public_source.id,
        target_id: source.id,
        kind: SourceLinkKind::Cites,
        note: Some(text()),
        ..source_link::Model::default()
    };
    let link = edit.insert::<source_link::Entity>(link).await?;
    let list = unpublished!(
        edit,
        status,
        product_list {
            slug: "secret".to_owned(),
            title: text(),
            kind: ProductListKind::Topic,
            description: None,
            publisher_id: public_source.publisher_id,
            source_id: None,
        }
    );
    let list = edit.insert::<product_list::Entity>(list).await?;
    let entry = product_list_entry::Model {
        id: Uuid::now_v7(),
        product_list_id: list.id,
        product_id: public_product.id,
        valid_from: Date(ChronoDate::from_ymd_opt(2022, 1, 1).unwrap_or_default()),
        note: Some(text()),
        ..product_list_entry::Model::default()
    };
    let entry = edit.insert::<product_list_entry::Entity>(entry).await?;
    let dataset = entity::dataset::Model {
        status,
        title: text(),
        withdrawal_reason: list.withdrawal_reason.clone(),
        ..dataset("secret")
    };
    let dataset = edit.insert::<entity::dataset::Entity>(dataset).await?;
    let row = shipment(&dataset, SECRET);
    let row = shipment::Model {
        status,
        withdrawal_reason: list.withdrawal_reason.clone(),
        product_id: Some(public_product.id),
        ..row
    };
    let shipment = edit.insert::<shipment::Entity>(row).await?;
    let claim = unpublished!(
        edit,
        status,
        claim {
            kind: ClaimKind::Qualitative,
            text: text(),
            language: "en".to_owned(),
            exporter_id: Some(country(156)),
            importer_id: None,
            period_start: None,
            period_end: None,
            measure: None,
            comparator: None::<Comparator>,
            amount: None,
            upper_amount: None,
            currency: None,
            unit: None,
            change_percent: None,
            change_direction: None,
            change_base_start: None,
            change_base_end: None,
        }
    );
    let claim = edit.insert::<claim::Entity>(claim).await?;
    let subject = claim_subject::Model {
        id: Uuid::now_v7(),
        claim_id: public_claim.id,
        position: 99,
        product_list_id: Some(list.id),
        ..claim_subject::Model::default()
    };
    edit.insert::<claim_subject::Entity>(subject).await?;
    let statement = unpublished!(
        edit,
        status,
        statement {
            claim_id: public_claim.id,
            speaker_id: published.speaker_id,
            speaker_role: None,
            stance: Stance::Retracts,
            form: StatementForm::Paraphrase,
            certainty: None,
            text: text(),
            language: "en".to_owned(),
            translation: None,
            said_on: None,
            rank: Rank::Normal,
            rank_reason: None,
            note: None,
        }
    );
    let statement = edit.insert::<statement::Entity>(statement).await?;
    let citation = citation::Model {
        id: Uuid::now_v7(),
        source_id: public_source.id,
        locator: None,
        quote: Some(text()),
        prefix: None,
        suffix: None,
    };
    let citation = edit.insert::<citation::Entity>(citation).await?;
    let cited = statement_citation::Model {
        id: Uuid::now_v7(),
        statement_id: statement.id,
        citation_id: citation.id,
        position: 1,
        ..statement_citation::Model::default()
    };
    edit.insert::<statement_citation::Entity>(cited).await?;
    let answer = statement_link::Model {
        id: Uuid::now_v7(),
        statement_id: statement.id,
        target_id: published.id,
        kind: StatementLinkKind::Corrects,
        ..statement_link::Model::default()
    };
    edit.insert::<statement_link::Entity>(answer).await?;
    edit.commit().await?;
    Ok(vec![
        ("Party", party.id),
        ("Source", source.id),
        ("SourceLink", link.id),
        ("ProductList", list.id),
        ("ProductListEntry", entry.id),
        ("Dataset", dataset.id),
        ("Shipment", shipment.id),
        ("Claim", claim.id),
        ("Statement", statement.id),
        ("Citation", citation.id),
    ])
}

/// Everything that can be reached from the roots, and every count on the way.
const EVERYTHING: &str = "{
    parties(first: 50) { totalCount nodes { name statements { totalCount nodes { text } } publications { totalCount nodes { title } } productLists { totalCount nodes { title } } } }
    sources(first: 50) { totalCount nodes { title authors cites { totalCount nodes { note target { title } } } citedBy { totalCount } citations { totalCount nodes { quote } } statements { totalCount nodes { text } } roots { title } } }
    productLists { totalCount nodes { title entries(first: 1) { totalCount } } }
    datasets { totalCount nodes { title shipments { totalCount } } }
    shipments(first: 50) { totalCount nodes { key } }
    claims(first: 50) { totalCount nodes { text subjects { __typename } positions { stance } statements { totalCount nodes { text linkedFrom { kind statement { text } } } } } }
    statements(first: 50) { totalCount nodes { text citations { quote } links { kind } linkedFrom { kind } } }
    country(code: \"CN\") { exports { totalCount } claims { totalCount nodes { text } } statements { totalCount } parties { totalCount nodes { name } } }
    product(code: \"440111\") { lists { note } shipments { totalCount } statements { totalCount } }
    filtered: countries(filter: { parties: { some: { name: { eq: \"SECRET\" } } } }) { totalCount }
    search(query: \"secret\") { totalCount edges { grade highlights { fragments { text } } node { __typename } } }
    secretDataset: dataset(slug: \"secret\") { title }
    secretList: productList(slug: \"secret\") { title }
}";

async fn never_leak(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Filled).await?;
    let before = app.data(EVERYTHING, json!({})).await?;
    let hidden = enter(&app, Status::Draft).await?;
    let after = app.data(EVERYTHING, json!({})).await?;
    if after != before {
        return Err(format!("a draft shows: {after}").into());
    }
    for (name, key) in hidden {
        let id = id::encode(name, key);
        let node = app
            .data(
                "query ($id: ID!) { node(id: $id) { id } }",
                json!({ "id": id }),
            )
            .await?;
        if node["node"] != Value::Null {
            return Err(format!("a draft is found by its id: {name}").into());
        }
    }
    Ok(())
}

/// What was withdrawn without having been published is not even a tombstone.
async fn withdrawn(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Filled).await?;
    let before = app.data(EVERYTHING, json!({})).await?;
    let withdrawn = enter(&app, Status::Withdrawn).await?;
    let after = app.data(EVERYTHING, json!({})).await?;
    if after != before {
        return Err(format!("a withdrawn record shows: {after}").into());
    }
    for (name, key) in withdrawn {
        let id = id::encode(name, key);
        let query = "query ($id: ID!) { node(id: $id) { __typename } }";
        let found = app.data(query, json!({ "id": id })).await?;
        if found["node"] != Value::Null {
            return Err(format!("{name}: {found}").into());
        }
    }
    Ok(())
}
