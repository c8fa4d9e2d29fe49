//! What is written of a record: a selection made into steps, once for all the rows of a page.
use std::{any::TypeId, ops::Range, ptr, str};

use async_graphql::parser::types::{Field as Selected, SelectionSet};
use entity::value::Date;
use sea_orm::{DbErr, prelude::Uuid};

use super::{
    lead::{Lead, Led},
    selection::{Around, key, quoted},
};
use crate::kit::{
    access::View,
    cell::{Form, write_text},
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
    /// What the id leads to by one of the source's leads.
    Led(usize, usize),
}

/// What is written from besides the rows that were read.
#[derive(Clone, Copy)]
pub struct Known<'r> {
    pub references: Option<&'r References>,
    pub view: View,
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

    /// One of its leads, and what was read of it.
    fn led(&self, _: usize) -> Option<(&Lead, &Led)> {
        None
    }
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
    fn place(&mut self, column: usize) -> Option<usize>;

    /// Where rows of other tables are read for all that lead there; none where that is left to
    /// resolving.
    fn leads(&mut self) -> Option<&mut Vec<Lead>> {
        None
    }
}

/// Those of a row that is at hand whole.
pub struct Whole;

impl Places for Whole {
    fn place(&mut self, column: usize) -> Option<usize> {
        Some(column)
    }
}

impl Shape {
    /// None when a field takes more than writing it.
    pub fn of(
        fields: &[&Selected],
        plain: &'static Plain,
        places: &mut dyn Places,
        around: Around<'_>,
    ) -> Option<Self> {
        let mut parts = Vec::with_capacity(fields.len());
        for field in fields {
            let key = key(field, parts.is_empty());
            parts.push((key, Part::of(field, plain, places, around)?));
        }
        Some(Self(parts))
    }

    /// Whether anything is written that is kept in memory.
    pub fn has_references(&self) -> bool {
        self.0.iter().any(|(_, part)| part.is_reference())
    }

    pub fn write(
        &self,
        source: &impl Source,
        known: Known<'_>,
        out: &mut Out,
    ) -> Result<(), Stuck> {
        out.bytes.push(b'{');
        for (key, part) in &self.0 {
            out.bytes.extend_from_slice(key);
            part.write(source, known, out)?;
        }
        out.bytes.push(b'}');
        Ok(())
    }
}

impl Part {
    pub const fn is_reference(&self) -> bool {
        matches!(self, Self::Reference(..) | Self::Choice(..))
    }

    pub fn write(
        &self,
        source: &impl Source,
        known: Known<'_>,
        out: &mut Out,
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
            Self::Reference(..) | Self::Choice(..) | Self::Led(..) => {
                if !self.write_target(source, known, out)? {
                    out.bytes.extend_from_slice(b"null");
                }
            }
        }
        Ok(())
    }

    /// Writes what a row points at. Answers whether there is anything.
    pub fn write_target(
        &self,
        source: &impl Source,
        known: Known<'_>,
        out: &mut Out,
    ) -> Result<bool, Stuck> {
        let (place, referred) = match self {
            Self::Reference(place, referred) => (*place, referred),
            Self::Choice(selector, columns, referred) => {
                let mut said = Vec::new();
                source.write(*selector, Form::Plain, &mut said)?;
                match columns.iter().find(|(value, _)| *value == said) {
                    Some((_, place)) => (*place, referred),
                    None => return Ok(false),
                }
            }
            Self::Led(place, lead) => {
                let (lead, led) = source.led(*lead).ok_or(Stuck::Unknown)?;
                return match source.id(*place)? {
                    Some(id) => lead.write(led, id, known, out),
                    None => Ok(false),
                };
            }
            _ => return Ok(false),
        };
        match source.id(place)? {
            Some(id) => referred.write(id, known, out),
            None => Ok(false),
        }
    }
}

impl Referred {
    fn of(reference: &Reference, set: &SelectionSet, around: Around<'_>) -> Option<Self> {
        let plain = (reference.plain)();
        Some(Self {
            entity: reference.entity,
            is_parent: reference.is_parent,
            shape: Shape::of(&around.selected(set, plain)?, plain, &mut Whole, around)?,
        })
    }

