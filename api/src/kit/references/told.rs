//! A row as answers say it: each column in JSON, one after the other in one text.
use sea_orm::{Iterable, ModelTrait, prelude::Uuid};

use crate::kit::{
    cell::{Cell, Form},
    plain::{Field, Plain},
};

/// The columns of a row in JSON. Columns are told by their places in the table.
pub struct Told {
    json: Box<[u8]>,
    /// Where each column ends; one that is not shown is empty.
    ends: Box<[u32]>,
    /// Where columns lead that point at other rows, and the row's own id.
    ids: Box<[(u16, Uuid)]>,
}

impl Told {
    pub fn of<M: ModelTrait>(row: &M, plain: &Plain) -> Self {
        let mut forms = vec![None; plain.columns.len()];
        for field in plain.fields.values() {
            match field {
                Field::Column(place, form) => forms[*place] = Some(*form),
                Field::Period(start, end) => {
                    (forms[*start], forms[*end]) = (Some(Form::Plain), Some(Form::Plain));
                }
                Field::Id(_) | Field::Reference(..) | Field::Choice(..) | Field::List(_) => {}
            }
        }
        let (mut json, mut ends, mut ids) = (Vec::new(), Vec::new(), Vec::new());
        let columns = <M::Entity as sea_orm::EntityTrait>::Column::iter();
        for ((place, column), form) in (0..).zip(columns).zip(forms) {
            let cell = plain.columns[usize::from(place)]
                .kind
                .and_then(|_| Cell::of(row.get(column)));
            match (&cell, form) {
                (Some(Cell::Uuid(id)), _) => ids.push((place, *id)),
                (Some(cell), Some(form)) => cell.write(form, &mut json),
                _ => {}
            }
            ends.push(u32::try_from(json.len()).unwrap_or(u32::MAX));
        }
        Self {
            json: json.into(),
            ends: ends.into(),
            ids: ids.into(),
        }
    }

    pub fn json(&self, place: usize) -> &[u8] {
        let begin = place.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.json[begin as usize..self.ends[place] as usize]
    }

    /// Where a column leads; none where it is null.
    pub fn id(&self, place: usize) -> Option<Uuid> {
        let mut ids = self.ids.iter();
        let found = ids.find(|(column, _)| usize::from(*column) == place);
        found.map(|(_, id)| *id)
    }

    pub fn bytes(&self) -> usize {
        self.json.len() + self.ends.len() * 4 + size_of_val(&*self.ids) + size_of::<Self>()
    }
}
