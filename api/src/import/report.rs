//! What became of each row of a file.
use std::fmt;

use chrono::Utc;
use entity::{
    import_batch::{self, ImportPhase},
    refused_row,
    value::Timestamp,
};
use sea_orm::prelude::Uuid;
use serde::Serialize;

/// The batch itself remembers this many refusals, for whoever looks on; all are told as they come.
const REMEMBERED: usize = 1_000;
/// So many become rows that can be paged through: beyond, a file is not of its form.
const MOST_ROWS: usize = 100_000;

/// Where a row stands in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// The line on which it begins, the first being 1.
    Line(u64),
    /// Its number among the records of a JSON file, the first being 1.
    Record(u64),
}

/// Why a row was not taken.
#[derive(Clone, Debug, Serialize)]
pub struct Refusal {
    #[serde(flatten)]
    pub place: Place,
    /// The column as the file spells it; none when the row as a whole is wrong.
    pub column: Option<String>,
    pub reason: String,
}

#[derive(Default)]
pub struct Report {
    pub read: u64,
    /// Rows that the database did not hold.
    pub new: u64,
    /// Rows that it held with other figures.
    pub changed: u64,
    pub unchanged: u64,
    pub refused: u64,
    /// Rows that are left out on purpose.
    pub skipped: u64,
    /// What the database held, and ended since the file does not have it any more.
    pub ended: u64,
    /// Those that can be read later.
    refusals: Vec<Refusal>,
    unsaid: Vec<Refusal>,
}

impl Report {
    pub fn kept(&self) -> u64 {
        self.new + self.changed
    }

    /// Whether there is anything to be written.
    pub fn changes_anything(&self) -> bool {
        self.kept() > 0 || self.ended > 0
    }

    pub fn refuse(&mut self, refusal: Refusal) {
        self.refused += 1;
        if self.refusals.len() < MOST_ROWS {
            self.refusals.push(refusal.clone());
        }
        self.unsaid.push(refusal);
    }

    /// The refusals since this was last called, in the order of the file.
    pub fn unsaid(&mut self) -> Vec<Refusal> {
        self.unsaid.sort_by_key(|refusal| refusal.place);
        std::mem::take(&mut self.unsaid)
    }

    /// Rows of which is known what becomes of them.
    pub fn dealt_with(&self) -> u64 {
        self.kept() + self.unchanged + self.refused + self.skipped
    }

    /// A batch with the figures so far.
    pub fn so_far(&self, batch: import_batch::Model) -> import_batch::Model {
        let first = &self.refusals[..self.refusals.len().min(REMEMBERED)];
        import_batch::Model {
            rows_read: count(self.dealt_with()),
            rows_kept: count(self.kept()),
            rows_unchanged: count(self.unchanged),
            rows_refused: count(self.refused),
            rows_skipped: count(self.skipped),
            refusals: serde_json::to_value(first).unwrap_or_default(),
            ..batch
        }
    }

    /// A batch that has ended with these figures.
    pub fn told(&self, phase: ImportPhase, batch: import_batch::Model) -> import_batch::Model {
        let now = Timestamp::from(Utc::now());
        import_batch::Model {
            phase,
            finished_at: Some(now),
            seen_at: now,
            ..self.so_far(batch)
        }
    }

    /// The refused rows of a batch, in the order in which they were refused.
    pub fn rows(&self, batch: Uuid) -> Vec<refused_row::Model> {
        let numbered = self.refusals.iter().zip(1..);
        let rows = numbered.map(|(refusal, position)| {
            let (line, record) = match refusal.place {
                Place::Line(number) => (Some(count(number)), None),
                Place::Record(number) => (None, Some(count(number))),
            };
            refused_row::Model {
                id: Uuid::now_v7(),
                import_batch_id: batch,
                position,
                line,
                record,
                column_name: refusal.column.clone(),
                reason: refusal.reason.clone(),
            }
        });
        rows.collect()
    }
}

fn count(rows: u64) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(number) => write!(f, "line {number}"),
            Self::Record(number) => write!(f, "record {number}"),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.column {
            Some(column) => write!(f, "{}, column {column}: {}", self.place, self.reason),
            None => write!(f, "{}: {}", self.place, self.reason),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            read,
            new,
            changed,
            unchanged,
            refused,
            skipped,
            ended,
            ..
        } = self;
        let kept = self.kept();
        writeln!(f, "Rows read:  {read:>9}")?;
        writeln!(f, "kept:       {kept:>9}  ({new} new, {changed} changed)")?;
        writeln!(f, "unchanged:  {unchanged:>9}")?;
        write!(f, "refused:    {refused:>9}")?;
        if *skipped > 0 {
            write!(f, "\nleft out:   {skipped:>9}")?;
        }
        if *ended > 0 {
            write!(f, "\nended:      {ended:>9}")?;
        }
        Ok(())
    }
}
