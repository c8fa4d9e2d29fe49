//! Records that many others refer to: read once for all of them.
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use sea_orm::{ColumnTrait, QueryFilter, prelude::Uuid};

use crate::kit::{
    access::View,
    db::Readers,
    error::Result,
    record::{Record, id_column},
    rows::uuid,
};

/// More would hold memory for what may never be asked for again.
const MOST: usize = 20_000;
/// As many ids go into one statement.
const IDS_A_STATEMENT: usize = 10_000;

/// What is known of the records of a concept.
pub struct Known<E: Record>(HashMap<Uuid, Arc<E::Model>>);

impl<E: Record> Default for Known<E> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<E: Record> Known<E> {
    /// Reads those of these records that are not known yet.
    pub async fn learn(
        &mut self,
        db: &Readers,
        view: View,
        ids: impl IntoIterator<Item = Option<Uuid>> + Send,
    ) -> Result<()> {
        if self.0.len() > MOST {
            self.0.clear();
        }
        let missing: HashSet<Uuid> = ids
            .into_iter()
            .flatten()
            .filter(|id| !self.0.contains_key(id))
            .collect();
        let missing: Vec<_> = missing.into_iter().collect();
        for ids in missing.chunks(IDS_A_STATEMENT) {
            let column = id_column::<E>();
            let select = E::find()
                .filter(column.is_in(ids.iter().copied()))
                .filter(E::visible(view));
            let found = select.all(db).await?.into_iter();
            self.0
                .extend(found.map(|row| (uuid(&row, column), Arc::new(row))));
        }
        Ok(())
    }

    /// The record, if there is an id and it is seen.
    pub fn get(&self, id: Option<Uuid>) -> Option<Arc<E::Model>> {
        self.0.get(&id?).map(Arc::clone)
    }

    pub fn rows(&self) -> impl Iterator<Item = &Arc<E::Model>> {
        self.0.values()
    }
}
