//! Rows of other tables that those of a page lead to, read for all of them at once.
//!
//! Of twenty statements with their citations, claims and what these are about, the executor resolved
//! some 300 objects of rows with all of their columns: that took three times as long.
use std::collections::HashSet;

use async_graphql::parser::types::SelectionSet;
use futures_util::future::{BoxFuture, try_join_all};
use sea_orm::{QueryResult, prelude::Uuid};

use super::{
    columns::{Columns, Sent},
    selection::Around,
    shape::{Known, Out, Part, Shape, Stuck},
};
use crate::kit::{
    cell::{Cell, Kind},
    error::Result,
    plain::{List, Reference},
    rows::{Among, ReadAmong, Reader},
};

/// Where the rows of a table lead, and what is written of it.
pub struct Lead {
    /// Where the ids stand that lead there.
    from: usize,
    read: ReadAmong,
    /// The column in which these ids are looked for, by its place in the table, and in the order of
    /// which they are read.
    key: usize,
    order: Option<usize>,
    columns: Columns,
    written: Written,
}

enum Written {
    /// The row that has an id, which may have to be there.
    Record(Shape, bool),
    /// What the rows of a list point at, each by one of these.
    List(Vec<Part>),
}

/// What was read of a lead: rows by what led to them, and what they lead to.
pub struct Led {
    rows: Vec<(Uuid, QueryResult)>,
    led: Vec<Led>,
}

impl Lead {
    /// To the record whose id stands there; none when it takes more than reading and writing it.
    pub fn to(
        reference: &Reference,
        from: usize,
        set: &SelectionSet,
        around: Around<'_>,
    ) -> Option<Self> {
        let plain = (reference.plain)();
        let key = plain.id()?;
        let mut columns = Columns::of(&plain.columns, key)?;
        let shape = Shape::of(&around.selected(set, plain)?, plain, &mut columns, around)?;
        Some(Self {
            from,
            read: reference.read,
            key,
            order: None,
            columns,
            written: Written::Record(shape, reference.is_parent),
        })
    }

    /// To what the rows of a list point at that belong to the record whose id stands there.
    pub fn through(
        list: &'static List,
        from: usize,
        set: &SelectionSet,
        around: Around<'_>,
    ) -> Option<Self> {
        let mut columns = Columns::of(&list.columns, list.of)?;
        let mut parts = Vec::with_capacity(list.targets.len());
        for (column, reference) in &list.targets {
            parts.push(Part::to(reference, *column, set, &mut columns, around)?);
        }
        Some(Self {
            from,
            read: list.read,
            key: list.of,
            order: Some(list.order),
            columns,
            written: Written::List(parts),
        })
    }

    /// Whether anything is written that is kept in memory.
    pub fn has_references(&self) -> bool {
        let here = match &self.written {
            Written::Record(shape, _) => shape.has_references(),
            Written::List(parts) => parts.iter().any(Part::is_reference),
        };
        here || self.columns.leads.iter().any(Self::has_references)
    }

    async fn read(&self, reader: &Reader, rows: &[&QueryResult]) -> Result<Led> {
        let mut seen = HashSet::with_capacity(rows.len());
        let mut ids = Vec::with_capacity(rows.len());
        for row in rows {
            let id = uuid(row, self.from)?;
            ids.extend(id.filter(|id| seen.insert(*id)));
        }
        if ids.is_empty() {
            return Ok(Led {
                rows: Vec::new(),
                led: Vec::new(),
            });
        }
        let among = Among {
            columns: &self.columns.read,
            key: self.key,
            ids: &ids,
            order: self.order,
        };
        let mut found = Vec::new();
        for row in (self.read)(reader, among).await? {
            // The key is what is read first.
            found.extend(uuid(&row, 0)?.map(|id| (id, row)));
        }
        // Those of one key stay in the order in which they were read.
        found.sort_by_key(|(id, _)| *id);
        let rows: Vec<_> = found.iter().map(|(_, row)| row).collect();
        let led = read(reader, &self.columns.leads, &rows).await?;
        Ok(Led { rows: found, led })
    }

    /// Writes what the id leads to. Answers whether there is anything.
    pub fn write(
        &self,
        led: &Led,
        id: Uuid,
        known: Known<'_>,
        out: &mut Out,
    ) -> Result<bool, Stuck> {
        let mut found = led.of(id).iter().map(|(_, row)| Sent {
            row,
            columns: &self.columns,
            led: &led.led,
        });
        match &self.written {
            Written::Record(shape, is_parent) => match found.next() {
                Some(source) => shape.write(&source, known, out)?,
                // What to say of a parent that is missing is not for here.
                None if *is_parent => return Err(Stuck::Unknown),
                None => return Ok(false),
            },
            Written::List(parts) => {
                out.bytes.push(b'[');
                let begin = out.bytes.len();
                for source in found {
                    let place = out.bytes.len();
                    if place > begin {
                        out.bytes.push(b',');
                    }
                    if !any(parts, &source, known, out)? {
                        out.bytes.truncate(place);
                    }
                }
                out.bytes.push(b']');
            }
        }
        Ok(true)
    }
}

/// Writes what the first of these leads to that leads to anything.
fn any(parts: &[Part], source: &Sent<'_>, known: Known<'_>, out: &mut Out) -> Result<bool, Stuck> {
    for part in parts {
        if part.write_target(source, known, out)? {
            return Ok(true);
        }
    }
    Ok(false)
}

impl Led {
    fn of(&self, key: Uuid) -> &[(Uuid, QueryResult)] {
        let begin = self.rows.partition_point(|(id, _)| *id < key);
        let rows = &self.rows[begin..];
        &rows[..rows.partition_point(|(id, _)| *id == key)]
    }
}

fn uuid(row: &QueryResult, place: usize) -> Result<Option<Uuid>> {
    Ok(match Kind::Uuid.read(row, place)? {
        Cell::Uuid(id) => Some(id),
        _ => None,
    })
}

/// What these rows lead to.
pub fn read<'r>(
    reader: &'r Reader,
    leads: &'r [Lead],
    rows: &'r [&'r QueryResult],
) -> BoxFuture<'r, Result<Vec<Led>>> {
    Box::pin(try_join_all(
        leads.iter().map(move |lead| lead.read(reader, rows)),
    ))
}
