//! Totals of a product list: its products on a day, as the editions of the records have them.
use std::collections::BTreeMap;

use async_graphql::{Context, InputObject};
use chrono::Utc;
use entity::{product, product_list, value::Date};
use sea_orm::{ColumnTrait, Condition, prelude::Uuid};

use super::{Asked, Dimension, holding::editions};
use crate::{
    concordance::excerpt,
    kit::{
        error::{Error, Result},
        rows,
    },
    product_list_entry::members_by_tier,
};

/// The products of a list on a day. Where records are in another edition of the HS, the codes that
/// stand for them there count, and `warnings` say what is lost or held besides.
#[derive(InputObject)]
pub struct ListFilter {
    /// Slug of the list: `common-high-priority`.
    slug: String,
    /// Day on which they belonged to it; the last day of the period asked for when absent, or else today.
    on: Option<Date>,
    /// Tiers; all when absent.
    tiers: Option<Vec<String>>,
}

/// Products by their tier; without a name, those that have none.
type Tiers<P> = BTreeMap<String, Vec<P>>;

impl ListFilter {
    pub async fn apply(self, ctx: &Context<'_>, asked: &mut Asked) -> Result<()> {
        let Self { slug, on, tiers } = self;
        let named = Condition::all().add(product_list::Column::Slug.eq(&slug));
        let Some(list) = rows::one::<product_list::Entity>(ctx, named).await? else {
            return Err(Error::bad_input(format!(
                "there is no product list {slug:?}; the query productLists lists them"
            )));
        };
        let until = asked.period.map(|period| period.end);
        let on = on
            .or(until)
            .unwrap_or_else(|| Date(Utc::now().date_naive()));
        let mut listed: Tiers<product::Model> = Tiers::new();
        for (tier, product) in members_by_tier(ctx, list.id, on).await? {
            let tier = tier.unwrap_or_default();
            if tiers.as_ref().is_none_or(|tiers| tiers.contains(&tier)) {
                listed.entry(tier).or_default().push(product);
            }
        }
        let codes = converted(ctx, &listed, asked).await?;
        let by_tier = asked.group_by.contains(&Dimension::Scope);
        let products: Vec<Uuid> = codes.values().flatten().copied().collect();
        if by_tier {
            asked.scopes.extend(codes);
        }
        // With products named as well, what is in both counts.
        match asked.products {
            None => asked.products = Some(products),
            Some(_) if by_tier => {}
            Some(_) => asked.scopes.push((slug, products)),
        }
        Ok(())
    }
}

/// The codes of the products in the editions of the records; the products themselves, where nothing
/// may count.
async fn converted(
    ctx: &Context<'_>,
    listed: &Tiers<product::Model>,
    asked: &mut Asked,
) -> Result<Tiers<Uuid>> {
    let ids = |products: &Vec<product::Model>| products.iter().map(|row| row.id).collect();
    let mut codes: Tiers<Uuid> = listed
        .iter()
        .map(|(tier, products)| (tier.clone(), ids(products)))
        .collect();
    let all: Vec<product::Model> = listed.values().flatten().cloned().collect();
    for edition in editions(ctx, asked).await? {
        if all.iter().all(|product| product.edition_id == edition) {
            continue;
        }
        let nomenclature = excerpt(ctx, &all, edition).await?;
        for (tier, products) in listed {
            let conversion = nomenclature.convert(products.iter().map(|row| row.id), edition);
            asked.converted.add(&conversion);
            let found = conversion.found.iter().map(|found| found.product_id);
            codes.entry(tier.clone()).or_default().extend(found);
        }
    }
    for products in codes.values_mut() {
        products.sort_unstable();
        products.dedup();
    }
    Ok(codes)
}
