//! Objects written from their rows, wherever they stand in an answer.
//!
//! Of twenty statements with their citations and what their claims are about, the executor resolved
//! some 500 objects; to write those that are plain takes a sixth of the server's time away.
use std::{
    any::TypeId,
    collections::HashMap,
    ptr,
    sync::{Arc, Mutex, PoisonError},
};

use async_graphql::{
    ContainerType, ContextSelectionSet, ServerResult, Value,
    indexmap::IndexMap,
    parser::types::{OperationType, Selection, SelectionSet},
};
use entity::value::Date;
use futures_util::{FutureExt, future::try_join_all};
use sea_orm::{DbErr, EntityTrait, Iterable, ModelTrait, prelude::Uuid};

use super::{
    selection::{Around, fields},
    shape::{Known, Out, Part, Shape, Source, Stuck, Whole},
};
use crate::kit::{
    cell::{Cell, Form},
    plain::Plainly,
    record::Concept,
    references::References,
    rows,
};

type Row<C> = <<C as Concept>::Entity as EntityTrait>::Model;

/// What is written of each selection's objects, found out once a request.
#[derive(Default)]
pub struct Shapes(Mutex<HashMap<Key, Arc<Made>>>);

/// A selection, by where it stands in the document of the request, and whose fields it takes.
type Key = (usize, TypeId);

/// How objects are made of a selection.
enum Made {
    Written(Shape),
    /// Field by field, by their places in the selection; some are resolved.
    Mixed(Vec<(usize, Option<Part>)>),
    Resolved,
}

impl Shapes {
    fn of<C: Plainly + 'static>(&self, ctx: &ContextSelectionSet<'_>) -> Arc<Made> {
        let set = &ctx.item.node;
        let key = (ptr::from_ref::<SelectionSet>(set).addr(), TypeId::of::<C>());
        let made = || Arc::new(Made::of::<C>(ctx, set).unwrap_or(Made::Resolved));
        let mut shapes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(shapes.entry(key).or_insert_with(made))
    }
}

impl Made {
    fn of<C: Plainly>(ctx: &ContextSelectionSet<'_>, set: &SelectionSet) -> Option<Self> {
        let plain = C::plain();
        let around = Around {
            kept: &rows::kept(ctx),
            registry: &ctx.schema_env.registry,
        };
        let selected = around.selected(set, plain)?;
        if let Some(shape) = Shape::of(&selected, plain, &mut Whole, around) {
            return Some(Self::Written(shape));
        }
        // Among fragments, the places would not be those of the fields.
        let parts = fields(set)?.into_iter().enumerate();
        let parts = parts.map(|(place, field)| (place, Part::of(field, plain, &mut Whole, around)));
        let parts: Vec<_> = parts.collect();
        let some = parts.iter().any(|(_, part)| part.is_some());
        some.then_some(Self::Mixed(parts))
    }

    /// Whether anything is written that is kept in memory.
    fn has_references(&self) -> bool {
        match self {
            Self::Written(shape) => shape.has_references(),
            Self::Mixed(parts) => {
                let mut parts = parts.iter().filter_map(|(_, part)| part.as_ref());
                parts.any(Part::is_reference)
            }
            Self::Resolved => false,
        }
    }
}

/// An object as it is selected: written from its row as far as that goes, and the rest of it resolved.
/// None when all of it is to be.
pub async fn object<C: Plainly + ContainerType + 'static>(
    ctx: &ContextSelectionSet<'_>,
    concept: &C,
    row: &Row<C>,
    at: Option<i64>,
) -> ServerResult<Option<Value>> {
    // What was written just now is read anew, and what stood at some time has its parts from then.
    let only_reads = ctx.query_env.operation.node.ty == OperationType::Query;
    let shapes = rows::shapes(ctx).filter(|_| only_reads && at.is_none());
    if let Some(made) = shapes.map(|shapes| shapes.of::<C>(ctx))
        && let Some(references) = needed(ctx, &made).await
    {
        let source = Stored(row);
        let known = Known {
            references,
            view: rows::view(ctx),
        };
        match &*made {
            Made::Written(shape) => {
                let mut out = Out::default();
                // Whatever is wrong, resolving it says where.
                if shape.write(&source, known, &mut out).is_ok() {
                    return Ok(Some(Value::Binary(out.bytes.into())));
                }
            }
            Made::Mixed(parts) => {
                let written = parts.iter().map(|(_, part)| {
                    let mut out = Out::default();
                    let written = part
                        .as_ref()
                        .map(|part| part.write(&source, known, &mut out));
                    written.transpose().map(|_| out.bytes)
                });
                if let Ok(written) = written.collect::<Result<Vec<_>, Stuck>>() {
                    return mixed(ctx, concept, parts, written).await.map(Some);
                }
            }
            Made::Resolved => {}
        }
    }
    Ok(None)
}

/// What is written besides the row; none when it cannot be had.
async fn needed<'c>(ctx: &ContextSelectionSet<'c>, made: &Made) -> Option<Option<&'c References>> {
    match made.has_references() {
        true => rows::known(ctx).await.ok()?.map(Some),
        false => Some(None),
    }
}

/// An object of which some fields were written, and the others are resolved together.
async fn mixed<C: ContainerType>(
    ctx: &ContextSelectionSet<'_>,
    concept: &C,
    parts: &[(usize, Option<Part>)],
    written: Vec<Vec<u8>>,
) -> ServerResult<Value> {
    let field = |place: usize| match &ctx.item.node.items[place].node {
        Selection::Field(field) => Some(field),
        _ => None,
    };
    let others = parts.iter().filter(|(_, part)| part.is_none());
    let others = others.filter_map(|(place, _)| field(*place));
    let resolved = try_join_all(others.map(|field| {
        async move {
            let ctx = ctx.with_field(field);
            concept.resolve_field(&ctx).await
        }
        .boxed()
    }));
    let mut resolved = resolved.await?.into_iter();
    let mut object = IndexMap::with_capacity(parts.len());
    for ((place, part), written) in parts.iter().zip(written) {
        let value = match part {
            Some(_) => Some(Value::Binary(written.into())),
            None => resolved.next().flatten(),
        };
        if let Some(field) = field(*place) {
            let key = field.node.response_key().node.clone();
            object.insert(key, value.unwrap_or_default());
        }
    }
    Ok(Value::Object(object))
}

/// A row that was taken apart.
struct Stored<'r, M>(&'r M);

impl<M: ModelTrait> Stored<'_, M> {
    fn cell(&self, place: usize) -> Option<Cell<'static>> {
        let column = <M::Entity as EntityTrait>::Column::iter().nth(place)?;
        Cell::of(self.0.get(column))
    }
}

impl<M: ModelTrait> Source for Stored<'_, M> {
    fn write(&self, place: usize, form: Form, out: &mut Vec<u8>) -> Result<(), DbErr> {
        let missing = || DbErr::Custom(format!("column {place} is no single value"));
        self.cell(place).ok_or_else(missing)?.write(form, out);
        Ok(())
    }

    fn id(&self, place: usize) -> Result<Option<Uuid>, DbErr> {
        Ok(match self.cell(place) {
            Some(Cell::Uuid(id)) => Some(id),
            _ => None,
        })
    }

    fn date(&self, place: usize) -> Result<Option<Date>, DbErr> {
        Ok(match self.cell(place) {
            Some(Cell::Date(date)) => Some(Date(date)),
            _ => None,
        })
    }
}
