//! Objects written from their rows, wherever they stand in an answer.
//!
//! Of twenty statements with their citations and what their claims are about, the executor resolved
//! some 500 objects, which took most of the server's time.
use std::{
    any::TypeId,
    collections::HashMap,
    ptr,
    sync::{Arc, Mutex, PoisonError},
};

use async_graphql::{
    ContextSelectionSet, Value,
    parser::types::{Field as Selected, OperationType, Selection, SelectionSet},
};
use entity::value::Date;
use sea_orm::{DbErr, EntityTrait, Iterable, ModelTrait, prelude::Uuid};

use super::shape::{Out, Shape, Source, Whole};
use crate::kit::{
    cell::{Cell, Form},
    plain::Plainly,
    record::Concept,
    rows,
};

type Row<C> = <<C as Concept>::Entity as EntityTrait>::Model;

/// What is written of each selection's objects, found out once a request; none of what is resolved.
#[derive(Default)]
pub struct Shapes(Mutex<HashMap<Key, Option<Arc<Shape>>>>);

/// A selection, by where it stands in the document of the request, and whose fields it takes.
type Key = (usize, TypeId);

impl Shapes {
    fn of<C: Plainly + 'static>(&self, ctx: &ContextSelectionSet<'_>) -> Option<Arc<Shape>> {
        let set = &ctx.item.node;
        let key = (ptr::from_ref::<SelectionSet>(set).addr(), TypeId::of::<C>());
        let made = || {
            let plain = C::plain();
            let types = &ctx.schema_env.registry.types;
            let is = |name: &str| Some(types.get(name)?.is_possible_type(plain.type_name));
            let mut fields = Vec::new();
            collect(set, &is, &mut fields)?;
            Shape::of(&fields, plain, &mut Whole(&rows::kept(ctx))).map(Arc::new)
        };
        let mut shapes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shapes.entry(key).or_insert_with(made).clone()
    }
}

/// The fields of a selection for objects of one type, among fragments for whatever it `is` besides;
/// none when one stands there twice.
fn collect<'s>(
    set: &'s SelectionSet,
    is: &impl Fn(&str) -> Option<bool>,
    fields: &mut Vec<&'s Selected>,
) -> Option<()> {
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) if field.node.directives.is_empty() => {
                let key = &field.node.response_key().node;
                if fields.iter().any(|known| known.response_key().node == *key) {
                    return None;
                }
                fields.push(&field.node);
            }
            Selection::InlineFragment(fragment) => {
                let on = fragment.node.type_condition.as_ref()?;
                if is(&on.node.on.node)? {
                    collect(&fragment.node.selection_set.node, is, fields)?;
                }
            }
            Selection::Field(_) | Selection::FragmentSpread(_) => return None,
        }
    }
    Some(())
}

/// An object as it is selected, in JSON; none when one of its fields takes more than writing it.
pub async fn object<C: Plainly + 'static>(
    ctx: &ContextSelectionSet<'_>,
    row: &Row<C>,
    at: Option<i64>,
) -> Option<Value> {
    // What was written just now is read anew, and what stood at some time has its parts from then.
    let only_reads = ctx.query_env.operation.node.ty == OperationType::Query;
    let shapes = rows::shapes(ctx).filter(|_| only_reads && at.is_none())?;
    let shape = shapes.of::<C>(ctx)?;
    let references = match shape.has_references() {
        true => rows::known(ctx).await.ok()??.into(),
        false => None,
    };
    let mut out = Out::default();
    let written = shape.write(&Stored(row), references, rows::view(ctx), &mut out);
    // Whatever is wrong, resolving it says where.
    written.ok().map(|()| Value::Binary(out.bytes.into()))
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
