//! Countries and areas as files name them: by any code, or by a name of any spelling.
use std::collections::HashMap;

use entity::{
    country, country_alias,
    value::{Date, Status},
};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use crate::kit::edit::Edit;

/// Names in common use that ISO 3166-1 spells in another way, and whose they are (M49).
const NAMES: &[(&str, &str)] = &[
    ("america", "840"),
    ("areas nes", "899"),
    ("bolivia", "068"),
    ("brunei", "096"),
    ("burma", "104"),
    ("cape verde", "132"),
    ("china hong kong sar", "344"),
    ("china macao sar", "446"),
    ("congo", "178"),
    ("czechia", "203"),
    ("czech republic", "203"),
    ("dem rep of the congo", "180"),
    ("dr congo", "180"),
    ("drc", "180"),
    ("east timor", "626"),
    ("eu", "097"),
    ("great britain", "826"),
    ("hong kong", "344"),
    ("hong kong sar", "344"),
    ("iran", "364"),
    ("ivory coast", "384"),
    ("korea", "410"),
    ("lao pdr", "418"),
    ("laos", "418"),
    ("macau", "446"),
    ("north macedonia", "807"),
    ("macedonia", "807"),
    ("moldova", "498"),
    ("north korea", "408"),
    ("other asia nes", "490"),
    ("palestine", "275"),
    ("rep of korea", "410"),
    ("rep of moldova", "498"),
    ("republic of korea", "410"),
    ("russia", "643"),
    ("south korea", "410"),
    ("state of palestine", "275"),
    ("eswatini", "748"),
    ("swaziland", "748"),
    ("syria", "760"),
    ("taiwan", "490"),
    ("tanzania", "834"),
    ("turkiye", "792"),
    ("turkey", "792"),
    ("uae", "784"),
    ("uk", "826"),
    ("united kingdom", "826"),
    ("united rep of tanzania", "834"),
    ("united states", "840"),
    ("united states of america", "840"),
    ("us", "840"),
    ("usa", "840"),
    ("vatican", "336"),
    ("venezuela", "862"),
    ("vietnam", "704"),
    ("viet nam", "704"),
];

/// By what a file names countries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Key {
    /// Whatever it is.
    #[default]
    Any,
    Alpha2,
    Alpha3,
    /// UN M49, or the code of UN Comtrade in its place; with or without leading zeros.
    Numeric,
    /// English, whatever the case, the accents and the notes in brackets.
    Name,
}

/// Why a text names no country.
pub enum Unknown {
    Nothing,
    /// As many as go by it.
    Several(Vec<String>),
}

/// All countries and areas, by everything they go by.
pub struct Areas {
    rows: Vec<country::Model>,
    by_code: HashMap<String, Vec<usize>>,
    by_name: HashMap<String, Vec<usize>>,
}

impl Areas {
    pub async fn read(edit: &Edit) -> Result<Self, DbErr> {
        let published = country::Column::Status.eq(Status::Published);
        let rows = country::Entity::find().filter(published);
        let rows = rows.all(edit.connection()).await?;
        let aliases = country_alias::Entity::find().all(edit.connection()).await?;
        Ok(Self::new(rows, aliases))
    }

    fn new(rows: Vec<country::Model>, aliases: Vec<country_alias::Model>) -> Self {
        let mut by_code: HashMap<String, Vec<usize>> = HashMap::new();
        let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
        let mut short: HashMap<String, Vec<usize>> = HashMap::new();
        for (place, row) in rows.iter().enumerate() {
            let codes = [Some(&row.m49), row.alpha2.as_ref(), row.alpha3.as_ref()];
            for code in codes.into_iter().flatten() {
                by_code.entry(code.clone()).or_default().push(place);
            }
            by_name.entry(folded(&row.name)).or_default().push(place);
            let name = folded(without_notes(&row.name));
            short.entry(name).or_default().push(place);
        }
        for alias in aliases {
            let place = rows.iter().position(|row| row.id == alias.country_id);
            if let Some(place) = place {
                by_code.entry(alias.code).or_default().push(place);
            }
        }
        // A name without its notes counts where it is no other's in full.
        for (name, places) in short {
            by_name.entry(name).or_insert(places);
        }
        for (name, m49) in NAMES {
            if let Some(places) = by_code.get(*m49) {
                by_name.insert((*name).to_owned(), places.clone());
            }
        }
        Self {
            rows,
            by_code,
            by_name,
        }
    }

    /// The country that a text named on a day: codes and names pass from one to the next.
    pub fn find(
        &self,
        text: &str,
        key: Key,
        day: Option<Date>,
    ) -> Result<&country::Model, Unknown> {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let letters = text.bytes().all(|byte| byte.is_ascii_alphabetic());
        let code = match (key, text.len()) {
            (Key::Any | Key::Numeric, 1..=3) if digits => Some(format!("{text:0>3}")),
            (Key::Any | Key::Alpha2, 2) | (Key::Any | Key::Alpha3, 3) if letters => {
                Some(text.to_ascii_uppercase())
            }
            _ => None,
        };
        let by_code = code.and_then(|code| self.by_code.get(&code));
        let by_name = || match key {
            Key::Any | Key::Name => {
                let full = self.by_name.get(&folded(text));
                full.or_else(|| self.by_name.get(&folded(without_notes(text))))
            }
            _ => None,
        };
        let places = by_code.or_else(by_name).ok_or(Unknown::Nothing)?;
        self.of_the_day(places, day)
    }

    fn of_the_day(&self, places: &[usize], day: Option<Date>) -> Result<&country::Model, Unknown> {
        let rows = || places.iter().map(|place| &self.rows[*place]);
        let there = |row: &&country::Model| match day {
            Some(day) => {
                row.valid_from.is_none_or(|from| from <= day)
                    && row.valid_until.is_none_or(|until| day <= until)
            }
            None => row.valid_until.is_none(),
        };
        let mut fitting: Vec<_> = rows().filter(there).collect();
        if fitting.is_empty() {
            fitting = rows().collect();
        }
        // Of several that were there, the one that ended: its successor goes by the same code.
        let end = |row: &country::Model| row.valid_until.map_or((1, None), |day| (0, Some(day)));
        fitting.sort_by_key(|row| end(row));
        match fitting.as_slice() {
            [] => Err(Unknown::Nothing),
            [one] => Ok(one),
            [one, next, ..] if end(one) != end(next) => Ok(one),
            several => Err(Unknown::Several(
                several.iter().map(|row| row.m49.clone()).collect(),
            )),
        }
    }
}

/// Without what stands in brackets, and what follows it.
fn without_notes(name: &str) -> &str {
    name.split_once(['(', '[']).map_or(name, |(name, _)| name)
}

/// A name without case, accents, marks and the word "the".
fn folded(name: &str) -> String {
    let letters: String = name
        .nfd()
        .filter(|letter| !is_combining_mark(*letter))
        .flat_map(char::to_lowercase)
        .map(|letter| {
            if letter.is_alphanumeric() {
                letter
            } else {
                ' '
            }
        })
        .collect();
    let words = letters.split_whitespace().filter(|word| *word != "the");
    words.collect::<Vec<_>>().join(" ")
}
