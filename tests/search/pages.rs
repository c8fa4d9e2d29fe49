//! Paging through hits loses none and repeats none, whichever way.
use libtest_mimic::Failed;
use serde_json::{Value, json};

use super::{names, parties, search};
use crate::harness::{App, Backend, Template, ensure};

/// Hits of every grade, many of them equally long.
async fn enter(app: &App) -> Result<(), Failed> {
    let shapes: [(&str, Option<&str>); 7] = [
        ("Kab nol", None),
        ("Nol kab", Some("zet")),
        ("Kabo nolda", Some("zet")),
        ("Zet", Some("it is kab nol by name")),
        ("Zet", Some("nol that is kab")),
        ("Kab", Some("noldamo")),
        ("Zet", None),
    ];
    let texts = shapes.iter().cycle().take(63).copied();
    parties(&app.db, &texts.collect::<Vec<_>>()).await
}

fn cursors(page: &Value) -> Vec<String> {
    let edges = page["edges"].as_array().into_iter().flatten();
    let cursors = edges.filter_map(|edge| edge["cursor"].as_str());
    cursors.map(str::to_owned).collect()
}

pub async fn every_hit_once(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    enter(&app).await?;
    let whole = search(&app, "", json!({ "query": "kab nol", "first": 200 })).await?;
    let (whole, count) = (cursors(&whole), whole["totalCount"].clone());
    ensure((whole.len(), count), (54, json!(54)))?;
    for size in [1, 4, 7, 54, 60] {
        for (count, cursor, more, end) in [
            ("first", "after", "hasNextPage", "endCursor"),
            ("last", "before", "hasPreviousPage", "startCursor"),
        ] {
            let (mut met, mut at) = (Vec::new(), Value::Null);
            loop {
                let variables = json!({ "query": "kab nol", count: size, cursor: at });
                let page = search(&app, "", variables).await?;
                ensure(&page["totalCount"], &json!(54))?;
                met = match count {
                    "first" => [met, cursors(&page)].concat(),
                    _ => [cursors(&page), met].concat(),
                };
                let info = &page["pageInfo"];
                if info[more] != true {
                    break;
                }
                at = info[end].clone();
            }
            ensure(&met, &whole)?;
        }
    }
    // Between two places, and beyond all.
    let (from, to) = (&whole[10], &whole[50]);
    let variables = json!({ "query": "kab nol", "first": 200, "after": from, "before": to });
    ensure(
        cursors(&search(&app, "", variables).await?),
        whole[11..50].to_vec(),
    )?;
    let variables = json!({ "query": "kab nol", "after": whole[53] });
    ensure(names(&search(&app, "", variables).await?).len(), 0)?;
    let none = search(&app, "", json!({ "query": "kab nol", "first": 0 })).await?;
    ensure(
        (cursors(&none).len(), &none["pageInfo"]["hasNextPage"]),
        (0, &json!(true)),
    )
}

/// A cursor belongs to its query and its types, however they are spelled.
pub async fn cursors_are_checked(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    enter(&app).await?;
    let page = search(&app, "", json!({ "query": "kab nol", "first": 3 })).await?;
    let cursor = &page["pageInfo"]["endCursor"];
    let same = search(&app, "", json!({ "query": " KAB  nól", "after": cursor })).await?;
    ensure(names(&same).len(), 25)?;
    for (variables, words) in [
        (
            json!({ "query": "nol kab", "after": cursor }),
            "another search",
        ),
        (
            json!({ "query": "kab nol", "types": ["PARTY"], "after": cursor }),
            "another search",
        ),
        (
            json!({ "query": "kab nol", "before": "bm8" }),
            "not a cursor of a search",
        ),
        (json!({ "query": "kab nol", "first": 201 }), "from 0 to 200"),
        (
            json!({ "query": "kab nol", "first": 1, "last": 1 }),
            "not both",
        ),
    ] {
        let answer = app.anonymous(super::SEARCH, variables).await?;
        let error = &answer["errors"][0];
        ensure(&error["extensions"]["code"], &json!("BAD_USER_INPUT"))?;
        let message = error["message"].as_str().unwrap_or_default();
        ensure((message, message.contains(words)), (message, true))?;
    }
    Ok(())
}
