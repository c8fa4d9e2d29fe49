//! Which months of a period a dataset covers.
use std::collections::BTreeSet;

use async_graphql::SimpleObject;
use chrono::{Datelike, Months, NaiveDate};
use entity::{dataset::Grain, value::Date};

use crate::kit::period::Period;

/// Months of a period that are looked at: a hundred years.
const MOST: usize = 1_200;

/// Which months of the period a dataset has any records for, of the same reporter: of whatever goods.
#[derive(Clone, Debug, PartialEq, Eq, SimpleObject)]
#[graphql(name = "CheckCoverage")]
pub struct Coverage {
    /// Months of the period, those among them that it holds in part.
    months_asked: usize,
    /// Months of these that the dataset covers. Of statistics a month counts when the whole of it
    /// lies within the period.
    months_present: usize,
    /// What is not covered, months in a row together.
    missing: Vec<Period>,
    #[graphql(skip)]
    present: BTreeSet<Date>,
}

impl Coverage {
    pub fn of(period: Period, reported: &[Date], grain: Grain) -> Self {
        let is_present = |month: &Period| {
            let is_whole = period.start <= month.start && month.end <= period.end;
            reported.contains(&month.start) && (is_whole || grain == Grain::Consignment)
        };
        let (present, absent): (Vec<_>, Vec<_>) = months(period).partition(is_present);
        let mut missing: Vec<Period> = Vec::new();
        for month in &absent {
            match missing.last_mut() {
                Some(last) if last.end.0.succ_opt() == Some(month.start.0) => last.end = month.end,
                _ => missing.push(*month),
            }
        }
        Self {
            months_asked: present.len() + absent.len(),
            months_present: present.len(),
            missing,
            present: present.into_iter().map(|month| month.start).collect(),
        }
    }

    pub fn is_full(&self) -> bool {
        self.missing.is_empty()
    }

    pub fn is_none(&self) -> bool {
        self.months_present == 0
    }

    /// Whether both cover the same months of their years.
    pub fn is_like(&self, other: &Self) -> bool {
        let months = |coverage: &Self| -> BTreeSet<_> {
            coverage.present.iter().map(|day| day.0.month()).collect()
        };
        months(self) == months(other)
    }

    /// For people: `5 of 7 months`.
    pub fn words(&self) -> String {
        format!("{} of {} months", self.months_present, self.months_asked)
    }
}

/// The calendar months that a period touches.
fn months(period: Period) -> impl Iterator<Item = Period> {
    let first = NaiveDate::from_ymd_opt(period.start.0.year(), period.start.0.month(), 1);
    let starts = std::iter::successors(first, |day| day.checked_add_months(Months::new(1)));
    let months = starts
        .take_while(move |day| *day <= period.end.0)
        .take(MOST);
    months.filter_map(|day| Period::month(day.year(), day.month()))
}

/// The same days of the year before.
pub fn year_before(period: Period) -> Option<Period> {
    let back = |day: Date| day.0.checked_sub_months(Months::new(12)).map(Date);
    let start = back(period.start)?;
    // The last day of a month stays the last day of a month.
    let end = match period.end.0.succ_opt() {
        Some(next) if next.day() == 1 => Date(back(Date(next))?.0.pred_opt()?),
        _ => back(period.end)?,
    };
    Period::new(start, end)
}

/// The whole of the year before, of a period within one year.
pub fn full_year_before(period: Period) -> Option<Period> {
    let (first, last) = (period.start.0.year(), period.end.0.year());
    (first == last).then(|| Period::year(first - 1)).flatten()
}

/// The whole years that a period touches.
pub fn whole_years(period: Period) -> Option<Period> {
    let first = Period::year(period.start.0.year())?;
    let last = Period::year(period.end.0.year())?;
    Period::new(first.start, last.end)
}
