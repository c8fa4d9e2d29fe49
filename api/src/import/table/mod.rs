//! Rows of CSV and JSON files, read as a stream: memory does not grow with the file.
use std::{collections::HashMap, fs::File, sync::Arc};

use csv::StringRecord;
use indicatif::ProgressBar;
use tokio::{sync::mpsc, task::JoinHandle};

use self::source::Source;
pub use self::{column::Column, layout::Layout};
use super::report::{Place, Refusal};
use crate::cli::Failure;

mod column;
mod layout;
mod source;

/// Rows that travel together: enough that what a set costs beside its rows does not count.
const ROWS: usize = 2_000;
/// Sets of rows that may wait for the database.
const WAITING: usize = 2;

/// A file being read on a thread of its own, its rows understood as far as they can be there.
pub struct Table<R> {
    rows: mpsc::Receiver<Vec<Item<R>>>,
    reader: JoinHandle<Result<String, Failure>>,
    progress: ProgressBar,
}

/// What became of a row where it was read.
pub enum Item<R> {
    Taken(R),
    /// It is not one of those that are meant.
    LeftOut,
    Refused(Refusal),
}

/// One row, with its fields by name.
pub struct Record {
    place: Place,
    fields: Fields,
}

enum Fields {
    Row(Arc<Header>, StringRecord),
    Object(HashMap<String, (String, String)>),
}

/// Where each column is and how the file spells it, by its name without case and underscores.
type Header = HashMap<String, (usize, String)>;

impl<R: Send + 'static> Table<R> {
    /// `shown` names the file to whoever brought it; each row goes through `understand`.
    pub fn of(
        file: File,
        shown: String,
        layout: Layout,
        progress: ProgressBar,
        understand: impl FnMut(Record) -> Item<R> + Send + 'static,
    ) -> Self {
        let (sender, rows) = mpsc::channel(WAITING);
        let source = Source::new(layout, shown, sender, understand);
        let counted = progress.clone();
        let reader = tokio::task::spawn_blocking(move || source.read(file, counted));
        Self {
            rows,
            reader,
            progress,
        }
    }

    /// The next rows; none at the end of the file, or where it cannot be read any further.
    pub async fn next(&mut self) -> Option<Vec<Item<R>>> {
        self.rows.recv().await
    }

    /// The SHA-256 of the whole file, or why it could not be read to its end.
    pub async fn finish(self) -> Result<String, Failure> {
        self.progress.finish_and_clear();
        let read = self.reader.await;
        read.unwrap_or_else(|error| Err(Failure::new(format!("reading the file failed: {error}"))))
    }
}

impl Record {
    pub fn place(&self) -> Place {
        self.place
    }

    /// The field without spaces around it; empty when it is, or when there is no such column.
    pub fn get(&self, name: &str) -> &str {
        self.found(&folded(name))
    }

    /// The same, of a column that is asked for in each row.
    pub fn at(&self, column: &Column) -> &str {
        self.found(&column.folded)
    }

    fn found(&self, folded: &str) -> &str {
        let value = match &self.fields {
            Fields::Row(header, row) => header.get(folded).and_then(|(place, _)| row.get(*place)),
            Fields::Object(fields) => fields.get(folded).map(|(_, value)| value.as_str()),
        };
        value.unwrap_or_default().trim()
    }

    pub fn has(&self, name: &str) -> bool {
        match &self.fields {
            Fields::Row(header, _) => header.contains_key(&folded(name)),
            Fields::Object(fields) => fields.contains_key(&folded(name)),
        }
    }

    /// Refuses the row for what stands in a column.
    pub fn refuse(&self, name: &str, reason: impl Into<String>) -> Refusal {
        let folded = folded(name);
        let spelled = match &self.fields {
            Fields::Row(header, _) => header.get(&folded).map(|(_, spelled)| spelled.clone()),
            Fields::Object(fields) => fields.get(&folded).map(|(spelled, _)| spelled.clone()),
        };
        Refusal {
            place: self.place,
            column: Some(spelled.unwrap_or_else(|| name.to_owned())),
            reason: reason.into(),
        }
    }

    /// `true` and `1`, whatever the case; empty is no.
    pub fn flag(&self, name: &str) -> Result<bool, Refusal> {
        match self.get(name).to_ascii_lowercase().as_str() {
            "true" | "1" => Ok(true),
            "false" | "0" | "" => Ok(false),
            other => Err(self.refuse(name, format!("{other:?} is neither true nor false"))),
        }
    }
}

/// Columns are matched without case and underscores: `refPeriodId`, `ref_period_id`.
fn folded(name: &str) -> String {
    name.chars()
        .filter(|c| *c != '_' && !c.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect()
}
