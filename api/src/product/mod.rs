//! Products: the items of an edition.
use async_graphql::{Context, ID, InputObject};
use entity::{
    claim, concordance,
    concordance::ConcordanceRelation,
    product,
    product::ProductLevel,
    product_list_entry, shipment, statement,
    value::{Date, Status},
};
use sea_orm::{ColumnTrait, Condition, prelude::Uuid, sea_query::SelectStatement};

use crate::{
    claim::claims_about_products,
    concordance::{Concordance, ProductConversion, concordances},
    edition::{Edition, EditionFilter, edition_called},
    kit::{
        access::View,
        error::Result,
        fields::{concept, fields, order},
        filter::{Filter, Related, Scope, ids, pointed_at},
        operators::{Choice, CodeFilter, TextFilter, choosable_enums, plain},
        references::Named,
        rows,
    },
    product_list_entry::{ProductListEntry, ProductListEntryFilter, on_day},
    revision::{Revision, revisions_of},
    shipment::{Shipment, ShipmentFilter},
    statement::Statement,
};

mod inputs;

pub use inputs::{ProductMutation, ProductReference};

concept! {
    /// An item of an edition of the Harmonized System: a chapter, heading, subheading or
    /// national line.
    Product of product, filtered by ProductFilter, ordered by ProductOrderField,
    curated
}

fields! {
    #[ComplexObject]
    impl Product {
        record;

        connections {
            /// The items right below it.
            children: Product =
                |product, _| Condition::all().add(product::Column::ParentId.eq(product.row.id));

            /// Shipments of it, not of the items below it.
            shipments: Shipment =
                |product, _| Condition::all().add(shipment::Column::ProductId.eq(product.row.id));

            /// Statements on claims about it, about an item above it, or about a list that holds
            /// either.
            statements: Statement = |product, view| {
                let about = claims_about_products(view, product.and_above(view));
                let claims = ids::<claim::Entity>(view, claim::Column::Id, about);
                Condition::all().add(statement::Column::ClaimId.in_subquery(claims))
            };

            /// The edits that changed it or a part of it; what came in by file is in its import
            /// alone.
            revisions: Revision = |record, view| revisions_of(view, record.row.id);
        }

        parents {
            /// Its edition of the Harmonized System.
            edition: Edition = edition_id;
        }

        references {
            /// The item right above it; null at the top.
            parent: Product = parent_id;
        }

        /// Its memberships of lists, such as control lists.
        async fn lists(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "Only those that hold on this day; all when absent.")]
            on: Option<Date>,
        ) -> Result<Vec<ProductListEntry>> {
            use product_list_entry::Column;
            let entries = rows::children::<product_list_entry::Entity>(
                ctx, Column::ProductId, self.row.id, Column::ValidFrom,
            ).await?;
            let held = entries.into_iter().filter(|entry| on.is_none_or(|day| on_day(entry, day)));
            Ok(held.map(ProductListEntry::from).collect())
        }

        /// What its code was in earlier editions.
        async fn predecessors(&self, ctx: &Context<'_>) -> Result<Vec<Concordance>> {
            use concordance::Column;
            concordances(ctx, Column::LaterId, self.row.id).await
        }

        /// What its code became in later editions.
        async fn successors(&self, ctx: &Context<'_>) -> Result<Vec<Concordance>> {
            use concordance::Column;
            concordances(ctx, Column::EarlierId, self.row.id).await
        }

        /// What it is in another edition, by the concordances that were imported, and what is lost
        /// on the way.
        async fn in_edition(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "Edition by its code (`HS2017`), its year (`2017`) or UN Comtrade's code (`H5`).")]
            edition: String,
        ) -> Result<ProductConversion> {
            let edition = edition_called(ctx, edition).await?;
            Box::pin(ProductConversion::of(ctx, std::slice::from_ref(&self.row), edition)).await
        }
    }
}

impl Product {
    /// The ids of this product and of the items above it.
    fn and_above(&self, view: View) -> SelectStatement {
        let code = &self.row.code;
        let codes = (2..=code.len()).filter_map(|end| code.get(..end));
        let condition = Condition::all()
            .add(product::Column::EditionId.eq(self.row.edition_id))
            .add(product::Column::Code.is_in(codes));
        ids::<product::Entity>(view, product::Column::Id, condition)
    }
}

