//! The goods of a claim, and their codes in each edition that a dataset is in.
use std::collections::{BTreeMap, BTreeSet};

use async_graphql::Context;
use entity::{claim_subject, dataset::Valuation, edition, product, shipment, value::Date};
use futures_util::future::try_join_all;
use sea_orm::prelude::Uuid;

use super::reason::{CheckReasonCode, Reasons};
use crate::{
    concordance::{Conversion, Exactness, excerpt},
    kit::{error::Result, period::Period, rows},
    product_list_entry::members,
};

/// Stands for all goods.
const ALL_GOODS: &str = "TOTAL";

#[derive(Default)]
pub struct Scope {
    /// Of whatever edition.
    products: Vec<product::Model>,
    /// Whether a list held other products on the first day.
    changes: bool,
    pub is_all_goods: bool,
    /// What the claim's own figures include, where the records that it is about say so.
    pub valuation: Option<Valuation>,
    in_editions: BTreeMap<Uuid, InEdition>,
}

struct InEdition {
    code: String,
    conversion: Conversion,
}

impl Scope {
    pub async fn of(ctx: &Context<'_>, claim_id: Uuid, period: Option<Period>) -> Result<Self> {
        use claim_subject::Column;
        let subjects = rows::children::<claim_subject::Entity>(
            ctx,
            Column::ClaimId,
            claim_id,
            Column::Position,
        );
        let subjects = subjects.await?;
        let products = subjects.iter().filter_map(|subject| subject.product_id);
        let products = products.map(|id| rows::find::<product::Entity>(ctx, id));
        let products = try_join_all(products).await?.into_iter().flatten();
        let mut scope = Self {
            products: products.collect(),
            ..Self::default()
        };
        let lists = subjects
            .iter()
            .filter_map(|subject| subject.product_list_id);
        let lists: Vec<_> = lists.collect();
        if let Some(Period { start, end }) = period {
            let on = async |day: Date| {
                let listed = lists
                    .iter()
                    .map(|list| members(ctx, None, *list, day, None));
                let listed = try_join_all(listed).await?.into_iter().flatten();
                Ok::<Vec<_>, crate::kit::error::Error>(listed.collect())
            };
            let ids =
                |rows: &[product::Model]| rows.iter().map(|row| row.id).collect::<BTreeSet<_>>();
            let last = on(end).await?;
            scope.changes = ids(&on(start).await?) != ids(&last);
            scope.products.extend(last);
        }
        scope.products.sort_by_key(|row| row.id);
        scope.products.dedup_by_key(|row| row.id);
        scope.is_all_goods = scope.products.iter().any(|row| row.code == ALL_GOODS);
        let records = subjects.iter().filter_map(|subject| subject.shipment_id);
        let records = records.map(|id| rows::find::<shipment::Entity>(ctx, id));
        let records = try_join_all(records).await?.into_iter().flatten();
        let mut valuations = records.map(|row| row.valuation);
        let first = valuations
            .next()
            .filter(|first| *first != Valuation::Unknown);
        scope.valuation = first.filter(|first| valuations.all(|other| other == *first));
        Ok(scope)
    }

    /// Whether the claim names goods at all.
    pub fn is_mapped(&self) -> bool {
        !self.products.is_empty()
    }

    /// Looks up what the goods are in these editions.
    pub async fn resolve(&mut self, ctx: &Context<'_>, editions: BTreeSet<Uuid>) -> Result<()> {
        for id in editions {
            let Some(edition) = rows::find::<edition::Entity>(ctx, id).await? else {
                continue;
            };
            let nomenclature = excerpt(ctx, &self.products, id).await?;
            let conversion = nomenclature.convert(self.products.iter().map(|row| row.id), id);
            let code = edition.code;
            self.in_editions.insert(id, InEdition { code, conversion });
        }
        Ok(())
    }

    /// The goods' codes in these editions.
    pub fn codes(&self, editions: &BTreeSet<Uuid>) -> Vec<Uuid> {
        let found = self.within(editions);
        let found = found.flat_map(|edition| &edition.conversion.found);
        let codes: BTreeSet<_> = found.map(|found| found.product_id).collect();
        codes.into_iter().collect()
    }

    fn within(&self, editions: &BTreeSet<Uuid>) -> impl Iterator<Item = &InEdition> {
        let wanted = editions.clone();
        let known = self.in_editions.iter();
        known
            .filter(move |(id, _)| wanted.contains(id))
            .map(|(_, edition)| edition)
    }

    /// What codes of these editions leave out and hold besides. Answers whether figures of theirs
    /// are no higher than the goods', and whether they are no lower.
    pub fn bounds(&self, editions: &BTreeSet<Uuid>, reasons: &mut Reasons) -> (bool, bool) {
        let (mut is_least, mut is_most) = (true, true);
        if self.is_all_goods {
            return (is_least, is_most);
        }
        if self.changes {
            reasons.add(
                CheckReasonCode::MembershipChanges,
                "Which products belong to a list of the claim changed within the period; those of its last day were taken.",
            );
        }
        for edition in self.within(editions) {
            let (code, conversion) = (&edition.code, &edition.conversion);
            let has = |exactness| {
                conversion
                    .found
                    .iter()
                    .filter(|f| f.exactness == exactness)
                    .count()
            };
            let [wider, assumed] = [Exactness::Wider, Exactness::Assumed].map(has);
            if wider > 0 {
                is_least = false;
                reasons.add(
                    CheckReasonCode::ScopeWider,
                    format!("{wider} of the codes of {code} hold other goods as well: the figure may be too high."),
                );
            }
            if assumed > 0 {
                reasons.add(
                    CheckReasonCode::ScopeAssumed,
                    format!("{assumed} codes are taken to mean the same in {code}, without a concordance that says so."),
                );
            }
            if !conversion.lost.is_empty() {
                is_most = false;
                reasons.add(
                    CheckReasonCode::ScopeLost,
                    format!(
                        "{} of the claim's products have no code in {code}, or not all of them is known: the figure may be too low.",
                        conversion.lost.len()
                    ),
                );
            }
        }
        (is_least, is_most)
    }
}
