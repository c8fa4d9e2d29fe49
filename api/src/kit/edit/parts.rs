//! Parts of records: they come and go with an edit of their record, and none is ever lost.
use entity::value::Timestamp;
use sea_orm::{ColumnTrait, Condition, DbErr, QueryFilter, prelude::Uuid};

use super::{Edit, Editable};
use crate::kit::{access::View, record::id_column};

/// A table whose rows are parts of another's.
pub trait Part: Editable {
    /// The column of the record that a row is a part of.
    const OWNER: Self::Column;
    const REMOVED_AT: Self::Column;

    fn belonging(row: &mut Self::Model) -> Belonging<'_>;
}

/// What a part has besides what it says.
pub struct Belonging<'r> {
    pub id: &'r mut Uuid,
    pub owner: &'r mut Uuid,
    pub added_at: &'r mut Timestamp,
    pub removed_at: &'r mut Option<Timestamp>,
}

/// Makes a table one of parts.
macro_rules! part {
    ($table:ident of $owner:ident in $column:ident) => {
        impl $crate::kit::edit::Part for entity::$table::Entity {
            const OWNER: entity::$table::Column = entity::$table::Column::$column;
            const REMOVED_AT: entity::$table::Column = entity::$table::Column::RemovedAt;

            fn belonging(row: &mut entity::$table::Model) -> $crate::kit::edit::Belonging<'_> {
                $crate::kit::edit::Belonging {
                    id: &mut row.id,
                    owner: &mut row.$owner,
                    added_at: &mut row.added_at,
                    removed_at: &mut row.removed_at,
                }
            }
        }
    };
}

pub(crate) use part;

impl Edit {
    /// Gives a record these parts of a kind, and takes out all others. Answers whether that
    /// changed anything.
    pub async fn set_parts<P: Part>(
        &mut self,
        owner: Uuid,
        wanted: Vec<P::Model>,
    ) -> Result<bool, DbErr> {
        let mut changed = false;
        let mut wanted: Vec<_> = wanted.iter().map(said::<P>).collect();
        for held in self.parts::<P>(owner, None).await? {
            let same = said::<P>(&held);
            if let Some(place) = wanted.iter().position(|row| *row == same) {
                wanted.remove(place);
                continue;
            }
            let mut after = held.clone();
            *P::belonging(&mut after).removed_at = Some(self.now);
            self.update_part::<P>(owner, &held, after).await?;
            changed = true;
        }
        for mut row in wanted {
            let Belonging {
                id,
                owner: column,
                added_at,
                removed_at,
            } = P::belonging(&mut row);
            (*id, *column) = (Uuid::now_v7(), owner);
            (*added_at, *removed_at) = (self.now, None);
            self.insert_part::<P>(owner, row).await?;
            changed = true;
        }
        Ok(changed)
    }

    /// Gives a record the parts of a kind that it had as of a revision.
    pub async fn restore_parts<P: Part>(
        &mut self,
        owner: Uuid,
        revision: i64,
    ) -> Result<bool, DbErr> {
        let then = self.parts::<P>(owner, Some(revision)).await?;
        self.set_parts::<P>(owner, then).await
    }

    /// The parts that a record has, or had as of a revision.
    pub async fn parts<P: Part>(
        &self,
        owner: Uuid,
        at: Option<i64>,
    ) -> Result<Vec<P::Model>, DbErr> {
        let belong = View::EVERYTHING
            .at(at)
            .holds(id_column::<P>(), P::REMOVED_AT);
        P::find()
            .filter(Condition::all().add(P::OWNER.eq(owner)).add(belong))
            .all(&self.transaction)
            .await
    }
}

/// What a part says, wherever and whenever it belongs.
fn said<P: Part>(row: &P::Model) -> P::Model {
    let mut row = row.clone();
    let belonging = P::belonging(&mut row);
    *belonging.id = Uuid::nil();
    *belonging.owner = Uuid::nil();
    *belonging.added_at = Timestamp::default();
    *belonging.removed_at = None;
    row
}
