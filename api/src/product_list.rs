//! Product lists: control lists and topics.
use async_graphql::{Context, ID, InputObject};
use entity::{
    claim, claim_subject, party, product_list,
    product_list::ProductListKind,
    product_list_entry, shipment, source, statement,
    value::{Status, Timestamp},
};
use sea_orm::{ColumnTrait, Condition};

use crate::{
    claim::claims_with_subject,
    kit::{
        error::Result,
        fields::{concept, fields, order},
        filter::{Filter, Related, Scope, ids, pointed_at},
        operators::{Choice, CodeFilter, Comparison, TextFilter, choosable_enums, plain},
        rows,
    },
    party::{Party, PartyFilter},
    product_list_entry::{ProductListEntry, ProductListEntryFilter},
    shipment::Shipment,
    source::{Source, SourceFilter},
    statement::Statement,
};

concept! {
    /// A named set of products: a control list with tiers, or a topic such as "drones".
    ProductList of product_list, filtered by ProductListFilter, ordered by ProductListOrderField,
    curated
}

fields! {
    #[ComplexObject]
    impl ProductList {
        record;

        connections {
            /// Its products, with the days on which they belong to it.
            entries: ProductListEntry = |list, _| {
                Condition::all().add(product_list_entry::Column::ProductListId.eq(list.row.id))
            };

            /// Shipments that are recorded for the list as a whole, such as reported totals.
            shipments: Shipment =
                |list, _| Condition::all().add(shipment::Column::ProductListId.eq(list.row.id));

            /// Statements on claims about it.
            statements: Statement = |list, view| {
                let about = claims_with_subject(view, claim_subject::Column::ProductListId.eq(list.row.id));
                let claims = ids::<claim::Entity>(view, claim::Column::Id, about);
                Condition::all().add(statement::Column::ClaimId.in_subquery(claims))
            };
        }

        /// Who issued it; null when a curator put it together.
        async fn publisher(&self, ctx: &Context<'_>) -> Result<Option<Party>> {
            rows::shown::<_, party::Entity>(ctx, self.row.publisher_id).await
        }

        /// Where it was published; null when a curator put it together.
        async fn source(&self, ctx: &Context<'_>) -> Result<Option<Source>> {
            rows::shown::<_, source::Entity>(ctx, self.row.source_id).await
        }
    }
}

choosable_enums!(ProductListKind);

/// Which product lists.
#[derive(InputObject)]
pub struct ProductListFilter {
    /// All of these hold.
    and: Option<Vec<ProductListFilter>>,
    /// At least one of these holds.
    or: Option<Vec<ProductListFilter>>,
    /// This does not hold.
    not: Option<Box<ProductListFilter>>,
    /// By global id.
    id: Option<Choice<ID>>,
    /// By where the record stands. Without signing in only published ones are seen.
    status: Option<Choice<Status>>,
    /// By slug.
    slug: Option<CodeFilter>,
    /// By title.
    title: Option<TextFilter>,
    /// By what sort of list it is.
    kind: Option<Choice<ProductListKind>>,
    /// By when it was entered.
    created_at: Option<Comparison<Timestamp>>,
    /// By when it was last changed.
    updated_at: Option<Comparison<Timestamp>>,
    /// By who issued it.
    publisher: Option<Box<PartyFilter>>,
    /// By where it was published.
    source: Option<Box<SourceFilter>>,
    /// By its products.
    entries: Option<Related<ProductListEntryFilter>>,
}

impl Filter for ProductListFilter {
    type Entity = product_list::Entity;

    fn condition(self, scope: Scope) -> Result<Condition> {
        use product_list::Column;
        let Self {
            and,
            or,
            not,
            id,
            status,
            slug,
            title,
            kind,
            created_at,
            updated_at,
            publisher,
            source,
            entries,
        } = self;
        let listed = pointed_at::<product_list_entry::Entity>(
            Column::Id,
            product_list_entry::Column::ProductListId,
        );
        Ok(scope
            .logic(and, or, not)?
            .on(id, Column::Id)?
            .on(status, Column::Status)?
            .on(slug, Column::Slug)?
            .on(title, Column::Title)?
            .on(kind, Column::Kind)?
            .on(created_at, Column::CreatedAt)?
            .on(updated_at, Column::UpdatedAt)?
            .one(publisher, Column::PublisherId)?
            .one(source, Column::SourceId)?
            .many(entries, listed)?
            .done())
    }
}

order! {
    /// What product lists can be ordered by.
    ProductListOrderField of product_list {
        /// Slug.
        Slug,
        /// Title.
        Title,
        /// When it was entered.
        CreatedAt,
        /// When it was last changed.
        UpdatedAt,
    }
}

#[derive(Default)]
pub struct ProductListQuery;

fields! {
    #[Object]
    impl ProductListQuery {
        connections {
            /// Control lists and topics.
            product_lists: ProductList = |_, _| Condition::all();
        }

        /// The product list with this slug; null when there is none.
        async fn product_list(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "Its name in addresses and queries: `drones`.")]
            slug: String,
        ) -> Result<Option<ProductList>> {
            let named = Condition::all().add(product_list::Column::Slug.eq(plain(slug)?));
            rows::one::<_, product_list::Entity>(ctx, named).await
        }
    }
}
