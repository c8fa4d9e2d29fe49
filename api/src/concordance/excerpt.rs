//! The part of the nomenclature that a conversion reads: so many statements an edition on the way,
//! however many products are asked for.
use std::collections::BTreeSet;

use entity::{concordance, edition, product};
use futures_util::future::try_join_all;
use sea_orm::{ColumnTrait, Condition, prelude::Uuid};

use super::nomenclature::{ALL_GOODS, Nomenclature, SUBHEADING};
use crate::kit::{error::Result, rows};

/// Codes between which a concordance may lead, as they stand for each edition on the way.
pub async fn excerpt(
    ctx: &async_graphql::Context<'_>,
    asked: &[product::Model],
    to: Uuid,
) -> Result<Nomenclature> {
    let mut excerpt = Nomenclature::default();
    let editions = rows::matching::<edition::Entity>(ctx, Condition::all()).await?;
    editions.iter().for_each(|row| excerpt.add_edition(row));
    asked.iter().for_each(|row| excerpt.add_product(row));
    let abroad = asked.iter().filter(|row| row.edition_id != to);
    let abroad: Vec<_> = abroad.cloned().collect();
    let from: BTreeSet<_> = abroad.iter().map(|row| row.edition_id).collect();
    let mut reached = BTreeSet::new();
    for edition_id in from {
        let own = abroad.iter().filter(|row| row.edition_id == edition_id);
        let start = lines(ctx, &mut excerpt, own.cloned().collect()).await?;
        let ways = way(&editions, &excerpt, edition_id, to);
        reached.extend(follow(ctx, &mut excerpt, start, &ways, to).await?);
    }
    let is_group = |row: &product::Model| row.code.len() < SUBHEADING;
    if excerpt.is_whole(to) && abroad.iter().any(is_group) {
        siblings(ctx, &mut excerpt, reached).await?;
    }
    Ok(excerpt)
}

/// The editions from one to another, without the first.
fn way(editions: &[edition::Model], excerpt: &Nomenclature, from: Uuid, to: Uuid) -> Vec<Uuid> {
    let ids = editions.iter().map(|edition| edition.id);
    ids.filter(|id| excerpt.is_on_way(*id, from, to)).collect()
}

/// The subheadings below groups, and above countries' own lines.
async fn lines(
    ctx: &async_graphql::Context<'_>,
    excerpt: &mut Nomenclature,
    asked: Vec<product::Model>,
) -> Result<BTreeSet<Uuid>> {
    let mut lines: BTreeSet<_> = asked.iter().map(|row| row.id).collect();
    let mut level = asked;
    // From ten digits up to six, and from two down to six, it is two steps.
    for _ in 0..2 {
        let is_group = |row: &&product::Model| row.code.len() < SUBHEADING && row.code != ALL_GOODS;
        let below = level.iter().filter(is_group);
        let below = below.map(|row| {
            rows::children::<product::Entity>(
                ctx,
                product::Column::ParentId,
                row.id,
                product::Column::Code,
            )
        });
        let above = level.iter().filter(|row| row.code.len() > SUBHEADING);
        let above = above.filter_map(|row| row.parent_id);
        let above = above.map(|id| rows::find::<product::Entity>(ctx, id));
        let (below, above) = futures_util::future::try_join(
            try_join_all(below.collect::<Vec<_>>()),
            try_join_all(above.collect::<Vec<_>>()),
        )
        .await?;
        level = below
            .into_iter()
            .flatten()
            .chain(above.into_iter().flatten())
            .collect();
        level.iter().for_each(|row| excerpt.add_product(row));
        lines.extend(level.iter().map(|row| row.id));
    }
    Ok(lines)
}

/// Along the concordance as far as the last edition of the way. Answers what was reached there.
async fn follow(
    ctx: &async_graphql::Context<'_>,
    excerpt: &mut Nomenclature,
    start: BTreeSet<Uuid>,
    way: &[Uuid],
    to: Uuid,
) -> Result<BTreeSet<Uuid>> {
    let from = start.iter().next().and_then(|id| excerpt.edition_of(*id));
    let (out, back) = match from.is_some_and(|from| excerpt.is_later(to, from)) {
        true => (concordance::Column::EarlierId, concordance::Column::LaterId),
        false => (concordance::Column::LaterId, concordance::Column::EarlierId),
    };
    let (mut seen, mut reached) = (start.clone(), BTreeSet::new());
    let mut level = start;
    while !level.is_empty() {
        let links = linked(ctx, excerpt, out, &level).await?;
        let ends = links.iter().map(|link| match out {
            concordance::Column::EarlierId => link.later_id,
            _ => link.earlier_id,
        });
        let ends = ends.filter(|id| excerpt.edition_of(*id).is_some_and(|id| way.contains(&id)));
        let ends: BTreeSet<_> = ends.collect();
        linked(ctx, excerpt, back, &ends).await?;
        let codes = level
            .iter()
            .filter_map(|id| excerpt.code(*id).map(str::to_owned));
        let same = Condition::all()
            .add(product::Column::EditionId.is_in(way.iter().copied()))
            .add(product::Column::Code.is_in(codes));
        let same = rows::matching::<product::Entity>(ctx, same).await?;
        same.iter().for_each(|row| excerpt.add_product(row));
        let next = ends.into_iter().chain(same.into_iter().map(|row| row.id));
        level = next.filter(|id| seen.insert(*id)).collect();
        let is_end = |id: &Uuid| excerpt.edition_of(*id) == Some(to);
        reached.extend(level.iter().copied().filter(is_end));
        level.retain(|id| !is_end(id));
    }
    Ok(reached)
}

/// The concordances of these products, and the products at their other ends.
async fn linked(
    ctx: &async_graphql::Context<'_>,
    excerpt: &mut Nomenclature,
    column: concordance::Column,
    ids: &BTreeSet<Uuid>,
) -> Result<Vec<concordance::Model>> {
    let links = ids
        .iter()
        .map(|id| rows::children::<concordance::Entity>(ctx, column, *id, concordance::Column::Id));
    let links: Vec<_> = try_join_all(links).await?.into_iter().flatten().collect();
    let ends = links
        .iter()
        .flat_map(|link| [link.earlier_id, link.later_id]);
    let unknown: BTreeSet<_> = ends.filter(|id| excerpt.code(*id).is_none()).collect();
    let found = unknown
        .iter()
        .map(|id| rows::find::<product::Entity>(ctx, *id));
    for row in try_join_all(found).await?.iter().flatten() {
        excerpt.add_product(row);
    }
    links.iter().for_each(|link| excerpt.add_concordance(link));
    Ok(links)
}

/// All that stands beside these products in their chapters, so that whole groups can be told.
async fn siblings(
    ctx: &async_graphql::Context<'_>,
    excerpt: &mut Nomenclature,
    reached: BTreeSet<Uuid>,
) -> Result<()> {
    let mut level = reached;
    for _ in 0..2 {
        let rows = level
            .iter()
            .map(|id| rows::find::<product::Entity>(ctx, *id));
        let rows = try_join_all(rows).await?;
        level = rows
            .into_iter()
            .flatten()
            .filter_map(|row| row.parent_id)
            .collect();
    }
    for _ in 0..2 {
        let below = level.iter().map(|id| {
            rows::children::<product::Entity>(
                ctx,
                product::Column::ParentId,
                *id,
                product::Column::Code,
            )
        });
        let below: Vec<_> = try_join_all(below).await?.into_iter().flatten().collect();
        below.iter().for_each(|row| excerpt.add_product(row));
        level = below.into_iter().map(|row| row.id).collect();
    }
    Ok(())
}
