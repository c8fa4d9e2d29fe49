//! The tokens of a GraphQL document (GraphQL specification, section 2.1), with where they stand.
use async_graphql::Pos;

use super::string;

/// One word of a document.
#[derive(Clone, Debug, PartialEq)]
pub enum Token<'d> {
    /// `!`, `$`, `&`, `(`, `)`, `...`, `:`, `=`, `@`, `[`, `]`, `{`, `|` or `}`.
    Punctuator(&'static str),
    Name(&'d str),
    Int(&'d str),
    Float(&'d str),
    String(String),
    End,
}

/// Why a document cannot be read, and where.
#[derive(Debug)]
pub struct SyntaxError {
    pub message: String,
    pub pos: Pos,
}

pub struct Lexer<'d> {
    text: &'d str,
    /// How far it was read, in bytes.
    at: usize,
    line: usize,
    /// The column that `counted` stands in, from 1.
    column: usize,
    /// How far columns were counted, in bytes: counting anew for every token would take long on a
    /// long line.
    counted: usize,
}

const PUNCTUATORS: [&str; 13] = [
    "!", "$", "&", "(", ")", ":", "=", "@", "[", "]", "{", "|", "}",
];

impl<'d> Lexer<'d> {
    pub fn new(text: &'d str) -> Self {
        Self {
            text,
            at: 0,
            line: 1,
            column: 1,
            counted: 0,
        }
    }

    fn rest(&self) -> &'d str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn pos(&mut self) -> Pos {
        let since = self.text.get(self.counted..self.at).unwrap_or_default();
        self.column += since.chars().count();
        self.counted = self.at;
        Pos {
            line: self.line,
            column: self.column,
        }
    }

    fn error(&mut self, message: impl Into<String>) -> SyntaxError {
        SyntaxError {
            message: message.into(),
            pos: self.pos(),
        }
    }

    /// The next token; [`Token::End`] for ever once all is read.
    pub fn next(&mut self) -> Result<(Token<'d>, Pos), SyntaxError> {
        self.skip_ignored();
        let pos = self.pos();
        let rest = self.rest();
        let Some(first) = rest.chars().next() else {
            return Ok((Token::End, pos));
        };
        let token = match first {
            '"' => self.string()?,
            '-' | '0'..='9' => self.number()?,
            '_' | 'a'..='z' | 'A'..='Z' => Token::Name(self.take_while(is_name_part)),
            '.' if rest.starts_with("...") => {
                self.at += 3;
                Token::Punctuator("...")
            }
            other => {
                let known = PUNCTUATORS.iter().find(|known| rest.starts_with(**known));
                let Some(known) = known else {
                    return Err(self.error(format!("{other:?} has no meaning here")));
                };
                self.at += 1;
                Token::Punctuator(known)
            }
        };
        Ok((token, pos))
    }

    /// White space, commas, comments and the byte order mark.
    fn skip_ignored(&mut self) {
        loop {
            let rest = self.rest().as_bytes();
            match rest.first() {
                Some(b' ' | b'\t' | b',') => self.at += 1,
                Some(b'\n') => self.new_line(1),
                Some(b'\r') => self.new_line(if rest.get(1) == Some(&b'\n') { 2 } else { 1 }),
                Some(b'#') => {
                    let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
                    self.at += end.unwrap_or(rest.len());
                }
                Some(0xEF) if self.rest().starts_with('\u{feff}') => self.at += 3,
                _ => return,
            }
        }
    }

    fn new_line(&mut self, bytes: usize) {
        self.at += bytes;
        self.begin_lines(1, self.at);
    }

    /// So many lines ended, the last of them here.
    fn begin_lines(&mut self, lines: usize, start: usize) {
        self.line += lines;
        self.column = 1;
        self.counted = start;
    }

    fn take_while(&mut self, is_part: impl Fn(u8) -> bool) -> &'d str {
        let rest = self.rest();
        let end = rest.bytes().position(|byte| !is_part(byte));
        let taken = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
        self.at += taken.len();
        taken
    }

    /// An integer part without leading zeros, and a fraction or an exponent for a float.
    fn number(&mut self) -> Result<Token<'d>, SyntaxError> {
        let start = self.at;
        if self.rest().starts_with('-') {
            self.at += 1;
        }
        let whole = self.take_while(|byte| byte.is_ascii_digit());
        if whole.is_empty() || (whole.len() > 1 && whole.starts_with('0')) {
            return Err(self.error("a number has digits, and no zero before them"));
        }
        let mut is_float = false;
        if self.rest().starts_with('.') && !self.rest().starts_with("...") {
            self.at += 1;
            is_float = true;
            self.digits()?;
        }
        if self.rest().starts_with(['e', 'E']) {
            self.at += 1;
            is_float = true;
            if self.rest().starts_with(['+', '-']) {
                self.at += 1;
            }
            self.digits()?;
        }
        if self
            .rest()
            .starts_with(|c: char| c == '.' || c == '_' || c.is_ascii_alphabetic())
        {
            return Err(self.error("a number ends before a letter or a point"));
        }
        let text = self.text.get(start..self.at).unwrap_or_default();
        Ok(match is_float {
            true => Token::Float(text),
            false => Token::Int(text),
        })
    }

    fn digits(&mut self) -> Result<(), SyntaxError> {
        match self.take_while(|byte| byte.is_ascii_digit()) {
            "" => Err(self.error("digits are missing in a number")),
            _ => Ok(()),
        }
    }

    fn string(&mut self) -> Result<Token<'d>, SyntaxError> {
        let rest = self.rest();
        let read = match rest.strip_prefix("\"\"\"") {
            Some(inside) => string::block(inside).map(|(value, length)| (value, length + 3)),
            None => string::plain(rest.get(1..).unwrap_or_default())
                .map(|(value, length)| (value, length + 1)),
        };
        let (value, length) = match read {
            Ok(read) => read,
            Err(message) => return Err(self.error(message)),
        };
        let end = self.at + length;
        let inside = self.text.get(self.at..end).unwrap_or_default();
        // Lines go on in a block string.
        let breaks = inside.replace("\r\n", "\n").matches(['\n', '\r']).count();
        if let Some(last) = inside.rfind(['\n', '\r']) {
            self.begin_lines(breaks, self.at + last + 1);
        }
        self.at = end;
        Ok(Token::String(value))
    }
}

fn is_name_part(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphanumeric()
}
