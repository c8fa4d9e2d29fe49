//! Entering and changing records: what is alike in every concept, from its input to the door.
use async_graphql::InputObjectType;
use sea_orm::{
    EntityTrait,
    prelude::Uuid,
    sea_query::{IntoCondition, SelectStatement},
};

use super::{
    access::View,
    check::Check,
    edit::{Edit, Editable},
    error::Result,
    filter::ids,
    record::{Concept, Standing, id_column},
};

pub mod form;
mod inputs;
mod mutate;
mod mutations;
mod operations;
mod patch;
mod refer;

pub(crate) use inputs::inputs;
pub use inputs::{Create, Meta, Publish, Revert, Target, Update, Withdraw};
pub use mutate::{Asked, IdempotencyKey, LONGEST_KEY, Outcome, answered, ask, mutate};
pub(crate) use mutations::mutations;
pub use operations::{Operation, create};
pub use patch::Patch;
pub use refer::Refer;

/// The ids of published records for which the condition holds.
pub fn published<E: Standing>(condition: impl IntoCondition) -> SelectStatement {
    ids::<E>(View::PUBLIC, id_column::<E>(), condition.into_condition())
}

/// The row of a concept.
pub type Row<C> = <<C as Concept>::Entity as EntityTrait>::Model;

/// An input on its way to the door.
pub struct Entry {
    pub edit: Edit,
    /// What is wrong with it so far.
    pub check: Check,
    /// Whether the record is published, or to be: then more must hold of it.
    pub publishing: bool,
    /// What is being entered, from the outermost record inwards, by the name that it would be
    /// found by.
    entering: Vec<Option<String>>,
}

/// A concept that curators enter and change.
pub trait Curated: Concept<Entity: Standing + Editable> {
    /// What it takes to enter one.
    type New: InputObjectType + Clone + Into<Self::Changes> + 'static;
    /// What can be changed of one.
    type Changes: InputObjectType + Clone + Default + 'static;
    /// Parts of the record as the input has them, ready to be written after it.
    type Parts: Send + 'static;

    /// Whether edits of such records go one after another, and the name of their queue: where a rule
    /// is about many records at once.
    const QUEUE: Option<&'static str> = None;

    /// What a record of the concept would be found by, when it is entered.
    fn known_by(_: &Self::New) -> Option<String> {
        None
    }

    /// The record that stands already for what is to be entered.
    fn standing(
        _: &mut Entry,
        _: &Self::New,
    ) -> impl Future<Output = Result<Option<Row<Self>>>> + Send {
        async { Ok(None) }
    }

    /// Puts changes into a row. Whatever rule the row would then break is refused, all rules of
    /// publishing among them when the entry is to be published, even if nothing changes.
    fn enter(
        entry: &mut Entry,
        row: &mut Row<Self>,
        changes: Self::Changes,
    ) -> impl Future<Output = Result<Self::Parts>> + Send;

    /// Writes parts of a record that is there. Answers whether that changed anything.
    fn write(_: &mut Entry, _: Uuid, _: Self::Parts) -> impl Future<Output = Result<bool>> + Send {
        async { Ok(false) }
    }

    /// Gives a record the parts that it had as of a revision. Answers whether that changed anything.
    fn restore(_: &mut Entry, _: Uuid, _: i64) -> impl Future<Output = Result<bool>> + Send {
        async { Ok(false) }
    }

    /// The published records that refer to one, as selects of their ids, with their name.
    fn referrers(id: Uuid) -> Vec<(&'static str, SelectStatement)>;
}
