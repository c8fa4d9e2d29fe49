//! Statements: who says what of a claim.
use async_graphql::{ComplexObject, Context, ID, InputObject, SimpleObject};
use entity::{
    citation, source,
    statement::{self, Certainty, Rank, Stance, StatementForm},
    statement_citation, statement_link,
    value::{Status, Timestamp},
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, QueryTrait, prelude::Uuid,
    sea_query::SimpleExpr,
};

use crate::{
    citation::{Citation, CitationFilter},
    claim::{Claim, ClaimFilter},
    kit::{
        access::View,
        edit::part,
        error::Result,
        fields::{concept, fields, order},
        filter::{Filter, Related, Scope, ids, is_seen},
        id,
        operators::{
            Choice, CodeFilter, Comparison, PartialDateFilter, TextFilter, choosable_enums,
        },
        record::Record,
        rows,
    },
    party::{Party, PartyFilter},
    revision::{Revision, revisions_of},
};

mod export;
mod inputs;

pub use inputs::StatementMutation;

concept! {
    /// One party's position on one claim, with its source.
    Statement of statement, filtered by StatementFilter, ordered by StatementOrderField,
    curated
}

fields! {
    #[ComplexObject]
    impl Statement {
        record;

        connections {
            /// The edits that changed it or a part of it; what came in by file is in its import
            /// alone.
            revisions: Revision = |record, view| revisions_of(view, record.row.id);
        }

        parents {
            /// The claim that it takes a position on.
            claim: Claim = claim_id;
        }

        references {
            /// Who said it; null when the publication speaks in its own voice.
            speaker: Party = speaker_id;
        }

        lists {
            citations = statement_citation of statement_id by position, parents { citation_id: Citation };
        }

        /// Where it stands, the best place first.
        async fn citations(&self, ctx: &Context<'_>) -> Result<Vec<Citation>> {
            use statement_citation::Column;
            let links = rows::children_at::<statement_citation::Entity>(
                ctx, self.at, Column::StatementId, self.row.id, Column::Position,
            ).await?;
            let cited = links.iter().map(|link| link.citation_id);
            match self.at {
                None => rows::parents::<_, citation::Entity>(ctx, cited).await,
                Some(_) => citations_then(ctx, cited.collect()).await,
            }
        }

        /// How it relates to other statements.
        async fn links(&self, ctx: &Context<'_>) -> Result<Vec<StatementLink>> {
            links(ctx, self.at, statement_link::Column::StatementId, self.row.id).await
        }

        /// How other statements relate to it.
        async fn linked_from(&self, ctx: &Context<'_>) -> Result<Vec<StatementLink>> {
            links(ctx, self.at, statement_link::Column::TargetId, self.row.id).await
        }
    }
}

/// Citations that were a statement's at some time, and may be nobody's now. Those whose source
/// is not seen any more are left out.
async fn citations_then(ctx: &Context<'_>, cited: Vec<Uuid>) -> Result<Vec<Citation>> {
    let sources = ids::<source::Entity>(rows::view(ctx), source::Column::Id, Condition::all());
    let these = Condition::all()
        .add(citation::Column::Id.is_in(cited.clone()))
        .add(citation::Column::SourceId.in_subquery(sources));
    let mut found = rows::unchecked::<citation::Entity>(ctx, these).await?;
    found.sort_by_key(|row| cited.iter().position(|id| *id == row.id));
    Ok(found.into_iter().map(Citation::from).collect())
}

/// How one statement relates to another.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct StatementLink {
    #[graphql(flatten)]
    row: statement_link::Model,
}

#[ComplexObject]
impl StatementLink {
    /// The statement that relates to the other.
    async fn statement(&self, ctx: &Context<'_>) -> Result<Statement> {
        rows::parent::<_, statement::Entity>(ctx, self.row.statement_id).await
    }

    /// The statement that it relates to.
    async fn target(&self, ctx: &Context<'_>) -> Result<Statement> {
        rows::parent::<_, statement::Entity>(ctx, self.row.target_id).await
    }
}

async fn links(
    ctx: &Context<'_>,
    at: Option<i64>,
    column: statement_link::Column,
    id: Uuid,
) -> Result<Vec<StatementLink>> {
    let rows = rows::children_at::<statement_link::Entity>(
        ctx,
        at,
        column,
        id,
        statement_link::Column::Id,
    )
    .await?;
    Ok(rows.into_iter().map(|row| StatementLink { row }).collect())
}

part!(statement_link of statement_id in StatementId);

impl Record for statement_link::Entity {
    const NAME: &'static str = "StatementLink";

    fn visible(view: View) -> Condition {
        use statement_link::Column::{Id, RemovedAt, StatementId, TargetId};
        view.holds(Id, RemovedAt)
            .add(is_seen::<statement::Entity>(view, StatementId))
            .add(is_seen::<statement::Entity>(view, TargetId))
    }
}

part!(statement_citation of statement_id in StatementId);