    fn write(&self, id: Uuid, known: Known<'_>, out: &mut Out) -> Result<bool, Stuck> {
        if out.again(self, id) {
            return Ok(true);
        }
        let row = known
            .references
            .and_then(|references| references.row(self.entity, id));
        let row = row.ok_or(Stuck::Unknown)?;
        let begin = out.bytes.len();
        match row.is_seen(known.view) {
            true => self.shape.write(&row.told, known, out)?,
            // What to say of a parent that is missing is not for here.
            false if self.is_parent => return Err(Stuck::Unknown),
            false => return Ok(false),
        }
        out.remember(self, id, begin);
        Ok(true)
    }
}

/// What is written, and where in it each reference was written last: the rows of a page mostly lead
/// to the same few as the row before.
#[derive(Default)]
pub struct Out {
    pub bytes: Vec<u8>,
    last: Vec<Last>,
}

struct Last {
    /// Where the reference is, which tells it from others.
    referred: *const Referred,
    id: Uuid,
    written: Range<usize>,
}

impl Out {
    /// Writes what was written of the row before, where it led to the same.
    fn again(&mut self, referred: &Referred, id: Uuid) -> bool {
        let mut last = self.last.iter();
        let last = last.find(|last| ptr::eq(last.referred, referred) && last.id == id);
        match last.map(|last| last.written.clone()) {
            Some(written) => self.bytes.extend_from_within(written),
            None => return false,
        }
        true
    }

    fn remember(&mut self, referred: &Referred, id: Uuid, begin: usize) {
        let last = Last {
            referred,
            id,
            written: begin..self.bytes.len(),
        };
        let mut known = self.last.iter_mut();
        match known.find(|known| ptr::eq(known.referred, referred)) {
            Some(known) => *known = last,
            None => self.last.push(last),
        }
    }
}

impl Part {
    /// None when it takes more than writing it.
    pub fn of(
        field: &Selected,
        plain: &'static Plain,
        places: &mut dyn Places,
        around: Around<'_>,
    ) -> Option<Self> {
        let name = field.name.node.as_str();
        if name == "__typename" {
            return Some(Self::Constant(quoted(plain.type_name)));
        }
        let set = &field.selection_set.node;
        Some(match plain.fields.get(name)? {
            Field::Id(column) => {
                let beginning = format!("\"{}", id::beginning(plain.type_name));
                Self::Id(beginning.into(), places.place(*column)?)
            }
            Field::Column(column, form) => Self::Column(places.place(*column)?, *form),
            Field::Period(start, end) => Self::Period(places.place(*start)?, places.place(*end)?),
            Field::Reference(column, reference) => {
                Self::to(reference, *column, set, places, around)?
            }
            Field::Choice(selector, columns, reference) => {
                if !around.kept.contains(&reference.entity) {
                    return None;
                }
                let selector = places.place(*selector)?;
                let columns = columns.iter();
                let columns =
                    columns.map(|(value, column)| Some((quoted(value), places.place(*column)?)));
                let columns = columns.collect::<Option<_>>()?;
                Self::Choice(selector, columns, Referred::of(reference, set, around)?)
            }
            Field::List(list) => {
                let id = places.place(plain.id()?)?;
                places.leads()?;
                let lead = Lead::through(list, id, set, around)?;
                Self::led(places, id, lead)?
            }
        })
    }

    /// The record that a column points at: kept in memory, or else read for all that lead there.
    pub fn to(
        reference: &Reference,
        column: usize,
        set: &SelectionSet,
        places: &mut dyn Places,
        around: Around<'_>,
    ) -> Option<Self> {
        let place = places.place(column)?;
        if around.kept.contains(&reference.entity) {
            let referred = Referred::of(reference, set, around)?;
            return Some(Self::Reference(place, referred));
        }
        places.leads()?;
        let lead = Lead::to(reference, place, set, around)?;
        Self::led(places, place, lead)
    }

    fn led(places: &mut dyn Places, from: usize, lead: Lead) -> Option<Self> {
        let leads = places.leads()?;
        leads.push(lead);
        Some(Self::Led(from, leads.len() - 1))
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
