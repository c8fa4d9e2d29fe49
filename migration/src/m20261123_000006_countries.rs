//! The countries of ISO 3166-1, the areas beyond it, and the editions of the HS.
use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, prelude::Uuid},
};

use crate::areas::{ALIASES, AREAS};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Ids that are the same everywhere, so that clients may keep them across servers (RFC 9562, version 8).
const COUNTRY_IDS: u128 = 0x636f756e_7472_8000_8000_000000000000;
const EDITION_IDS: u128 = 0x65646974_696f_8000_8000_000000000000;

/// Year, UN Comtrade's code, last year in force.
const EDITIONS: &[(u16, &str, Option<u16>)] = &[
    (1992, "H0", Some(1995)),
    (1996, "H1", Some(2001)),
    (2002, "H2", Some(2006)),
    (2007, "H3", Some(2011)),
    (2012, "H4", Some(2016)),
    (2017, "H5", Some(2021)),
    (2022, "H6", None),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let iso = rust_iso3166::ALL.iter().map(|country| {
            country_row(
                (country.numeric, "COUNTRY", country.name),
                (Some(country.alpha2), Some(country.alpha3)),
                (None, None),
            )
        });
        let areas = AREAS
            .iter()
            .map(|(code, kind, name, alpha2, alpha3, from, until)| {
                country_row(
                    (*code, kind.as_str(), name),
                    (*alpha2, *alpha3),
                    (*from, *until),
                )
            });
        let mut countries = Query::insert();
        countries.into_table("country").columns([
            "id",
            "m49",
            "alpha2",
            "alpha3",
            "name",
            "kind",
            "valid_from",
            "valid_until",
        ]);
        for row in iso.chain(areas) {
            countries.values_panic(row);
        }

        let mut aliases = Query::insert();
        aliases
            .into_table("country_alias")
            .columns(["code", "country_id"]);
        for (alias, code) in ALIASES {
            aliases.values_panic([format!("{alias:03}").into(), id(COUNTRY_IDS, *code)]);
        }

        let mut editions = Query::insert();
        editions.into_table("edition").columns([
            "id",
            "code",
            "comtrade_code",
            "name",
            "in_force_from",
            "in_force_until",
        ]);
        for (year, comtrade_code, until) in EDITIONS {
            editions.values_panic([
                id(EDITION_IDS, *year),
                format!("HS{year}").into(),
                (*comtrade_code).into(),
                format!("Harmonized System {year}").into(),
                day(Some(*year), 1, 1),
                day(*until, 12, 31),
            ]);
        }

        let connection = manager.get_connection();
        for insert in [countries, aliases, editions] {
            connection.execute(&insert).await?;
        }
        Ok(())
    }
}

fn country_row(
    (code, kind, name): (u16, &str, &str),
    (alpha2, alpha3): (Option<&str>, Option<&str>),
    (from, until): (Option<u16>, Option<u16>),
) -> [Expr; 8] {
    [
        id(COUNTRY_IDS, code),
        format!("{code:03}").into(),
        alpha2.map(str::to_owned).into(),
        alpha3.map(str::to_owned).into(),
        name.into(),
        kind.into(),
        day(from, 1, 1),
        day(until, 12, 31),
    ]
}

fn id(range: u128, number: u16) -> Expr {
    // Decimal digits in hexadecimal places: the number can be read off the id.
    let digits = format!("{number}");
    let number = u128::from_str_radix(&digits, 16).unwrap_or_default();
    Expr::val(Uuid::from_u128(range + number))
}

fn day(year: Option<u16>, month: u32, day: u32) -> Expr {
    let date = year.and_then(|year| {
        sea_orm_migration::sea_orm::prelude::ChronoDate::from_ymd_opt(i32::from(year), month, day)
    });
    Expr::val(date)
}
