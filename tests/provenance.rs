//! Who said it first: roots are counted, not articles; positions are taken back; figures drift.
use entity::{
    claim,
    claim::{Comparator, Measure},
    source_link::SourceLinkKind,
    statement::{self, Certainty, Rank, Stance},
    statement_link::StatementLinkKind,
    value::{Date, Decimal, Status},
};
use libtest_mimic::{Failed, Trial};
use sea_orm::prelude::Uuid;
use serde_json::{Value, json};

use crate::harness::{App, Backend, Desk, Template, country, ensure, trial};

pub fn trials(backend: &Backend) -> Vec<Trial> {
    vec![
        trial(backend, "provenance::roots_are_counted", roots_are_counted),
        trial(
            backend,
            "provenance::roots_of_one_report",
            roots_of_one_report,
        ),
        trial(backend, "provenance::positions_change", positions_change),
        trial(backend, "provenance::figures_drift", figures_drift),
        trial(backend, "provenance::circles_end", circles_end),
        trial(
            backend,
            "provenance::cost_no_statement_a_claim",
            statements_for_claims,
        ),
    ]
}

fn on(date: &str) -> Option<entity::value::PartialDate> {
    date.parse().ok()
}

fn normal(stance: Stance, speaker_id: Option<Uuid>, said_on: &str) -> statement::Model {
    statement::Model {
        stance,
        speaker_id,
        said_on: on(said_on),
        rank: Rank::Normal,
        ..statement::Model::default()
    }
}

async fn about(app: &App, text: &str, fields: &str) -> Result<Value, Failed> {
    let query = format!(
        "query ($text: String!) {{ claims(filter: {{ text: {{ eq: $text }} }}) {{ nodes {{ {fields} }} }} }}"
    );
    let mut data = app.data(&query, json!({ "text": text })).await?;
    Ok(data["claims"]["nodes"][0].take())
}

const SUPPORT: &str = "independentRootCount statementCount
    independentRoots { sources { title } parties { name } statements { id } }";

async fn roots_are_counted(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let mut desk = Desk::open(&app).await?;
    let claim = desk.claim("Counted").await?;
    let minister = desk.party("Minister").await?;
    let agency = desk.source("Agency", None).await?;
    let reprint = desk.source("Reprint", None).await?;
    let translation = desk.source("Translation", None).await?;
    let citing = desk.source("Citing", None).await?;
    let records = desk.source("Records", None).await?;
    let study = desk.source("Study", None).await?;
    let draft = desk.source_that_is("Draft", None, Status::Draft).await?;
    let wrong = desk
        .source_that_is("Wrong", None, Status::Withdrawn)
        .await?;
    for (source, kind, target) in [
        (reprint, SourceLinkKind::Reprints, agency),
        (translation, SourceLinkKind::Translates, reprint),
        (citing, SourceLinkKind::Cites, agency),
        (study, SourceLinkKind::BasedOn, records),
        // What it takes from a draft does not count either: it is its own root.
        (records, SourceLinkKind::Cites, draft),
    ] {
        desk.takes(source, kind, target).await?;
    }
    // Four reports on one, a party's word in two papers, a study on records, and what does not count.
    for source in [agency, reprint, translation, citing, study, draft, wrong] {
        desk.says(claim, Stance::Asserts, None, source).await?;
    }
    for source in [reprint, citing] {
        desk.says(claim, Stance::Asserts, Some(minister), source)
            .await?;
    }
    desk.says(claim, Stance::Denies, Some(minister), study)
        .await?;
    desk.close().await?;

    let fields = format!(
        "support {{ {SUPPORT} }} denied: support(stance: DENIES) {{ independentRootCount }}
         doubted: support(stance: DOUBTS) {{ independentRootCount independentRoots {{ statements {{ id }} }} }}"
    );
    for token in [String::new(), app.as_curator().await?] {
        let query = format!(
            "{{ claims(filter: {{ text: {{ eq: \"Counted\" }} }}) {{ nodes {{ {fields} }} }} }}"
        );
        let answer = app.ask(&token, &query, json!({})).await?;
        let claim = &answer["data"]["claims"]["nodes"][0];
        let support = &claim["support"];
        let roots = support["independentRoots"].as_array();
        let roots: Vec<_> = roots
            .into_iter()
            .flatten()
            .map(|root| {
                let number = root["statements"].as_array().map(Vec::len);
                json!([root["sources"], root["parties"], number])
            })
            .collect();
        let expected = vec![
            json!([[{ "title": "Agency" }], [], 4]),
            json!([[{ "title": "Records" }], [], 1]),
            json!([[], [{ "name": "Minister" }], 2]),
        ];
        ensure(roots, expected)?;
        ensure(&support["independentRootCount"], &json!(3))?;
        ensure(&support["statementCount"], &json!(7))?;
        ensure(&claim["denied"]["independentRootCount"], &json!(1))?;
        ensure(&claim["doubted"]["independentRootCount"], &json!(0))?;
    }
    let query = "{ sources(orderBy: { field: TITLE }) { nodes { title independentRootCount roots { title } } } }";
    let data = app.data(query, json!({})).await?;
    let of = |title: &str| {
        let nodes = data["sources"]["nodes"].as_array()?;
        nodes.iter().find(|node| node["title"] == title)
    };
    let translation = of("Translation").ok_or("no translation")?;
    ensure(&translation["roots"], &json!([{ "title": "Agency" }]))?;
    ensure(&translation["independentRootCount"], &json!(1))
}

