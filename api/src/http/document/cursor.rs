//! What the parser stands on: the next token, and brackets that open and close.
use async_graphql::{Name, Pos, Positioned};

use super::lexer::{Lexer, SyntaxError, Token};
use crate::http::limits::{Exceeded, Limit, Limits};

/// Why there is no document.
#[derive(Debug)]
pub enum Unread {
    Syntax(SyntaxError),
    Limit(Exceeded),
}

impl From<SyntaxError> for Unread {
    fn from(error: SyntaxError) -> Self {
        Self::Syntax(error)
    }
}

pub type Read<T> = Result<T, Unread>;

pub struct Cursor<'d> {
    lexer: Lexer<'d>,
    /// The one that comes next.
    pub token: Token<'d>,
    /// Where it stands.
    pub pos: Pos,
    tokens: usize,
    /// Brackets that are open.
    depth: usize,
    limits: &'d Limits,
}

impl<'d> Cursor<'d> {
    pub fn new(text: &'d str, limits: &'d Limits) -> Read<Self> {
        let mut lexer = Lexer::new(text);
        let (token, pos) = lexer.next()?;
        Ok(Self {
            lexer,
            token,
            pos,
            tokens: 0,
            depth: 0,
            limits,
        })
    }

    /// Takes the next token.
    pub fn advance(&mut self) -> Read<Token<'d>> {
        self.tokens += 1;
        if self.tokens > self.limits.max_tokens {
            let most = self.limits.max_tokens;
            return Err(Unread::Limit(Exceeded::early(Limit::Tokens, most)));
        }
        let (next, pos) = self.lexer.next()?;
        self.pos = pos;
        Ok(std::mem::replace(&mut self.token, next))
    }

    pub fn unexpected<T>(&self, expected: &str) -> Read<T> {
        let found = match &self.token {
            Token::Punctuator(text) | Token::Name(text) | Token::Int(text) | Token::Float(text) => {
                format!("{:?}", text.chars().take(40).collect::<String>())
            }
            Token::String(_) => "a string".to_owned(),
            Token::End => "the end of the document".to_owned(),
        };
        Err(Unread::Syntax(SyntaxError {
            message: format!("expected {expected}, found {found}"),
            pos: self.pos,
        }))
    }

    pub fn is(&self, punctuator: &str) -> bool {
        matches!(self.token, Token::Punctuator(found) if found == punctuator)
    }

    pub fn is_word(&self, word: &str) -> bool {
        matches!(self.token, Token::Name(found) if found == word)
    }

    /// Takes the punctuator if it comes next.
    pub fn skip(&mut self, punctuator: &str) -> Read<bool> {
        let found = self.is(punctuator);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    pub fn expect(&mut self, punctuator: &str) -> Read<()> {
        match self.skip(punctuator)? {
            true => Ok(()),
            false => self.unexpected(&format!("{punctuator:?}")),
        }
    }

    pub fn name(&mut self) -> Read<Positioned<Name>> {
        let pos = self.pos;
        let Token::Name(name) = self.token else {
            return self.unexpected("a name");
        };
        self.advance()?;
        Ok(Positioned::new(Name::new(name), pos))
    }

    /// At least one item between two brackets.
    pub fn many<T>(
        &mut self,
        (open, close): (&str, &str),
        mut item: impl FnMut(&mut Self) -> Read<T>,
    ) -> Read<Vec<T>> {
        self.open(open)?;
        let mut items = vec![item(self)?];
        while !self.close(close)? {
            items.push(item(self)?);
        }
        Ok(items)
    }

    /// The same, where there may be no brackets.
    pub fn optional_many<T>(
        &mut self,
        brackets: (&str, &str),
        item: impl FnMut(&mut Self) -> Read<T>,
    ) -> Read<Vec<T>> {
        match self.is(brackets.0) {
            true => self.many(brackets, item),
            false => Ok(Vec::new()),
        }
    }

    pub fn open(&mut self, bracket: &str) -> Read<()> {
        self.expect(bracket)?;
        self.depth += 1;
        let most = self.limits.max_nesting;
        if self.depth > most {
            return Err(Unread::Limit(Exceeded::early(Limit::Nesting, most)));
        }
        Ok(())
    }

    pub fn close(&mut self, bracket: &str) -> Read<bool> {
        let found = self.skip(bracket)?;
        if found {
            self.depth -= 1;
        }
        Ok(found)
    }
}
