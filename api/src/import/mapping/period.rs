//! Periods as files spell them: `2022`, `202205`, `Aug. 2024`, `2023Q1`, `2017-01-01`.
use std::borrow::Cow;

use entity::value::{Date, Frequency};

use super::{
    coded::Coded,
    document::{Item, Section},
    format::Format,
    text::Text,
};
use crate::{
    import::{report::Refusal, table::Record},
    kit::period::Period,
};

/// The field that says when.
pub struct Periods {
    text: Text,
    /// The last day or month, where it has a field of its own.
    until: Option<Text>,
    formats: Vec<Format>,
    /// What stands between a first and a last day or month.
    range: Option<String>,
    widened: Option<Widened>,
    /// How long the file says that it is.
    frequency: Option<Coded<Frequency>>,
}

/// The month or year that holds a day.
#[derive(Clone, Copy)]
enum Widened {
    Month,
    Year,
}

impl Periods {
    pub fn parse(item: &Item) -> Option<Self> {
        let (text, section) = Text::parse(item)?;
        let mut periods = Self {
            text,
            until: None,
            formats: Vec::new(),
            range: None,
            widened: None,
            frequency: None,
        };
        if let Some(mut section) = section {
            periods.take(&mut section);
            section.finish();
        }
        if periods.formats.is_empty() {
            let iso = ["%Y", "%Y-%m", "%Y-%m-%d"];
            let formats = iso.iter().filter_map(|format| Format::parse(format).ok());
            periods.formats = formats.collect();
        }
        Some(periods)
    }

    fn take(&mut self, section: &mut Section) {
        if let Some(formats) = section.take("formats").or(section.take("format")) {
            for item in formats.items() {
                let parsed = item.text().map(|text| Format::parse(&text));
                match parsed {
                    Some(Ok(format)) => self.formats.push(format),
                    Some(Err(why)) => item.refuse(why),
                    None => (),
                }
            }
        }
        self.until = section.take("until").and_then(|item| Text::alone(&item));
        self.range = section.take("range").and_then(|item| item.text());
        self.frequency = section
            .take("frequency")
            .and_then(|item| Coded::parse(&item));
        self.widened = section.take("as").and_then(|item| {
            Some(match item.text()?.as_str() {
                "month" => Widened::Month,
                "year" => Widened::Year,
                other => {
                    let message =
                        format!("{other:?} is neither month nor year, which hold the day");
                    return item.none(message);
                }
            })
        });
    }

    pub fn columns(&self) -> Vec<Vec<String>> {
        let mut columns = self.text.columns();
        columns.extend(self.until.iter().flat_map(Text::columns));
        columns.extend(self.frequency.iter().flat_map(Coded::columns));
        columns
    }

    pub fn read(&self, row: &Record) -> Result<Period, Refusal> {
        let frequency = match &self.frequency {
            Some(frequency) => Some(frequency.demand(row)?),
            None => None,
        };
        let text = self.text.read(row).unwrap_or(Cow::Borrowed(""));
        let (first, last) = match &self.range {
            Some(range) => text.split_once(range.as_str()).unwrap_or((&text, &text)),
            None => (text.as_ref(), text.as_ref()),
        };
        let mut period = self.one(first).zip(self.one(last));
        if let (Some((_, last)), Some(until)) = (&mut period, &self.until) {
            let text = until.read(row).unwrap_or(Cow::Borrowed(""));
            let refuse = || until.refuse(row, self.not_one(&text, None));
            *last = self.one(&text).ok_or_else(refuse)?;
        }
        let refuse = || self.text.refuse(row, self.not_one(&text, frequency));
        let (first, last) = period.ok_or_else(refuse)?;
        let period = Period::new(first.start, last.end).ok_or_else(|| {
            let reason = format!(
                "the period ends, {}, before it begins, {}",
                last.end, first.start
            );
            self.text.refuse(row, reason)
        })?;
        if frequency.is_some_and(|frequency| frequency != period.frequency()) {
            return Err(refuse());
        }
        Ok(period)
    }

    fn one(&self, text: &str) -> Option<Period> {
        let mut formats = self.formats.iter();
        let period = formats.find_map(|format| format.read(text.trim()))?;
        let (year, month) = year_and_month(period.start);
        match self.widened {
            None => Some(period),
            Some(Widened::Month) => Period::month(year, month),
            Some(Widened::Year) => Period::year(year),
        }
    }

    fn not_one(&self, text: &str, frequency: Option<Frequency>) -> String {
        use sea_orm::ActiveEnum;
        let formats: Vec<_> = self.formats.iter().map(Format::to_string).collect();
        let of = frequency.map(|frequency| format!(" of the length {}", frequency.to_value()));
        format!(
            "{text:?} is not a period{}, such as {}",
            of.unwrap_or_default(),
            formats.join(" or ")
        )
    }
}

fn year_and_month(day: Date) -> (i32, u32) {
    use chrono::Datelike;
    (day.0.year(), day.0.month())
}
