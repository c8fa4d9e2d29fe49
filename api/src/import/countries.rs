//! Countries and areas that are missing. What is there is a curator's: it stays as it is.
use std::collections::HashMap;

use chrono::NaiveDate;
use entity::{
    country::{self, CountryKind},
    country_alias,
    import_batch::ImportFormat,
    value::{Date, Status},
};
use sea_orm::{DbErr, EntityTrait, prelude::Uuid};

use super::{
    Importer,
    report::{Refusal, Report},
    table::{Item, Layout, Record},
};
use crate::{
    cli::Failure,
    kit::{edit::Edit, record::Standing},
};

const CODES: [&str; 3] = ["id", "M49", "ISO3166-1-numeric"];
const NAMES: [&str; 4] = ["country", "name", "official_name_en", "CLDR display name"];
const ALPHA2: [&str; 3] = ["iso_2", "alpha2", "ISO3166-1-Alpha-2"];
const ALPHA3: [&str; 3] = ["iso_3", "alpha3", "ISO3166-1-Alpha-3"];
/// The year from which on lists say that a country has always been there.
const ALWAYS: i32 = 1901;

pub struct Countries {
    by_m49: HashMap<String, country::Model>,
    /// Codes that mean a country of another code.
    aliases: HashMap<String, Uuid>,
}

impl Countries {
    pub async fn new(edit: &Edit) -> Result<Self, DbErr> {
        let rows = country::Entity::find().all(edit.connection()).await?;
        let aliases = country_alias::Entity::find().all(edit.connection()).await?;
        Ok(Self {
            by_m49: rows.into_iter().map(|row| (row.m49.clone(), row)).collect(),
            aliases: aliases
                .into_iter()
                .map(|alias| (alias.code, alias.country_id))
                .collect(),
        })
    }

    /// The area that a row adds; none when it is there.
    fn row(&self, row: &Record, edit: &Edit) -> Result<Option<country::Model>, Refusal> {
        let (column, code) = first(row, &CODES);
        let digits = !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_digit());
        let m49 = format!("{code:0>3}");
        if !digits || m49.len() != 3 {
            return Err(row.refuse(column, format!("{code:?} is not an M49 code, such as 156")));
        }
        if self.by_m49.contains_key(&m49) || self.aliases.contains_key(&m49) {
            return Ok(None);
        }
        let (column, name) = first(row, &NAMES);
        if name.is_empty() {
            return Err(row.refuse(column, "the name is empty"));
        }
        let alpha2 = alpha(first(row, &ALPHA2).1, 2);
        let alpha3 = alpha(first(row, &ALPHA3).1, 3);
        let valid_from = year(row, "entry_year")?.filter(|year| *year > ALWAYS);
        let valid_until = year(row, "exit_year")?;
        if valid_until.is_none() {
            self.not_taken(row, alpha3.as_deref())?;
        }
        let kind = match (row.flag("group")?, valid_until, &alpha2, &alpha3) {
            (true, ..) => CountryKind::Group,
            (_, Some(_), ..) => CountryKind::FormerCountry,
            (_, None, Some(_), Some(_)) => CountryKind::Country,
            _ => CountryKind::CustomsArea,
        };
        let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).map(Date);
        Ok(Some(country::Model {
            m49,
            alpha2,
            alpha3,
            name: name.to_owned(),
            kind,
            valid_from: valid_from.and_then(|year| day(year, 1, 1)),
            valid_until: valid_until.and_then(|year| day(year, 12, 31)),
            ..country::Entity::blank(Status::Published, edit.now)
        }))
    }

    /// No two countries have a code at the same time.
    fn not_taken(&self, row: &Record, alpha3: Option<&str>) -> Result<(), Refusal> {
        let living = self.by_m49.values().find(|country| {
            country.valid_until.is_none()
                && country.alpha3.is_some()
                && country.alpha3.as_deref() == alpha3
        });
        match living {
            None => Ok(()),
            Some(country) => {
                let reason = format!(
                    "is the code of {} ({}), which exists",
                    country.name, country.m49
                );
                Err(row.refuse(first(row, &ALPHA3).0, reason))
            }
        }
    }
}

impl Importer for Countries {
    type Row = Record;

    fn format(&self) -> ImportFormat {
        ImportFormat::Countries
    }

    fn layout(&self) -> Layout {
        let all = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Layout::csv("a list of countries in CSV").spelled(vec![all(&CODES), all(&NAMES)])
    }

    fn reader(&self) -> impl FnMut(Record) -> Item<Record> + Send + 'static {
        Item::Taken
    }

    async fn take(
        &mut self,
        edit: &mut Edit,
        rows: Vec<Record>,
        report: &mut Report,
    ) -> Result<(), Failure> {
        for row in rows {
            match self.row(&row, edit) {
                Ok(None) => report.unchanged += 1,
                Ok(Some(country)) => {
                    let country = edit.insert::<country::Entity>(country).await?;
                    self.by_m49.insert(country.m49.clone(), country);
                    report.new += 1;
                }
                Err(refusal) => report.refuse(refusal),
            }
        }
        Ok(())
    }

    async fn finish(&mut self, _: &mut Edit, _: &mut Report) -> Result<(), Failure> {
        Ok(())
    }
}

/// The first of some columns that says something, and what.
fn first<'r>(row: &'r Record, columns: &[&'static str]) -> (&'static str, &'r str) {
    let said = columns.iter().find(|column| !row.get(column).is_empty());
    let there = columns.iter().find(|column| row.has(column));
    let column = said
        .or(there)
        .or(columns.first())
        .copied()
        .unwrap_or_default();
    (column, row.get(column))
}

/// A code of ISO 3166-1: statistics have others of their own, such as `S19` and `_AC`.
fn alpha(text: &str, length: usize) -> Option<String> {
    let is_iso = text.len() == length && text.bytes().all(|byte| byte.is_ascii_uppercase());
    is_iso.then(|| text.to_owned())
}

/// A year, which spreadsheets write as `1998.0`.
fn year(row: &Record, column: &str) -> Result<Option<i32>, Refusal> {
    let text = row.get(column);
    if text.is_empty() {
        return Ok(None);
    }
    let year = text.strip_suffix(".0").unwrap_or(text).parse().ok();
    let year = year.filter(|year| (1000..=9999).contains(year));
    let refuse = || row.refuse(column, format!("{text:?} is not a year"));
    year.map(Some).ok_or_else(refuse)
}
