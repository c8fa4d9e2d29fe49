//! Exports that were cut off go on where they were.
use std::collections::HashSet;

use libtest_mimic::Failed;
use proptest::prelude::any;
use serde_json::json;

use super::{encoded, fill, text, to_russia};
use crate::harness::{App, Backend, Template, ensure, generate, runner};

/// Long enough that it is searched first, and walked through then.
const ROWS: u32 = 70_000;

fn ids(text: &str) -> Vec<&str> {
    let lines = text.lines().filter(|line| line.starts_with("shipment_"));
    lines.filter_map(|line| line.split(',').next()).collect()
}

/// Cut at any byte, and resumed after the last whole line, the parts make the whole.
pub async fn cut(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    fill(&backend, &app.database_url, "cut", 6_000).await?;
    let path = format!("/export/shipments.csv?filter={}", to_russia("cut"));
    let whole = text(&app, &path).await?;
    ensure(ids(&whole).len(), 2_000)?;
    let mut runner = runner();
    for _ in 0..8 {
        let mut kept = String::new();
        let mut rest = whole.clone();
        for _ in 0..3 {
            let at = usize::from(generate(&mut runner, &any::<u16>())?) * rest.len() / 65_536;
            let end = rest[..at].rfind('\n').map_or(0, |end| end + 1);
            kept.push_str(&rest[..end]);
            rest = match ids(&kept).last() {
                Some(last) => text(&app, &format!("{path}&header=false&after={last}")).await?,
                None => {
                    kept.clear();
                    whole.clone()
                }
            };
        }
        kept.push_str(&rest);
        ensure(kept == whole, true)?;
    }
    Ok(())
}

/// In parts of any size, and all at once: the same rows, each once, through both ways of looking.
pub async fn in_parts(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    fill(&backend, &app.database_url, "parts", ROWS).await?;
    let path = format!(
        "/export/shipments.csv?filter={}&header=false",
        to_russia("parts")
    );
    let whole = text(&app, &path).await?;
    let expected = ids(&whole);
    ensure(expected.len(), ROWS as usize / 3)?;
    let distinct: HashSet<_> = expected.iter().collect();
    ensure(distinct.len(), expected.len())?;
    let mut parts = String::new();
    loop {
        let after = ids(&parts).last().map(|last| format!("&after={last}"));
        let after = after.unwrap_or_default();
        let part = text(&app, &format!("{path}&limit=9999{after}")).await?;
        let count = ids(&part).len();
        parts.push_str(&part);
        if count < 9_999 {
            break;
        }
    }
    ensure(parts == whole, true)?;
    let all = encoded(&json!({ "dataset": { "slug": { "eq": "parts" } } }));
    let all = text(
        &app,
        &format!("/export/shipments.csv?filter={all}&header=false&end=true"),
    )
    .await?;
    ensure(ids(&all).len(), ROWS as usize)?;
    let last = ids(&all).last().copied().unwrap_or_default();
    let end = format!("# complete: {ROWS} rows, the last is {last}");
    ensure(all.lines().last(), Some(end.as_str()))
}
