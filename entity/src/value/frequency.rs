//! How long a period is.
use super::text_enum;

text_enum! {
    /// Length of a record's period.
    pub enum Frequency {
        /// A calendar year.
        Year,
        /// A quarter.
        Quarter,
        /// A calendar month.
        Month,
        /// A day.
        Day,
        /// Some other stretch, such as "since the beginning of the year".
        Range,
    }
}
