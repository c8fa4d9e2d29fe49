//! What is written of a record: a selection made into steps, once for all the rows of a page.
use std::{any::TypeId, ops::Range, ptr, str};

use async_graphql::parser::types::{Field as Selected, Selection, SelectionSet};
use entity::value::Date;
use sea_orm::{DbErr, QueryResult, prelude::Uuid};

use crate::kit::{
    access::View,
    cell::{Cell, Form, Kind, write_text},
    id,
    period::Period,
    plain::{Field, Plain, Reference},
    references::{References, Told},
};

/// The fields of an object, in the order of the selection.
pub struct Shape(Vec<(Vec<u8>, Part)>);

/// What is written of a field.
pub enum Part {
    /// The same for all.
    Constant(Vec<u8>),
    /// A quote and what such ids begin with, and where the key stands.
    Id(Vec<u8>, usize),
    Column(usize, Form),
    Period(usize, usize),
    Reference(usize, Referred),
    /// By what stands in the first column, as it is written.
    Choice(usize, Vec<(Vec<u8>, usize)>, Referred),
}

/// A row that is kept, and what is written of it.
pub struct Referred {
    entity: TypeId,
    is_parent: bool,
    shape: Shape,
}

/// What a shape is written from. Columns are told by their places in it.
pub trait Source {
    fn write(&self, place: usize, form: Form, out: &mut Vec<u8>) -> Result<(), DbErr>;

    fn id(&self, place: usize) -> Result<Option<Uuid>, DbErr>;

    fn date(&self, place: usize) -> Result<Option<Date>, DbErr>;
}

/// Why a row cannot be written: then it is resolved, field by field.
pub enum Stuck {
    /// What it refers to is not kept.
    Unknown,
    Failed(DbErr),
}

impl From<DbErr> for Stuck {
    fn from(error: DbErr) -> Self {
        Self::Failed(error)
    }
}

/// Where the columns of a table stand in what is read.
pub trait Places {
    /// None when it cannot be read like that.
    fn of(&mut self, column: usize) -> Option<usize>;

    /// The tables whose rows are kept: what refers to others is resolved at once.
    fn kept(&self) -> &[TypeId];
}

/// Those of a row that is at hand whole; and the tables whose rows are kept.
pub struct Whole<'k>(pub &'k [TypeId]);

impl Places for Whole<'_> {
    fn of(&mut self, column: usize) -> Option<usize> {
        Some(column)
    }

    fn kept(&self) -> &[TypeId] {
        self.0
    }
}

/// The fields of a selection, each once; none when one has directives, or is no field.
pub fn fields(set: &SelectionSet) -> Option<Vec<&Selected>> {
    let selected = set.items.iter().map(|selection| match &selection.node {
        Selection::Field(field) if field.node.directives.is_empty() => Some(&field.node),
        _ => None,
    });
    selected.collect()
}

/// A response key as it stands before its value, in an object that has others before it or not.
pub fn key(field: &Selected, is_first: bool) -> Vec<u8> {
    let mut key = if is_first { Vec::new() } else { vec![b','] };
    write_text(field.response_key().node.as_str(), &mut key);
    key.push(b':');
    key
}

/// A text as an answer has it.
pub fn quoted(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    write_text(text, &mut out);
    out
}

impl Shape {
    /// None when a field takes more than writing it.
    pub fn of(
        fields: &[&Selected],
        plain: &'static Plain,
        places: &mut dyn Places,
    ) -> Option<Self> {
        let mut parts = Vec::with_capacity(fields.len());
        for field in fields {
            let key = key(field, parts.is_empty());
            parts.push((key, Part::of(field, plain, places)?));
        }
        Some(Self(parts))
    }

    /// Whether anything is written that is kept in memory.
    pub fn has_references(&self) -> bool {
        self.0.iter().any(|(_, part)| part.is_reference())
    }

    pub fn write<'p>(
        &'p self,
        source: &impl Source,
        references: Option<&References>,
        view: View,
        out: &mut Out<'p>,
    ) -> Result<(), Stuck> {
        out.bytes.push(b'{');
        for (key, part) in &self.0 {
            out.bytes.extend_from_slice(key);
            part.write(source, references, view, out)?;
        }
        out.bytes.push(b'}');
        Ok(())
    }
}

impl Part {
    pub const fn is_reference(&self) -> bool {
        matches!(self, Self::Reference(..) | Self::Choice(..))
    }

    pub fn write<'p>(
        &'p self,
        source: &impl Source,
        references: Option<&References>,
        view: View,
        out: &mut Out<'p>,
    ) -> Result<(), Stuck> {
        match self {
            Self::Constant(text) => out.bytes.extend_from_slice(text),
            Self::Id(beginning, place) => {
                let key = source.id(*place)?.ok_or(Stuck::Unknown)?;
                out.bytes.extend_from_slice(beginning);
                id::write_rest(key, &mut out.bytes);
                out.bytes.push(b'"');
            }
            Self::Column(place, form) => source.write(*place, *form, &mut out.bytes)?,
            Self::Period(start, end) => {
                match Period::from_columns(source.date(*start)?, source.date(*end)?) {
                    Some(period) => write_text(&period.to_string(), &mut out.bytes),
                    // What it says then is not for here.
                    None => return Err(Stuck::Unknown),
                }
            }
            Self::Reference(place, referred) => {
                referred.write(source.id(*place)?, references, view, out)?;
            }
            Self::Choice(selector, columns, referred) => {
                let mut said = Vec::new();
                source.write(*selector, Form::Plain, &mut said)?;
                let chosen = columns.iter().find(|(value, _)| *value == said);
                let id = match chosen {
                    Some((_, place)) => source.id(*place)?,
                    None => None,
                };
                referred.write(id, references, view, out)?;
            }
        }
        Ok(())
    }
}

