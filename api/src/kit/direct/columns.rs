//! What of a table is read to be written, and where its rows lead.
use entity::value::Date;
use sea_orm::{DbErr, QueryResult, prelude::Uuid};

use super::{
    lead::{Lead, Led},
    shape::{Places, Source},
};
use crate::kit::{
    cell::{Cell, Form, Kind},
    plain::Column,
};

/// Columns by their places in the table, in the order in which they are read.
pub struct Columns {
    of: &'static [Column],
    pub read: Vec<usize>,
    pub kinds: Vec<Kind>,
    pub leads: Vec<Lead>,
}

impl Columns {
    pub const fn none_of(of: &'static [Column]) -> Self {
        Self {
            of,
            read: Vec::new(),
            kinds: Vec::new(),
            leads: Vec::new(),
        }
    }

    /// With one of them first.
    pub fn of(of: &'static [Column], first: usize) -> Option<Self> {
        let mut columns = Self::none_of(of);
        columns.place(first)?;
        Some(columns)
    }
}

impl Places for Columns {
    fn place(&mut self, column: usize) -> Option<usize> {
        let kind = self.of[column].kind?;
        let known = self.read.iter().position(|known| *known == column);
        known.or_else(|| {
            self.read.push(column);
            self.kinds.push(kind);
            Some(self.read.len() - 1)
        })
    }

    fn leads(&mut self) -> Option<&mut Vec<Lead>> {
        Some(&mut self.leads)
    }
}

/// A row as the database sent it, and what was read of where such rows lead.
pub struct Sent<'r> {
    pub row: &'r QueryResult,
    pub columns: &'r Columns,
    pub led: &'r [Led],
}

impl Sent<'_> {
    fn cell(&self, place: usize) -> Result<Cell<'_>, DbErr> {
        self.columns.kinds[place].read(self.row, place)
    }
}

impl Source for Sent<'_> {
    fn write(&self, place: usize, form: Form, out: &mut Vec<u8>) -> Result<(), DbErr> {
        self.cell(place)?.write(form, out);
        Ok(())
    }

    fn id(&self, place: usize) -> Result<Option<Uuid>, DbErr> {
        Ok(match self.cell(place)? {
            Cell::Uuid(id) => Some(id),
            _ => None,
        })
    }

    fn date(&self, place: usize) -> Result<Option<Date>, DbErr> {
        Ok(match self.cell(place)? {
            Cell::Date(date) => Some(Date(date)),
            _ => None,
        })
    }

    fn led(&self, lead: usize) -> Option<(&Lead, &Led)> {
        self.columns.leads.get(lead).zip(self.led.get(lead))
    }
}
