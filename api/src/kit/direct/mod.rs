//! Pages and objects written straight from rows to bytes, where every field that is asked for says
//! no more than a column does, or a column of a row that is kept in memory, or, on a page, of a row
//! that its rows lead to. All else is resolved, field by field, and answers the same: so does this,
//! or it gives way.
//!
//! Of a page of 50 shipments with their countries, product and dataset, resolving took the most:
//! a future, a map and several texts for each field of each record.
use async_graphql::{
    Context,
    parser::types::{Field as Selected, OperationType, SelectionSet},
};
use sea_orm::QueryResult;
use serde_json::Value as Json;

mod columns;
mod lead;
mod object;
mod selection;
mod shape;

pub use lead::Led;
pub use object::{Shapes, object};
pub use shape::{Known, Stuck};

use super::{access::View, cell::write_text, error::Result, plain::Plain, rows};
use columns::{Columns, Sent};
use lead::Lead;
use selection::{Around, fields, key, quoted};
use shape::{Out, Places, Shape};

/// What is written of a page.
pub struct Plan {
    plain: &'static Plain,
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

type Written<T> = std::result::Result<T, Stuck>;

/// A page as it was found.
pub struct Found<'p> {
    pub rows: &'p [&'p QueryResult],
    /// What they lead to.
    pub led: &'p [Led],
    pub has_previous_page: bool,
    pub has_next_page: bool,
    pub total_count: Option<i32>,
    pub known: Known<'p>,
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
        let around = Around {
            kept: &rows::kept(ctx),
            registry: &ctx.schema_env.registry,
        };
        let mut plan = Self {
            plain,
            parts: Vec::new(),
            columns: Columns::none_of(&plain.columns),
            keys: Vec::new(),
            has_references: false,
            counts: false,
        };
        let mut has_cursors = false;
        for field in fields(&ctx.item.node.selection_set.node)? {
            let key = key(field, plan.parts.is_empty());
            let part = plan.part(field, &mut has_cursors, around)?;
            plan.parts.push((key, part));
        }
        if has_cursors {
            for key in keys {
                let mut columns = plain.columns.iter();
                let column = columns.position(|column| column.name == *key)?;
                plan.keys.push(plan.columns.place(column)?);
            }
        }
        Some(plan)
    }

    fn part(
        &mut self,
        field: &Selected,
        has_cursors: &mut bool,
        around: Around<'_>,
    ) -> Option<Part> {
        let set = &field.selection_set.node;
        let name = self.plain.type_name;
        Some(match field.name.node.as_str() {
            "__typename" => Part::Constant(quoted(&format!("{name}Connection"))),
            "nodes" => Part::Nodes(self.shape(set, around)?),
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
                        "node" => EdgePart::Node(self.shape(&field.selection_set.node, around)?),
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

    fn shape(&mut self, set: &SelectionSet, around: Around<'_>) -> Option<Shape> {
        let selected = around.selected(set, self.plain)?;
        let shape = Shape::of(&selected, self.plain, &mut self.columns, around)?;
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
    pub fn has_references(&self) -> bool {
        self.has_references || self.columns.leads.iter().any(Lead::has_references)
    }

    /// What these rows lead to.
    pub async fn led(&self, ctx: &Context<'_>, rows: &[&QueryResult]) -> Result<Vec<Led>> {
        lead::read(rows::reader(ctx), &self.columns.leads, rows).await
    }

    pub fn write(&self, found: &Found<'_>) -> Written<Vec<u8>> {
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

    fn record(
        &self,
        shape: &Shape,
        row: &QueryResult,
        found: &Found<'_>,
        out: &mut Out,
    ) -> Written<()> {
        let source = Sent {
            row,
            columns: &self.columns,
            led: found.led,
        };
        shape.write(&source, found.known, out)
    }

    fn edge(
        &self,
        parts: &[(Vec<u8>, EdgePart)],
        row: &QueryResult,
        found: &Found<'_>,
        out: &mut Out,
    ) -> Written<()> {
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

    fn info(&self, parts: &[(Vec<u8>, InfoPart)], found: &Found<'_>, out: &mut Out) -> Written<()> {
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

    fn cursor(&self, row: Option<&QueryResult>, found: &Found<'_>, out: &mut Out) -> Written<()> {
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

fn list(
    rows: &[&QueryResult],
    out: &mut Out,
    mut write: impl FnMut(&QueryResult, &mut Out) -> Written<()>,
) -> Written<()> {
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
