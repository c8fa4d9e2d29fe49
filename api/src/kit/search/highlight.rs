//! Where the words that were looked for stand in a text, as fragments that need no markup.
use async_graphql::SimpleObject;

use super::{
    document::Field,
    query::{Query, Sequence},
    words::{Word, words},
};

/// A text longer than this is shown in part, in bytes.
const LONGEST: usize = 320;
/// What is shown before the first word that was found, when the text is cut.
const BEFORE: usize = 80;

/// A text of a record in which words that were looked for stand.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(name = "SearchHighlight")]
pub struct Highlight {
    /// Field of the record that holds the text, by its name in this schema.
    field: String,
    /// The text cut into pieces, which make it up one after the other. Plain text: it holds no
    /// markup, and must be escaped like any other.
    fragments: Vec<Fragment>,
    /// Whether text before the first fragment was left out.
    cut_before: bool,
    /// Whether text after the last fragment was left out.
    cut_after: bool,
}

/// A piece of a text.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(name = "SearchFragment")]
pub struct Fragment {
    /// The piece, as it stands in the text.
    text: String,
    /// Whether it is what was looked for.
    matched: bool,
}

/// Those fields in which something was found.
pub fn highlights(query: &Query, fields: &[Field]) -> Vec<Highlight> {
    let found = fields.iter().filter_map(|field| highlight(query, field));
    found.collect()
}

fn highlight(query: &Query, field: &Field) -> Option<Highlight> {
    let words = words(&field.text);
    let spans = spans(query, &words);
    let first = spans.first()?.0;
    let (from, to) = excerpt(&field.text, &words, first);
    let mut fragments = Vec::new();
    let mut add = |start: usize, end: usize, matched: bool| {
        if let Some(text) = field.text.get(start..end).filter(|text| !text.is_empty()) {
            let text = text.to_owned();
            fragments.push(Fragment { text, matched });
        }
    };
    let mut at = from;
    for (start, end) in spans.into_iter().filter(|(_, end)| *end <= to) {
        add(at, start, false);
        add(start, end, true);
        at = end;
    }
    add(at, to, false);
    Some(Highlight {
        field: camel_case(field.column),
        fragments,
        cut_before: from > 0,
        cut_after: to < field.text.len(),
    })
}

/// The stretches of a text that were looked for, in their order, each phrase as one.
fn spans(query: &Query, words: &[Word]) -> Vec<(usize, usize)> {
    let mut spans = Vec::new();
    spans.extend(
        query
            .side_by_side()
            .iter()
            .flat_map(|all| places(all, words)),
    );
    for term in &query.terms {
        let before = spans.len();
        spans.extend(places(&term.exact, words));
        // Single characters of a run mean little beside the run itself.
        let whole = spans.len() > before;
        let loose = term.loose.iter().flatten();
        let loose = loose.filter(|sequence| sequence.is_beginning || !whole);
        spans.extend(loose.flat_map(|sequence| places(sequence, words)));
    }
    spans.sort_unstable();
    let mut merged: Vec<(usize, usize)> = Vec::new();
    for (from, to) in spans {
        match merged.last_mut() {
            Some((_, end)) if *end >= from => *end = to.max(*end),
            _ => merged.push((from, to)),
        }
    }
    merged
}

/// Where a sequence stands.
fn places(sequence: &Sequence, words: &[Word]) -> Vec<(usize, usize)> {
    let count = sequence.tokens.len().max(1);
    let fits = |window: &&[Word]| {
        let mut pairs = window.iter().zip(&sequence.tokens).zip(1..);
        pairs.all(
            |((word, token), place)| match sequence.is_beginning && place == count {
                true => word.token.starts_with(token.as_str()),
                false => word.token == *token,
            },
        )
    };
    let windows = words.windows(count).filter(fits);
    let places = windows.filter_map(|window| Some((window.first()?.start, window.last()?.end)));
    places.collect()
}

/// From where to where a text is shown, so that the byte `first` is in it. Words are not cut,
/// unless one is longer than all that is shown.
fn excerpt(text: &str, words: &[Word], first: usize) -> (usize, usize) {
    if text.len() <= LONGEST {
        return (0, text.len());
    }
    let earliest = first.saturating_sub(BEFORE);
    let starts = words.iter().map(|word| word.start);
    let from = match earliest {
        0 => 0,
        _ => starts
            .clone()
            .find(|start| *start >= earliest)
            .unwrap_or(first),
    };
    let latest = from + LONGEST;
    if latest >= text.len() {
        return (from, text.len());
    }
    let ends = words.iter().map(|word| word.end).filter(|end| *end > first);
    let to = ends.take_while(|end| *end <= latest).last();
    (from, to.unwrap_or_else(|| text.ceil_char_boundary(latest)))
}

/// A column's name as the schema spells it.
fn camel_case(name: &str) -> String {
    let mut parts = name.split('_');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |name, part| {
        let mut letters = part.chars();
        let head = letters.next().map(|letter| letter.to_ascii_uppercase());
        name + &head.into_iter().chain(letters).collect::<String>()
    })
}
