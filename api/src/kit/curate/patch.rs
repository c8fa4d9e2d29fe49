//! Fields of inputs that change a record: absent keeps what is there, present sets it.
use std::borrow::Cow;

use async_graphql::{InputType, InputValueError, InputValueResult, Value, registry::Registry};

use super::Entry;
use crate::kit::check::UserErrorCode::{Invalid, Required};

/// More than a quote or a description ever needs.
const LONGEST_TEXT: usize = 20_000;

/// What becomes of a column. Null is taken only where the column may be null, as `Patch<Option<T>>`.
#[derive(Clone, Debug, Default)]
pub enum Patch<T> {
    #[default]
    Keep,
    Set(T),
}

impl<T> Patch<T> {
    pub fn set(self, column: &mut T) {
        if let Self::Set(value) = self {
            *column = value;
        }
    }

    pub fn given(self) -> Option<T> {
        match self {
            Self::Keep => None,
            Self::Set(value) => Some(value),
        }
    }
}

/// What names a record is found by an index, and PostgreSQL's hold no more.
const LONGEST_NAME: usize = 2_000;

impl Patch<String> {
    /// A text that names the record, or is its key.
    pub fn name(self, entry: &mut Entry, field: &str, column: &mut String) {
        match self {
            Self::Set(name) if name.len() > LONGEST_NAME => {
                entry
                    .check
                    .refuse(field, Invalid, "must not be longer than 2,000 bytes");
            }
            patch => patch.text(entry, field, column),
        }
    }

    /// A text that must say something.
    pub fn text(self, entry: &mut Entry, field: &str, column: &mut String) {
        if let Self::Set(text) = self
            && is_text(entry, field, &text)
        {
            *column = text;
        }
    }
}

impl Patch<Option<String>> {
    /// A text that says something, or is not there.
    pub fn text(self, entry: &mut Entry, field: &str, column: &mut Option<String>) {
        match self {
            Self::Set(Some(text)) if !is_text(entry, field, &text) => {}
            patch => patch.set(column),
        }
    }

    /// A text of a form of its own, or not there.
    pub fn formed(
        self,
        entry: &mut Entry,
        field: &str,
        column: &mut Option<String>,
        form: fn(&str) -> Result<(), &'static str>,
    ) {
        if let Self::Set(Some(text)) = &self
            && let Err(expected) = form(text)
        {
            entry
                .check
                .refuse(field, Invalid, format!("{text:?} is not {expected}"));
            return;
        }
        self.set(column);
    }
}

impl<T> Patch<Option<T>> {
    /// For a column that is never null: null, as absence on creation, stands for the default.
    pub fn set_or(self, default: T, column: &mut T) {
        if let Self::Set(value) = self {
            *column = value.unwrap_or(default);
        }
    }
}

fn is_text(entry: &mut Entry, field: &str, text: &str) -> bool {
    let problem = if text.trim().is_empty() {
        Some((
            Required,
            "must not be empty; write something, or leave the field out",
        ))
    } else if text.len() > LONGEST_TEXT {
        Some((Invalid, "must not be longer than 20,000 bytes"))
    } else {
        None
    };
    if let Some((code, message)) = problem {
        entry.check.refuse(field, code, message);
    }
    problem.is_none()
}

impl<T: InputType> InputType for Patch<T> {
    type RawValueType = T::RawValueType;

    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn qualified_type_name() -> String {
        let name = T::qualified_type_name();
        name.strip_suffix('!').unwrap_or(&name).to_owned()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry);
        Self::qualified_type_name()
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        match value {
            None => Ok(Self::Keep),
            Some(value) => T::parse(Some(value))
                .map(Self::Set)
                .map_err(InputValueError::propagate),
        }
    }

    fn to_value(&self) -> Value {
        match self {
            Self::Keep => Value::Null,
            Self::Set(value) => value.to_value(),
        }
    }

    fn as_raw_value(&self) -> Option<&Self::RawValueType> {
        match self {
            Self::Keep => None,
            Self::Set(value) => value.as_raw_value(),
        }
    }
}