impl Named for product::Entity {
    fn names(row: &product::Model) -> Vec<String> {
        vec![name(row.edition_id, &row.code)]
    }
}

/// What names a product: a code means something only within its edition.
fn name(edition: Uuid, code: &str) -> String {
    format!("{} {code}", edition.simple())
}

choosable_enums!(ProductLevel, ConcordanceRelation);

/// Which products.
#[derive(InputObject)]
pub struct ProductFilter {
    /// All of these hold.
    and: Option<Vec<ProductFilter>>,
    /// At least one of these holds.
    or: Option<Vec<ProductFilter>>,
    /// This does not hold.
    not: Option<Box<ProductFilter>>,
    /// By global id.
    id: Option<Choice<ID>>,
    /// By where the record stands. Without signing in only published ones are seen.
    status: Option<Choice<Status>>,
    /// By HS code, digits without dots: `880622`.
    code: Option<CodeFilter>,
    /// By depth in the nomenclature.
    level: Option<Choice<ProductLevel>>,
    /// By description.
    description: Option<TextFilter>,
    /// By Roman number of the HS section.
    section: Option<CodeFilter>,
    /// By unit of quantity.
    unit: Option<CodeFilter>,
    /// By edition.
    edition: Option<Box<EditionFilter>>,
    /// By the item right above it.
    parent: Option<Box<ProductFilter>>,
    /// By the items right below it.
    children: Option<Related<ProductFilter>>,
    /// By memberships of lists.
    lists: Option<Related<ProductListEntryFilter>>,
    /// By shipments of it.
    shipments: Option<Related<ShipmentFilter>>,
}

impl Filter for ProductFilter {
    type Entity = product::Entity;

    fn condition(self, scope: Scope<'_>) -> Result<Condition> {
        use product::Column;
        let Self {
            and,
            or,
            not,
            id,
            status,
            code,
            level,
            description,
            section,
            unit,
            edition,
            parent,
            children,
            lists,
            shipments,
        } = self;
        Ok(scope
            .logic(and, or, not)?
            .on(id, Column::Id)?
            .on(status, Column::Status)?
            .on(code, Column::Code)?
            .on(level, Column::Level)?
            .on(description, Column::Description)?
            .on(section, Column::Section)?
            .on(unit, Column::Unit)?
            .one(edition, Column::EditionId)?
            .one(parent, Column::ParentId)?
            .many(
                children,
                pointed_at::<product::Entity>(Column::Id, Column::ParentId),
            )?
            .many(
                lists,
                pointed_at::<product_list_entry::Entity>(
                    Column::Id,
                    product_list_entry::Column::ProductId,
                ),
            )?
            .many(
                shipments,
                pointed_at::<shipment::Entity>(Column::Id, shipment::Column::ProductId),
            )?
            .done())
    }
}

order! {
    /// What products can be ordered by.
    ProductOrderField of product {
        /// HS code: chapters before their headings, those before their subheadings.
        Code,
        /// English description.
        Description,
        /// Unit of quantity.
        Unit,
    }
}

#[derive(Default)]
pub struct ProductQuery;

fields! {
    #[Object]
    impl ProductQuery {
        connections {
            /// Products of all editions.
            products: Product = |_, _| Condition::all();
        }

        /// The product with this code in this edition; null when there is none.
        async fn product(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "HS code with its leading zeros, with or without dots: `8806.22` is `880622`.")]
            code: String,
            #[graphql(desc = "Edition by its code (`HS2022`), its year (`2022`) or UN Comtrade's code (`H6`).", default = "HS2022")]
            edition: String,
            #[graphql(desc = "As of the revision with this number; as it stands when absent. Parts of the record are those of then, what it refers to is as it stands.")]
            as_of: Option<i64>,
        ) -> Result<Option<Product>> {
            let found = edition_called(ctx, edition).await?;
            let code: String = plain(code)?.chars().filter(|c| !matches!(c, '.' | ' ')).collect();
            let code = code.to_ascii_uppercase();
            let kept = rows::named::<product::Entity>(ctx, &name(found.id, &code)).await?;
            let found = match kept {
                Some(product) => Some(product),
                None => {
                    let coded = Condition::all()
                        .add(product::Column::EditionId.eq(found.id))
                        .add(product::Column::Code.eq(code));
                    rows::one::<product::Entity>(ctx, coded).await?
                }
            };
            rows::as_of(ctx, found, as_of).await
        }
    }
}
