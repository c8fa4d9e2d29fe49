//! Periods: a first and a last day, written as ISO 8601 with reduced precision.
use std::{fmt, str::FromStr};

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::{Datelike, NaiveDate};
use entity::value::{Date, Frequency, PartialDate};

/// Both days belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    pub start: Date,
    pub end: Date,
}

impl Period {
    /// Null when the last day is before the first.
    pub fn new(start: Date, end: Date) -> Option<Self> {
        (start <= end).then_some(Self { start, end })
    }

    /// What a first and a last column say together.
    pub fn from_columns(start: Option<Date>, end: Option<Date>) -> Option<Self> {
        Self::new(start?, end?)
    }

    pub fn year(year: i32) -> Option<Self> {
        Self::calendar_months(year, 1, 12)
    }

    pub fn month(year: i32, month: u32) -> Option<Self> {
        Self::calendar_months(year, month, month)
    }

    /// By its number, from 1.
    pub fn quarter(year: i32, quarter: u32) -> Option<Self> {
        let first = quarter.checked_sub(1)? * 3 + 1;
        Self::calendar_months(year, first, first + 2)
    }

    /// Whether the other lies within it.
    pub fn holds(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Whether they have a day in common.
    pub fn overlaps(self, other: Self) -> bool {
        self.start <= other.end && other.start <= self.end
    }

    pub fn days(self) -> i64 {
        (self.end.0 - self.start.0).num_days() + 1
    }

    /// The months that it touches, by their first days.
    pub fn months(self) -> impl Iterator<Item = Date> {
        let months = |date: NaiveDate| date.year() * 12 + date.month0().cast_signed();
        (months(self.start.0)..=months(self.end.0)).filter_map(|month| {
            let (year, month0) = (month.div_euclid(12), month.rem_euclid(12).cast_unsigned());
            NaiveDate::from_ymd_opt(year, month0 + 1, 1).map(Date)
        })
    }

    fn calendar_months(year: i32, first: u32, last: u32) -> Option<Self> {
        let start = NaiveDate::from_ymd_opt(year, first, 1)?;
        let next = match last {
            12 => NaiveDate::from_ymd_opt(year + 1, 1, 1)?,
            last => NaiveDate::from_ymd_opt(year, last + 1, 1)?,
        };
        Self::new(Date(start), Date(next.pred_opt()?))
    }

    /// The name of its length.
    pub fn frequency(self) -> Frequency {
        let (start, end) = (self.start.0, self.end.0);
        if start == end {
            return Frequency::Day;
        }
        match self.whole_months() {
            Some((1, 12)) => Frequency::Year,
            Some((first, last)) if first == last => Frequency::Month,
            Some((first, last)) if first % 3 == 1 && last == first + 2 => Frequency::Quarter,
            _ => Frequency::Range,
        }
    }

    fn begins_and_ends_with_a_month(self) -> bool {
        let day_after = self.end.0.succ_opt();
        self.start.0.day() == 1 && day_after.is_some_and(|day| day.day() == 1)
    }

    /// First and last month, when it is whole months of one year.
    fn whole_months(self) -> Option<(u32, u32)> {
        let (start, end) = (self.start.0, self.end.0);
        let months = (start.month(), end.month());
        let whole = Self::calendar_months(start.year(), months.0, months.1)?;
        (start.year() == end.year() && whole == self).then_some(months)
    }
}

impl fmt::Display for Period {
    /// The shortest text that names it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (start, end) = (self.start.0, self.end.0);
        let (first, last) = (start.format("%Y-%m"), end.format("%Y-%m"));
        if start == end {
            return write!(f, "{start}");
        }
        match self.whole_months() {
            Some((1, 12)) => write!(f, "{}", start.format("%Y")),
            Some((one, other)) if one == other => write!(f, "{first}"),
            Some(_) => write!(f, "{first}/{last}"),
            None if self.begins_and_ends_with_a_month() => write!(f, "{first}/{last}"),
            None => write!(f, "{start}/{end}"),
        }
    }
}

impl FromStr for Period {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (first, last) = text.split_once('/').unwrap_or((text, text));
        let expected = || {
            format!(
                "{text:?} is not a period, such as 2023, 2023-05, 2023-05-12 or 2023-01/2023-07"
            )
        };
        let first: PartialDate = first.parse().map_err(|_| expected())?;
        let last: PartialDate = last.parse().map_err(|_| expected())?;
        let end = last.day_after().and_then(|day| day.pred_opt());
        let end = end.ok_or_else(expected)?;
        Self::new(Date(first.first_day()), Date(end))
            .ok_or_else(|| format!("the period {text:?} ends before it begins"))
    }
}

/// A period of whole days (ISO 8601, reduced precision): a year `2023`, a month `2023-05`,
/// a day `2023-05-12`, or from one to another, both included, `2023-01/2023-07`.
#[Scalar(
    name = "Period",
    specified_by_url = "https://www.loc.gov/standards/datetime/"
)]
impl ScalarType for Period {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else {
            return Err(InputValueError::expected_type(value));
        };
        text.parse().map_err(InputValueError::custom)
    }

    fn to_value(&self) -> Value {
        Value::String(self.to_string())
    }
}
