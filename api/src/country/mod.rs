//! Countries and customs areas.
use async_graphql::{Context, ID, InputObject};
use entity::{
    claim, country,
    country::CountryKind,
    country_alias, party, shipment, statement,
    value::{Date, Status},
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, QueryTrait};

use crate::{
    claim::{Claim, claims_about_country},
    kit::{
        error::{Error, Result},
        fields::{concept, fields, order},
        filter::{Filter, Related, Scope, ids, pointed_at},
        operators::{Choice, CodeFilter, Comparison, TextFilter, choosable_enums},
        rows,
    },
    party::{Party, PartyFilter},
    revision::{Revision, revisions_of},
    shipment::{Shipment, ShipmentFilter},
    statement::Statement,
};

mod inputs;

pub use inputs::{CountryMutation, CountryReference};

concept! {
    /// A country or customs area, as trade statistics know it.
    Country of country, filtered by CountryFilter, ordered by CountryOrderField,
    curated
}

fields! {
    #[ComplexObject]
    impl Country {
        record;

        connections {
            /// Shipments that left it, whoever reported them: its own exports and the mirror of
            /// other countries' imports.
            exports: Shipment =
                |country, _| Condition::all().add(shipment::Column::ExporterId.eq(country.row.id));

            /// Shipments that it received, whoever reported them.
            imports: Shipment =
                |country, _| Condition::all().add(shipment::Column::ImporterId.eq(country.row.id));

            /// Claims about it: as their subject, exporter or importer.
            claims: Claim = |country, view| claims_about_country(view, country.row.id);

            /// Statements on claims about it.
            statements: Statement = |country, view| {
                let about = claims_about_country(view, country.row.id);
                let claims = ids::<claim::Entity>(view, claim::Column::Id, about);
                Condition::all().add(statement::Column::ClaimId.in_subquery(claims))
            };

            /// Persons and bodies of it.
            parties: Party =
                |country, _| Condition::all().add(party::Column::CountryId.eq(country.row.id));

            /// The edits that changed it or a part of it; what came in by file is in its import
            /// alone.
            revisions: Revision = |record, view| revisions_of(view, record.row.id);
        }
    }
}

choosable_enums!(CountryKind);

/// Which countries.
#[derive(InputObject)]
pub struct CountryFilter {
    /// All of these hold.
    and: Option<Vec<CountryFilter>>,
    /// At least one of these holds.
    or: Option<Vec<CountryFilter>>,
    /// This does not hold.
    not: Option<Box<CountryFilter>>,
    /// By global id.
    id: Option<Choice<ID>>,
    /// By where the record stands. Without signing in only published ones are seen.
    status: Option<Choice<Status>>,
    /// By UN M49 code, three digits.
    m49: Option<CodeFilter>,
    /// By ISO 3166-1 alpha-2 code, in capitals.
    alpha2: Option<CodeFilter>,
    /// By ISO 3166-1 alpha-3 code, in capitals.
    alpha3: Option<CodeFilter>,
    /// By name.
    name: Option<TextFilter>,
    /// By what sort of area it is.
    kind: Option<Choice<CountryKind>>,
    /// By the first day it existed.
    valid_from: Option<Comparison<Date>>,
    /// By the last day it existed.
    valid_until: Option<Comparison<Date>>,
    /// By shipments that left it.
    exports: Option<Related<ShipmentFilter>>,
    /// By shipments that it received.
    imports: Option<Related<ShipmentFilter>>,
    /// By its persons and bodies.
    parties: Option<Related<PartyFilter>>,
}

impl Filter for CountryFilter {
    type Entity = country::Entity;

