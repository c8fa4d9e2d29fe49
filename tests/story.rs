//! The demo tells the article's story: every quote stands in it, and nothing of it is missing.
use libtest_mimic::{Failed, Trial};
use serde_json::json;

use crate::harness::{self, App, Backend, Template, trial};

mod by_hand;

pub fn trials(backend: &Backend) -> Vec<Trial> {
    vec![
        trial(backend, "story::quotes_stand_in_the_article", quotes),
        trial(
            backend,
            "story::statements_have_what_publishing_needs",
            rules,
        ),
        trial(
            backend,
            "story::by_hand_is_the_demos",
            by_hand::is_the_demos,
        ),
    ]
}

/// Against the article itself, where it is at hand.
async fn quotes(backend: Backend) -> Result<(), Failed> {
    let file = harness::tests().join("../../shared/seed/article-2023-07-25.txt");
    let Ok(article) = std::fs::read_to_string(&file) else {
        harness::say(&format!(
            "story::quotes: {} is absent, nothing compared",
            file.display()
        ));
        return Ok(());
    };
    let app = App::start(&backend, Template::Filled).await?;
    let query = "{ sources(filter: { publishedOn: { eq: \"2023-07-25\" } }) { nodes { citations(first: 200) { nodes { locator quote } } } } }";
    let data = app.data(query, json!({})).await?;
    let citations = data
        .pointer("/sources/nodes/0/citations/nodes")
        .and_then(|nodes| nodes.as_array());
    let citations = citations.ok_or("no citations")?;
    let mut rest = article.clone();
    for citation in citations {
        let quote = citation["quote"]
            .as_str()
            .ok_or("a citation without a quote")?;
        let paragraph = citation["locator"]
            .as_str()
            .and_then(|locator| locator.strip_prefix("paragraph "));
        let number: usize = paragraph
            .ok_or("a citation without its paragraph")?
            .parse()?;
        let paragraph = article.lines().nth(number - 1).unwrap_or_default();
        if !paragraph.contains(quote) {
            return Err(format!("paragraph {number} does not hold {quote:?}").into());
        }
        rest = rest.replace(quote, "");
    }
    // What no citation holds: joints between quotes, a heading and who a speaker is.
    let share = rest.len() * 100 / article.len();
    if share > 25 {
        return Err(format!("{share} % of the article is cited nowhere: {rest}").into());
    }
    Ok(())
}

async fn rules(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Filled).await?;
    let query =
        "{ statements(first: 200) { nodes { text form rank rankReason citations { quote } } } }";
    let data = app.data(query, json!({})).await?;
    let statements = data["statements"]["nodes"]
        .as_array()
        .ok_or("no statements")?;
    for statement in statements {
        let citations = statement["citations"].as_array().ok_or("no citations")?;
        let is_quoted = citations
            .iter()
            .any(|citation| citation["quote"].is_string());
        let has_reason = statement["rankReason"].is_string();
        let holds = !citations.is_empty()
            && (statement["form"] != "DIRECT_QUOTE" || is_quoted)
            && (statement["rank"] == "NORMAL" || has_reason);
        if !holds {
            return Err(format!("published, and should not be: {statement}").into());
        }
    }
    Ok(())
}
