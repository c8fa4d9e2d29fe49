//! Where a field's text stands: in a column, in several, or in the mapping itself.
use std::borrow::Cow;

use super::document::{Item, Section};
use crate::import::{
    report::Refusal,
    table::{Column, Record},
};

/// A text of each row, or the same of all.
#[derive(Clone, Debug)]
pub struct Text {
    origin: Origin,
    /// What stands for "not known".
    null: Vec<String>,
}

#[derive(Clone, Debug)]
enum Origin {
    /// The first of these columns that says something.
    Columns(Vec<Column>),
    Constant(String),
    /// Texts with columns between them.
    Template(Vec<Piece>),
}

#[derive(Clone, Debug)]
enum Piece {
    Plain(String),
    Column(Column),
}

impl Text {
    /// What a key says, and the rest of its table.
    pub fn parse<'d>(item: &Item<'d>) -> Option<(Self, Option<Section<'d>>)> {
        if !item.is_table() {
            let columns = vec![item.text()?.into()];
            let origin = Origin::Columns(columns);
            let null = Vec::new();
            return Some((Self { origin, null }, None));
        }
        let mut section = item.section()?;
        let column = section.take("column").map(|item| vec![item]);
        let columns = section.take("columns").map(|item| item.items());
        let constant = section.take("constant");
        let template = section.take("template");
        let null = section.take("null").map(|item| item.texts());
        let text = Self {
            origin: match (column.or(columns), constant, template) {
                (Some(columns), None, None) => {
                    let names = columns.iter().filter_map(Item::text);
                    Origin::Columns(names.map(Column::from).collect())
                }
                (None, Some(constant), None) => Origin::Constant(constant.text()?),
                (None, None, Some(template)) => Origin::Template(pieces(&template)?),
                _ => {
                    let one = "needs one of these: column, columns, constant or template";
                    section.refuse(one);
                    return None;
                }
            },
            null: null.unwrap_or_default(),
        };
        Some((text, Some(section)))
    }

    /// The same text of all rows.
    pub fn of(text: &str) -> Self {
        let origin = Origin::Constant(text.to_owned());
        let null = Vec::new();
        Self { origin, null }
    }

    /// A text of which nothing more is to be said.
    pub fn alone(item: &Item) -> Option<Self> {
        let (text, section) = Self::parse(item)?;
        if let Some(section) = section {
            section.finish();
        }
        Some(text)
    }

    /// The columns that a file must have: each, or one of several.
    pub fn columns(&self) -> Vec<Vec<String>> {
        match &self.origin {
            Origin::Columns(columns) => {
                vec![columns.iter().map(|column| column.name.clone()).collect()]
            }
            Origin::Constant(_) => Vec::new(),
            Origin::Template(pieces) => {
                let column = |piece: &Piece| match piece {
                    Piece::Column(column) => Some(vec![column.name.clone()]),
                    Piece::Plain(_) => None,
                };
                pieces.iter().filter_map(column).collect()
            }
        }
    }

    pub fn constant(&self) -> Option<&str> {
        match &self.origin {
            Origin::Constant(text) => Some(text),
            _ => None,
        }
    }

    pub fn nulls(&self) -> &[String] {
        &self.null
    }

    /// What the row says; none when that is nothing, or stands for it.
    pub fn read<'r>(&'r self, row: &'r Record) -> Option<Cow<'r, str>> {
        self.written(row)
            .filter(|text| !self.null.iter().any(|null| null == text))
    }

    /// What the row says, even where it stands for nothing.
    pub fn written<'r>(&'r self, row: &'r Record) -> Option<Cow<'r, str>> {
        match &self.origin {
            Origin::Columns(columns) => {
                let texts = columns.iter().map(|column| row.at(column));
                let mut said = texts.filter(|text| !text.is_empty());
                let first = said.next()?;
                let is_null = |text: &str| self.null.iter().any(|null| null == text);
                match is_null(first) {
                    true => said.find(|text| !is_null(text)).or(Some(first)),
                    false => Some(first),
                }
                .map(Cow::Borrowed)
            }
            Origin::Constant(text) => Some(Cow::Borrowed(text)),
            Origin::Template(pieces) => {
                let mut text = String::new();
                for piece in pieces {
                    match piece {
                        Piece::Plain(plain) => text.push_str(plain),
                        Piece::Column(column) => match row.at(column) {
                            "" => return None,
                            part => text.push_str(part),
                        },
                    }
                }
                Some(Cow::Owned(text))
            }
        }
    }

    /// Refuses the row for what stands here.
    pub fn refuse(&self, row: &Record, reason: impl Into<String>) -> Refusal {
        let reason = reason.into();
        let column = match &self.origin {
            Origin::Columns(columns) => {
                let says = |column: &&Column| !row.at(column).is_empty();
                columns.iter().find(says).or(columns.first())
            }
            Origin::Constant(_) => None,
            Origin::Template(pieces) => pieces.iter().find_map(|piece| match piece {
                Piece::Column(column) => Some(column),
                Piece::Plain(_) => None,
            }),
        };
        match column {
            Some(column) => row.refuse(&column.name, reason),
            None => Refusal {
                place: row.place(),
                column: None,
                reason,
            },
        }
    }
}

/// `{year}-{month}`: columns in braces, all else as it stands.
fn pieces(item: &Item) -> Option<Vec<Piece>> {
    let text = item.text()?;
    let mut pieces = Vec::new();
    let mut rest = text.as_str();
    while let Some((plain, after)) = rest.split_once('{') {
        let Some((column, after)) = after.split_once('}') else {
            return item
                .none("has a { without its }; columns stand in braces, as in {year}-{month}");
        };
        if !plain.is_empty() {
            pieces.push(Piece::Plain(plain.to_owned()));
        }
        pieces.push(Piece::Column(column.trim().to_owned().into()));
        rest = after;
    }
    if pieces.is_empty() {
        return item.none("names no column; columns stand in braces, as in {year}-{month}");
    }
    if !rest.is_empty() {
        pieces.push(Piece::Plain(rest.to_owned()));
    }
    Some(pieces)
}
