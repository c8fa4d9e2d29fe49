//! Product lists: control lists and topics.
use async_graphql::{Context, ID, InputObject, OneofObject};
use entity::{
    claim, claim_subject, product, product_list,
    product_list::ProductListKind,
    product_list_entry, shipment, statement,
    value::{Date, Status, Timestamp},
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, prelude::Uuid, sea_query::SelectStatement,
};

use crate::{
    claim::claims_with_subject,
    concordance::ProductConversion,
    edition::edition_called,
    kit::{
        access::View,
        check::UserErrorCode::{Invalid, Taken},
        curate::{Curated, Entry, Patch, Refer, form, inputs, mutations, published},
        error::Result,
        fields::{concept, fields, order},
        filter::{Filter, Related, Scope, ids, pointed_at},
        operators::{Choice, CodeFilter, Comparison, TextFilter, choosable_enums, plain},
        rows,
    },
    party::{Party, PartyFilter, PartyReference},
    product::ProductReference,
    product_list_entry::{ProductListEntry, ProductListEntryFilter, members},
    revision::{Revision, revisions_of},
    shipment::Shipment,
    source::{Source, SourceFilter, SourceReference},
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

            /// The edits that changed it or a part of it; what came in by file is in its import
            /// alone.
            revisions: Revision = |record, view| revisions_of(view, record.row.id);
        }

        references {
            /// Who issued it; null when a curator put it together.
            publisher: Party = publisher_id;

            /// Where it was published; null when a curator put it together.
            source: Source = source_id;
        }

        /// What its products are in an edition, by the concordances that were imported, and what
        /// is lost on the way.
        async fn in_edition(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "Edition by its code (`HS2017`), its year (`2017`) or UN Comtrade's code (`H5`).")]
            edition: String,
            #[graphql(desc = "The products that belong to it on this day.")]
            on: Date,
            #[graphql(desc = "Those of this tier; of all tiers when absent.")]
            tier: Option<String>,
        ) -> Result<ProductConversion> {
            let edition = edition_called(ctx, edition).await?;
            let listed = Box::pin(members(ctx, self.at, self.row.id, on, tier.as_deref())).await?;
            Box::pin(ProductConversion::of(ctx, &listed, edition)).await
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

    fn condition(self, scope: Scope<'_>) -> Result<Condition> {
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
            #[graphql(desc = "As of the revision with this number; as it stands when absent. Parts of the record are those of then, what it refers to is as it stands.")]
            as_of: Option<i64>,
        ) -> Result<Option<ProductList>> {
            let named = Condition::all().add(product_list::Column::Slug.eq(plain(slug)?));
            let found = rows::one::<product_list::Entity>(ctx, named).await?;
            rows::as_of(ctx, found, as_of).await
        }
    }
}

inputs! {
    /// A list of products to enter.
    NewProductList changed by ProductListChanges {
        /// Name in addresses and queries, unique: lower-case letters, digits and hyphens.
        slug: String,
        /// Title for people.
        title: String,
        /// What sort of list it is.
        kind: ProductListKind,
        /// What the list is for, and why these products.
        description: Option<String>,
        /// Who issued it.
        publisher: Option<PartyReference>,
        /// Where it was published.
        source: Option<SourceReference>,
        /// Its products, all of them: those that are not named leave the list. At most 2,000.
        entries: Option<Vec<NewProductListEntry>>,
    }
}

/// A product's membership of a list.
#[derive(Clone, InputObject)]
pub struct NewProductListEntry {
    /// The product.
    product: ProductReference,
    /// Tier within the list: `3.A`.
    tier: Option<String>,
    /// First day of the membership.
    valid_from: Date,
    /// Last day of the membership; absent while it lasts.
    valid_until: Option<Date>,
    /// Why the product belongs to the list.
    note: Option<String>,
}

/// A product list that is there.
#[derive(Clone, OneofObject)]
pub enum ProductListReference {
    /// Global id of a product list.
    Id(ID),
    /// Its slug.
    Slug(String),
}

impl Refer for ProductListReference {
    type Entity = product_list::Entity;

    async fn resolve(self, entry: &mut Entry) -> Result<Option<product_list::Model>> {
        match self {
            Self::Id(id) => entry.by_id::<product_list::Entity>(&id).await,
            Self::Slug(slug) => {
                let column = product_list::Column::Slug;
                entry.by_column::<product_list::Entity>(column, &slug).await
            }
        }
    }
}

const MOST_ENTRIES: usize = 2_000;

