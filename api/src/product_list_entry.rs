//! Memberships of products in lists.
use async_graphql::{Context, ID, InputObject};
use entity::{product, product_list, product_list_entry, value::Date};
use futures_util::future::try_join_all;
use sea_orm::{Condition, prelude::Uuid};

use crate::{
    kit::{
        access::View,
        edit::part,
        error::{Error, Result},
        fields::{concept, fields, order},
        filter::{Filter, Scope, is_seen},
        operators::{Choice, CodeFilter, Comparison},
        rows,
    },
    product::{Product, ProductFilter},
    product_list::{ProductList, ProductListFilter},
};

concept! {
    /// A product's membership of a list, from a date on.
    ProductListEntry of product_list_entry,
    filtered by ProductListEntryFilter, ordered by ProductListEntryOrderField,
    visible when |view| of_seen_list(view); part
}

fn of_seen_list(view: View) -> Condition {
    use product_list_entry::Column::{Id, ProductListId, RemovedAt};
    view.holds(Id, RemovedAt)
        .add(is_seen::<product_list::Entity>(view, ProductListId))
}

part!(product_list_entry of product_list_id in ProductListId);

fields! {
    #[ComplexObject]
    impl ProductListEntry {
        record;

        parents {
            /// The list.
            list: ProductList = product_list_id;

            /// The product.
            product: Product = product_id;
        }
    }
}

/// Whether a membership holds on a day.
pub fn on_day(entry: &product_list_entry::Model, day: Date) -> bool {
    entry.valid_from <= day && entry.valid_until.is_none_or(|until| day <= until)
}

/// The products that belong to a list on a day; those of one tier, where it is named.
pub async fn members(
    ctx: &Context<'_>,
    at: Option<i64>,
    list_id: Uuid,
    day: Date,
    tier: Option<&str>,
) -> Result<Vec<product::Model>> {
    let all = members_at(ctx, at, list_id, day).await?.into_iter();
    let wanted = all.filter(|(own, _)| tier.is_none_or(|tier| own.as_deref() == Some(tier)));
    Ok(wanted.map(|(_, product)| product).collect())
}

/// The same with their tiers, as the list stands.
pub async fn members_by_tier(
    ctx: &Context<'_>,
    list_id: Uuid,
    day: Date,
) -> Result<Vec<(Option<String>, product::Model)>> {
    members_at(ctx, None, list_id, day).await
}

async fn members_at(
    ctx: &Context<'_>,
    at: Option<i64>,
    list_id: Uuid,
    day: Date,
) -> Result<Vec<(Option<String>, product::Model)>> {
    use product_list_entry::Column;
    let entries = rows::children_at::<product_list_entry::Entity>(
        ctx,
        at,
        Column::ProductListId,
        list_id,
        Column::ValidFrom,
    );
    let entries = entries.await?;
    let held = entries.into_iter().filter(|entry| on_day(entry, day));
    let held = held.map(async |entry| {
        let product = rows::find::<product::Entity>(ctx, entry.product_id).await?;
        Ok::<_, Error>(product.map(|product| (entry.tier, product)))
    });
    Ok(try_join_all(held).await?.into_iter().flatten().collect())
}

/// Which memberships.
#[derive(InputObject)]
pub struct ProductListEntryFilter {
    /// All of these hold.
    and: Option<Vec<ProductListEntryFilter>>,
    /// At least one of these holds.
    or: Option<Vec<ProductListEntryFilter>>,
    /// This does not hold.
    not: Option<Box<ProductListEntryFilter>>,
    /// By global id.
    id: Option<Choice<ID>>,
    /// By tier.
    tier: Option<CodeFilter>,
    /// By first day.
    valid_from: Option<Comparison<Date>>,
    /// By last day.
    valid_until: Option<Comparison<Date>>,
    /// By list.
    list: Option<Box<ProductListFilter>>,
    /// By product.
    product: Option<Box<ProductFilter>>,
}

impl Filter for ProductListEntryFilter {
    type Entity = product_list_entry::Entity;

    fn condition(self, scope: Scope<'_>) -> Result<Condition> {
        use product_list_entry::Column;
        let Self {
            and,
            or,
            not,
            id,
            tier,
            valid_from,
            valid_until,
            list,
            product,
        } = self;
        Ok(scope
            .logic(and, or, not)?
            .on(id, Column::Id)?
            .on(tier, Column::Tier)?
            .on(valid_from, Column::ValidFrom)?
            .on(valid_until, Column::ValidUntil)?
            .one(list, Column::ProductListId)?
            .one(product, Column::ProductId)?
            .done())
    }
}

order! {
    /// What memberships can be ordered by.
    ProductListEntryOrderField of product_list_entry {
        /// Tier.
        Tier,
        /// First day.
        ValidFrom,
        /// Last day.
        ValidUntil,
    }
}
