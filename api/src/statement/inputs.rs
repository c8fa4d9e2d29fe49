//! Statements by hand: nothing is published without a source, and no quote without its words.
use async_graphql::{ID, InputObject};
use entity::{
    citation, statement,
    statement::{Certainty, Rank, Stance, StatementForm},
    statement_citation,
    statement_link::{self, StatementLinkKind},
    value::PartialDate,
};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait, prelude::Uuid,
    sea_query::SelectStatement,
};

use super::Statement;
use crate::{
    citation::{NewCitation, cite, stays},
    claim::ClaimReference,
    kit::{
        check::UserErrorCode::{Invalid, NotAllowed, Required, Taken},
        curate::{Curated, Entry, Patch, form, inputs, mutations, published},
        error::Result,
    },
    party::PartyReference,
};

inputs! {
    /// One party's position on one claim to enter.
    NewStatement changed by StatementChanges {
        /// The claim that it takes a position on.
        claim: ClaimReference,
        /// Who said it; absent when the publication speaks in its own voice.
        speaker: Option<PartyReference>,
        /// The speaker's role at that time.
        speaker_role: Option<String>,
        /// The position taken.
        stance: Stance,
        /// In which form the words have come down.
        form: StatementForm,
        /// How sure the speaker sounds; absent when nothing tells.
        certainty: Option<Certainty>,
        /// The words, or for a paraphrase what was said.
        text: String,
        /// Language of the text, BCP 47; `en` when absent.
        language: Option<String>,
        /// The text in English, when it is not.
        translation: Option<String>,
        /// When it was said, as precisely as it is known.
        said_on: Option<PartialDate>,
        /// How it ranks among the statements on its claim; `NORMAL` when absent.
        rank: Option<Rank>,
        /// Why the statement is deprecated or preferred. Goes with those ranks, and only with them.
        rank_reason: Option<String>,
        /// What a reader should know of this statement.
        note: Option<String>,
        /// Where it stands, the best place first: all of it. To be published it takes at least one, and at most 50; a direct quote one with the quote.
        citations: Option<Vec<NewCitation>>,
        /// How it relates to other statements: all of it, at most 100.
        links: Option<Vec<NewStatementLink>>,
    }
}

/// How a statement relates to another.
#[derive(Clone, InputObject)]
pub struct NewStatementLink {
    /// In which way.
    kind: StatementLinkKind,
    /// Global id of the other statement.
    target: ID,
}

/// Parts as the input has them; none where they stay.
pub struct Parts {
    citations: Option<Vec<citation::Model>>,
    links: Option<Vec<statement_link::Model>>,
}

const LANGUAGE: &str = "en";
const MOST_CITATIONS: usize = 50;
const MOST_LINKS: usize = 100;

impl Curated for Statement {
    type New = NewStatement;
    type Changes = StatementChanges;
    type Parts = Parts;

    async fn enter(
        entry: &mut Entry,
        row: &mut statement::Model,
        changes: StatementChanges,
    ) -> Result<Parts> {
        let StatementChanges {
            claim,
            speaker,
            speaker_role,
            stance,
            form,
            certainty,
            text,
            language,
            translation,
            said_on,
            rank,
            rank_reason,
            note,
            citations,
            links,
        } = changes;
        claim.refer(entry, "claim", &mut row.claim_id).await?;
        speaker.refer(entry, "speaker", &mut row.speaker_id).await?;
        speaker_role.text(entry, "speakerRole", &mut row.speaker_role);
        stance.set(&mut row.stance);
        form.set(&mut row.form);
        certainty.set(&mut row.certainty);
        text.text(entry, "text", &mut row.text);
        language.set_or(LANGUAGE.to_owned(), &mut row.language);
        entry.form("language", &row.language, form::language);
        translation.text(entry, "translation", &mut row.translation);
        said_on.set(&mut row.said_on);
        rank.set_or(Rank::Normal, &mut row.rank);
        rank_reason.text(entry, "rankReason", &mut row.rank_reason);
        note.text(entry, "note", &mut row.note);

        let is_ranked = row.rank != Rank::Normal;
        if is_ranked && row.rank_reason.is_none() {
            let message = "say why it is preferred or deprecated";
            entry.check.refuse("rankReason", Required, message);
        } else if !is_ranked && row.rank_reason.is_some() {
            let message = "goes with the ranks PREFERRED and DEPRECATED alone";
            entry.check.refuse("rankReason", Invalid, message);
        }
        let citations = cited(entry, row, citations).await?;
        let links = match links {
            Patch::Keep => {
                links_stay(entry, row.id).await?;
                None
            }
            Patch::Set(links) => Some(linked(entry, row.id, links.unwrap_or_default()).await?),
        };
        Ok(Parts { citations, links })
    }

