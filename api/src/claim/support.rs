//! Support: how many have said so independently of one another, and where each stands now.
use std::collections::{BTreeMap, BTreeSet};

use async_graphql::{Context, Object, SimpleObject};
use entity::{
    party, source,
    statement::{self, Rank, Stance},
    value::PartialDate,
};
use sea_orm::prelude::Uuid;

use super::evidence::{Evidence, Said, Voice};
use crate::{
    kit::{error::Result, fields::fields, rows},
    party::Party,
    source::Source,
    statement::Statement,
};

/// Roots that cannot be told apart, and the statements that go back to them.
#[derive(Default)]
pub struct IndependentRoot {
    roots: BTreeSet<Voice>,
    statements: Vec<Uuid>,
}

pub struct Support {
    roots: Vec<IndependentRoot>,
}

impl Support {
    /// Of the statements that take a stance and stand.
    pub fn of(evidence: &Evidence, stance: Stance) -> Self {
        let taking = |said: &&Said| said.stands && said.row.stance == stance;
        let said: Vec<_> = evidence.said.iter().filter(taking).collect();
        let of_each = said.iter().map(|said| said.roots(&evidence.chain));
        let of_each: Vec<_> = of_each.collect();
        let speaking: BTreeSet<_> = of_each.iter().flatten().copied().collect();
        let mut groups: Vec<(BTreeSet<Voice>, IndependentRoot)> = Vec::new();
        for (said, roots) in said.iter().zip(of_each) {
            // A party's document and its word are one root.
            let publishers = roots.iter().filter_map(|root| match root {
                Voice::Publication(id) => evidence.chain.sources.get(id)?.publisher_id,
                Voice::Party(_) => None,
            });
            let publishers = publishers
                .map(Voice::Party)
                .filter(|party| speaking.contains(party));
            let mut ties: BTreeSet<_> = roots.iter().copied().chain(publishers).collect();
            let mut group = IndependentRoot {
                roots,
                statements: vec![said.row.id],
            };
            let (tied, others): (Vec<_>, Vec<_>) = groups
                .into_iter()
                .partition(|(known, _)| !known.is_disjoint(&ties));
            groups = others;
            for (known, other) in tied {
                ties.extend(known);
                group.roots.extend(other.roots);
                group.statements.splice(0..0, other.statements);
            }
            groups.push((ties, group));
        }
        Self {
            roots: groups.into_iter().map(|(_, group)| group).collect(),
        }
    }
}

/// Who takes a stance on a claim, counted by what they go back to: a hundred articles on one report
/// are one. Statements count that are published, with a published source, that are not deprecated
/// and that their speaker has neither taken back nor replaced.
#[Object]
impl Support {
    /// What the statements go back to, in the order of the first of them.
    async fn independent_roots(&self) -> &[IndependentRoot] {
        &self.roots
    }

    /// How many roots there are at least.
    async fn independent_root_count(&self) -> usize {
        self.roots.len()
    }

    /// How many statements go back to them.
    async fn statement_count(&self) -> usize {
        self.roots.iter().map(|root| root.statements.len()).sum()
    }
}

/// What statements go back to that nobody else's do. A report that takes from several sources does
/// not say which of them bears out what: those are one root.
#[Object]
impl IndependentRoot {
    /// The documents and data at the beginning of their chains; empty when it is a party's word
    /// alone.
    async fn sources(&self, ctx: &Context<'_>) -> Result<Vec<Source>> {
        let sources = self.roots.iter().filter_map(|root| match root {
            Voice::Publication(id) => Some(*id),
            Voice::Party(_) => None,
        });
        rows::parents::<_, source::Entity>(ctx, sources).await
    }

    /// The parties whose word it is, wherever it was printed; empty when documents are.
    async fn parties(&self, ctx: &Context<'_>) -> Result<Vec<Party>> {
        let parties = self.roots.iter().filter_map(|root| match root {
            Voice::Party(id) => Some(*id),
            Voice::Publication(_) => None,
        });
        rows::parents::<_, party::Entity>(ctx, parties).await
    }

    /// The statements that go back to it.
    async fn statements(&self, ctx: &Context<'_>) -> Result<Vec<Statement>> {
        rows::parents::<_, statement::Entity>(ctx, self.statements.iter().copied()).await
    }
}

/// Where a party stands on a claim now, and how it came to that.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct CurrentPosition {
    #[graphql(skip)]
    voice: Voice,
    /// The stance; `RETRACTS` when it was taken back. Null when all that was said is deprecated,
    /// corrected or superseded.
    stance: Option<Stance>,
    /// When that was said, as precisely as it is known; null when it is not known, or no stance is
    /// held.
    since: Option<PartialDate>,
    #[graphql(skip)]
    statement_id: Option<Uuid>,
    #[graphql(skip)]
    statement_ids: Vec<Uuid>,
}

impl CurrentPosition {
    /// Of everyone who has said anything, in the order in which they began.
    pub fn all(evidence: &Evidence) -> Vec<Self> {
        let mut voices: Vec<Voice> = Vec::new();
        let mut by_voice: BTreeMap<Voice, Vec<&Said>> = BTreeMap::new();
        for said in &evidence.said {
            if !voices.contains(&said.voice) {
                voices.push(said.voice);
            }
            by_voice.entry(said.voice).or_default().push(said);
        }
        let positions = voices.into_iter().map(|voice| {
            let said = by_voice.remove(&voice).unwrap_or_default();
            // The best, and of those the last.
            let standing = said.iter().filter(|said| said.stands);
            let current = standing.max_by_key(|said| said.row.rank == Rank::Preferred);
            let row = current.map(|said| &said.row);
            Self {
                voice,
                stance: row.map(|row| row.stance),
                since: row.and_then(|row| row.said_on.clone()),
                statement_id: row.map(|row| row.id),
                statement_ids: said.iter().map(|said| said.row.id).collect(),
            }
        });
        positions.collect()
    }
}

fields! {
    #[ComplexObject]
    impl CurrentPosition {
        /// Who; null for a publication in its own voice whose publisher is not known.
        async fn party(&self, ctx: &Context<'_>) -> Result<Option<Party>> {
            match self.voice {
                Voice::Party(id) => rows::shown::<_, party::Entity>(ctx, Some(id)).await,
                Voice::Publication(_) => Ok(None),
            }
        }

        /// The publication that speaks in its own voice, when its publisher is not known; null
        /// otherwise.
        async fn publication(&self, ctx: &Context<'_>) -> Result<Option<Source>> {
            match self.voice {
                Voice::Publication(id) => rows::shown::<_, source::Entity>(ctx, Some(id)).await,
                Voice::Party(_) => Ok(None),
            }
        }

        /// The statement that takes the stance; null when none is held.
        async fn statement(&self, ctx: &Context<'_>) -> Result<Option<Statement>> {
            rows::shown::<_, statement::Entity>(ctx, self.statement_id).await
        }

        /// All that was said, by when; what is not dated comes first.
        async fn statements(&self, ctx: &Context<'_>) -> Result<Vec<Statement>> {
            rows::parents::<_, statement::Entity>(ctx, self.statement_ids.iter().copied()).await
        }
    }
}
