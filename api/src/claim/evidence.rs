//! What stands behind a claim: its published statements, where they stand, and what those places
//! go back to.
use std::collections::BTreeSet;

use async_graphql::Context;
use entity::{
    citation, source,
    statement::{self, Rank, Stance},
    statement_citation,
    statement_link::{self, StatementLinkKind},
    value::Status,
};
use futures_util::future::try_join_all;
use sea_orm::prelude::Uuid;

use crate::{
    kit::{error::Result, rows},
    source::Chain,
};

/// Whose word a statement is: its speaker's, or its publisher's, or where nobody knows the
/// publisher, the publication's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Voice {
    Party(Uuid),
    Publication(Uuid),
}

pub struct Said {
    pub row: statement::Model,
    /// The published sources that it is cited to, the best first.
    pub sources: Vec<Uuid>,
    pub voice: Voice,
    /// Whether its voice has not taken it back, nor put another in its place, and nobody found it
    /// wrong.
    pub stands: bool,
}

pub struct Evidence {
    /// By when they were said, the undated first.
    pub said: Vec<Said>,
    pub chain: Chain,
}

impl Evidence {
    /// Drafts and what was withdrawn count for nobody, nor do statements whose sources are so.
    pub async fn of(ctx: &Context<'_>, claim_id: Uuid) -> Result<Self> {
        use statement::Column;
        let rows =
            rows::children::<statement::Entity>(ctx, Column::ClaimId, claim_id, Column::Id).await?;
        let replies = try_join_all(rows.iter().map(|row| replies(ctx, row.id))).await?;
        let replies: Vec<_> = replies.into_iter().flatten().collect();
        let own = rows.iter().chain(replies.iter().map(|(_, _, row)| row));
        let cited = try_join_all(own.map(|row| cited(ctx, row.id))).await?;
        let chain = Chain::read(ctx, cited.iter().flatten().copied(), is_published).await?;
        let sources = cited.into_iter().map(|mut cited| {
            cited.retain(|id| chain.sources.contains_key(id));
            cited
        });
        let sources: Vec<_> = sources.collect();
        let (own, of_replies) = sources.split_at(rows.len());
        let replies = replies.iter().zip(of_replies);
        let replies: Vec<_> = replies
            .filter_map(|((target, kind, row), sources)| {
                Some((*target, *kind, row, voice(&chain, row, sources)?))
            })
            .collect();
        let said = rows.into_iter().zip(own).filter_map(|(row, sources)| {
            let voice = voice(&chain, &row, sources)?;
            let displaced = replies.iter().any(|(target, kind, reply, by)| {
                *target == row.id && *by == voice && displaces(*kind, reply)
            });
            Some(Said {
                stands: row.rank != Rank::Deprecated && !displaced,
                sources: sources.clone(),
                voice,
                row,
            })
        });
        let mut said: Vec<_> = said.collect();
        said.sort_by(|one, other| when(one).cmp(&when(other)));
        take_back(&mut said);
        Ok(Self { said, chain })
    }
}

fn is_published(source: &source::Model) -> bool {
    source.status == Status::Published
}

/// Published statements that relate to this one, and how.
async fn replies(
    ctx: &Context<'_>,
    id: Uuid,
) -> Result<Vec<(Uuid, StatementLinkKind, statement::Model)>> {
    use statement_link::Column;
    let links =
        rows::children::<statement_link::Entity>(ctx, Column::TargetId, id, Column::Id).await?;
    let found = links
        .iter()
        .map(|link| rows::find::<statement::Entity>(ctx, link.statement_id));
    let found = try_join_all(found).await?;
    let replies = links.iter().zip(found);
    Ok(replies
        .filter_map(|(link, row)| Some((id, link.kind, row?)))
        .collect())
}

/// The sources that a statement is cited to, the best place first.
pub async fn cited(ctx: &Context<'_>, statement_id: Uuid) -> Result<Vec<Uuid>> {
    use statement_citation::Column;
    let links = rows::children::<statement_citation::Entity>(
        ctx,
        Column::StatementId,
        statement_id,
        Column::Position,
    );
    let links = links.await?;
    let citations = links
        .iter()
        .map(|link| rows::find::<citation::Entity>(ctx, link.citation_id));
    let citations = try_join_all(citations).await?.into_iter().flatten();
    let mut sources: Vec<Uuid> = Vec::new();
    for citation in citations {
        if !sources.contains(&citation.source_id) {
            sources.push(citation.source_id);
        }
    }
    Ok(sources)
}

/// None when the statement does not count.
fn voice(chain: &Chain, row: &statement::Model, sources: &[Uuid]) -> Option<Voice> {
    let source = chain.sources.get(sources.first()?)?;
    let party = row.speaker_id.or(source.publisher_id);
    let voice = party.map_or(Voice::Publication(source.id), Voice::Party);
    (row.status == Status::Published).then_some(voice)
}

fn displaces(kind: StatementLinkKind, reply: &statement::Model) -> bool {
    match kind {
        StatementLinkKind::Supersedes | StatementLinkKind::Corrects => true,
        StatementLinkKind::RespondsTo => reply.stance == Stance::Retracts,
        StatementLinkKind::Repeats => false,
    }
}

/// Whoever retracts without saying what takes back all that they said before.
fn take_back(said: &mut [Said]) {
    for place in (0..said.len()).rev() {
        let (before, rest) = said.split_at_mut(place);
        let Some(retraction) = rest
            .first()
            .filter(|said| said.row.stance == Stance::Retracts)
        else {
            continue;
        };
        for earlier in before {
            if earlier.voice == retraction.voice {
                earlier.stands = false;
            }
        }
    }
}

/// What statements are in the order of.
fn when(said: &Said) -> impl Ord {
    let row = &said.row;
    (row.said_on.clone(), row.created_at, row.id)
}

impl Said {
    /// The documents and persons that it goes back to. Where a speaker's own publication stands in
    /// the chain, it goes back to what that goes back to; else to the speaker.
    pub fn roots(&self, chain: &Chain) -> BTreeSet<Voice> {
        let places = self.sources.iter().flat_map(|id| chain.back_from(*id));
        let own: BTreeSet<_> = match self.row.speaker_id {
            None => self.sources.iter().copied().collect(),
            Some(speaker) => places
                .filter(|id| {
                    let source = chain.sources.get(id);
                    source.is_some_and(|source| source.publisher_id == Some(speaker))
                })
                .collect(),
        };
        let documents = own.into_iter().flat_map(|id| chain.roots(id));
        let mut roots: BTreeSet<_> = documents.map(Voice::Publication).collect();
        if let (Some(speaker), true) = (self.row.speaker_id, roots.is_empty()) {
            roots.insert(Voice::Party(speaker));
        }
        roots
    }
}
