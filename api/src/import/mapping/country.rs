//! Fields that name a country.
use std::{borrow::Cow, collections::HashMap};

use entity::{country, value::Date};

use super::{
    document::{Item, Problem},
    text::Text,
};
use crate::import::{
    areas::{Areas, Key, Unknown},
    report::Refusal,
    table::Record,
};

/// Ways to name countries that a mapping may choose from.
const KEYS: &[(&str, Key)] = &[
    ("countries", Key::Any),
    ("countries/alpha-2", Key::Alpha2),
    ("countries/alpha-3", Key::Alpha3),
    ("countries/numeric", Key::Numeric),
    ("countries/name", Key::Name),
];

pub struct CountryField {
    text: Text,
    /// Names of the file's own, and the country's code.
    own: HashMap<String, String>,
    key: Key,
    /// What is to be refused should a country that the mapping names not be there.
    named: Vec<(String, Problem)>,
}

impl CountryField {
    pub fn parse(item: &Item) -> Option<Self> {
        let (text, section) = Text::parse(item)?;
        let mut field = Self {
            text,
            own: HashMap::new(),
            key: Key::Any,
            named: Vec::new(),
        };
        if let Some(mut section) = section {
            if let Some(codes) = section.take("codes") {
                codes.items().iter().for_each(|list| field.take(list));
            }
            section.finish();
        }
        if let Some(code) = field.text.constant().map(str::to_owned) {
            field.names(item, code);
        }
        Some(field)
    }

    fn take(&mut self, list: &Item) {
        if let Some(section) = list.is_table().then(|| list.section()).flatten() {
            for (name, item) in section.all() {
                if let Some(code) = item.text() {
                    self.own.insert(name.to_owned(), code.clone());
                    self.names(&item, code);
                }
            }
        } else if let Some(name) = list.text() {
            match KEYS.iter().find(|(known, _)| *known == name) {
                Some((_, key)) => self.key = *key,
                None => {
                    let known: Vec<_> = KEYS.iter().map(|(known, _)| *known).collect();
                    let known = known.join(", ");
                    list.refuse(format!(
                        "{name:?} is not a list of codes; these are: {known}"
                    ));
                }
            }
        }
    }

    fn names(&mut self, item: &Item, code: String) {
        let problem = item.problem(format!(
            "{code:?} is no country or area that is known here; name one by its alpha-2, alpha-3 or M49 code"
        ));
        self.named.push((code, problem));
    }

    pub fn columns(&self) -> Vec<Vec<String>> {
        self.text.columns()
    }

    /// What the mapping names and is not there.
    pub fn problems<'f>(&'f self, areas: &'f Areas) -> impl Iterator<Item = Problem> + 'f {
        let unknown = |(code, _): &&(String, Problem)| areas.find(code, Key::Any, None).is_err();
        self.named
            .iter()
            .filter(unknown)
            .map(|(_, problem)| problem.clone())
    }

    /// The country of the row on that day; none when the row names none.
    pub fn read<'a>(
        &self,
        areas: &'a Areas,
        row: &Record,
        day: Date,
    ) -> Result<Option<&'a country::Model>, Refusal> {
        let Some(text) = self.text.read(row) else {
            return Ok(None);
        };
        let (code, key) = match self.own.get(text.as_ref()) {
            Some(code) => (code.as_str(), Key::Any),
            None if self.text.constant().is_some() => (text.as_ref(), Key::Any),
            None => (text.as_ref(), self.key),
        };
        let found = areas.find(code, key, Some(day));
        found.map(Some).map_err(|unknown| {
            let reason = match unknown {
                Unknown::Nothing => format!("{text:?} is no country or area that is known here"),
                Unknown::Several(codes) => format!(
                    "{text:?} may be any of {}; say which in the mapping, as codes = {{ {text:?} = \"{}\" }}",
                    codes.join(", "),
                    codes.first().map_or("", String::as_str),
                ),
            };
            self.text.refuse(row, reason)
        })
    }

    /// The country of the row, which must name one.
    pub fn demand<'a>(
        &self,
        areas: &'a Areas,
        row: &Record,
        day: Date,
    ) -> Result<&'a country::Model, Refusal> {
        let found = self.read(areas, row, day)?;
        found.ok_or_else(|| {
            let written = self.text.written(row).unwrap_or(Cow::Borrowed(""));
            let reason = format!("{written:?} is no country or area that is known here");
            self.text.refuse(row, reason)
        })
    }
}
