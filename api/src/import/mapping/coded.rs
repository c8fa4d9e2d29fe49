//! Fields whose text is a code: what the codes of a file mean.
use std::{borrow::Cow, collections::HashMap};

use entity::{
    claim::Comparator,
    dataset::Valuation,
    party::PartyKind,
    shipment::{Flow, ModeOfTransport, ReportedBy},
    value::Frequency,
};
use sea_orm::{ActiveEnum, Iterable};

use super::{
    document::{Item, Section},
    lists,
    text::Text,
};
use crate::import::{report::Refusal, table::Record};

/// Something that files write as a code.
pub trait Coding: Sized + Clone + 'static {
    /// What it is, after "is not": `a flow`.
    const WHAT: &'static str;
    /// Lists of codes that are known here, by name.
    const LISTS: &'static [(&'static str, fn(&str) -> Option<Self>)];

    /// By its name in the API; texts name themselves.
    fn named(text: &str) -> Option<Self>;

    /// The names in the API, for whoever wrote another.
    fn names() -> Vec<String>;
}

macro_rules! coding {
    ($($what:literal: $type:ty, by $lists:expr;)*) => {$(
        impl Coding for $type {
            const WHAT: &'static str = $what;
            const LISTS: &'static [(&'static str, fn(&str) -> Option<Self>)] = $lists;

            fn named(text: &str) -> Option<Self> {
                Self::try_from_value(&text.to_owned()).ok()
            }

            fn names() -> Vec<String> {
                Self::iter().map(|value| value.to_value()).collect()
            }
        }
    )*};
}

coding! {
    "a flow": Flow, by &[
        ("flows/comtrade", lists::comtrade_flow),
        ("flows/comext", lists::comext_flow),
        ("flows/words", lists::flow_in_words),
    ];
    "a mode of transport": ModeOfTransport, by &[
        ("modes-of-transport/comtrade", lists::comtrade_mode),
        ("modes-of-transport/comext", lists::comext_mode),
        ("modes-of-transport/customs", lists::customs_mode),
    ];
    "who reports": ReportedBy, by &[];
    "what a value includes": Valuation, by &[];
    "a frequency": Frequency, by &[("frequencies/sdmx", lists::frequency)];
    "a comparator": Comparator, by &[];
    "what sort of party": PartyKind, by &[];
}

/// Texts that are codes themselves, such as units and currencies.
impl Coding for String {
    const WHAT: &'static str = "a code that is known";
    const LISTS: &'static [(&'static str, fn(&str) -> Option<Self>)] =
        &[("units/comtrade", lists::comtrade_unit)];

    fn named(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }

    fn names() -> Vec<String> {
        Vec::new()
    }
}

/// A field of codes, and what they mean.
#[derive(Clone)]
pub struct Coded<T> {
    text: Text,
    lists: Vec<List<T>>,
    /// What is asked when no list has the code.
    otherwise: Option<Text>,
}

#[derive(Clone)]
enum List<T> {
    Inline(HashMap<String, T>),
    Known(fn(&str) -> Option<T>),
}

impl<T: Coding> Coded<T> {
    pub fn parse(item: &Item) -> Option<Self> {
        let (text, section) = Text::parse(item)?;
        let mut coded = Self {
            text,
            lists: Vec::new(),
            otherwise: None,
        };
        if let Some(mut section) = section {
            coded.take_lists(&mut section);
            section.finish();
        }
        if let Some(constant) = coded.text.constant()
            && coded.meaning(constant).is_none()
        {
            return item.none(not_one::<T>(constant));
        }
        Some(coded)
    }

    fn take_lists(&mut self, section: &mut Section) {
        if let Some(codes) = section.take("codes") {
            let lists = codes.items();
            self.lists.extend(lists.iter().filter_map(list));
        }
        self.otherwise = section
            .take("otherwise")
            .and_then(|item| Text::alone(&item));
    }

    pub fn columns(&self) -> Vec<Vec<String>> {
        self.text.columns()
    }

    fn meaning(&self, code: &str) -> Option<T> {
        if self.lists.is_empty() {
            return T::named(code);
        }
        self.lists.iter().find_map(|list| match list {
            List::Inline(codes) => codes.get(code).cloned(),
            List::Known(meaning) => meaning(code),
        })
    }

    /// What the row says; none when it says nothing.
    pub fn read(&self, row: &Record) -> Result<Option<T>, Refusal> {
        let Some(code) = self.text.read(row) else {
            return Ok(None);
        };
        let otherwise = || {
            let text = self.otherwise.as_ref()?.read(row)?;
            T::named(&text)
        };
        let meaning = self.meaning(&code).or_else(otherwise);
        if meaning.is_none() && self.otherwise.is_some() {
            return Ok(None);
        }
        let refuse = || {
            self.text
                .refuse(row, format!("{code:?} is not {}", T::WHAT))
        };
        meaning.map(Some).ok_or_else(refuse)
    }

    /// What the row says, which must be something.
    pub fn demand(&self, row: &Record) -> Result<T, Refusal> {
        let said = self.read(row)?;
        said.ok_or_else(|| {
            let written = self.text.written(row).unwrap_or(Cow::Borrowed(""));
            self.text
                .refuse(row, format!("{written:?} is not {}", T::WHAT))
        })
    }
}

fn list<T: Coding>(item: &Item) -> Option<List<T>> {
    if item.is_table() {
        let codes = item
            .section()?
            .all()
            .into_iter()
            .filter_map(|(code, item)| {
                let name = item.text()?;
                let meaning = T::named(&name).or_else(|| item.none(not_one::<T>(&name)))?;
                Some((code.to_owned(), meaning))
            });
        return Some(List::Inline(codes.collect()));
    }
    let name = item.text()?;
    let known = T::LISTS.iter().find(|(known, _)| *known == name);
    match known {
        Some((_, meaning)) => Some(List::Known(*meaning)),
        None => {
            let names: Vec<_> = T::LISTS.iter().map(|(name, _)| *name).collect();
            let known = match names.is_empty() {
                true => "there are none for this field: write them here, as { code = \"MEANING\" }"
                    .to_owned(),
                false => format!("these are: {}", names.join(", ")),
            };
            item.none(format!("{name:?} is not a list of codes; {known}"))
        }
    }
}

fn not_one<T: Coding>(text: &str) -> String {
    let names = T::names().join(", ");
    match names.as_str() {
        "" => format!("{text:?} is not {}", T::WHAT),
        names => format!("{text:?} is not {}; these are: {names}", T::WHAT),
    }
}

/// Whether a field of the file is true.
#[derive(Clone)]
pub struct Truth(Text);

impl Truth {
    pub fn parse(item: &Item) -> Option<Self> {
        Text::alone(item).map(Self)
    }

    pub fn columns(&self) -> Vec<Vec<String>> {
        self.0.columns()
    }

    /// `true` and `1`, whatever the case; nothing is no.
    pub fn read(&self, row: &Record) -> Result<bool, Refusal> {
        let Some(text) = self.0.read(row) else {
            return Ok(false);
        };
        match text.to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "y" => Ok(true),
            "false" | "0" | "no" | "n" => Ok(false),
            other => {
                let reason = format!("{other:?} is neither true nor false");
                Err(self.0.refuse(row, reason))
            }
        }
    }
}
