//! A mapping: what each field of a shipment is in a file of some form.
use std::collections::{BTreeSet, HashSet};

use super::{
    amount::Numbers,
    document::{Document, Item, Problem, Section},
    facts::Facts,
    fields::Fields,
    goods::EditionField,
    rows::Rows,
};
use crate::import::table::Layout;

/// A mapping that makes sense in itself; what it names is looked up in a database later.
pub struct Mapping {
    pub name: String,
    /// As it was written.
    pub text: String,
    /// What sort of file it is for.
    pub title: String,
    /// What there is to know of such files; empty when nothing is.
    pub about: String,
    delimiter: u8,
    /// Columns that a file may lack.
    optional: HashSet<String>,
    pub facts: Facts,
    pub rows: Rows,
    pub fields: Fields,
}

impl Mapping {
    /// Reads a mapping, or says all that is wrong with it.
    pub fn parse(name: &str, text: &str) -> Result<Self, Vec<Problem>> {
        let document = Document::new(name, text);
        let table = document.parse();
        let mapping = table.and_then(|table| {
            let mut root = Section::root(&document, &table);
            let mapping = Self::take(&mut root, name, text);
            root.finish();
            mapping
        });
        match (mapping, document.problems()) {
            (Some(mapping), problems) if problems.is_empty() => Ok(mapping),
            (_, problems) => Err(problems),
        }
    }

    fn take(root: &mut Section, name: &str, text: &str) -> Option<Self> {
        let title = root.demand("title", "what sort of file it is for");
        let about = root.take("about").and_then(|item| item.text());
        let file = root.take("file").and_then(|item| File::parse(&item));
        let file = file.unwrap_or_default();
        let facts = root.demand(
            "dataset",
            "a table of what the dataset is: title, grain, currency, valuation",
        );
        let facts = facts.and_then(|item| Facts::parse(&item));
        let rows = root.take("rows").map(|item| Rows::parse(&item));
        let record = root.demand(
            "record",
            "a table with the fields of a record, and where they stand",
        );
        let fields = record.and_then(|item| Fields::parse(&item, &file.numbers));
        Some(Self {
            name: name.to_owned(),
            text: text.to_owned(),
            title: title?.text()?,
            about: about.unwrap_or_default(),
            delimiter: file.delimiter,
            optional: file.optional,
            facts: facts?,
            rows: rows.unwrap_or_default(),
            fields: fields?,
        })
    }

    /// Answers with an edition where the mapping leaves it to whoever imports, and nowhere else.
    pub fn of_edition(mut self, edition: Option<&str>) -> Result<Self, String> {
        let name = &self.name;
        match (&self.fields.edition, edition) {
            (EditionField::Asked, None) => Err(format!(
                "the mapping {name} leaves the edition of the HS open: name it with --edition, such as HS2017"
            )),
            (EditionField::Asked, Some(edition)) => {
                self.fields.edition = EditionField::named(edition);
                Ok(self)
            }
            (_, Some(_)) => Err(format!(
                "the mapping {name} says itself which edition of the HS its codes are of: leave out --edition"
            )),
            (_, None) => Ok(self),
        }
    }

    /// The file must have every column that the mapping names, but those that it may lack.
    pub fn layout(&self) -> Layout {
        let mut columns: BTreeSet<Vec<String>> = self.rows.columns().into_iter().collect();
        columns.extend(self.fields.columns());
        let may_lack =
            |column: &Vec<String>| column.iter().any(|name| self.optional.contains(name));
        columns.retain(|column| !may_lack(column));
        let mut layout = Layout::csv(format!("what the mapping {} describes", self.name));
        layout.delimiter = self.delimiter;
        layout.spelled(columns.into_iter().collect())
    }
}

/// How the file is written.
struct File {
    delimiter: u8,
    numbers: Numbers,
    optional: HashSet<String>,
}

impl Default for File {
    fn default() -> Self {
        Self {
            delimiter: b',',
            numbers: Numbers::default(),
            optional: HashSet::new(),
        }
    }
}

impl File {
    fn parse(item: &Item) -> Option<Self> {
        let mut section = item.section()?;
        let mut file = Self::default();
        if let Some(item) = section.take("delimiter") {
            let delimiter = item.text()?;
            match delimiter.as_bytes() {
                [byte] if byte.is_ascii() => file.delimiter = *byte,
                _ => item.refuse("must be one character, such as \";\" or \"\\t\""),
            }
        }
        let mut sign = |key| {
            let item = section.take(key)?;
            let text = item.text()?;
            let mut letters = text.chars();
            match (letters.next(), letters.next()) {
                (Some(letter), None) if !letter.is_ascii_digit() => Some(letter),
                _ => item.none("must be one character, such as \",\""),
            }
        };
        file.numbers.decimal = sign("decimal").unwrap_or('.');
        file.numbers.group = sign("group");
        if let Some(item) = section.take("optional") {
            file.optional.extend(item.texts());
        }
        section.finish();
        Some(file)
    }
}