impl Record for statement_citation::Entity {
    const NAME: &'static str = "StatementCitation";

    fn visible(view: View) -> Condition {
        use statement_citation::Column::{Id, RemovedAt, StatementId};
        view.holds(Id, RemovedAt)
            .add(is_seen::<statement::Entity>(view, StatementId))
    }
}

/// Statements with a citation for which the term holds.
pub fn statements_citing(view: View, term: SimpleExpr) -> Condition {
    // The citation's own visibility hangs on its statements: asking for it here would go in a circle.
    let citations = citation::Entity::find()
        .select_only()
        .column(citation::Column::Id)
        .filter(term)
        .into_query();
    let statements = ids::<statement_citation::Entity>(
        view,
        statement_citation::Column::StatementId,
        Condition::all().add(statement_citation::Column::CitationId.in_subquery(citations)),
    );
    Condition::all().add(statement::Column::Id.in_subquery(statements))
}

choosable_enums!(Certainty, Rank, Stance, StatementForm);

/// Which statements.
#[derive(InputObject)]
pub struct StatementFilter {
    /// All of these hold.
    and: Option<Vec<StatementFilter>>,
    /// At least one of these holds.
    or: Option<Vec<StatementFilter>>,
    /// This does not hold.
    not: Option<Box<StatementFilter>>,
    /// By global id.
    id: Option<Choice<ID>>,
    /// By where the record stands. Without signing in only published ones are seen.
    status: Option<Choice<Status>>,
    /// By position taken.
    stance: Option<Choice<Stance>>,
    /// By form of the words.
    form: Option<Choice<StatementForm>>,
    /// By how sure the speaker sounds.
    certainty: Option<Choice<Certainty>>,
    /// By the speaker's role at that time.
    speaker_role: Option<TextFilter>,
    /// By the words.
    text: Option<TextFilter>,
    /// By their English translation.
    translation: Option<TextFilter>,
    /// By language of the words, BCP 47.
    language: Option<CodeFilter>,
    /// By when it was said.
    said_on: Option<PartialDateFilter>,
    /// By rank.
    rank: Option<Choice<Rank>>,
    /// By when it was entered.
    created_at: Option<Comparison<Timestamp>>,
    /// By when it was last changed.
    updated_at: Option<Comparison<Timestamp>>,
    /// By claim.
    claim: Option<Box<ClaimFilter>>,
    /// By who said it.
    speaker: Option<Box<PartyFilter>>,
    /// By where it stands.
    citations: Option<Related<CitationFilter>>,
}

impl Filter for StatementFilter {
    type Entity = statement::Entity;

    fn condition(self, scope: Scope<'_>) -> Result<Condition> {
        use statement::Column;
        let Self {
            and,
            or,
            not,
            id,
            status,
            stance,
            form,
            certainty,
            speaker_role,
            text,
            translation,
            language,
            said_on,
            rank,
            created_at,
            updated_at,
            claim,
            speaker,
            citations,
        } = self;
        Ok(scope
            .logic(and, or, not)?
            .on(id, Column::Id)?
            .on(status, Column::Status)?
            .on(stance, Column::Stance)?
            .on(form, Column::Form)?
            .on(certainty, Column::Certainty)?
            .on(speaker_role, Column::SpeakerRole)?
            .on(text, Column::Text)?
            .on(translation, Column::Translation)?
            .on(language, Column::Language)?
            .on(said_on, Column::SaidOn)?
            .on(rank, Column::Rank)?
            .on(created_at, Column::CreatedAt)?
            .on(updated_at, Column::UpdatedAt)?
            .one(claim, Column::ClaimId)?
            .one(speaker, Column::SpeakerId)?
            .many(citations, |matching, view| {
                let citations = ids::<citation::Entity>(view, citation::Column::Id, matching);
                statements_citing(view, citation::Column::Id.in_subquery(citations))
            })?
            .done())
    }
}

order! {
    /// What statements can be ordered by.
    StatementOrderField of statement {
        /// When it was said; a year stands before its months, a month before its days.
        SaidOn,
        /// Stance, by its name.
        Stance,
        /// Rank, by its name.
        Rank,
        /// When it was entered.
        CreatedAt,
        /// When it was last changed.
        UpdatedAt,
    }
}

#[derive(Default)]
pub struct StatementQuery;

fields! {
    #[Object]
    impl StatementQuery {
        connections {
            /// Positions that parties take on claims.
            statements: Statement = |_, _| Condition::all();
        }

        /// The statement with this id; null when there is none.
        async fn statement(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "Global id of a statement.")] id: ID,
            #[graphql(desc = "As of the revision with this number; as it stands when absent. Parts of the record are those of then, what it refers to is as it stands.")]
            as_of: Option<i64>,
        ) -> Result<Option<Statement>> {
            let key = id::key(&id, statement::Entity::NAME)?;
            let found = rows::find::<statement::Entity>(ctx, key).await?;
            rows::as_of(ctx, found, as_of).await
        }
    }
}
