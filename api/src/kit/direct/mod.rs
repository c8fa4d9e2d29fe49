//! Pages and objects written straight from rows to bytes, where every field that is asked for says
//! no more than a column does, or a column of a row that is kept in memory. All else is resolved,
//! field by field, and answers the same: so does this, or it gives way.
//!
//! Of a page of 50 shipments with their countries, product and dataset, resolving took the most:
//! a future, a map and several texts for each field of each record.
use std::any::TypeId;

use async_graphql::{
    Context,
    parser::types::{Field as Selected, OperationType, SelectionSet},
};
use sea_orm::QueryResult;
use serde_json::Value as Json;

mod object;
mod shape;

pub use object::{Shapes, object};
pub use shape::Stuck;

use super::{
    access::View,
    cell::{Kind, write_text},
    plain::Plain,
    references::References,
    rows,
};
use shape::{Out, Places, Sent, Shape, fields, key, quoted};

/// What is written of a page.
pub struct Plan {
    parts: Vec<(Vec<u8>, Part)>,
    columns: Columns,
    /// Where the keys stand by which the page is ordered, when cursors are asked for.
    keys: Vec<usize>,
    has_references: bool,
    counts: bool,
}

enum Part {
    Constant(Vec<u8>),
    Nodes(Shape),
    Edges(Vec<(Vec<u8>, EdgePart)>),
    PageInfo(Vec<(Vec<u8>, InfoPart)>),
    TotalCount,
}

enum EdgePart {
    Constant(Vec<u8>),
    Cursor,
    Node(Shape),
}

enum InfoPart {
    Constant(Vec<u8>),
    HasPrevious,
    HasNext,
    Start,
    End,
}

/// What of a table is read: places in the table, in the order in which they are read.
struct Columns {
    plain: &'static Plain,
    read: Vec<usize>,
    kinds: Vec<Kind>,
    /// Other tables, whose rows are kept.
    kept: Vec<TypeId>,
}

impl Places for Columns {
    fn of(&mut self, column: usize) -> Option<usize> {
        let kind = self.plain.columns[column].kind?;
        let known = self.read.iter().position(|known| *known == column);
        known.or_else(|| {
            self.read.push(column);
            self.kinds.push(kind);
            Some(self.read.len() - 1)
        })
    }

    fn kept(&self) -> &[TypeId] {
        &self.kept
    }
}

/// A page as it was found.
pub struct Found<'p> {
    pub rows: &'p [&'p QueryResult],
    pub has_previous_page: bool,
    pub has_next_page: bool,
    pub total_count: Option<i32>,
    pub references: Option<&'p References>,
    pub view: View,
    /// The cursor of a row with these keys.
    pub cursor: &'p dyn Fn(Vec<Json>) -> String,
}

impl Plan {
    /// For the present field, which is a page of a concept, ordered by these columns; none when it
    /// must be resolved.
    pub fn of(ctx: &Context<'_>, view: View, plain: &'static Plain, keys: &[&str]) -> Option<Self> {
        // What was written just now is read anew, and what was then is no row of a table.
        let only_reads = ctx.query_env.operation.node.ty == OperationType::Query;
        if !only_reads || view.as_of().is_some() || plain.fields.is_empty() {
            return None;
        }
        let mut plan = Self {
            parts: Vec::new(),
            columns: Columns {
                plain,
                read: Vec::new(),
                kinds: Vec::new(),
                kept: rows::kept(ctx),
            },
            keys: Vec::new(),
            has_references: false,
            counts: false,
        };
        let mut has_cursors = false;
        for field in fields(&ctx.item.node.selection_set.node)? {
            let key = key(field, plan.parts.is_empty());
            let part = plan.part(field, &mut has_cursors)?;
            plan.parts.push((key, part));
        }
        if has_cursors {
            for key in keys {
                let mut columns = plain.columns.iter();
                let column = columns.position(|column| column.name == *key)?;
                plan.keys.push(plan.columns.of(column)?);
            }
        }
        Some(plan)
    }

    fn part(&mut self, field: &Selected, has_cursors: &mut bool) -> Option<Part> {
        let set = &field.selection_set.node;
        let name = self.columns.plain.type_name;
        Some(match field.name.node.as_str() {
            "__typename" => Part::Constant(quoted(&format!("{name}Connection"))),
            "nodes" => Part::Nodes(self.shape(set)?),
            "edges" => {
                let mut parts = Vec::new();
                for field in fields(set)? {
                    let key = key(field, parts.is_empty());
                    let part = match field.name.node.as_str() {
                        "__typename" => EdgePart::Constant(quoted(&format!("{name}Edge"))),
                        "cursor" => {
                            *has_cursors = true;
                            EdgePart::Cursor
                        }
                        "node" => EdgePart::Node(self.shape(&field.selection_set.node)?),
                        _ => return None,
                    };
                    parts.push((key, part));
                }
                Part::Edges(parts)
            }
            "pageInfo" => {
                *has_cursors = true;
                let mut parts = Vec::new();
                for field in fields(set)? {
                    let key = key(field, parts.is_empty());
                    let part = match field.name.node.as_str() {
                        "__typename" => InfoPart::Constant(quoted("PageInfo")),
                        "hasPreviousPage" => InfoPart::HasPrevious,
                        "hasNextPage" => InfoPart::HasNext,
                        "startCursor" => InfoPart::Start,
                        "endCursor" => InfoPart::End,
                        _ => return None,
                    };
                    parts.push((key, part));
                }
                Part::PageInfo(parts)
            }
            "totalCount" => {
                self.counts = true;
                Part::TotalCount
            }
            _ => return None,
        })
    }