    async fn write(entry: &mut Entry, id: Uuid, parts: Parts) -> Result<bool> {
        let Parts { citations, links } = parts;
        let mut changed = false;
        if let Some(citations) = citations {
            let mut rows = Vec::with_capacity(citations.len());
            for (citation, position) in citations.into_iter().zip(1..) {
                rows.push(statement_citation::Model {
                    citation_id: cite(entry, id, citation).await?,
                    position,
                    ..statement_citation::Model::default()
                });
            }
            changed |= entry
                .edit
                .set_parts::<statement_citation::Entity>(id, rows)
                .await?;
        }
        if let Some(links) = links {
            changed |= entry
                .edit
                .set_parts::<statement_link::Entity>(id, links)
                .await?;
        }
        Ok(changed)
    }

    async fn restore(entry: &mut Entry, id: Uuid, revision: i64) -> Result<bool> {
        let edit = &mut entry.edit;
        let cited = edit
            .restore_parts::<statement_citation::Entity>(id, revision)
            .await?;
        let linked = edit
            .restore_parts::<statement_link::Entity>(id, revision)
            .await?;
        Ok(cited || linked)
    }

    fn referrers(id: Uuid) -> Vec<(&'static str, SelectStatement)> {
        let linking = statement_link::Entity::find()
            .select_only()
            .column(statement_link::Column::StatementId)
            .filter(statement_link::Column::TargetId.eq(id))
            .filter(statement_link::Column::RemovedAt.is_null())
            .into_query();
        let linking = statement::Column::Id.in_subquery(linking);
        vec![("statements", published::<statement::Entity>(linking))]
    }
}

/// The citations of the input, or those that stay; and what publishing asks of them.
async fn cited(
    entry: &mut Entry,
    row: &statement::Model,
    citations: Patch<Option<Vec<NewCitation>>>,
) -> Result<Option<Vec<citation::Model>>> {
    let (mut rows, mut count) = (Vec::new(), 0);
    let is_kept = matches!(citations, Patch::Keep);
    entry.check.enter("citations");
    match citations {
        Patch::Keep => {
            let held = entry.edit.parts::<statement_citation::Entity>(row.id, None);
            for link in held.await? {
                rows.extend(stays(entry, link.citation_id).await?);
            }
            count += rows.len();
        }
        Patch::Set(citations) => {
            for (place, new) in citations.unwrap_or_default().into_iter().enumerate() {
                count += 1;
                entry.check.enter(place);
                let citation = new.row(entry).await?;
                if !citation.source_id.is_nil() && rows.contains(&citation) {
                    entry
                        .check
                        .refuse_here(Taken, "is the same place as another");
                }
                rows.push(citation);
                entry.check.leave();
            }
        }
    }
    entry.check.leave();
    if count > MOST_CITATIONS {
        let message = format!("takes at most {MOST_CITATIONS}, and has {count}");
        entry.check.refuse("citations", Invalid, message);
    }
    if entry.publishing && count == 0 {
        let message = "a statement takes at least one citation to be published";
        entry.check.refuse("citations", Required, message);
    } else if entry.publishing
        && row.form == StatementForm::DirectQuote
        && rows.iter().all(|citation| citation.quote.is_none())
    {
        let message = "a direct quote takes a citation with the quote to be published";
        entry.check.refuse("citations", Required, message);
    }
    Ok((!is_kept).then_some(rows))
}

async fn linked(
    entry: &mut Entry,
    id: Uuid,
    links: Vec<NewStatementLink>,
) -> Result<Vec<statement_link::Model>> {
    let mut rows: Vec<statement_link::Model> = Vec::with_capacity(links.len());
    if links.len() > MOST_LINKS {
        let message = format!("takes at most {MOST_LINKS}, and has {}", links.len());
        entry.check.refuse("links", Invalid, message);
        return Ok(rows);
    }
    entry.check.enter("links");
    for (place, new) in links.into_iter().enumerate() {
        entry.check.enter(place);
        entry.check.enter("target");
        let found = entry.by_id::<statement::Entity>(&new.target).await?;
        if let Some(mut target) = found {
            let row = statement_link::Model {
                target_id: entry.lean_on::<statement::Entity>(&mut target),
                kind: new.kind,
                ..statement_link::Model::default()
            };
            if target.id == id {
                entry
                    .check
                    .refuse_here(NotAllowed, "is the statement itself");
            }
            if rows.contains(&row) {
                entry
                    .check
                    .refuse_here(Taken, "is linked in this way already");
            }
            rows.push(row);
        }
        entry.check.leave();
        entry.check.leave();
    }
    entry.check.leave();
    Ok(rows)
}

async fn links_stay(entry: &mut Entry, id: Uuid) -> Result<()> {
    entry.check.enter("links");
    for link in entry.edit.parts::<statement_link::Entity>(id, None).await? {
        entry.stays::<statement::Entity>(link.target_id).await?;
    }
    entry.check.leave();
    Ok(())
}

mutations! {
    StatementMutation of Statement, StatementPayload of statement,
    create_statement, update_statement, publish_statement, withdraw_statement, revert_statement
}
