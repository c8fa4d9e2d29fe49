//! The types of columns that the databases do not have alike.

mod date;
mod decimal;
mod frequency;
mod partial_date;
mod status;
mod text_enum;
mod texts;
mod timestamp;
mod url;

pub use date::Date;
pub use decimal::{Decimal, DecimalError};
pub use frequency::Frequency;
pub use partial_date::{PartialDate, PartialDateError};
pub use status::Status;
pub(crate) use text_enum::text_enum;
pub use texts::Texts;
pub use timestamp::Timestamp;
pub use url::Url;
