//! References in inputs: to a record that is there, or to one that is entered in the same step.
use async_graphql::{ID, InputType};
use entity::value::Status;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, prelude::Uuid};

use super::{Curated, Entry, Patch, Row, create};
use crate::kit::{
    check::UserErrorCode::{Invalid, NotAllowed, NotFound},
    edit::Editable,
    error::{Error, Result},
    id,
    record::Standing,
};

/// An input that names a record.
pub trait Refer: InputType {
    type Entity: Standing + Editable;

    /// The record, or nothing and a problem in the entry's check.
    fn resolve(
        self,
        entry: &mut Entry,
    ) -> impl Future<Output = Result<Option<<Self::Entity as EntityTrait>::Model>>> + Send;
}

impl Entry {
    /// Refuses a text that has not its form.
    pub fn form(&mut self, field: &str, text: &str, form: fn(&str) -> Result<(), &'static str>) {
        if let Err(expected) = form(text) {
            let message = format!("{text:?} is not {expected}");
            self.check.refuse(field, Invalid, message);
        }
    }

    /// The record with this global id.
    pub async fn by_id<E: Standing + Editable>(&mut self, id: &ID) -> Result<Option<E::Model>> {
        let key = match id::key(id, E::NAME) {
            Ok(key) => key,
            Err(Error::BadUserInput(message)) => {
                self.check.refuse_here(Invalid, message);
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        let row = self.edit.rely_on::<E>(key).await?;
        Ok(self.known(row, || {
            format!("there is no {} with the id {}", E::NAME, id.as_str())
        }))
    }

    /// The one record whose column holds this value.
    pub async fn by_column<E: Standing + Editable>(
        &mut self,
        column: E::Column,
        value: &str,
    ) -> Result<Option<E::Model>> {
        let row = E::find()
            .filter(column.eq(value))
            .lock_shared()
            .one(self.edit.connection())
            .await?;
        Ok(self.known(row, || format!("there is no {} called {value:?}", E::NAME)))
    }

    /// Refuses what was not found.
    pub fn known<T>(&mut self, found: Option<T>, missing: impl FnOnce() -> String) -> Option<T> {
        if found.is_none() {
            self.check.refuse_here(NotFound, missing());
        }
        found
    }

    /// What is published refers to nothing that is not, and nothing new to what was withdrawn.
    pub fn lean_on<E: Standing>(&mut self, row: &mut E::Model) -> Uuid {
        let stand = E::stand(row);
        match *stand.status {
            Status::Withdrawn => {
                let message = format!("this {} was withdrawn; choose another", E::NAME);
                self.check.refuse_here(NotAllowed, message);
            }
            Status::Draft if self.publishing => {
                let message = format!(
                    "this {} is a draft; publish it first, since what is published refers to nothing else",
                    E::NAME
                );
                self.check.refuse_here(NotAllowed, message);
            }
            Status::Draft | Status::Published => {}
        }
        *stand.id
    }

    /// Enters a record within another, in the same edit.
    pub async fn create_within<C: Curated>(&mut self, new: C::New) -> Result<Option<Row<C>>> {
        self.check.enter("create");
        let done = create::<C>(self, new).await?;
        self.check.leave();
        Ok(done.map(|done| done.row))
    }

    /// The id of the record that a reference names.
    pub async fn refer<R: Refer>(&mut self, reference: R) -> Result<Option<Uuid>> {
        let found = reference.resolve(self).await?;
        Ok(found.map(|mut row| self.lean_on::<R::Entity>(&mut row)))
    }

    /// Checks a reference that stays as it is, if there is one.
    pub async fn stays_if_any<E: Standing + Editable>(&mut self, id: Option<Uuid>) -> Result<()> {
        match id {
            Some(id) => self.stays::<E>(id).await,
            None => Ok(()),
        }
    }

    /// Checks a reference that stays as it is.
    pub async fn stays<E: Standing + Editable>(&mut self, id: Uuid) -> Result<()> {
        if self.publishing
            && let Some(mut row) = self.edit.rely_on::<E>(id).await?
        {
            self.lean_on::<E>(&mut row);
        }
        Ok(())
    }
}

impl<R: Refer> Patch<R> {
    /// A reference that must be there.
    pub async fn refer(self, entry: &mut Entry, field: &str, column: &mut Uuid) -> Result<()> {
        entry.check.enter(field);
        match self {
            Self::Keep => entry.stays::<R::Entity>(*column).await?,
            Self::Set(reference) => {
                if let Some(id) = entry.refer(reference).await? {
                    *column = id;
                }
            }
        }
        entry.check.leave();
        Ok(())
    }
}

impl<R: Refer> Patch<Option<R>> {
    /// A reference that may be absent.
    pub async fn refer(
        self,
        entry: &mut Entry,
        field: &str,
        column: &mut Option<Uuid>,
    ) -> Result<()> {
        entry.check.enter(field);
        match self {
            Self::Keep => entry.stays_if_any::<R::Entity>(*column).await?,
            Self::Set(None) => *column = None,
            Self::Set(Some(reference)) => *column = entry.refer(reference).await?,
        }
        entry.check.leave();
        Ok(())
    }
}