async fn roots_of_one_report(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let mut desk = Desk::open(&app).await?;
    let claim = desk.claim("Report").await?;
    let service = desk.party("Service").await?;
    let [paper, one, other] = ["Paper", "One", "Other"];
    let paper = desk.source(paper, None).await?;
    let one = desk.source(one, None).await?;
    let other = desk.source(other, Some(service)).await?;
    desk.takes(paper, SourceLinkKind::BasedOn, one).await?;
    desk.takes(paper, SourceLinkKind::Cites, other).await?;
    desk.says(claim, Stance::Asserts, None, paper).await?;
    // In the service's own document, which stands in the chain.
    desk.says(claim, Stance::Asserts, Some(service), paper)
        .await?;
    desk.close().await?;
    let found = about(&app, "Report", &format!("support {{ {SUPPORT} }}")).await?;
    let support = &found["support"];
    // Nobody can tell which of the two bears the report out, and the service's is one of them.
    ensure(&support["independentRootCount"], &json!(1))?;
    ensure(&support["statementCount"], &json!(2))?;
    let sources = support["independentRoots"][0]["sources"].as_array();
    ensure(sources.map(Vec::len), Some(2))
}

async fn positions_change(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let mut desk = Desk::open(&app).await?;
    let claim = desk.claim("Positions").await?;
    let other = desk.claim("Another").await?;
    let paper = desk.source("Paper", None).await?;
    let mut parties = Vec::new();
    for name in [
        "Retracting",
        "Superseding",
        "Deprecated",
        "Preferred",
        "Corrected",
    ] {
        parties.push(Some(desk.party(name).await?));
    }
    for (party, stance, date, rank) in [
        (0, Stance::Asserts, "2023-01", Rank::Normal),
        (0, Stance::Retracts, "2023-03-01", Rank::Normal),
        (2, Stance::Asserts, "2023", Rank::Deprecated),
        (3, Stance::Doubts, "2023-02", Rank::Preferred),
        (3, Stance::Denies, "2023-05", Rank::Normal),
    ] {
        let row = statement::Model {
            rank,
            ..normal(stance, parties[party], date)
        };
        desk.states(claim, row, paper).await?;
    }
    let asserted = normal(Stance::Asserts, parties[1], "2023-06");
    let asserted = desk.states(claim, asserted, paper).await?;
    let denied = normal(Stance::Denies, parties[1], "2023-05");
    let denied = desk.states(claim, denied, paper).await?;
    desk.relates(denied, StatementLinkKind::Supersedes, asserted)
        .await?;
    // A correction that speaks of another figure leaves no position on this one.
    let stated = normal(Stance::Asserts, parties[4], "2023-06");
    let stated = desk.states(claim, stated, paper).await?;
    let put_right = normal(Stance::Asserts, parties[4], "2023-07");
    let put_right = desk.states(other, put_right, paper).await?;
    desk.relates(put_right, StatementLinkKind::Corrects, stated)
        .await?;
    // Somebody else's correction is their own position, and takes nobody else's away.
    let meddling = normal(Stance::Asserts, parties[0], "2023-07");
    let meddling = desk.states(other, meddling, paper).await?;
    desk.relates(meddling, StatementLinkKind::Corrects, denied)
        .await?;
    desk.close().await?;

    let fields = "support { statementCount } currentPositions { party { name } publication { title } stance since statement { saidOn } statements { saidOn } }";
    let found = about(&app, "Positions", fields).await?;
    ensure(&found["support"]["statementCount"], &json!(0))?;
    let positions = found["currentPositions"].as_array().cloned();
    let mut positions: Vec<_> = positions
        .unwrap_or_default()
        .into_iter()
        .map(|position| {
            let number = position["statements"].as_array().map(Vec::len);
            json!([
                position["party"]["name"],
                position["stance"],
                position["since"],
                number
            ])
        })
        .collect();
    positions.sort_by_key(|position| position[0].to_string());
    let expected = vec![
        json!(["Corrected", null, null, 1]),
        json!(["Deprecated", null, null, 1]),
        json!(["Preferred", "DOUBTS", "2023-02", 2]),
        json!(["Retracting", "RETRACTS", "2023-03-01", 2]),
        json!(["Superseding", "DENIES", "2023-05", 2]),
    ];
    ensure(positions, expected)
}

