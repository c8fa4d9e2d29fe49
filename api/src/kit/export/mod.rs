//! Exports: all records that a filter finds, written into a file while it is read.
use async_graphql::async_trait::async_trait;
use sea_orm::{EntityTrait, prelude::Uuid};

use serde_json::Value as Json;

use super::{
    access::View,
    db::Readers,
    error::{Error, Result},
    filter::{Filter, Scope},
    id,
    record::{Concept, Record, id_column},
    rows::uuid,
};

mod column;
mod format;
mod known;
mod parquet;
mod text;
mod walk;

pub(crate) use column::columns;
pub use column::{Cell, Column, Head, Kind, global, named};
pub use format::{Ending, FileType};
pub use known::Known;
pub use walk::Walk;

use format::Format;

/// Rows that are read, put into bytes and sent together.
const STEP: u64 = 2_000;

type RowOf<C> = <<C as Concept>::Entity as EntityTrait>::Model;

/// A concept whose records can be exported, each as a flat row with what it refers to.
pub trait Exported: Concept + 'static {
    /// A record and what it refers to.
    type Row: Send + Sync + 'static;
    /// What records refer to.
    type Known: Default + Send;

    const COLUMNS: &'static [Column<Self::Row>];

    /// Reads what these records refer to, and is not known yet: a statement for each relation.
    fn learn(
        known: &mut Self::Known,
        db: &Readers,
        view: View,
        rows: &[RowOf<Self>],
    ) -> impl Future<Output = Result<()>> + Send;

    /// A record with what it refers to, all of which is known.
    fn row(known: &Self::Known, row: RowOf<Self>) -> Self::Row;
}

/// The columns of a concept's exports, as the Table Schema of Frictionless Data.
pub fn table_schema<C: Exported>() -> Json {
    let fields: Vec<_> = C::COLUMNS.iter().map(Column::described).collect();
    serde_json::json!({ "fields": fields, "primaryKey": "id", "missingValues": [""] })
}

/// What is exported, and how.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub file: FileType,
    /// Only what comes after the record with this key.
    pub after: Option<Uuid>,
    /// No more rows than this.
    pub limit: Option<u64>,
    /// Whether a CSV file begins with the names of its columns.
    pub has_header: bool,
    /// Whether a text ends with a line that says so.
    pub tells_end: bool,
}

/// A part of a file.
#[derive(Debug, Default)]
pub struct Piece {
    pub bytes: Vec<u8>,
    /// Rows that were read for it.
    pub rows: u64,
}

/// A file that is made as it is asked for.
#[async_trait]
pub trait Export: Send {
    /// The next part; none when the file is whole. A part that could not be read may be asked for
    /// again.
    async fn next(&mut self) -> Result<Option<Piece>>;
}

/// An export of the records of a concept that are seen and match the filter.
pub fn records<C: Exported>(
    db: Readers,
    view: View,
    filter: Option<C::Filter>,
    wanted: &Wanted,
) -> Result<Box<dyn Export>> {
    let condition = match filter {
        Some(filter) => filter.condition(Scope::new(view))?,
        None => sea_orm::Condition::all(),
    };
    let heads = C::COLUMNS.iter().map(|column| column.head).collect();
    let format = wanted.file.format(heads, wanted.has_header);
    Ok(Box::new(Records::<C> {
        walk: Walk::new(db.clone(), view, condition, wanted.after),
        db,
        view,
        known: C::Known::default(),
        format: Some(format.map_err(Error::internal)?),
        is_whole: false,
        has_begun: false,
        left: wanted.limit,
        ending: Ending {
            is_told: wanted.tells_end,
            ..Ending::default()
        },
    }))
}

struct Records<C: Exported> {
    db: Readers,
    view: View,
    walk: Walk<C::Entity>,
    known: C::Known,
    /// None while rows are put into it.
    format: Option<Box<dyn Format>>,
    is_whole: bool,
    has_begun: bool,
    /// How many rows may still come; none for all there are.
    left: Option<u64>,
    ending: Ending,
}

#[async_trait]
impl<C: Exported> Export for Records<C> {
    async fn next(&mut self) -> Result<Option<Piece>> {
        if self.is_whole {
            return Ok(None);
        }
        let most = self.left.unwrap_or(STEP).min(STEP);
        let found = self.walk.next(most).await?;
        let is_over = found.is_none();
        let read = found.unwrap_or_default();
        if !read.is_empty() {
            C::learn(&mut self.known, &self.db, self.view, &read).await?;
        }
        self.walk.confirm();
        let format = self.format.take();
        let mut format = format.ok_or_else(|| Error::internal("the file was given up before"))?;
        let count = read.len() as u64;
        self.left = self.left.map(|left| left.saturating_sub(count));
        self.ending.rows += count;
        if let Some(last) = read.last() {
            let key = uuid(last, id_column::<C::Entity>());
            self.ending.last = Some(id::encode(C::Entity::NAME, key).0);
        }
        let begins = !std::mem::replace(&mut self.has_begun, true);
        let ending = is_over.then(|| self.ending.clone());
        let rows: Vec<_> = read
            .into_iter()
            .map(|row| C::row(&self.known, row))
            .collect();
        // Packing takes long enough for others to wait for it.
        let written = tokio::task::spawn_blocking(move || {
            let mut bytes = Vec::new();
            if begins {
                format.begin(&mut bytes)?;
            }
            for row in &rows {
                let cells: Vec<_> = C::COLUMNS.iter().map(|column| (column.cell)(row)).collect();
                format.row(&cells, &mut bytes)?;
            }
            if let Some(ending) = &ending {
                format.end(ending, &mut bytes)?;
            }
            Ok::<_, Box<dyn std::error::Error + Send + Sync>>((format, bytes))
        });
        let (format, bytes) = written
            .await
            .map_err(Error::internal)?
            .map_err(Error::internal)?;
        self.format = Some(format);
        self.is_whole = is_over;
        Ok(Some(Piece { bytes, rows: count }))
    }
}