impl Referred {
    fn of(reference: &Reference, set: &SelectionSet, kept: &[TypeId]) -> Option<Self> {
        if !kept.contains(&reference.entity) {
            return None;
        }
        Some(Self {
            entity: reference.entity,
            is_parent: reference.is_parent,
            shape: Shape::of(&fields(set)?, (reference.plain)(), &mut Whole(kept))?,
        })
    }

    fn write<'p>(
        &'p self,
        id: Option<Uuid>,
        references: Option<&References>,
        view: View,
        out: &mut Out<'p>,
    ) -> Result<(), Stuck> {
        let Some(id) = id else {
            out.bytes.extend_from_slice(b"null");
            return Ok(());
        };
        if out.again(self, id) {
            return Ok(());
        }
        let row = references.and_then(|references| references.row(self.entity, id));
        let row = row.ok_or(Stuck::Unknown)?;
        let begin = out.bytes.len();
        match row.is_seen(view) {
            true => self.shape.write(&row.told, references, view, out)?,
            // What to say of a parent that is missing is not for here.
            false if self.is_parent => return Err(Stuck::Unknown),
            false => out.bytes.extend_from_slice(b"null"),
        }
        out.remember(self, id, begin);
        Ok(())
    }
}

/// What is written, and where in it each reference was written last: the rows of a page mostly lead
/// to the same few as the row before.
#[derive(Default)]
pub struct Out<'p> {
    pub bytes: Vec<u8>,
    last: Vec<(&'p Referred, Uuid, Range<usize>)>,
}

impl<'p> Out<'p> {
    /// Writes what was written of the row before, where it led to the same.
    fn again(&mut self, referred: &'p Referred, id: Uuid) -> bool {
        let mut last = self.last.iter();
        let last = last.find(|(of, known, _)| ptr::eq(*of, referred) && *known == id);
        match last.map(|(.., place)| place.clone()) {
            Some(place) => self.bytes.extend_from_within(place),
            None => return false,
        }
        true
    }

    fn remember(&mut self, referred: &'p Referred, id: Uuid, begin: usize) {
        let place = begin..self.bytes.len();
        match self.last.iter_mut().find(|(of, ..)| ptr::eq(*of, referred)) {
            Some(last) => (last.1, last.2) = (id, place),
            None => self.last.push((referred, id, place)),
        }
    }
}

impl Part {
    /// None when it takes more than writing it.
    pub fn of(field: &Selected, plain: &'static Plain, places: &mut dyn Places) -> Option<Self> {
        let name = field.name.node.as_str();
        if name == "__typename" {
            return Some(Self::Constant(quoted(plain.type_name)));
        }
        let set = &field.selection_set.node;
        Some(match plain.fields.get(name)? {
            Field::Id(column) => {
                let beginning = format!("\"{}", id::beginning(plain.type_name));
                Self::Id(beginning.into(), places.of(*column)?)
            }
            Field::Column(column, form) => Self::Column(places.of(*column)?, *form),
            Field::Period(start, end) => Self::Period(places.of(*start)?, places.of(*end)?),
            Field::Reference(column, reference) => Self::Reference(
                places.of(*column)?,
                Referred::of(reference, set, places.kept())?,
            ),
            Field::Choice(selector, columns, reference) => {
                let selector = places.of(*selector)?;
                let columns: Option<Vec<_>> = columns
                    .iter()
                    .map(|(value, column)| Some((quoted(value), places.of(*column)?)))
                    .collect();
                Self::Choice(
                    selector,
                    columns?,
                    Referred::of(reference, set, places.kept())?,
                )
            }
        })
    }
}

impl Source for Told {
    fn write(&self, place: usize, _: Form, out: &mut Vec<u8>) -> Result<(), DbErr> {
        out.extend_from_slice(self.json(place));
        Ok(())
    }

    fn id(&self, place: usize) -> Result<Option<Uuid>, DbErr> {
        Ok(Told::id(self, place))
    }

    fn date(&self, place: usize) -> Result<Option<Date>, DbErr> {
        let quoted = str::from_utf8(self.json(place)).unwrap_or_default();
        Ok(quoted.trim_matches('"').parse().ok())
    }
}

/// A row as the database sent it, with what stands where.
pub struct Sent<'r> {
    pub row: &'r QueryResult,
    pub kinds: &'r [Kind],
}

impl Source for Sent<'_> {
    fn write(&self, place: usize, form: Form, out: &mut Vec<u8>) -> Result<(), DbErr> {
        self.kinds[place].read(self.row, place)?.write(form, out);
        Ok(())
    }

    fn id(&self, place: usize) -> Result<Option<Uuid>, DbErr> {
        Ok(match self.kinds[place].read(self.row, place)? {
            Cell::Uuid(id) => Some(id),
            _ => None,
        })
    }

    fn date(&self, place: usize) -> Result<Option<Date>, DbErr> {
        Ok(match self.kinds[place].read(self.row, place)? {
            Cell::Date(date) => Some(Date(date)),
            _ => None,
        })
    }
}