fn stated(exporter: u128, importer: u128, comparator: Comparator, days: [&str; 2]) -> claim::Model {
    let day = |text: &str| text.parse::<Date>().ok();
    claim::Model {
        exporter_id: Some(country(exporter)),
        importer_id: Some(country(importer)),
        measure: Some(Measure::Value),
        comparator: Some(comparator),
        amount: "100000000".parse::<Decimal>().ok(),
        currency: Some("USD".to_owned()),
        period_start: day(days[0]),
        period_end: day(days[1]),
        ..claim::Model::default()
    }
}

async fn figures_drift(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let mut desk = Desk::open(&app).await?;
    let list = desk.list("invented").await?;
    let half = ["2023-01-01", "2023-06-30"];
    let figure = stated(156, 643, Comparator::MoreThan, half);
    let first = desk.figure("First", figure, Some(list)).await?;
    let figure = stated(156, 643, Comparator::Exact, ["2023-01-01", "2023-12-31"]);
    let retold = desk.figure("Retold", figure, Some(list)).await?;
    let figure = stated(643, 156, Comparator::MoreThan, half);
    let turned = desk.figure("Turned", figure, Some(list)).await?;
    let figure = stated(156, 643, Comparator::Exact, half);
    let unlike = desk.figure("Other goods", figure, None).await?;
    let root = desk.source("Root", None).await?;
    let report = desk.source("Report", None).await?;
    desk.takes(report, SourceLinkKind::BasedOn, root).await?;
    let hinted = statement::Model {
        certainty: Some(Certainty::Possible),
        ..normal(Stance::Asserts, None, "2023-07")
    };
    let hinted = desk.states(first, hinted, root).await?;
    desk.says(unlike, Stance::Asserts, None, root).await?;
    let told = statement::Model {
        certainty: Some(Certainty::Certain),
        ..normal(Stance::Asserts, None, "2023-08")
    };
    let told = desk.states(retold, told, report).await?;
    desk.relates(told, StatementLinkKind::Repeats, hinted)
        .await?;
    desk.says(turned, Stance::Asserts, None, report).await?;
    desk.close().await?;

    let fields =
        "drift { link before { claim { text } } after { saidOn } changes { aspect before after } }";
    let found = about(&app, "Retold", fields).await?;
    let expected = json!([{
        "link": "REPEATS", "before": { "claim": { "text": "First" } }, "after": { "saidOn": "2023-08" },
        "changes": [
            { "aspect": "COMPARATOR", "before": "MORE_THAN", "after": "EXACT" },
            { "aspect": "PERIOD", "before": "2023-01/2023-06", "after": "2023" },
            { "aspect": "CERTAINTY", "before": "POSSIBLE", "after": "CERTAIN" },
        ],
    }]);
    ensure(&found["drift"], &expected)?;
    // Nobody recorded that the one was taken from the other; the chain of sources tells it is likely.
    let found = about(&app, "Turned", fields).await?;
    let expected = json!([{
        "link": "SOURCE_CHAIN", "before": { "claim": { "text": "First" } }, "after": { "saidOn": null },
        "changes": [{ "aspect": "FLOW", "before": "China to Russian Federation", "after": "Russian Federation to China" }],
    }]);
    ensure(&found["drift"], &expected)?;
    let found = about(&app, "First", fields).await?;
    ensure(&found["drift"], &json!([]))
}

