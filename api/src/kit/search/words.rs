//! The words of a text, alike in every language and on every database.
use super::fold::{BREVE, Piece, fold};

/// Letters of a word that count.
const LONGEST: usize = 40;

/// A word as it is compared, and where in the text it stands, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    pub token: String,
    pub start: usize,
    pub end: usize,
}

/// All words of a text in their order.
pub fn words(text: &str) -> Vec<Word> {
    let mut reading = Reading::default();
    for (start, character) in text.char_indices() {
        reading.read(character, start, start + character.len_utf8());
    }
    reading.end_word();
    joined(reading.words, text)
}

#[derive(Default)]
struct Reading {
    words: Vec<Word>,
    current: Option<Word>,
    /// How many letters the current word has.
    letters: usize,
    /// Whether the last word is a character that is a word by itself, to which a mark may belong.
    takes_marks: bool,
    apostrophe: Option<usize>,
}

impl Reading {
    fn read(&mut self, character: char, start: usize, end: usize) {
        if matches!(character, '\'' | '’' | 'ʼ' | '＇') {
            let follows = self.current.is_some();
            self.end_word();
            self.apostrophe = follows.then_some(end);
            return;
        }
        fold(character, |piece| match piece {
            Piece::Letter(letter) => self.add(letter, start, end),
            Piece::Word(letter) => {
                self.end_word();
                let token = letter.to_string();
                self.words.push(Word { token, start, end });
                self.takes_marks = true;
            }
            Piece::Mark(mark) => self.mark(mark, end),
            Piece::Gap => self.end_word(),
        });
    }

    fn add(&mut self, letter: char, start: usize, end: usize) {
        self.takes_marks = false;
        let word = self.current.get_or_insert_with(|| Word {
            token: String::new(),
            start,
            end,
        });
        word.end = end;
        if self.letters < LONGEST {
            word.token.push(letter);
            self.letters += 1;
        }
    }

    fn mark(&mut self, mark: char, end: usize) {
        let (word, alone) = match &mut self.current {
            Some(word) => (Some(word), false),
            None => (self.words.last_mut().filter(|_| self.takes_marks), true),
        };
        let Some(word) = word else { return };
        word.end = end;
        match mark {
            BREVE if word.token.ends_with('и') => {
                word.token.pop();
                word.token.push('й');
            }
            BREVE => {}
            _ if alone || self.letters < LONGEST => {
                word.token.push(mark);
                self.letters += usize::from(!alone);
            }
            _ => {}
        }
    }

    fn end_word(&mut self) {
        self.takes_marks = false;
        self.letters = 0;
        let apostrophe = self.apostrophe.take();
        if let Some(word) = self.current.take() {
            // "China's" is about China.
            let is_possessive = word.token == "s" && apostrophe == Some(word.start);
            if !is_possessive {
                self.words.push(word);
            }
        }
    }
}

/// `8806.21` is the HS code 880621, however it is written.
fn joined(words: Vec<Word>, text: &str) -> Vec<Word> {
    let digits = |word: &Word, count: usize| {
        word.token.len() == count && word.token.bytes().all(|b| b.is_ascii_digit())
    };
    let mut joined: Vec<Word> = Vec::with_capacity(words.len());
    for word in words {
        if let Some(code) = joined.last_mut()
            && digits(&word, 2)
            && [4, 6, 8].iter().any(|count| digits(code, *count))
            && text.get(code.end..word.start) == Some(".")
        {
            code.token.push_str(&word.token);
            code.end = word.end;
        } else {
            joined.push(word);
        }
    }
    joined
}
