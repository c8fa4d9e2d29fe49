//! What sources go back to: the chains of what they take from others.
use std::collections::{BTreeMap, BTreeSet};

use async_graphql::Context;
use entity::{source, source_link};
use futures_util::future::try_join_all;
use sea_orm::prelude::Uuid;

use crate::kit::{error::Result, rows};

/// Links in a row that are followed. What lies beyond is not read: chains of the press are short.
const LONGEST: usize = 64;

/// Sources, and what each takes from.
#[derive(Default)]
pub struct Chain {
    pub sources: BTreeMap<Uuid, source::Model>,
    targets: BTreeMap<Uuid, Vec<Uuid>>,
}

impl Chain {
    /// These sources and all that they go back to, of those that count: two statements a link,
    /// however many sources there are.
    pub async fn read(
        ctx: &Context<'_>,
        from: impl IntoIterator<Item = Uuid>,
        counts: fn(&source::Model) -> bool,
    ) -> Result<Self> {
        let mut chain = Self::default();
        let mut seen: BTreeSet<_> = from.into_iter().collect();
        let mut level = seen.clone();
        for _ in 0..LONGEST {
            let rows = level
                .iter()
                .map(|id| rows::find::<source::Entity>(ctx, *id));
            let rows = try_join_all(rows).await?.into_iter().flatten();
            let rows: Vec<_> = rows.filter(counts).collect();
            let targets = try_join_all(rows.iter().map(|row| targets(ctx, row.id))).await?;
            level = targets
                .iter()
                .flatten()
                .copied()
                .filter(|id| seen.insert(*id))
                .collect();
            for (row, targets) in rows.into_iter().zip(targets) {
                chain.targets.insert(row.id, targets);
                chain.sources.insert(row.id, row);
            }
            if level.is_empty() {
                break;
            }
        }
        for targets in chain.targets.values_mut() {
            targets.retain(|id| chain.sources.contains_key(id));
        }
        Ok(chain)
    }

    /// A source and all that it goes back to; nothing when it does not count.
    pub fn back_from(&self, id: Uuid) -> BTreeSet<Uuid> {
        let known = |id: &Uuid| self.sources.contains_key(id);
        let mut seen: BTreeSet<_> = [id].into_iter().filter(known).collect();
        let mut level: Vec<_> = seen.iter().copied().collect();
        while let Some(id) = level.pop() {
            let targets = self.targets.get(&id).into_iter().flatten();
            level.extend(targets.copied().filter(|target| seen.insert(*target)));
        }
        seen
    }

    /// Of a source and all that it goes back to, those that take from no other.
    pub fn roots(&self, id: Uuid) -> BTreeSet<Uuid> {
        let mut roots = self.back_from(id);
        roots.retain(|id| self.targets.get(id).is_none_or(Vec::is_empty));
        roots
    }
}

/// The sources that a source takes from.
async fn targets(ctx: &Context<'_>, id: Uuid) -> Result<Vec<Uuid>> {
    use source_link::Column;
    let links =
        rows::children::<source_link::Entity>(ctx, Column::SourceId, id, Column::Id).await?;
    Ok(links.into_iter().map(|link| link.target_id).collect())
}
