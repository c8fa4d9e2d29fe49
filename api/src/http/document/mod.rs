//! Documents: read, measured, validated, and kept by their hash to be run again.
use std::sync::Arc;

use async_graphql::{
    Name, Positioned, Request, ServerError,
    parser::types::{DocumentOperations, ExecutableDocument, OperationDefinition},
};
use moka::sync::Cache;
use sha2::{Digest, Sha256};

use super::{
    gate::{shape, values::Rules},
    limits::{Exceeded, Limits},
};
use crate::schema::Validator;

mod collect;
mod cursor;
mod given;
mod lexer;
mod parser;
mod string;
/// The documents that are trusted, where only those may run.
pub mod trusted;

pub use collect::collect;
pub use given::Given;

pub type Hash = [u8; 32];

/// A document that may run.
pub struct Document {
    /// SHA-256 of its text.
    pub hash: Hash,
    /// How long its text is, in bytes.
    length: usize,
    pub executable: ExecutableDocument,
}

/// Why a document may not run.
#[derive(Debug)]
pub enum Refused {
    Limit(Exceeded),
    /// It is no GraphQL.
    Syntax(ServerError),
    /// It is none for this schema.
    Invalid(Vec<ServerError>),
}

/// Bytes of text whose documents are kept. A document takes some twenty-five times its text.
const KEPT_BYTES: u64 = 2 << 20;

/// All documents that were found valid, as far as there is room.
pub struct Documents {
    validator: Arc<Validator>,
    kept: Cache<Hash, Arc<Document>>,
}

impl Documents {
    pub fn new(validator: Validator) -> Self {
        let weight =
            |_: &Hash, document: &Arc<Document>| u32::try_from(document.length).unwrap_or(u32::MAX);
        let kept = Cache::builder().max_capacity(KEPT_BYTES).weigher(weight);
        Self {
            validator: Arc::new(validator),
            kept: kept.build(),
        }
    }

    /// Gets ready to read in the background.
    pub fn warm(&self) {
        let validator = Arc::clone(&self.validator);
        tokio::task::spawn_blocking(move || validator.build());
    }

    /// One that was sent before, by the hash of its text.
    pub fn kept(&self, hash: &Hash) -> Option<Arc<Document>> {
        self.kept.get(hash)
    }

    /// How many bytes of text the kept ones have.
    pub fn bytes(&self) -> u64 {
        self.kept.weighted_size()
    }

    /// The document of this text, which has this hash, and is kept if it is valid.
    pub async fn read(
        &self,
        text: &str,
        hash: Hash,
        rules: Rules<'_>,
        limits: &Limits,
    ) -> Result<Arc<Document>, Refused> {
        let executable = parser::parse(text, limits).map_err(|unread| match unread {
            cursor::Unread::Limit(exceeded) => Refused::Limit(exceeded),
            cursor::Unread::Syntax(error) => {
                Refused::Syntax(ServerError::new(error.message, Some(error.pos)))
            }
        })?;
        shape::check(&executable, limits)?;
        let mut errors = rules.literals(&executable);
        let mut request = Request::new("");
        request.set_parsed_query(executable.clone());
        let found = self.validator.validate(request, text.len()).await;
        // Ours says what is wrong with a value better.
        let is_known = |error: &ServerError| {
            let message = &error.message;
            message.starts_with("Invalid value for argument")
                || message.contains("used in position expecting type")
        };
        let has_values = !errors.is_empty();
        errors.extend(
            found
                .into_iter()
                .filter(|error| !(has_values && is_known(error))),
        );
        if !errors.is_empty() {
            return Err(Refused::Invalid(errors));
        }
        let document = Arc::new(Document {
            hash,
            length: text.len(),
            executable,
        });
        self.kept.insert(hash, Arc::clone(&document));
        Ok(document)
    }
}

impl Document {
    /// The operation that is asked for, with its name; or why there is none.
    pub fn operation(
        &self,
        name: Option<&str>,
    ) -> Result<(Option<&Name>, &Positioned<OperationDefinition>), String> {
        match (&self.executable.operations, name) {
            (DocumentOperations::Single(operation), None) => Ok((None, operation)),
            (DocumentOperations::Single(_), Some(name)) => Err(format!(
                "the document has no operation {name:?}: its only one has no name, leave operationName out"
            )),
            (DocumentOperations::Multiple(operations), name) => {
                let found = match name {
                    Some(name) => operations.get_key_value(name),
                    None => operations.iter().next().filter(|_| operations.len() == 1),
                };
                found.map(|(name, operation)| (Some(name), operation)).ok_or_else(|| {
                    let mut names: Vec<_> = operations.keys().map(Name::as_str).collect();
                    names.sort_unstable();
                    let names = names.join(", ");
                    match name {
                        Some(name) => format!("the document has no operation {name:?}; it has {names}"),
                        None => format!("the document has several operations, {names}: name one in operationName"),
                    }
                })
            }
        }
    }
}

/// A hash from its hexadecimal digits.
pub fn hash_of(digits: &str) -> Option<Hash> {
    let mut hash = Hash::default();
    let is_hash =
        digits.len() == 2 * hash.len() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    for (position, byte) in hash.iter_mut().enumerate().filter(|_| is_hash) {
        *byte = u8::from_str_radix(digits.get(2 * position..2 * position + 2)?, 16).ok()?;
    }
    is_hash.then_some(hash)
}

pub fn hash(text: &str) -> Hash {
    Sha256::digest(text).into()
}
