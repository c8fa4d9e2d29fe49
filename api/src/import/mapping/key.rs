//! The key of a record: what tells it from all others of its dataset.
use std::borrow::Cow;

use super::document::Item;
use crate::import::{
    report::Refusal,
    table::{Column, Record},
};

/// Fields that a key may be made of, in the words of a mapping, and what stands before each.
const FIELDS: &[(&str, &str)] = &[
    ("period", ""),
    ("reporter", ""),
    ("flow", ""),
    ("partner", ""),
    ("exporter", ""),
    ("importer", ""),
    ("edition", ""),
    ("product", ""),
    ("declaration_number", ""),
    ("partner2", "partner2="),
    ("origin", "origin="),
    ("dispatch", "dispatch="),
    ("destination", "destination="),
    ("customs_procedure", "customs="),
    ("mode_of_transport", "mot="),
];

pub struct Key(Vec<Part>);

enum Part {
    /// A field as it was understood, after these words.
    Field(&'static str, &'static str),
    /// A column as it is written.
    Column(Column),
}

impl Key {
    pub fn parse(item: &Item) -> Option<Self> {
        if !item.is_array() {
            return item.none("must be a list of fields, and of columns as { column = \"…\" }");
        }
        let parts: Option<Vec<_>> = item.items().iter().map(Part::parse).collect();
        let parts = parts?;
        match parts.is_empty() {
            true => item.none("names nothing that tells one record from another"),
            false => Some(Self(parts)),
        }
    }

    pub fn columns(&self) -> Vec<Vec<String>> {
        let columns = self.0.iter().filter_map(|part| match part {
            Part::Column(column) => Some(vec![column.name.clone()]),
            Part::Field(..) => None,
        });
        columns.collect()
    }

    /// The key of a row; `field` tells each field as it was understood, none where it is null.
    pub fn of<'r>(
        &'r self,
        row: &'r Record,
        field: impl Fn(&str) -> Option<Cow<'r, str>>,
    ) -> Result<String, Refusal> {
        let (mut key, mut says_something, mut has_parts) = (String::new(), false, false);
        for part in &self.0 {
            let (prefix, said) = match part {
                Part::Field(name, prefix) => match field(name) {
                    Some(said) => (*prefix, said),
                    None => continue,
                },
                Part::Column(column) => ("", Cow::Borrowed(row.at(column))),
            };
            if has_parts {
                key.push(':');
            }
            has_parts = true;
            says_something |= !prefix.is_empty() || !said.is_empty();
            key.push_str(prefix);
            key.push_str(&said);
        }
        if !says_something {
            return Err(Refusal {
                place: row.place(),
                column: self.columns().into_iter().flatten().next(),
                reason: "has nothing that tells it from other rows: its key is empty".to_owned(),
            });
        }
        Ok(key)
    }
}

impl Part {
    fn parse(item: &Item) -> Option<Self> {
        if item.is_table() {
            let mut section = item.section()?;
            let column = section.demand("column", "the column that is part of the key");
            section.finish();
            return column?.text().map(|name| Self::Column(name.into()));
        }
        let name = item.text()?;
        match FIELDS.iter().find(|(known, _)| *known == name) {
            Some((name, prefix)) => Some(Self::Field(name, prefix)),
            None => {
                let names: Vec<_> = FIELDS.iter().map(|(name, _)| *name).collect();
                item.none(format!(
                    "{name:?} is not a field that can be part of a key; these are: {}; columns stand as {{ column = {name:?} }}",
                    names.join(", ")
                ))
            }
        }
    }
}
