//! The goods that are compared, as the editions of the records have them.
use std::collections::{BTreeMap, BTreeSet};

use async_graphql::Context;
use entity::{product, shipment::ReportedBy};
use sea_orm::prelude::Uuid;

use super::figure::MirrorNote;
use crate::{
    concordance::excerpt,
    kit::error::Result,
    totals::{Asked, Converted, editions},
};

/// The two ends of a trade.
pub const SIDES: [ReportedBy; 2] = [ReportedBy::Exporter, ReportedBy::Importer];

/// What became of the products that were named.
#[derive(Default)]
pub struct Goods(BTreeMap<Uuid, Converted>);

impl Goods {
    /// Puts the products into what is asked: those that were found, and what stands for them in
    /// the editions of records in which none was.
    pub async fn name(
        ctx: &Context<'_>,
        found: &[product::Model],
        asked: &mut Asked,
    ) -> Result<Self> {
        let mut goods = Self::default();
        let mut products: BTreeSet<Uuid> = found.iter().map(|row| row.id).collect();
        let own: BTreeSet<Uuid> = found.iter().map(|row| row.edition_id).collect();
        let of_records = editions_of(ctx, asked, None).await?;
        for edition in of_records.difference(&own).copied() {
            let nomenclature = excerpt(ctx, found, edition).await?;
            let conversion = nomenclature.convert(found.iter().map(|row| row.id), edition);
            goods.0.entry(edition).or_default().add(&conversion);
            products.extend(conversion.found.iter().map(|found| found.product_id));
        }
        asked.products = Some(products.into_iter().collect());
        Ok(goods)
    }

    /// What must be known of them in these editions.
    pub fn notes(&self, editions: &BTreeSet<Uuid>) -> Vec<MirrorNote> {
        let converted = editions.iter().filter_map(|edition| self.0.get(edition));
        let notes = converted.flat_map(|converted| {
            [
                (converted.lost, MirrorNote::ScopeLost),
                (converted.wider, MirrorNote::ScopeWider),
                (converted.assumed, MirrorNote::ScopeAssumed),
            ]
        });
        let notes = notes.filter(|(count, _)| *count > 0);
        notes.map(|(_, note)| note).collect()
    }
}

/// The editions of the records that may count for either side; of one dataset, when it is named.
pub async fn editions_of(
    ctx: &Context<'_>,
    asked: &Asked,
    dataset: Option<Uuid>,
) -> Result<BTreeSet<Uuid>> {
    let mut found = BTreeSet::new();
    for perspective in SIDES {
        let asked = Asked {
            perspective,
            datasets: dataset
                .map(|dataset| vec![dataset])
                .or_else(|| asked.datasets.clone()),
            ..asked.clone()
        };
        found.extend(editions(ctx, &asked).await?);
    }
    Ok(found)
}
