//! Parties: persons and bodies.
use async_graphql::{Context, ID, InputObject};
use entity::{
    country, dataset, party,
    party::PartyKind,
    product_list, shipment, source, statement,
    value::{Status, Timestamp},
};
use sea_orm::{ColumnTrait, Condition};

use crate::{
    country::{Country, CountryFilter},
    dataset::Dataset,
    kit::{
        error::Result,
        fields::{concept, fields, order},
        filter::{Filter, Related, Scope, pointed_at},
        id,
        operators::{Choice, Comparison, TextFilter, choosable_enums},
        record::Record,
        rows,
    },
    product_list::ProductList,
    shipment::Shipment,
    source::{Source, SourceFilter},
    statement::{Statement, StatementFilter},
};

concept! {
    /// A person, company, government body, organisation or publisher. Parties speak, publish,
    /// ship and receive.
    Party of party, filtered by PartyFilter, ordered by PartyOrderField,
    curated
}

fields! {
    #[ComplexObject]
    impl Party {
        record;

        connections {
            /// What it said.
            statements: Statement =
                |party, _| Condition::all().add(statement::Column::SpeakerId.eq(party.row.id));

            /// Sources that it published.
            publications: Source =
                |party, _| Condition::all().add(source::Column::PublisherId.eq(party.row.id));

            /// Datasets that it released.
            datasets: Dataset =
                |party, _| Condition::all().add(dataset::Column::PublisherId.eq(party.row.id));

            /// Product lists that it issued.
            product_lists: ProductList =
                |party, _| Condition::all().add(product_list::Column::PublisherId.eq(party.row.id));

            /// Shipments that it sent, where records name the consignor.
            consigned: Shipment =
                |party, _| Condition::all().add(shipment::Column::ConsignorId.eq(party.row.id));

            /// Shipments that it received, where records name the consignee.
            received: Shipment =
                |party, _| Condition::all().add(shipment::Column::ConsigneeId.eq(party.row.id));
        }

        /// Country that it belongs to; null for international bodies, or when it is not known.
        async fn country(&self, ctx: &Context<'_>) -> Result<Option<Country>> {
            rows::shown::<_, country::Entity>(ctx, self.row.country_id).await
        }
    }
}

choosable_enums!(PartyKind);

/// Which parties.
#[derive(InputObject)]
pub struct PartyFilter {
    /// All of these hold.
    and: Option<Vec<PartyFilter>>,
    /// At least one of these holds.
    or: Option<Vec<PartyFilter>>,
    /// This does not hold.
    not: Option<Box<PartyFilter>>,
    /// By global id.
    id: Option<Choice<ID>>,
    /// By where the record stands. Without signing in only published ones are seen.
    status: Option<Choice<Status>>,
    /// By name.
    name: Option<TextFilter>,
    /// By what sort of party it is.
    kind: Option<Choice<PartyKind>>,
    /// By description.
    description: Option<TextFilter>,
    /// By when it was entered.
    created_at: Option<Comparison<Timestamp>>,
    /// By when it was last changed.
    updated_at: Option<Comparison<Timestamp>>,
    /// By country.
    country: Option<Box<CountryFilter>>,
    /// By what it said.
    statements: Option<Related<StatementFilter>>,
    /// By sources that it published.
    publications: Option<Related<SourceFilter>>,
}

impl Filter for PartyFilter {
    type Entity = party::Entity;

    fn condition(self, scope: Scope) -> Result<Condition> {
        use party::Column;
        let Self {
            and,
            or,
            not,
            id,
            status,
            name,
            kind,
            description,
            created_at,
            updated_at,
            country,
            statements,
            publications,
        } = self;
        Ok(scope
            .logic(and, or, not)?
            .on(id, Column::Id)?
            .on(status, Column::Status)?
            .on(name, Column::Name)?
            .on(kind, Column::Kind)?
            .on(description, Column::Description)?
            .on(created_at, Column::CreatedAt)?
            .on(updated_at, Column::UpdatedAt)?
            .one(country, Column::CountryId)?
            .many(
                statements,
                pointed_at::<statement::Entity>(Column::Id, statement::Column::SpeakerId),
            )?
            .many(
                publications,
                pointed_at::<source::Entity>(Column::Id, source::Column::PublisherId),
            )?
            .done())
    }
}

order! {
    /// What parties can be ordered by.
    PartyOrderField of party {
        /// Name.
        Name,
        /// What sort of party it is, by its name.
        Kind,
        /// When it was entered.
        CreatedAt,
        /// When it was last changed.
        UpdatedAt,
    }
}

#[derive(Default)]
pub struct PartyQuery;

fields! {
    #[Object]
    impl PartyQuery {
        connections {
            /// Persons and bodies.
            parties: Party = |_, _| Condition::all();
        }

        /// The party with this id; null when there is none.
        async fn party(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "Global id of a party.")] id: ID,
        ) -> Result<Option<Party>> {
            let key = id::key(&id, party::Entity::NAME)?;
            rows::shown::<_, party::Entity>(ctx, Some(key)).await
        }
    }
}