    fn shape(&mut self, set: &SelectionSet) -> Option<Shape> {
        let shape = Shape::of(&fields(set)?, self.columns.plain, &mut self.columns)?;
        self.has_references |= shape.has_references();
        Some(shape)
    }

    /// The columns to read, by their places in the table.
    pub fn columns(&self) -> &[usize] {
        &self.columns.read
    }

    /// Whether any row is needed.
    pub fn reads(&self) -> bool {
        let mut parts = self.parts.iter();
        parts.any(|(_, part)| !matches!(part, Part::Constant(_) | Part::TotalCount))
    }

    pub const fn counts(&self) -> bool {
        self.counts
    }

    /// Whether it takes rows that are kept in memory.
    pub const fn has_references(&self) -> bool {
        self.has_references
    }

    pub fn write(&self, found: &Found<'_>) -> Result<Vec<u8>, Stuck> {
        let mut out = Out::default();
        out.bytes.reserve(256 * (found.rows.len() + 1));
        out.bytes.push(b'{');
        for (key, part) in &self.parts {
            out.bytes.extend_from_slice(key);
            match part {
                Part::Constant(text) => out.bytes.extend_from_slice(text),
                Part::Nodes(shape) => list(found.rows, &mut out, |row, out| {
                    self.record(shape, row, found, out)
                })?,
                Part::Edges(parts) => list(found.rows, &mut out, |row, out| {
                    self.edge(parts, row, found, out)
                })?,
                Part::PageInfo(parts) => self.info(parts, found, &mut out)?,
                Part::TotalCount => {
                    let count = found.total_count.unwrap_or_default();
                    out.bytes.extend_from_slice(count.to_string().as_bytes());
                }
            }
        }
        out.bytes.push(b'}');
        Ok(out.bytes)
    }

    fn record<'p>(
        &self,
        shape: &'p Shape,
        row: &QueryResult,
        found: &Found<'_>,
        out: &mut Out<'p>,
    ) -> Result<(), Stuck> {
        let sent = Sent {
            row,
            kinds: &self.columns.kinds,
        };
        shape.write(&sent, found.references, found.view, out)
    }

    fn edge<'p>(
        &self,
        parts: &'p [(Vec<u8>, EdgePart)],
        row: &QueryResult,
        found: &Found<'_>,
        out: &mut Out<'p>,
    ) -> Result<(), Stuck> {
        out.bytes.push(b'{');
        for (key, part) in parts {
            out.bytes.extend_from_slice(key);
            match part {
                EdgePart::Constant(text) => out.bytes.extend_from_slice(text),
                EdgePart::Cursor => self.cursor(Some(row), found, out)?,
                EdgePart::Node(shape) => self.record(shape, row, found, out)?,
            }
        }
        out.bytes.push(b'}');
        Ok(())
    }

    fn info(
        &self,
        parts: &[(Vec<u8>, InfoPart)],
        found: &Found<'_>,
        out: &mut Out<'_>,
    ) -> Result<(), Stuck> {
        let truth = |truth| if truth { &b"true"[..] } else { b"false" };
        out.bytes.push(b'{');
        for (key, part) in parts {
            out.bytes.extend_from_slice(key);
            match part {
                InfoPart::Constant(text) => out.bytes.extend_from_slice(text),
                InfoPart::HasPrevious => {
                    out.bytes.extend_from_slice(truth(found.has_previous_page));
                }
                InfoPart::HasNext => out.bytes.extend_from_slice(truth(found.has_next_page)),
                InfoPart::Start => self.cursor(found.rows.first().copied(), found, out)?,
                InfoPart::End => self.cursor(found.rows.last().copied(), found, out)?,
            }
        }
        out.bytes.push(b'}');
        Ok(())
    }

    fn cursor(
        &self,
        row: Option<&QueryResult>,
        found: &Found<'_>,
        out: &mut Out<'_>,
    ) -> Result<(), Stuck> {
        let Some(row) = row else {
            out.bytes.extend_from_slice(b"null");
            return Ok(());
        };
        let mut values = Vec::with_capacity(self.keys.len());
        for place in &self.keys {
            values.push(self.columns.kinds[*place].read(row, *place)?.json());
        }
        write_text(&(found.cursor)(values), &mut out.bytes);
        Ok(())
    }
}

fn list<'p>(
    rows: &[&QueryResult],
    out: &mut Out<'p>,
    mut write: impl FnMut(&QueryResult, &mut Out<'p>) -> Result<(), Stuck>,
) -> Result<(), Stuck> {
    out.bytes.push(b'[');
    for (place, row) in rows.iter().enumerate() {
        if place > 0 {
            out.bytes.push(b',');
        }
        write(row, out)?;
    }
    out.bytes.push(b']');
    Ok(())
}
