//! Rows that all others refer to, in memory: few, read by every query, and seldom written.
use std::any::TypeId;

use entity::{revision, revision_change};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QuerySelect, prelude::Uuid,
};

use super::{access::View, kept::Keep, record::Record};

mod table;
mod told;

pub use table::{Loader, Named, Row};
pub use told::Told;

use table::Table;

/// Changes that are followed one by one; beyond that it is as well to read everything.
const MOST_CHANGES: usize = 10_000;

/// The rows of some tables, by their ids.
pub struct References(Vec<Table>);

impl References {
    /// The row with this id, whoever may see it. None when it is not kept, or not there.
    pub fn row(&self, entity: TypeId, id: Uuid) -> Option<&Row> {
        self.table(entity)?.row(id)
    }

    /// The row with this id, if it is kept and seen.
    pub fn find<E: Record>(&self, id: Uuid, view: View) -> Option<E::Model> {
        self.row(TypeId::of::<E>(), id)?.seen::<E>(view)
    }

    /// The row by what names it among all of its table, if it is kept and seen.
    pub fn named<E: Named>(&self, name: &str, view: View) -> Option<E::Model> {
        self.table(TypeId::of::<E>())?
            .by_name(name)?
            .seen::<E>(view)
    }

    /// The ids of all rows that are seen and have this text in a column that rows are looked for by,
    /// as the schema calls it. None when its table is not kept, or not looked into by that.
    pub fn ids_by<E: Record>(&self, field: &str, text: &str, view: View) -> Option<Vec<Uuid>> {
        self.table(TypeId::of::<E>())?.ids_by(field, text, view)
    }

    /// Whether a table's rows are kept: one that is too long is not.
    pub fn keep(&self, entity: TypeId) -> bool {
        self.table(entity).is_some_and(Table::is_kept)
    }

    fn table(&self, entity: TypeId) -> Option<&Table> {
        self.0.iter().find(|table| table.loader.entity == entity)
    }
}

impl Keep for References {
    const NAME: &'static str = "references";

    /// Which tables are kept.
    type Recipe = Vec<Loader>;

    async fn build(recipe: &Vec<Loader>, snapshot: &DatabaseTransaction) -> Result<Self, DbErr> {
        let mut tables = Vec::with_capacity(recipe.len());
        for loader in recipe {
            tables.push(Table::read(*loader, snapshot).await?);
        }
        Ok(Self(tables))
    }

    async fn advance(
        &self,
        recipe: &Vec<Loader>,
        snapshot: &DatabaseTransaction,
        since: i64,
    ) -> Result<Option<Self>, DbErr> {
        let later = revision::Column::Number.gt(since);
        let imports = revision::Entity::find()
            .filter(later)
            .filter(revision::Column::ImportBatchId.is_not_null());
        let imported = imports.one(snapshot).await?.is_some();
        let mut tables = Vec::with_capacity(recipe.len());
        for table in &self.0 {
            // What came in by file has no changes on record.
            let is_whole = !imported || table.is_as_long(snapshot).await?;
            let changed = changed(table.loader.name, snapshot, since).await?;
            tables.push(match changed.len() {
                _ if !is_whole => Table::read(table.loader, snapshot).await?,
                0 => table.clone(),
                1..=MOST_CHANGES => table.with(&changed, snapshot).await?,
                _ => Table::read(table.loader, snapshot).await?,
            });
        }
        Ok(Some(Self(tables)))
    }

    fn bytes(&self) -> usize {
        self.0.iter().map(Table::bytes).sum()
    }
}

/// The rows of a table that were changed since a revision.
async fn changed(
    table: &str,
    snapshot: &DatabaseTransaction,
    since: i64,
) -> Result<Vec<Uuid>, DbErr> {
    use revision_change::Column::{RecordId, RecordType, RevisionNumber};
    let changed = revision_change::Entity::find()
        .select_only()
        .column(RecordId)
        .distinct()
        .filter(RevisionNumber.gt(since))
        .filter(RecordType.eq(table));
    changed.into_tuple().all(snapshot).await
}