async fn circles_end(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let mut desk = Desk::open(&app).await?;
    let claim = desk.claim("Circle").await?;
    let one = desk.source("One", None).await?;
    let other = desk.source("Other", None).await?;
    // No way through the API leads to this.
    desk.takes(one, SourceLinkKind::Cites, other).await?;
    desk.takes(other, SourceLinkKind::Cites, one).await?;
    let first = desk.says(claim, Stance::Asserts, None, one).await?;
    let second = desk.says(claim, Stance::Denies, None, other).await?;
    desk.relates(first, StatementLinkKind::Repeats, second)
        .await?;
    desk.relates(second, StatementLinkKind::Repeats, first)
        .await?;
    desk.close().await?;
    let fields =
        "support { independentRootCount } currentPositions { stance } drift { changes { aspect } }";
    let found = about(&app, "Circle", fields).await?;
    ensure(found["currentPositions"].as_array().map(Vec::len), Some(2))?;
    ensure(found["drift"].as_array().map(Vec::len), Some(2))
}

async fn statements_for_claims(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let mut desk = Desk::open(&app).await?;
    let root = desk.source("Root", None).await?;
    for number in 0..40 {
        let claim = desk.claim(&format!("Claim {number}")).await?;
        let party = desk.party(&format!("Party {number}")).await?;
        let paper = desk.source(&format!("Paper {number}"), None).await?;
        desk.takes(paper, SourceLinkKind::BasedOn, root).await?;
        desk.says(claim, Stance::Asserts, None, paper).await?;
        desk.says(claim, Stance::Denies, Some(party), paper).await?;
    }
    desk.close().await?;
    let query = "query ($size: Int) { claims(first: $size) { nodes {
        support { independentRootCount independentRoots { sources { title } parties { name } } }
        currentPositions { stance party { name } publication { title } statement { text } } } } }";
    // What is kept in memory is read once.
    app.data(query, json!({ "size": 1 })).await?;
    let mut counts = Vec::new();
    for size in [2, 10, 40] {
        let before = app.db.reads();
        let data = app.data(query, json!({ "size": size })).await?;
        let found = data["claims"]["nodes"].as_array().map(Vec::len);
        ensure(found, Some(size))?;
        counts.push(app.db.reads() - before);
    }
    if counts.iter().any(|count| *count != counts[0]) || counts[0] > 14 {
        return Err(format!("statements for 2, 10 and 40 claims: {counts:?}").into());
    }
    Ok(())
}
