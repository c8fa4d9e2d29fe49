//! Finding records by their words: the same records in the same order on both databases.
//!
//! Texts become words here, by rules that are ours (`words`, `fold`), and so do queries. Each
//! database only keeps where which word stands, in the index that it has for that, and matches.
//! How well a record fits is a matter of which condition it meets (`grade`), not of sums.

mod document;
mod endings;
mod fill;
mod find;
mod fold;
mod grade;
mod highlight;
mod query;
mod words;
mod write;

pub use document::{Field, fields};
pub use fill::{begin, fill, fill_new};
pub use find::{Arguments, Found, Hit, count, find};
pub use grade::Grade;
pub use highlight::{Highlight, highlights};
pub use query::Query;
pub use write::Pending;

/// Raised whenever other words are made of the same text: then the index is written anew.
const VERSION: i32 = 1;
