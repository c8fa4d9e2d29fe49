//! Rows of CSV and JSON files, read as a stream: memory does not grow with the file.
use std::{collections::HashMap, fs::File, io::IsTerminal, path::Path, sync::Arc};

use csv::StringRecord;
use entity::value::Decimal;
use indicatif::{ProgressBar, ProgressStyle};
use tokio::{sync::mpsc, task::JoinHandle};

pub use self::layout::Layout;
use self::source::Source;
use super::report::{Place, Refusal};
use crate::cli::Failure;

mod layout;
mod source;

/// Rows that travel together; an insert of so many fits both databases' limits.
const ROWS: usize = 500;
/// Sets of rows that may wait for the database.
const WAITING: usize = 4;

/// A file being read on a thread of its own.
pub struct Table {
    rows: mpsc::Receiver<Vec<Item>>,
    reader: JoinHandle<Result<String, Failure>>,
    progress: ProgressBar,
}

pub enum Item {
    Record(Record),
    Unreadable(Refusal),
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

impl Table {
    pub fn open(path: &Path, layout: Layout) -> Result<Self, Failure> {
        let shown = path.display().to_string();
        let failure = |error| Failure::new(format!("cannot read {shown}: {error}"));
        let file = File::open(path).map_err(failure)?;
        let metadata = file.metadata().map_err(failure)?;
        if metadata.is_dir() {
            return Err(Failure::new(format!("cannot read {shown}: it is a folder")));
        }
        let progress = progress(metadata.len());
        let (sender, rows) = mpsc::channel(WAITING);
        let source = Source::new(layout, shown, sender);
        let counted = progress.clone();
        let reader = tokio::task::spawn_blocking(move || source.read(file, counted));
        Ok(Self {
            rows,
            reader,
            progress,
        })
    }

    /// The next rows; none at the end of the file, or where it cannot be read any further.
    pub async fn next(&mut self) -> Option<Vec<Item>> {
        self.rows.recv().await
    }

    /// Tells of refused rows, above the progress bar.
    pub fn say(&self, refusals: Vec<Refusal>) {
        if !refusals.is_empty() {
            self.progress.suspend(|| {
                for refusal in refusals {
                    eprintln!("{refusal}");
                }
            });
        }
    }

    /// The SHA-256 of the whole file, or why it could not be read to its end.
    pub async fn finish(self) -> Result<String, Failure> {
        self.progress.finish_and_clear();
        let read = self.reader.await;
        read.unwrap_or_else(|error| Err(Failure::new(format!("reading the file failed: {error}"))))
    }
}

fn progress(bytes: u64) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes}, {eta} left");
    ProgressBar::new(bytes).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

impl Record {
    pub fn place(&self) -> Place {
        self.place
    }

    /// The field without spaces around it; empty when it is, or when there is no such column.
    pub fn get(&self, name: &str) -> &str {
        let name = folded(name);
        let value = match &self.fields {
            Fields::Row(header, row) => header.get(&name).and_then(|(place, _)| row.get(*place)),
            Fields::Object(fields) => fields.get(&name).map(|(_, value)| value.as_str()),
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

    /// A number that is not negative; none when the field is empty.
    pub fn amount(&self, name: &str) -> Result<Option<Decimal>, Refusal> {
        let text = self.get(name);
        if text.is_empty() {
            return Ok(None);
        }
        match text.parse::<Decimal>() {
            Ok(amount) if amount < Decimal::ZERO => {
                Err(self.refuse(name, format!("{text:?} is negative")))
            }
            Ok(amount) => Ok(Some(amount)),
            Err(error) => Err(self.refuse(name, format!("{text:?} {error}"))),
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
