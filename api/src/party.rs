//! Parties: persons and bodies.
use async_graphql::{Context, ID, InputObject, OneofObject};
use entity::{
    dataset, party,
    party::PartyKind,
    product_list, shipment, source, statement,
    value::{Status, Timestamp, Url},
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder,
    prelude::Uuid,
    sea_query::{ExprTrait, SelectStatement},
};

use crate::{
    country::{Country, CountryFilter, CountryReference},
    dataset::Dataset,
    kit::{
        curate::{Curated, Entry, Refer, inputs, mutations, published},
        error::Result,
        fields::{concept, fields, order},
        filter::{Filter, Related, Scope, pointed_at},
        id,
        operators::{Choice, Comparison, TextFilter, choosable_enums},
        record::Record,
        rows,
    },
    product_list::ProductList,
    revision::{Revision, revisions_of},
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

            /// The edits that changed it or a part of it; what came in by file is in its import
            /// alone.
            revisions: Revision = |record, view| revisions_of(view, record.row.id);
        }

        references {
            /// Country that it belongs to; null for international bodies, or when it is not known.
            country: Country = country_id;
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

    fn condition(self, scope: Scope<'_>) -> Result<Condition> {
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
            #[graphql(desc = "As of the revision with this number; as it stands when absent. Parts of the record are those of then, what it refers to is as it stands.")]
            as_of: Option<i64>,
        ) -> Result<Option<Party>> {
            let key = id::key(&id, party::Entity::NAME)?;
            let found = rows::find::<party::Entity>(ctx, key).await?;
            rows::as_of(ctx, found, as_of).await
        }
    }
}

inputs! {
    /// A person or body to enter.
    NewParty changed by PartyChanges {
        /// Name as the party itself writes it, in English where it does.
        name: String,
        /// What sort of party it is.
        kind: PartyKind,
        /// Country that it belongs to.
        country: Option<CountryReference>,
        /// Who or what it is, in a sentence.
        description: Option<String>,
        /// Web page of its own.
        url: Option<Url>,
    }
    only when new {
        /// Whether to enter another party though one of this name and kind stands. Otherwise that one answers.
        even_if_known: Option<bool>,
    }
}

/// A party: one that is there, or one to enter in the same step.
#[derive(Clone, OneofObject)]
pub enum PartyReference {
    /// Global id of a party.
    Id(ID),
    /// A party to enter; one of the same name and kind that stands is taken instead.
    Create(Box<NewParty>),
}

impl Refer for PartyReference {
    type Entity = party::Entity;

    async fn resolve(self, entry: &mut Entry) -> Result<Option<party::Model>> {
        match self {
            Self::Id(id) => entry.by_id::<party::Entity>(&id).await,
            Self::Create(new) => entry.create_within::<Party>(*new).await,
        }
    }
}

impl Curated for Party {
    type New = NewParty;
    type Changes = PartyChanges;
    type Parts = ();

    async fn standing(entry: &mut Entry, new: &NewParty) -> Result<Option<party::Model>> {
        if new.even_if_known == Some(true) {
            return Ok(None);
        }
        entry.edit.lock_name(&format!("party {}", new.name)).await?;
        let known = party::Entity::find()
            .filter(party::Column::Name.eq(&new.name))
            .filter(party::Column::Kind.eq(new.kind))
            .filter(party::Column::Status.ne(Status::Withdrawn))
            .order_by_asc(party::Column::Id)
            .one(entry.edit.connection());
        Ok(known.await?)
    }

    async fn enter(entry: &mut Entry, row: &mut party::Model, changes: PartyChanges) -> Result<()> {
        let PartyChanges {
            name,
            kind,
            country,
            description,
            url,
        } = changes;
        name.name(entry, "name", &mut row.name);
        kind.set(&mut row.kind);
        country.refer(entry, "country", &mut row.country_id).await?;
        description.text(entry, "description", &mut row.description);
        url.set(&mut row.url);
        Ok(())
    }

    fn referrers(id: Uuid) -> Vec<(&'static str, SelectStatement)> {
        use shipment::Column::{ConsigneeId, ConsignorId};
        let shipped = ConsignorId.eq(id).or(ConsigneeId.eq(id));
        let (said, issued) = (statement::Column::SpeakerId, source::Column::PublisherId);
        let (released, listed) = (
            dataset::Column::PublisherId,
            product_list::Column::PublisherId,
        );
        vec![
            ("statements", published::<statement::Entity>(said.eq(id))),
            ("sources", published::<source::Entity>(issued.eq(id))),
            ("datasets", published::<dataset::Entity>(released.eq(id))),
            (
                "product lists",
                published::<product_list::Entity>(listed.eq(id)),
            ),
            ("shipments", published::<shipment::Entity>(shipped)),
        ]
    }
}

mutations! {
    PartyMutation of Party, PartyPayload of party,
    create_party, update_party, publish_party, withdraw_party, revert_party
}
