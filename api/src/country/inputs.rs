//! Countries by hand: areas that the standards lack, under codes that nobody else has.
use async_graphql::{ID, OneofObject};
use entity::{
    claim, claim_subject, country,
    country::CountryKind,
    country_alias, party, shipment,
    value::{Date, Status},
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect,
    prelude::Uuid,
    sea_query::{ExprTrait, SelectStatement},
};

use super::{Country, called, latest};
use crate::{
    claim::claims_with_subject,
    kit::{
        access::View,
        check::UserErrorCode::{Invalid, Taken},
        curate::{Curated, Entry, Refer, inputs, mutations, published},
        error::Result,
    },
};

inputs! {
    /// A country or customs area to enter: one that ISO 3166 and UN Comtrade lack.
    NewCountry changed by CountryChanges {
        /// UN M49 code, three digits, or the code that a statistics office gives to an area that M49 lacks. Unique.
        m49: String,
        /// ISO 3166-1 alpha-2 code, two capitals.
        alpha2: Option<String>,
        /// ISO 3166-1 alpha-3 code, three capitals.
        alpha3: Option<String>,
        /// English short name.
        name: String,
        /// What sort of area it is.
        kind: CountryKind,
        /// First day it existed.
        valid_from: Option<Date>,
        /// Last day it existed.
        valid_until: Option<Date>,
    }
}

/// A country that is there.
#[derive(Clone, OneofObject)]
pub enum CountryReference {
    /// Global id of a country.
    Id(ID),
    /// ISO 3166-1 alpha-2 (`CN`), alpha-3 (`CHN`) or UN M49 (`156`), as `country` takes it.
    Code(String),
}

impl Refer for CountryReference {
    type Entity = country::Entity;

    async fn resolve(self, entry: &mut Entry) -> Result<Option<country::Model>> {
        let code = match self {
            Self::Id(id) => return entry.by_id::<country::Entity>(&id).await,
            Self::Code(code) => code,
        };
        let found = match called(&code) {
            None => Vec::new(),
            Some(called) => {
                let countries = country::Entity::find()
                    .filter(called)
                    .filter(country::Column::Status.ne(Status::Withdrawn))
                    .lock_shared();
                countries.all(entry.edit.connection()).await?
            }
        };
        Ok(entry.known(latest(found), || {
            format!("there is no country {code:?}; write CN, CHN or 156")
        }))
    }
}

impl Curated for Country {
    type New = NewCountry;
    type Changes = CountryChanges;
    type Parts = ();

    async fn enter(
        entry: &mut Entry,
        row: &mut country::Model,
        changes: CountryChanges,
    ) -> Result<()> {
        let CountryChanges {
            m49,
            alpha2,
            alpha3,
            name,
            kind,
            valid_from,
            valid_until,
        } = changes;
        m49.text(entry, "m49", &mut row.m49);
        alpha2.text(entry, "alpha2", &mut row.alpha2);
        alpha3.text(entry, "alpha3", &mut row.alpha3);
        name.name(entry, "name", &mut row.name);
        kind.set(&mut row.kind);
        valid_from.set(&mut row.valid_from);
        valid_until.set(&mut row.valid_until);

        let is_m49 = row.m49.len() == 3 && row.m49.bytes().all(|b| b.is_ascii_digit());
        entry
            .check
            .require(is_m49, "m49", "must be three digits, such as 156");
        let is_alpha = |code: &Option<String>, length| {
            let fits = |code: &String| {
                code.len() == length && code.bytes().all(|b| b.is_ascii_uppercase())
            };
            code.as_ref().is_none_or(fits)
        };
        entry.check.require(
            is_alpha(&row.alpha2, 2),
            "alpha2",
            "must be two capitals, such as CN",
        );
        entry.check.require(
            is_alpha(&row.alpha3, 3),
            "alpha3",
            "must be three capitals, such as CHN",
        );
        if let (Some(from), Some(until)) = (row.valid_from, row.valid_until)
            && until < from
        {
            entry
                .check
                .refuse("validUntil", Invalid, "must not be before validFrom");
        }
        let same = country::Entity::find()
            .filter(country::Column::M49.eq(&row.m49))
            .filter(country::Column::Id.ne(row.id));
        if let Some(other) = same.one(entry.edit.connection()).await? {
            let message = format!("is the code of {}", other.name);
            entry.check.refuse("m49", Taken, message);
        }
        if row.valid_until.is_none() {
            for (field, column, code) in [
                ("alpha2", country::Column::Alpha2, &row.alpha2),
                ("alpha3", country::Column::Alpha3, &row.alpha3),
            ] {
                let Some(code) = code else { continue };
                let living = country::Entity::find()
                    .filter(column.eq(code))
                    .filter(country::Column::ValidUntil.is_null())
                    .filter(country::Column::Status.ne(Status::Withdrawn))
                    .filter(country::Column::Id.ne(row.id));
                if let Some(other) = living.one(entry.edit.connection()).await? {
                    let message = format!("is the code of {}, which exists", other.name);
                    entry.check.refuse(field, Taken, message);
                }
            }
        }
        let alias = country_alias::Entity::find_by_id(row.m49.clone());
        if alias.one(entry.edit.connection()).await?.is_some() {
            let message = "is another code for a country that is there";
            entry.check.refuse("m49", Taken, message);
        }
        Ok(())
    }

    fn referrers(id: Uuid) -> Vec<(&'static str, SelectStatement)> {
        use shipment::Column::{
            DestinationId, DispatchId, ExporterId, ImporterId, OriginId, Partner2Id,
        };
        let sides = [
            ExporterId,
            ImporterId,
            Partner2Id,
            OriginId,
            DispatchId,
            DestinationId,
        ];
        let shipped = sides.into_iter().map(|column| column.eq(id));
        let shipped = shipped.fold(Condition::any(), Condition::add);
        let subject = claim_subject::Column::CountryId.eq(id);
        let claimed = claim::Column::ExporterId
            .eq(id)
            .or(claim::Column::ImporterId.eq(id));
        let claimed = Condition::any()
            .add(claimed)
            .add(claims_with_subject(View::PUBLIC, subject));
        vec![
            ("shipments", published::<shipment::Entity>(shipped)),
            ("claims", published::<claim::Entity>(claimed)),
            (
                "parties",
                published::<party::Entity>(party::Column::CountryId.eq(id)),
            ),
        ]
    }
}

mutations! {
    CountryMutation of Country, CountryPayload of country,
    create_country, update_country, publish_country, withdraw_country, revert_country
}
