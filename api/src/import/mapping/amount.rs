//! Money, mass and quantity as files write them: in thousands, in tonnes, with commas.
use entity::value::{Decimal, DecimalError};

use super::{
    document::{Item, Section},
    text::Text,
};
use crate::import::{report::Refusal, table::Record};

/// How a file writes numbers.
#[derive(Clone, Debug)]
pub struct Numbers {
    /// What stands before the decimal places.
    pub decimal: char,
    /// What stands between thousands; none when nothing does.
    pub group: Option<char>,
}

impl Default for Numbers {
    fn default() -> Self {
        let (decimal, group) = ('.', None);
        Self { decimal, group }
    }
}

impl Numbers {
    fn plain(&self, text: &str) -> String {
        let own = text.chars().filter(|letter| Some(*letter) != self.group);
        own.map(|letter| match letter {
            letter if letter == self.decimal => '.',
            // A full stop that is none of the file's would be read as one.
            '.' => '?',
            letter => letter,
        })
        .collect()
    }
}

/// What an amount is of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Money,
    Mass,
    Quantity,
}

/// A field that holds an amount.
#[derive(Clone, Debug)]
pub struct Amount {
    text: Text,
    numbers: Numbers,
    /// What one of the file is of ours.
    scale: Decimal,
    /// To how many places it is rounded; none when every digit counts.
    round: Option<u32>,
    /// Amounts that stand for "not known".
    unknown: Vec<Decimal>,
}

impl Amount {
    pub fn parse(item: &Item, kind: Kind, numbers: &Numbers) -> Option<Self> {
        let (text, section) = Text::parse(item)?;
        let unknown = text.nulls().iter().filter_map(|null| null.parse().ok());
        let mut amount = Self {
            unknown: unknown.collect(),
            text,
            numbers: numbers.clone(),
            scale: Decimal::from_thousandths(1000),
            round: None,
        };
        if let Some(mut section) = section {
            amount.take(&mut section, kind);
            section.finish();
        }
        Some(amount)
    }

    fn take(&mut self, section: &mut Section, kind: Kind) {
        if kind == Kind::Mass
            && let Some(item) = section.take("unit")
        {
            let unit = item.text();
            let scale = unit.and_then(|unit| match unit.as_str() {
                "kg" => Some(1000),
                "g" => Some(1),
                "t" => Some(1_000_000),
                other => item.none(format!(
                    "{other:?} is not a unit of mass; kg, g and t are known, and scale says how many kg others are"
                )),
            });
            self.scale = scale.map_or(self.scale, Decimal::from_thousandths);
        }
        if let Some(item) = section.take("scale") {
            self.scale = scale(&item).unwrap_or(self.scale);
        }
        self.round = section.take("round").and_then(|item| {
            let places = item.text()?.parse().ok().filter(|places| *places <= 3);
            places.or_else(|| item.none("must be 0 to 3: how many decimal places are kept"))
        });
    }

    pub fn columns(&self) -> Vec<Vec<String>> {
        self.text.columns()
    }

    /// What the row says; none when it says nothing, or what stands for it.
    pub fn read(&self, row: &Record) -> Result<Option<Decimal>, Refusal> {
        let Some(text) = self.text.read(row) else {
            return Ok(None);
        };
        let plain = self.numbers.plain(&text);
        let refuse = |why: &str| self.text.refuse(row, format!("{text:?} {why}"));
        let scaled = Decimal::scaled(&plain, self.scale, self.round);
        let amount = scaled.map_err(|error| match error {
            DecimalError::Malformed => refuse(&format!(
                "is not a decimal number, such as 1234{}567",
                self.numbers.decimal
            )),
            DecimalError::TooFine => refuse(
                "has more than three decimal places; round in its mapping says how many to keep",
            ),
            error => refuse(&error.to_string()),
        })?;
        // Compared as the file has it: the scale is not the null's.
        let as_written = Decimal::scaled(&plain, Decimal::from_thousandths(1000), Some(3)).ok();
        let is_null = as_written.is_some_and(|written| {
            self.unknown.contains(&written) && (!written.is_zero() || amount.is_zero())
        });
        match is_null {
            true => Ok(None),
            false if amount < Decimal::ZERO => Err(refuse("is negative")),
            false => Ok(Some(amount)),
        }
    }
}

/// A number, or a word for one.
fn scale(item: &Item) -> Option<Decimal> {
    let text = item.text()?;
    let number = match text.as_str() {
        "thousand" => "1000",
        "million" => "1000000",
        "billion" => "1000000000",
        number => number,
    };
    let scale: Option<Decimal> = number.parse().ok();
    scale.filter(|scale| *scale > Decimal::ZERO).or_else(|| {
        item.none(format!(
            "{text:?} is not a scale: a number above 0 with at most three decimal places, or thousand, million or billion"
        ))
    })
}
