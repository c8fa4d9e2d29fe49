//! Whatever is typed is words or an error that says what would be right, never SQL or an operator.
use libtest_mimic::Failed;
use proptest::prelude::*;
use serde_json::json;

use super::{SEARCH, named, parties};
use crate::harness::{App, Backend, Template, ensure, generate, runner};

pub async fn refusals(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let long = "long ".repeat(100);
    let many: String = (0..17).map(|number| format!("word{number} ")).collect();
    let phrase: String = format!("\"{}\"", "無".repeat(65));
    for (query, words) in [
        ("", "must hold a word"),
        ("  \" - ' * ( ) \"", "must hold a word"),
        ("\u{301}", "must hold a word"),
        ("a*", "three letters"),
        ("zu*", "three letters"),
        ("8*", "two digits"),
        (long.as_str(), "400 characters"),
        (many.as_str(), "16 words and phrases"),
        (phrase.as_str(), "64 words in all"),
    ] {
        let answer = app.anonymous(SEARCH, json!({ "query": query })).await?;
        let error = &answer["errors"][0];
        ensure(
            (query, &error["extensions"]["code"]),
            (query, &json!("BAD_USER_INPUT")),
        )?;
        let message = error["message"].as_str().unwrap_or_default();
        ensure((message, message.contains(words)), (message, true))?;
    }
    let none = app
        .anonymous(SEARCH, json!({ "query": "a", "types": [] }))
        .await?;
    ensure(
        &none["errors"][0]["extensions"]["code"],
        &json!("BAD_USER_INPUT"),
    )
}

pub async fn any_text(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let text = "a or b and not c near d name text whole AND OR NOT NEAR";
    parties(&app.db, &[("Operators", Some(text))]).await?;
    // Operators of both languages are words or nothing.
    for query in [
        "a AND b",
        "a NOT b",
        "NEAR ( a b )",
        "name : a",
        "{name text} : a",
        "^ a",
        "a + b",
        "a & !b | c",
        "a <-> b",
        "NOT name",
        "whole : text",
        "'a' \\ b",
        "a');--",
        "-a -b",
        "a \u{0} b",
    ] {
        ensure((query, named(&app, query).await?.len()), (query, 1))?;
    }
    let mut runner = runner();
    let texts = prop_oneof![
        any::<String>(),
        "[a-c \"'*()&|!<>:^{}+\\\\-]{1,30}",
        "[\\PC]{1,20}",
    ];
    for _ in 0..150 {
        let text: String = generate(&mut runner, &texts)?;
        let answer = app.anonymous(SEARCH, json!({ "query": text })).await?;
        let code = &answer["errors"][0]["extensions"]["code"];
        ensure(
            (&text, code.is_null() || code == "BAD_USER_INPUT"),
            (&text, true),
        )?;
    }
    Ok(())
}
