//! Fields that say what goods: an HS code, and the edition that gives it its meaning.
use std::{borrow::Cow, collections::HashMap, sync::Arc};

use entity::{edition, product::ProductLevel, value::Date};

use super::{
    document::{Item, Section},
    text::Text,
};
use crate::import::{editions::Editions, report::Refusal, table::Record};

/// The field of the HS code.
pub struct GoodsField {
    text: Text,
    /// What the file writes for an HS code, such as `AG2` or `All` for `TOTAL`.
    own: HashMap<String, String>,
    zeros: Zeros,
    /// How many digits the code has, where the file says so.
    digits: Option<Text>,
}

/// How leading zeros that a spreadsheet took away are found again.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Zeros {
    /// They are all there.
    Kept,
    /// HS codes have an even number of digits.
    Even,
    /// Codes have so many digits.
    Digits(usize),
}

impl GoodsField {
    pub fn parse(item: &Item) -> Option<Self> {
        let (text, section) = Text::parse(item)?;
        let mut field = Self {
            text,
            own: HashMap::new(),
            zeros: Zeros::Kept,
            digits: None,
        };
        if let Some(mut section) = section {
            field.take(&mut section);
            section.finish();
        }
        Some(field)
    }

    fn take(&mut self, section: &mut Section) {
        if let Some(codes) = section.take("codes").and_then(|item| item.section()) {
            for (name, item) in codes.all() {
                if let Some(code) = item.text() {
                    if ProductLevel::of(&code).is_none() {
                        item.refuse(format!("{code:?} is not an HS code, nor TOTAL"));
                    }
                    self.own.insert(name.to_owned(), code);
                }
            }
        }
        self.digits = section.take("digits").and_then(|item| Text::alone(&item));
        if let Some(item) = section.take("pad") {
            let zeros = item.text().and_then(|pad| match pad.as_str() {
                "even" => Some(Zeros::Even),
                pad => {
                    let digits = pad.parse().ok().filter(|digits| (2..=10).contains(digits));
                    let wrong = || {
                        item.none("must be \"even\", or the number of digits of a code, such as 6")
                    };
                    digits.or_else(wrong).map(Zeros::Digits)
                }
            });
            self.zeros = zeros.unwrap_or(self.zeros);
        }
    }

    pub fn columns(&self) -> Vec<Vec<String>> {
        self.text.columns()
    }

    pub fn refuse(&self, row: &Record, reason: String) -> Refusal {
        self.text.refuse(row, reason)
    }

    /// The code as the row writes it.
    pub fn declared(&self, row: &Record) -> Option<String> {
        self.text.read(row).map(Cow::into_owned)
    }

    /// The HS code; none when the row has none.
    pub fn read(&self, row: &Record) -> Result<Option<String>, Refusal> {
        let Some(written) = self.text.read(row) else {
            return Ok(None);
        };
        if let Some(code) = self.own.get(written.as_ref()) {
            return Ok(Some(code.clone()));
        }
        if written.eq_ignore_ascii_case("TOTAL") {
            return Ok(Some("TOTAL".to_owned()));
        }
        let refuse = || {
            let reason = format!("{written:?} is not an HS code");
            self.text.refuse(row, reason)
        };
        let plain: String = written
            .chars()
            .filter(|letter| !matches!(letter, '.' | ' '))
            .collect();
        if plain.is_empty() || !plain.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(refuse());
        }
        let code = match self.zeros {
            Zeros::Kept => plain,
            Zeros::Even if plain.len() % 2 == 1 => format!("0{plain}"),
            Zeros::Even => plain,
            Zeros::Digits(digits) => format!("{plain:0>digits$}"),
        };
        ProductLevel::of(&code).ok_or_else(refuse)?;
        let said = self.digits.as_ref().and_then(|digits| digits.read(row));
        match said {
            Some(said) if said.parse() != Ok(code.len()) => {
                let digits = code.len();
                let reason = format!("{written:?} has {digits} digits, and the row says {said}");
                Err(self.text.refuse(row, reason))
            }
            _ => Ok(Some(code)),
        }
    }
}

/// The field of the edition.
pub enum EditionField {
    /// The one in force on the first day of the period.
    InForce,
    /// Whoever imports the file says which.
    Asked,
    Named {
        text: Text,
        own: HashMap<String, String>,
    },
}

impl EditionField {
    pub fn parse(item: &Item) -> Option<Self> {
        if let Some(mut section) = item.is_table().then(|| item.section()).flatten()
            && let Some(by) = section.take("by")
        {
            section.finish();
            return match by.text()?.as_str() {
                "period" => Some(Self::InForce),
                "argument" => Some(Self::Asked),
                other => by.none(format!(
                    "{other:?} is nothing that an edition follows from; by = \"period\" takes the one in force on its first day, by = \"argument\" the one named by --edition"
                )),
            };
        }
        let (text, section) = Text::parse(item)?;
        let mut own = HashMap::new();
        if let Some(mut section) = section {
            if let Some(codes) = section.take("codes").and_then(|item| item.section()) {
                for (name, item) in codes.all() {
                    own.extend(item.text().map(|code| (name.to_owned(), code)));
                }
            }
            section.finish();
        }
        Some(Self::Named { text, own })
    }

    /// The edition that is named for all rows.
    pub fn named(name: &str) -> Self {
        let text = Text::of(name);
        let own = HashMap::new();
        Self::Named { text, own }
    }

    pub fn columns(&self) -> Vec<Vec<String>> {
        match self {
            Self::InForce | Self::Asked => Vec::new(),
            Self::Named { text, .. } => text.columns(),
        }
    }

    pub fn read<'e>(
        &self,
        editions: &'e Editions,
        row: &Record,
        day: Date,
        column: &GoodsField,
    ) -> Result<&'e Arc<edition::Model>, Refusal> {
        match self {
            Self::InForce => editions.in_force(day).ok_or_else(|| {
                let reason = format!("no edition of the HS was in force on {day}");
                column.text.refuse(row, reason)
            }),
            // Answered before the first row.
            Self::Asked => Err(column
                .text
                .refuse(row, "the edition of the HS is not named")),
            Self::Named { text, own } => {
                let written = text.read(row).unwrap_or(Cow::Borrowed(""));
                let name = own
                    .get(written.as_ref())
                    .map_or(written.as_ref(), String::as_str);
                editions.named(name).ok_or_else(|| {
                    text.refuse(row, format!("{written:?} is not an edition of the HS"))
                })
            }
        }
    }

    /// An edition that the mapping names and is not there.
    pub fn unknown(&self, editions: &Editions) -> Option<String> {
        match self {
            Self::InForce | Self::Asked => None,
            Self::Named { text, own } => {
                let mut named = text
                    .constant()
                    .into_iter()
                    .chain(own.values().map(String::as_str));
                let unknown = named.find(|name| editions.named(name).is_none());
                unknown.map(str::to_owned)
            }
        }
    }
}
