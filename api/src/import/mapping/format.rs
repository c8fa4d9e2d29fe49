//! How a period is written, in the notation of `strftime`.
use std::fmt;

use chrono::NaiveDate;
use entity::value::Date;

use crate::kit::period::Period;

/// Years before this one are mistakes.
const FIRST_YEAR: i32 = 1900;
const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// One way to write a period, in the notation of `strftime`.
#[derive(Clone, Debug)]
pub struct Format {
    parts: Vec<Part>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Plain(char),
    /// `%Y`, four digits.
    Year,
    /// `%m`, two digits.
    Month,
    /// `%b`, an English name or its beginning, with or without a full stop.
    MonthName,
    /// `%d`, one digit or two.
    Day,
    /// `%q`, one digit.
    Quarter,
    /// `%*`, whatever stands there.
    Anything,
}

/// What a text says by a format.
#[derive(Clone, Copy, Default)]
struct Reading {
    year: Option<i32>,
    first_month: Option<u32>,
    last_month: Option<u32>,
    day: Option<u32>,
}

impl Format {
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut letters = text.chars();
        while let Some(letter) = letters.next() {
            parts.push(match letter {
                '%' => match letters.next() {
                    Some('Y') => Part::Year,
                    Some('m') => Part::Month,
                    Some('b' | 'B') => Part::MonthName,
                    Some('d') => Part::Day,
                    Some('q') => Part::Quarter,
                    Some('*') => Part::Anything,
                    Some('%') => Part::Plain('%'),
                    other => {
                        let other = other.map(String::from).unwrap_or_default();
                        return Err(format!(
                            "%{other} is not known; %Y (year), %m (month), %b (its name), %d (day), %q (quarter) and %* (anything) are"
                        ));
                    }
                },
                letter => Part::Plain(letter),
            });
        }
        if !parts.contains(&Part::Year) {
            return Err(format!("{text:?} has no year, %Y"));
        }
        let months = parts
            .iter()
            .filter(|part| matches!(part, Part::Month | Part::MonthName));
        if parts.contains(&Part::Day) && months.count() != 1 {
            return Err(format!("{text:?} has a day, and not one month, %m or %b"));
        }
        Ok(Self { parts })
    }

    pub fn read(&self, text: &str) -> Option<Period> {
        read(&self.parts, text, Reading::default())?.period()
    }
}

/// The first reading by which the parts take up all of the text.
fn read(parts: &[Part], text: &str, so_far: Reading) -> Option<Reading> {
    let Some((part, parts)) = parts.split_first() else {
        return text.is_empty().then_some(so_far);
    };
    let digits = |count: usize| -> Option<u32> {
        let digits = text.get(..count)?;
        let are = digits.bytes().all(|byte| byte.is_ascii_digit());
        are.then(|| digits.parse().ok())?
    };
    match part {
        Part::Plain(plain) => {
            let mut letters = text.chars();
            let first = letters.next()?;
            first
                .eq_ignore_ascii_case(plain)
                .then(|| read(parts, letters.as_str(), so_far))?
        }
        Part::Year => {
            let year = i32::try_from(digits(4)?).ok()?;
            read(parts, &text[4..], so_far.with_year(year)?)
        }
        Part::Month => {
            let so_far = so_far.with_month(digits(2)?)?;
            read(parts, &text[2..], so_far)
        }
        Part::MonthName => {
            let length = text.bytes().take_while(u8::is_ascii_alphabetic).count();
            let name = text[..length].to_ascii_lowercase();
            let begins = |month: &&str| name.len() >= 3 && month.starts_with(&name);
            let place = MONTHS.iter().position(begins)?;
            let month = u32::try_from(place + 1).ok()?;
            let rest = &text[length..];
            let rest = rest.strip_prefix('.').unwrap_or(rest);
            read(parts, rest, so_far.with_month(month)?)
        }
        Part::Day => [2, 1].into_iter().find_map(|count| {
            let day = Some(digits(count)?);
            read(parts, &text[count..], Reading { day, ..so_far })
        }),
        Part::Quarter => {
            let quarter = digits(1).filter(|quarter| (1..=4).contains(quarter))?;
            let so_far = so_far
                .with_month(quarter * 3 - 2)?
                .with_month(quarter * 3)?;
            read(parts, &text[1..], so_far)
        }
        Part::Anything => {
            let ends = text.char_indices().map(|(place, _)| place);
            let mut ends = ends.chain([text.len()]);
            ends.find_map(|end| read(parts, &text[end..], so_far))
        }
    }
}

impl Reading {
    /// A year that stands twice is the same both times.
    fn with_year(self, year: i32) -> Option<Self> {
        let fits = year >= FIRST_YEAR && self.year.is_none_or(|before| before == year);
        fits.then_some(Self {
            year: Some(year),
            ..self
        })
    }

    /// The first month is where it begins, another one where it ends.
    fn with_month(self, month: u32) -> Option<Self> {
        (1..=12).contains(&month).then_some(Self {
            first_month: self.first_month.or(Some(month)),
            last_month: Some(month),
            ..self
        })
    }

    fn period(self) -> Option<Period> {
        let year = self.year?;
        match (self.first_month, self.last_month, self.day) {
            (Some(month), _, Some(day)) => {
                let day = Date(NaiveDate::from_ymd_opt(year, month, day)?);
                Period::new(day, day)
            }
            (Some(first), Some(last), None) => {
                let (first, last) = (Period::month(year, first)?, Period::month(year, last)?);
                Period::new(first.start, last.end)
            }
            _ => Period::year(year),
        }
    }
}

impl fmt::Display for Format {
    /// An example: what the format makes of the third of May 2024.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.parts {
            match part {
                Part::Plain(letter) => write!(f, "{letter}")?,
                Part::Year => f.write_str("2024")?,
                Part::Month => f.write_str("05")?,
                Part::MonthName => f.write_str("May")?,
                Part::Day => f.write_str("03")?,
                Part::Quarter => f.write_str("2")?,
                Part::Anything => f.write_str("…")?,
            }
        }
        Ok(())
    }
}
