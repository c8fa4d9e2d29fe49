//! Characters as they are compared: without case, accents and forms of the same letter.
use unicode_normalization::char::{decompose_compatible, is_combining_mark};

/// What a character is to a word.
pub enum Piece {
    /// A letter or digit of a word.
    Letter(char),
    /// A character that is a word by itself, where nobody writes spaces.
    Word(char),
    /// Belongs to the character before it.
    Mark(char),
    /// Stands between words.
    Gap,
}

/// Takes a character apart; what does not count is left out.
pub fn fold(character: char, mut take: impl FnMut(Piece)) {
    if character.is_ascii() {
        return take(match character.is_ascii_alphanumeric() {
            true => Piece::Letter(character.to_ascii_lowercase()),
            false => Piece::Gap,
        });
    }
    decompose_compatible(character, |part| {
        for lower in part.to_lowercase() {
            match same(lower) {
                Some(letters) => letters.chars().for_each(|c| take(Piece::Letter(c))),
                None if is_ignored(lower) => {}
                None if is_combining_mark(lower) => take(Piece::Mark(lower)),
                None if stands_alone(lower) => take(Piece::Word(lower)),
                None if lower.is_alphanumeric() => take(Piece::Letter(lower)),
                None => take(Piece::Gap),
            }
        }
    });
}

/// Breve: и with it is й, another letter; any other letter remains what it is.
pub const BREVE: char = '\u{306}';

/// Letters that readers take for others, and that Unicode does not take apart.
fn same(letter: char) -> Option<&'static str> {
    Some(match letter {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        'ø' => "o",
        'đ' | 'ð' => "d",
        'ł' => "l",
        'ħ' => "h",
        'ı' => "i",
        'ς' => "σ",
        'ґ' => "г",
        _ => return None,
    })
}

/// Accents, vowel points and what is not seen. In Indic and other scripts marks are letters.
pub fn is_ignored(character: char) -> bool {
    matches!(character,
        '\u{300}'..='\u{305}' | '\u{307}'..='\u{36f}' | '\u{483}'..='\u{489}'
        | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}'
        | '\u{fe20}'..='\u{fe2f}'
        // Hebrew and Arabic points, and the Arabic tatweel.
        | '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}' | '\u{5c2}' | '\u{5c4}' | '\u{5c5}'
        | '\u{5c7}' | '\u{610}'..='\u{61a}' | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}'
        | '\u{6d6}'..='\u{6dc}' | '\u{6df}'..='\u{6e8}' | '\u{6ea}'..='\u{6ed}'
        // Hints on how to join and hyphenate, marks of direction, variants of form.
        | '\u{ad}' | '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'
        | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}'
    )
}

/// Scripts that are written without spaces: Chinese, Japanese, Thai, Lao, Khmer and Burmese.
pub fn stands_alone(character: char) -> bool {
    matches!(character,
        '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}' | '\u{3005}'..='\u{3007}'
        | '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}' | '\u{30fc}'
        | '\u{31f0}'..='\u{31ff}'
        | '\u{e01}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
    )
}
