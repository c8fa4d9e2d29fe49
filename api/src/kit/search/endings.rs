//! What words of the same kin have in common: their beginning, without the ending.

/// A beginning must have this many letters; of a number, so many digits.
const LEAST_LETTERS: usize = 3;
const LEAST_DIGITS: usize = 2;

/// Endings of Russian and Ukrainian nouns and adjectives, the longer ones first.
const CYRILLIC: &[&str] = &[
    "иями", "ями", "ами", "ией", "иям", "иях", "ием", "ого", "его", "ому", "ему", "ыми", "ими",
    "ии", "ей", "ий", "ый", "ой", "ая", "яя", "ое", "ее", "ые", "ие", "ом", "ем", "ам", "ям", "ах",
    "ях", "ов", "ев", "ию", "ью", "ия", "ья", "ую", "юю", "а", "я", "о", "е", "ы", "и", "у", "ю",
    "ь", "й", "і", "ї",
];

/// The beginning by which a word is found besides in full; none when it would find anything.
pub fn beginning(token: &str) -> Option<&str> {
    if token.bytes().all(|b| b.is_ascii_digit()) {
        return (token.len() >= LEAST_DIGITS).then_some(token);
    }
    let stem = if token.is_ascii() {
        without_plural(token)
    } else if token.chars().all(|c| ('\u{400}'..='\u{4ff}').contains(&c)) {
        let endings = CYRILLIC.iter();
        let mut stems = endings.filter_map(|ending| token.strip_suffix(ending));
        stems.find(|stem| is_enough(stem)).unwrap_or(token)
    } else {
        token
    };
    is_enough(stem).then_some(stem)
}

/// Whether a beginning that somebody asks for would not find almost anything.
pub fn is_enough(beginning: &str) -> bool {
    beginning.chars().count() >= LEAST_LETTERS
}

/// English plurals, as far as cutting undoes them.
fn without_plural(token: &str) -> &str {
    let doubled = ["ches", "shes", "sses", "xes", "zes"];
    let stem = if let Some(stem) = token.strip_suffix("ies") {
        stem
    } else if doubled.iter().any(|ending| token.ends_with(ending)) {
        token.strip_suffix("es").unwrap_or(token)
    } else if ["ss", "us", "is"].iter().any(|end| token.ends_with(end)) {
        token
    } else {
        token.strip_suffix('s').unwrap_or(token)
    };
    match is_enough(stem) {
        true => stem,
        false => token,
    }
}
