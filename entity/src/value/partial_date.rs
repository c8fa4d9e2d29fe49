//! Dates of which only the year, or the year and the month, may be known.
use std::{fmt, str::FromStr};

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::{Datelike, Days, Months, NaiveDate};
use sea_orm::DeriveValueType;
use serde::{Deserialize, Serialize};

/// Kept as its ISO 8601 text, which sorts by its beginning, the coarser first.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, DeriveValueType,
)]
#[serde(try_from = "String", into = "String")]
pub struct PartialDate(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartialDateError;

impl PartialDate {
    /// The first day it may mean.
    pub fn first_day(&self) -> NaiveDate {
        let rest = &"0000-01-01"[self.0.len()..];
        NaiveDate::parse_from_str(&format!("{}{rest}", self.0), "%Y-%m-%d").unwrap_or_default()
    }

    /// The first day after all that it may mean; null at the end of time.
    pub fn day_after(&self) -> Option<NaiveDate> {
        let first = self.first_day();
        match self.0.len() {
            4 => first.checked_add_months(Months::new(12)),
            7 => first.checked_add_months(Months::new(1)),
            _ => first.checked_add_days(Days::new(1)),
        }
    }
}

impl FromStr for PartialDate {
    type Err = PartialDateError;

    fn from_str(text: &str) -> Result<Self, PartialDateError> {
        let whole = match text.len() {
            4 => format!("{text}-01-01"),
            7 => format!("{text}-01"),
            10 => text.to_owned(),
            _ => return Err(PartialDateError),
        };
        let is_ours = |c: char| c.is_ascii_digit() || c == '-';
        match NaiveDate::parse_from_str(&whole, "%Y-%m-%d") {
            Ok(day) if day.year() > 0 && text.chars().all(is_ours) => Ok(Self(text.to_owned())),
            _ => Err(PartialDateError),
        }
    }
}

impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for PartialDateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("is not a date such as 2023, 2023-07 or 2023-07-25")
    }
}

impl TryFrom<String> for PartialDate {
    type Error = PartialDateError;

    fn try_from(text: String) -> Result<Self, PartialDateError> {
        text.parse()
    }
}

impl std::error::Error for PartialDateError {}

impl From<PartialDate> for String {
    fn from(date: PartialDate) -> Self {
        date.0
    }
}

/// A date as precise as it is known (ISO 8601, reduced precision): a year `2023`,
/// a month `2023-07`, or a day `2023-07-25`.
#[Scalar(
    name = "PartialDate",
    specified_by_url = "https://www.w3.org/TR/NOTE-datetime"
)]
impl ScalarType for PartialDate {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else {
            return Err(InputValueError::expected_type(value));
        };
        text.parse()
            .map_err(|error| InputValueError::custom(format!("{text:?} {error}")))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}