    fn condition(self, scope: Scope<'_>) -> Result<Condition> {
        use country::Column;
        let Self {
            and,
            or,
            not,
            id,
            status,
            m49,
            alpha2,
            alpha3,
            name,
            kind,
            valid_from,
            valid_until,
            exports,
            imports,
            parties,
        } = self;
        let shipped = |column| pointed_at::<shipment::Entity>(Column::Id, column);
        Ok(scope
            .logic(and, or, not)?
            .on(id, Column::Id)?
            .on(status, Column::Status)?
            .on(m49, Column::M49)?
            .on(alpha2, Column::Alpha2)?
            .on(alpha3, Column::Alpha3)?
            .on(name, Column::Name)?
            .on(kind, Column::Kind)?
            .on(valid_from, Column::ValidFrom)?
            .on(valid_until, Column::ValidUntil)?
            .many(exports, shipped(shipment::Column::ExporterId))?
            .many(imports, shipped(shipment::Column::ImporterId))?
            .many(
                parties,
                pointed_at::<party::Entity>(Column::Id, party::Column::CountryId),
            )?
            .done())
    }
}

order! {
    /// What countries can be ordered by.
    CountryOrderField of country {
        /// UN M49 code.
        M49,
        /// ISO 3166-1 alpha-2 code.
        Alpha2,
        /// ISO 3166-1 alpha-3 code.
        Alpha3,
        /// Name.
        Name,
        /// First day it existed.
        ValidFrom,
        /// Last day it existed.
        ValidUntil,
    }
}

/// The countries that a code may mean; none when it is no code.
fn called(code: &str) -> Option<Condition> {
    use country::Column::{Alpha2, Alpha3, Id, M49};
    let code = code.trim().to_ascii_uppercase();
    let is_number = (1..=3).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_digit());
    if is_number {
        let m49 = format!("{code:0>3}");
        let meant = country_alias::Entity::find()
            .select_only()
            .column(country_alias::Column::CountryId)
            .filter(country_alias::Column::Code.eq(&m49))
            .into_query();
        return Some(Condition::any().add(M49.eq(m49)).add(Id.in_subquery(meant)));
    }
    let is_alpha = matches!(code.len(), 2 | 3) && code.bytes().all(|b| b.is_ascii_uppercase());
    is_alpha.then(|| Condition::any().add(Alpha2.eq(&code)).add(Alpha3.eq(&code)))
}

/// Of countries that went by the same code, the one that exists, or else existed last.
fn latest(found: Vec<country::Model>) -> Option<country::Model> {
    let until = |row: &country::Model| (row.valid_until.is_none(), row.valid_until);
    found.into_iter().max_by_key(until)
}

/// The country that an argument names by a code.
pub async fn by_code(ctx: &Context<'_>, argument: &str, code: &str) -> Result<country::Model> {
    let found = match called(code) {
        Some(called) => rows::matching::<country::Entity>(ctx, called).await?,
        None => Vec::new(),
    };
    latest(found).ok_or_else(|| {
        Error::bad_input(format!(
            "{argument}: no country has the code {code:?}; give ISO 3166-1 alpha-2 or alpha-3, or UN M49"
        ))
    })
}

#[derive(Default)]
pub struct CountryQuery;

fields! {
    #[Object]
    impl CountryQuery {
        connections {
            /// Countries and customs areas.
            countries: Country = |_, _| Condition::all();
        }

        /// The country with this code; null when there is none.
        async fn country(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "ISO 3166-1 alpha-2 (`CN`), alpha-3 (`CHN`) or UN M49 (`156`), in either case. UN Comtrade's own numbers (`842`, the United States) are known too. Where a former country used the same letters, the one that exists is meant.")]
            code: String,
            #[graphql(desc = "As of the revision with this number; as it stands when absent. Parts of the record are those of then, what it refers to is as it stands.")]
            as_of: Option<i64>,
        ) -> Result<Option<Country>> {
            let Some(called) = called(&code) else {
                return Ok(None);
            };
            let found = rows::matching::<country::Entity>(ctx, called).await?;
            rows::as_of(ctx, latest(found), as_of).await
        }
    }
}
