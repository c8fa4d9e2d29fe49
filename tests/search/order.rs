//! The order of hits follows from the rules alone, which are written down a second time here.
use libtest_mimic::Failed;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{names, parties, search};
use crate::harness::{App, Backend, Template, ensure, generate, runner};

/// Without endings, and some the beginnings of others.
const WORDS: [&str; 7] = ["kab", "kabo", "kabotu", "nol", "nolda", "ruf", "zet"];
const GRADES: [&str; 6] = [
    "WHOLE",
    "NAME",
    "NAME_BEGINNING",
    "PHRASE",
    "WORDS",
    "BEGINNING",
];

type Texts = Vec<(String, Option<String>)>;

fn texts() -> impl Strategy<Value = Texts> {
    let words = |least, most| {
        let words = prop::collection::vec(prop::sample::select(&WORDS[..]), least..most);
        words.prop_map(|words| words.join(" "))
    };
    prop::collection::vec((words(1, 4), prop::option::of(words(1, 6))), 30..40)
}

/// Words, and perhaps a phrase.
fn query() -> impl Strategy<Value = Vec<Vec<&'static str>>> {
    let word = || prop::sample::select(&WORDS[..]);
    let phrase = prop_oneof![
        4 => word().prop_map(|word| vec![word]),
        1 => prop::collection::vec(word(), 2..=2),
    ];
    prop::collection::vec(phrase, 1..3)
}

fn spelled(query: &[Vec<&str>]) -> String {
    let terms = query.iter().map(|term| match term.as_slice() {
        [word] => (*word).to_owned(),
        phrase => format!("\"{}\"", phrase.join(" ")),
    });
    terms.collect::<Vec<_>>().join(" ")
}

/// How well a record fits, by the letter of the rules; none when it does not.
fn grade(query: &[Vec<&str>], name: &str, text: &str) -> Option<usize> {
    let fields: Vec<Vec<&str>> = [name, text].map(|text| text.split(' ').collect()).into();
    let stands = |fields: &[Vec<&str>], term: &[&str], begins: bool| {
        let fits = |(word, wanted): (&&str, &&str)| match begins && term.len() == 1 {
            true => word.starts_with(wanted),
            false => word == wanted,
        };
        fields.iter().any(|words| {
            let mut places = words.windows(term.len());
            places.any(|window| window.iter().zip(term).all(fits))
        })
    };
    let all = |fields: &[Vec<&str>], begins| query.iter().all(|term| stands(fields, term, begins));
    let words = query.concat();
    let holds = [
        words == fields[0],
        all(&fields[..1], false),
        all(&fields[..1], true),
        query.len() > 1 && stands(&fields, &words, false),
        all(&fields, false),
        all(&fields, true),
    ];
    holds.into_iter().position(|holds| holds)
}

pub async fn is_the_rules(backend: Backend) -> Result<(), Failed> {
    let mut runner = runner();
    for _ in 0..3 {
        let app = App::start(&backend, Template::Empty).await?;
        let texts = generate(&mut runner, &texts())?;
        parties(&app.db, &texts).await?;
        for _ in 0..40 {
            let mut query = generate(&mut runner, &query())?;
            // What stands twice in a query counts once.
            query.dedup();
            let mut expected: Vec<_> = texts
                .iter()
                .enumerate()
                .filter_map(|(number, (name, text))| {
                    let text = text.as_deref().unwrap_or_default();
                    let length = [name, text].join(" ").split_whitespace().count();
                    let grade = grade(&query, name, text)?;
                    Some((grade, length, number, name.clone()))
                })
                .collect();
            expected.sort();
            let variables = json!({ "query": spelled(&query), "types": ["PARTY"], "first": 100 });
            let found = search(&app, "", variables).await?;
            let grades = found["edges"].as_array().into_iter().flatten();
            let grades: Vec<_> = grades.map(|edge| edge["grade"].as_str()).collect();
            let (by_rule, called): (Vec<_>, Vec<_>) = expected
                .into_iter()
                .map(|(grade, .., name)| (Some(GRADES[grade]), name))
                .unzip();
            let context = format!("{} in {texts:?}", spelled(&query));
            if (names(&found), grades) != (called.clone(), by_rule.clone()) {
                return Err(format!("{context}: {called:?} {by_rule:?}, not {found}").into());
            }
            ensure(found["totalCount"].as_u64(), Some(called.len() as u64))?;
        }
    }
    Ok(())
}

/// The same records on SQLite and on this database, in many languages.
pub async fn same_on_both(backend: Backend) -> Result<(), Failed> {
    const PIECES: [&str; 16] = [
        "drone", "drones", "Ёлка", "ёлки", "мой", "мои", "无", "人", "机", "é", "ß", "8806.21",
        "88", "l'", "-", "Ａ",
    ];
    let mut runner = runner();
    let text = || prop::collection::vec(prop::sample::select(&PIECES[..]), 1..6);
    let text =
        || (text(), any::<bool>()).prop_map(|(all, apart)| all.join(if apart { " " } else { "" }));
    let texts: Texts = generate(
        &mut runner,
        &prop::collection::vec((text(), prop::option::of(text())), 60),
    )?;
    let apps = [
        App::start(&Backend::Sqlite, Template::Empty).await?,
        App::start(&backend, Template::Empty).await?,
    ];
    for app in &apps {
        parties(&app.db, &texts).await?;
    }
    for _ in 0..60 {
        let query = generate(&mut runner, &text())?;
        let mut answers: Vec<Value> = Vec::new();
        for app in &apps {
            let variables = json!({ "query": query, "first": 100 });
            answers.push(app.anonymous(super::SEARCH, variables).await?);
        }
        if answers[0] != answers[1] {
            return Err(format!(
                "{query:?} in {texts:?} finds {} and {}",
                answers[0], answers[1]
            )
            .into());
        }
    }
    Ok(())
}