impl Curated for ProductList {
    type New = NewProductList;
    type Changes = ProductListChanges;
    type Parts = Option<Vec<product_list_entry::Model>>;

    async fn enter(
        entry: &mut Entry,
        row: &mut product_list::Model,
        changes: ProductListChanges,
    ) -> Result<Self::Parts> {
        let ProductListChanges {
            slug,
            title,
            kind,
            description,
            publisher,
            source,
            entries,
        } = changes;
        slug.set(&mut row.slug);
        title.name(entry, "title", &mut row.title);
        kind.set(&mut row.kind);
        description.text(entry, "description", &mut row.description);
        publisher
            .refer(entry, "publisher", &mut row.publisher_id)
            .await?;
        source.refer(entry, "source", &mut row.source_id).await?;
        entry.form("slug", &row.slug, form::slug);
        let same = product_list::Entity::find()
            .filter(product_list::Column::Slug.eq(&row.slug))
            .filter(product_list::Column::Id.ne(row.id));
        if same.one(entry.edit.connection()).await?.is_some() {
            entry
                .check
                .refuse("slug", Taken, "is the slug of another list");
        }
        match entries {
            Patch::Keep => {
                entries_stay(entry, row.id).await?;
                Ok(None)
            }
            Patch::Set(entries) => {
                let entries = entries.unwrap_or_default();
                memberships(entry, entries).await.map(Some)
            }
        }
    }

    async fn write(entry: &mut Entry, id: Uuid, entries: Self::Parts) -> Result<bool> {
        match entries {
            None => Ok(false),
            Some(entries) => Ok(entry
                .edit
                .set_parts::<product_list_entry::Entity>(id, entries)
                .await?),
        }
    }

    async fn restore(entry: &mut Entry, id: Uuid, revision: i64) -> Result<bool> {
        let restored = entry
            .edit
            .restore_parts::<product_list_entry::Entity>(id, revision);
        Ok(restored.await?)
    }

    fn referrers(id: Uuid) -> Vec<(&'static str, SelectStatement)> {
        let subject = claim_subject::Column::ProductListId.eq(id);
        let claimed = claims_with_subject(View::PUBLIC, subject);
        vec![
            (
                "shipments",
                published::<shipment::Entity>(shipment::Column::ProductListId.eq(id)),
            ),
            ("claims", published::<claim::Entity>(claimed)),
        ]
    }
}

/// The products that are listed stay; when the list is published, they must be.
async fn entries_stay(entry: &mut Entry, id: Uuid) -> Result<()> {
    if !entry.publishing {
        return Ok(());
    }
    let held = entry.edit.parts::<product_list_entry::Entity>(id, None);
    entry.check.enter("entries");
    for row in held.await? {
        entry.stays::<product::Entity>(row.product_id).await?;
    }
    entry.check.leave();
    Ok(())
}

async fn memberships(
    entry: &mut Entry,
    entries: Vec<NewProductListEntry>,
) -> Result<Vec<product_list_entry::Model>> {
    let mut rows: Vec<product_list_entry::Model> = Vec::with_capacity(entries.len());
    if entries.len() > MOST_ENTRIES {
        let message = format!(
            "takes at most {MOST_ENTRIES} products, and has {}",
            entries.len()
        );
        entry.check.refuse("entries", Invalid, message);
        return Ok(rows);
    }
    entry.check.enter("entries");
    for (place, new) in entries.into_iter().enumerate() {
        entry.check.enter(place);
        let mut row = product_list_entry::Model {
            valid_from: new.valid_from,
            valid_until: new.valid_until,
            ..product_list_entry::Model::default()
        };
        Patch::Set(new.product)
            .refer(entry, "product", &mut row.product_id)
            .await?;
        Patch::Set(new.tier).text(entry, "tier", &mut row.tier);
        Patch::Set(new.note).text(entry, "note", &mut row.note);
        if row.valid_until.is_some_and(|until| until < row.valid_from) {
            entry
                .check
                .refuse("validUntil", Invalid, "must not be before validFrom");
        }
        let twice = |other: &product_list_entry::Model| {
            (other.product_id, other.valid_from) == (row.product_id, row.valid_from)
        };
        if !row.product_id.is_nil() && rows.iter().any(twice) {
            let message = "stands in the list already, from the same day on";
            entry.check.refuse("product", Taken, message);
        }
        rows.push(row);
        entry.check.leave();
    }
    entry.check.leave();
    Ok(rows)
}

mutations! {
    ProductListMutation of ProductList, ProductListPayload of product_list,
    create_product_list, update_product_list, publish_product_list, withdraw_product_list, revert_product_list
}
