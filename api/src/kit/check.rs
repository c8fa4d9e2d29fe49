//! What is wrong with an input: all of it at once, each problem with the path to its field.
use async_graphql::{Enum, SimpleObject};
use serde::{Deserialize, Serialize};

/// Why a mutation was not carried out, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, SimpleObject, Serialize, Deserialize)]
pub struct UserError {
    /// What sort of problem it is.
    code: UserErrorCode,
    /// What is wrong, and what would be right.
    pub message: String,
    /// Where in the input: names of fields, and numbers of list elements from 0. Where the input does not have what is wrong, as in `publish…` and `revert…`, the field of the record. Empty when it is about the whole.
    path: Vec<String>,
}

/// What sort of problem an input has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum UserErrorCode {
    /// The value cannot be taken.
    Invalid,
    /// A value is missing.
    Required,
    /// There is no such record.
    NotFound,
    /// Another record holds this name or key.
    Taken,
    /// Someone else changed the record meanwhile: the payload has it as it now stands.
    Conflict,
    /// The record's state does not allow it.
    NotAllowed,
    /// The idempotency key was used for another input.
    KeyReused,
}

/// Collects problems on the way through an input.
#[derive(Default)]
pub struct Check {
    path: Vec<String>,
    errors: Vec<UserError>,
}

impl Check {
    /// What is refused from here to [`leave`](Self::leave) stands below this field.
    pub fn enter(&mut self, field: impl ToString) {
        self.path.push(field.to_string());
    }

    pub fn leave(&mut self) {
        self.path.pop();
    }

    /// The field has this problem.
    pub fn refuse(&mut self, field: &str, code: UserErrorCode, message: impl Into<String>) {
        let own = (!field.is_empty()).then(|| field.to_owned());
        self.errors.push(UserError {
            code,
            message: message.into(),
            path: self.path.iter().cloned().chain(own).collect(),
        });
    }

    /// The input as far as we are in it has this problem.
    pub fn refuse_here(&mut self, code: UserErrorCode, message: impl Into<String>) {
        self.refuse("", code, message);
    }

    /// Refuses the field unless something holds.
    pub fn require(&mut self, holds: bool, field: &str, message: &str) {
        if !holds {
            self.refuse(field, UserErrorCode::Invalid, message);
        }
    }

    /// How many problems there are so far.
    pub fn count(&self) -> usize {
        self.errors.len()
    }

    pub fn has(&self, code: UserErrorCode) -> bool {
        self.errors.iter().any(|error| error.code == code)
    }

    pub fn is_clean(&self) -> bool {
        self.errors.is_empty()
    }

    pub fn into_errors(self) -> Vec<UserError> {
        self.errors
    }
}
