//! What somebody looks for: words and phrases, all of which must stand in a record.
use sha2::{Digest, Sha256};

use super::{
    endings::{beginning, is_enough},
    fold::stands_alone,
    words::words,
};
use crate::kit::error::{Error, Result};

/// In characters.
const LONGEST: usize = 400;
/// Words and phrases.
const MOST_TERMS: usize = 16;
/// Words of all phrases together.
const MOST_WORDS: usize = 64;
/// From so many characters on, text without spaces may be more than one word.
const LONG_RUN: usize = 4;

#[derive(Clone, Debug)]
pub struct Query {
    pub terms: Vec<Term>,
}

/// A word or phrase, and what is taken for it if need be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    pub exact: Sequence,
    /// All of these must stand in a record instead; none when there is nothing but the term itself.
    pub loose: Option<Vec<Sequence>>,
}

/// Words side by side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sequence {
    pub tokens: Vec<String>,
    /// Whether the last one may go on.
    pub is_beginning: bool,
}

impl Query {
    pub fn parse(text: &str) -> Result<Self> {
        let length = text.chars().count();
        if length > LONGEST {
            return Err(Error::bad_input(format!(
                "query must not be longer than {LONGEST} characters, and has {length}: \
                 a few words find a record"
            )));
        }
        let mut terms: Vec<Term> = Vec::new();
        for (part, is_quoted) in parts(text) {
            let term = match is_quoted {
                true => quoted(part),
                false => bare(part)?,
            };
            terms.extend(term.filter(|term| !terms.contains(term)));
        }
        if terms.is_empty() {
            return Err(Error::bad_input(
                "query must hold a word: letters or digits of any language, \
                 such as drones, \"made in China\" or 8806",
            ));
        }
        let words: usize = terms.iter().map(|term| term.exact.tokens.len()).sum();
        if terms.len() > MOST_TERMS || words > MOST_WORDS {
            return Err(Error::bad_input(format!(
                "query may hold {MOST_TERMS} words and phrases and {MOST_WORDS} words in all, \
                 and has {} and {words}",
                terms.len()
            )));
        }
        Ok(Self { terms })
    }

    /// All its words side by side; none when that says no more than the words themselves.
    pub fn side_by_side(&self) -> Option<Sequence> {
        (self.terms.len() > 1).then(|| Sequence {
            tokens: self.tokens().map(str::to_owned).collect(),
            is_beginning: false,
        })
    }

    /// All its words in their order.
    pub fn tokens(&self) -> impl Iterator<Item = &str> {
        let exact = self.terms.iter().flat_map(|term| &term.exact.tokens);
        exact.map(String::as_str)
    }

    /// Tells one query from another, however they are spelled.
    pub fn signature(&self) -> String {
        let digest = Sha256::digest(format!("{:?}", self.terms));
        digest[..6].iter().map(|b| format!("{b:02x}")).collect()
    }
}

/// The query cut at spaces and quotation marks; whether each part stood between such.
fn parts(text: &str) -> Vec<(&str, bool)> {
    const QUOTES: [char; 12] = [
        '"', '“', '”', '„', '‟', '«', '»', '「', '」', '『', '』', '＂',
    ];
    let mut parts = Vec::new();
    for (place, part) in text.split(QUOTES).enumerate() {
        match place % 2 == 1 {
            true => parts.push((part, true)),
            false => parts.extend(part.split_whitespace().map(|word| (word, false))),
        }
    }
    parts
}

fn quoted(text: &str) -> Option<Term> {
    let tokens: Vec<String> = words(text).into_iter().map(|word| word.token).collect();
    (!tokens.is_empty()).then_some(Term {
        exact: Sequence {
            tokens,
            is_beginning: false,
        },
        loose: None,
    })
}

/// Without quotation marks, a word is also found as a beginning; what was left out may follow.
fn bare(text: &str) -> Result<Option<Term>> {
    let Some(term) = quoted(text) else {
        return Ok(None);
    };
    let asked = text.ends_with('*');
    let Some((last, before)) = term.exact.tokens.split_last() else {
        return Ok(None);
    };
    let is_run = |token: &String| token.starts_with(stands_alone);
    let loose = if is_run(last) {
        let long = term.exact.tokens.len() >= LONG_RUN && term.exact.tokens.iter().all(is_run);
        long.then(|| term.exact.tokens.iter().map(|token| alone(token)).collect())
    } else {
        let start = match asked {
            true => Some(last.as_str()),
            false => beginning(last),
        };
        let is_number = last.bytes().all(|b| b.is_ascii_digit());
        if asked && !is_enough(last) && !(is_number && last.len() > 1) {
            return Err(Error::bad_input(format!(
                "{text:?} would find almost anything: give three letters or two digits before *"
            )));
        }
        start.map(|start| {
            let start = std::iter::once(start.to_owned());
            vec![Sequence {
                tokens: before.iter().cloned().chain(start).collect(),
                is_beginning: true,
            }]
        })
    };
    Ok(Some(Term { loose, ..term }))
}

fn alone(token: &str) -> Sequence {
    Sequence {
        tokens: vec![token.to_owned()],
        is_beginning: false,
    }
}
