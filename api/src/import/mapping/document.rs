//! The text of a mapping: values with the lines where they stand, and all that is wrong with them.
use std::{cell::RefCell, collections::BTreeMap, fmt, ops::Range};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// How much a misspelled key must look like one that there is, for it to be proposed.
const ALIKE: f64 = 0.8;

/// Something wrong with a mapping, told in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The name of the mapping, or of its file.
    pub mapping: String,
    /// The line on which it stands, the first being 1.
    pub line: usize,
    /// The key, from the outermost on: `record.value.scale`. Empty when the text is not TOML.
    pub key: String,
    /// What is wrong, and what would be right.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            mapping,
            line,
            key,
            message,
        } = self;
        match key.as_str() {
            "" => write!(f, "{mapping}, line {line}: {message}"),
            key => write!(f, "{mapping}, line {line}, {key}: {message}"),
        }
    }
}

/// A text that is read, and what was found wrong with it so far.
pub struct Document<'t> {
    name: &'t str,
    text: &'t str,
    problems: RefCell<Vec<Problem>>,
}

impl<'t> Document<'t> {
    pub fn new(name: &'t str, text: &'t str) -> Self {
        Self {
            name,
            text,
            problems: RefCell::default(),
        }
    }

    /// The whole of it; none when it is not TOML.
    pub fn parse(&self) -> Option<Spanned<DeTable<'t>>> {
        let (table, errors) = DeTable::parse_recoverable(self.text);
        for error in &errors {
            let message = error.message().replace('\n', ", ");
            self.refuse(error.span().unwrap_or_default(), "", message);
        }
        errors.is_empty().then_some(table)
    }

    fn refuse(&self, span: Range<usize>, key: &str, message: impl Into<String>) {
        let before = self.text.get(..span.start).unwrap_or_default();
        self.problems.borrow_mut().push(Problem {
            mapping: self.name.to_owned(),
            line: 1 + before.matches('\n').count(),
            key: key.to_owned(),
            message: message.into(),
        });
    }

    /// What is wrong, from the first line to the last.
    pub fn problems(self) -> Vec<Problem> {
        let mut problems = self.problems.into_inner();
        problems.sort_by_key(|problem| problem.line);
        problems
    }
}

/// A table whose keys are taken one by one: what nobody takes is not known.
pub struct Section<'d> {
    document: &'d Document<'d>,
    path: String,
    span: Range<usize>,
    rest: BTreeMap<&'d str, (Range<usize>, &'d Spanned<DeValue<'d>>)>,
    known: Vec<&'static str>,
}

impl<'d> Section<'d> {
    pub fn root(document: &'d Document<'d>, table: &'d Spanned<DeTable<'d>>) -> Self {
        Self::of(document, String::new(), table.span(), table.get_ref())
    }

    fn of(
        document: &'d Document<'d>,
        path: String,
        span: Range<usize>,
        table: &'d DeTable<'d>,
    ) -> Self {
        let entries = table.iter();
        let rest = entries.map(|(key, value)| (key.get_ref().as_ref(), (key.span(), value)));
        Self {
            document,
            path,
            span,
            rest: rest.collect(),
            known: Vec::new(),
        }
    }

    pub fn take(&mut self, key: &'static str) -> Option<Item<'d>> {
        self.known.push(key);
        let (_, value) = self.rest.remove(key)?;
        Some(self.item(key, value))
    }

    /// What is refused when it is not there.
    pub fn demand(&mut self, key: &'static str, meaning: &str) -> Option<Item<'d>> {
        let item = self.take(key);
        if item.is_none() {
            self.refuse(format!("{key} is missing: {meaning}"));
        }
        item
    }

    /// Every key with its value, for tables whose keys are anyone's.
    pub fn all(mut self) -> Vec<(&'d str, Item<'d>)> {
        let rest = std::mem::take(&mut self.rest);
        rest.into_iter()
            .map(|(key, (_, value))| (key, self.item(key, value)))
            .collect()
    }

    fn item(&self, key: &str, value: &'d Spanned<DeValue<'d>>) -> Item<'d> {
        let path = match self.path.as_str() {
            "" => key.to_owned(),
            path => format!("{path}.{key}"),
        };
        Item {
            document: self.document,
            path,
            value,
        }
    }

    pub fn refuse(&self, message: impl Into<String>) {
        self.document.refuse(self.span.clone(), &self.path, message);
    }

    /// Refuses what nobody took.
    pub fn finish(self) {
        for (key, (span, value)) in &self.rest {
            let nearest = self
                .known
                .iter()
                .map(|known| (strsim::jaro_winkler(known, key), known))
                .max_by(|(one, _), (other, _)| one.total_cmp(other))
                .filter(|(alike, _)| *alike > ALIKE);
            let message = match nearest {
                Some((_, nearest)) => format!("is not a key here; did you mean {nearest}?"),
                None => format!("is not a key here; these are: {}", self.known.join(", ")),
            };
            let item = self.item(key, value);
            self.document.refuse(span.clone(), &item.path, message);
        }
    }
}

/// One value, with the keys that lead to it.
#[derive(Clone)]
pub struct Item<'d> {
    document: &'d Document<'d>,
    path: String,
    value: &'d Spanned<DeValue<'d>>,
}

impl<'d> Item<'d> {
    pub fn refuse(&self, message: impl Into<String>) {
        self.document.refuse(self.value.span(), &self.path, message);
    }

    /// Refuses, and has nothing.
    pub fn none<T>(&self, message: impl Into<String>) -> Option<T> {
        self.refuse(message);
        None
    }

    /// A problem for when it is known later that this cannot be.
    pub fn problem(&self, message: impl Into<String>) -> Problem {
        let before = self.document.text.get(..self.value.span().start);
        Problem {
            mapping: self.document.name.to_owned(),
            line: 1 + before.unwrap_or_default().matches('\n').count(),
            key: self.path.clone(),
            message: message.into(),
        }
    }

    pub fn is_table(&self) -> bool {
        self.value.get_ref().is_table()
    }

    pub fn is_array(&self) -> bool {
        self.value.get_ref().is_array()
    }

    /// A text, or a number as it is written.
    pub fn text(&self) -> Option<String> {
        match self.value.get_ref() {
            DeValue::String(text) => Some(text.as_ref().to_owned()),
            DeValue::Integer(number) => Some(number.as_str().to_owned()),
            DeValue::Float(number) => Some(number.as_str().to_owned()),
            other => self.none(format!("is {}, and must be a text", other.type_str())),
        }
    }

    /// Each value of an array, or the one value that stands without one.
    pub fn items(&self) -> Vec<Item<'d>> {
        match self.value.get_ref().as_array() {
            None => vec![self.clone()],
            Some(values) => {
                let item = |value| Item {
                    document: self.document,
                    path: self.path.clone(),
                    value,
                };
                values.iter().map(item).collect()
            }
        }
    }

    pub fn texts(&self) -> Vec<String> {
        self.items().iter().filter_map(Item::text).collect()
    }

    pub fn section(&self) -> Option<Section<'d>> {
        let Some(table) = self.value.get_ref().as_table() else {
            return self.none("must be a table");
        };
        let path = self.path.clone();
        Some(Section::of(self.document, path, self.value.span(), table))
    }
}
