//! In which formats rows go out.
use super::{
    column::{Cell, Head},
    parquet::Parquet,
    text::{Csv, Jsonl},
};

/// What fails here is ours.
pub type Result<T = (), E = Box<dyn std::error::Error + Send + Sync>> = std::result::Result<T, E>;

/// Puts rows into bytes, as they come.
pub trait Format: Send {
    /// What stands before the first row.
    fn begin(&mut self, _: &mut Vec<u8>) -> Result {
        Ok(())
    }

    /// The next row; its bytes may come with a later one's.
    fn row(&mut self, cells: &[Cell<'_>], out: &mut Vec<u8>) -> Result;

    /// What stands after the last row.
    fn end(&mut self, ending: &Ending, out: &mut Vec<u8>) -> Result;
}

/// What an export came to.
#[derive(Clone, Debug, Default)]
pub struct Ending {
    pub rows: u64,
    /// Global id of the last row; none when there is no row.
    pub last: Option<String>,
    /// Whether a text says so in a line of its own.
    pub is_told: bool,
}

/// The formats by the ends of their files' names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileType {
    Csv,
    Jsonl,
    Parquet,
}

impl FileType {
    pub const fn media(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Jsonl => "application/jsonl",
            Self::Parquet => "application/vnd.apache.parquet",
        }
    }

    /// A file with these columns.
    pub fn format(self, heads: Vec<Head>, has_header: bool) -> Result<Box<dyn Format>> {
        Ok(match self {
            Self::Csv => Box::new(Csv { heads, has_header }),
            Self::Jsonl => Box::new(Jsonl { heads }),
            Self::Parquet => Box::new(Parquet::new(&heads)?),
        })
    }
}
