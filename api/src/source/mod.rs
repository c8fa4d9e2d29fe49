//! Sources: the documents and data releases that everything rests on.
use async_graphql::{Context, ID, InputObject};
use entity::{
    citation, dataset, source,
    source::SourceKind,
    source_link, statement, statement_citation,
    value::{Status, Timestamp, Url},
};
use sea_orm::{ColumnTrait, Condition};

use crate::{
    citation::{Citation, CitationFilter},
    dataset::Dataset,
    kit::{
        error::{Error, Result},
        fields::{concept, fields, order},
        filter::{Filter, Related, Scope, ids, pointed_at},
        id,
        operators::{
            Choice, CodeFilter, Comparison, PartialDateFilter, TextFilter, choosable_enums,
        },
        record::Record,
        rows,
    },
    party::{Party, PartyFilter},
    revision::{Revision, revisions_of},
    source_link::{SourceLink, SourceLinkFilter},
    statement::{Statement, StatementFilter, statements_citing},
};

mod chain;
mod inputs;

pub use chain::Chain;
pub use inputs::{SourceMutation, SourceReference};

concept! {
    /// A document or data release that records and statements rest on.
    Source of source, filtered by SourceFilter, ordered by SourceOrderField,
    curated
}

fields! {
    #[ComplexObject]
    impl Source {
        record;

        connections {
            /// What it takes from other sources.
            cites: SourceLink =
                |source, _| Condition::all().add(source_link::Column::SourceId.eq(source.row.id));

            /// What other sources take from it.
            cited_by: SourceLink =
                |source, _| Condition::all().add(source_link::Column::TargetId.eq(source.row.id));

            /// Places in it that records and statements cite.
            citations: Citation =
                |source, _| Condition::all().add(citation::Column::SourceId.eq(source.row.id));

            /// Statements that cite it.
            statements: Statement =
                |source, view| statements_citing(view, citation::Column::SourceId.eq(source.row.id));

            /// Datasets that were released as this source.
            datasets: Dataset =
                |source, _| Condition::all().add(dataset::Column::SourceId.eq(source.row.id));

            /// The edits that changed it or a part of it; what came in by file is in its import
            /// alone.
            revisions: Revision = |record, view| revisions_of(view, record.row.id);
        }

        references {
            /// Who published it; null when that is not known.
            publisher: Party = publisher_id;
        }

        /// Names of those who wrote it, in its own order; empty when it names none.
        async fn authors(&self) -> &[String] {
            &self.row.authors.0
        }

        /// Where its chain of sources begins: the sources that it goes back to and that go back
        /// to none themselves. A source that takes from no other is its own root.
        async fn roots(&self, ctx: &Context<'_>) -> Result<Vec<Source>> {
            let chain = Box::pin(Chain::read(ctx, [self.row.id], |_| true)).await?;
            let roots = chain.roots(self.row.id);
            rows::parents::<_, source::Entity>(ctx, roots).await
        }

        /// How many published sources its chain begins with: a hundred articles that go back to
        /// one document are one source. 0 when it is not published itself.
        async fn independent_root_count(&self, ctx: &Context<'_>) -> Result<usize> {
            let published = |source: &source::Model| source.status == Status::Published;
            let chain = Box::pin(Chain::read(ctx, [self.row.id], published)).await?;
            Ok(chain.roots(self.row.id).len())
        }
    }
}

choosable_enums!(SourceKind);

/// Which sources.
#[derive(InputObject)]
pub struct SourceFilter {
    /// All of these hold.
    and: Option<Vec<SourceFilter>>,
    /// At least one of these holds.
    or: Option<Vec<SourceFilter>>,
    /// This does not hold.
    not: Option<Box<SourceFilter>>,
    /// By global id.
    id: Option<Choice<ID>>,
    /// By where the record stands. Without signing in only published ones are seen.
    status: Option<Choice<Status>>,
    /// By what sort of document it is.
    kind: Option<Choice<SourceKind>>,
    /// By title.
    title: Option<TextFilter>,
    /// By when it was published.
    published_on: Option<PartialDateFilter>,
    /// By language, BCP 47.
    language: Option<CodeFilter>,
    /// By address.
    url: Option<TextFilter>,
    /// By SHA-256 of the copy that was read.
    sha256: Option<CodeFilter>,
    /// By when it was entered.
    created_at: Option<Comparison<Timestamp>>,
    /// By when it was last changed.
    updated_at: Option<Comparison<Timestamp>>,
    /// By who published it.
    publisher: Option<Box<PartyFilter>>,
    /// By what it takes from other sources.
    cites: Option<Related<SourceLinkFilter>>,
    /// By what other sources take from it.
    cited_by: Option<Related<SourceLinkFilter>>,
    /// By places in it that are cited.
    citations: Option<Related<CitationFilter>>,
    /// By statements that cite it.
    statements: Option<Related<StatementFilter>>,
}

impl Filter for SourceFilter {
    type Entity = source::Entity;

    fn condition(self, scope: Scope<'_>) -> Result<Condition> {
        use source::Column;
        let Self {
            and,
            or,
            not,
            id,
            status,
            kind,
            title,
            published_on,
            language,
            url,
            sha256,
            created_at,
            updated_at,
            publisher,
            cites,
            cited_by,
            citations,
            statements,
        } = self;
        let linked = |column| pointed_at::<source_link::Entity>(Column::Id, column);
        Ok(scope
            .logic(and, or, not)?
            .on(id, Column::Id)?
            .on(status, Column::Status)?
            .on(kind, Column::Kind)?
            .on(title, Column::Title)?
            .on(published_on, Column::PublishedOn)?
            .on(language, Column::Language)?
            .on(url, Column::Url)?
            .on(sha256, Column::Sha256)?
            .on(created_at, Column::CreatedAt)?
            .on(updated_at, Column::UpdatedAt)?
            .one(publisher, Column::PublisherId)?
            .many(cites, linked(source_link::Column::SourceId))?
            .many(cited_by, linked(source_link::Column::TargetId))?
            .many(
                citations,
                pointed_at::<citation::Entity>(Column::Id, citation::Column::SourceId),
            )?
            .many(statements, |matching, view| {
                let statements = ids::<statement::Entity>(view, statement::Column::Id, matching);
                let citations = ids::<statement_citation::Entity>(
                    view,
                    statement_citation::Column::CitationId,
                    Condition::all()
                        .add(statement_citation::Column::StatementId.in_subquery(statements)),
                );
                let sources = ids::<citation::Entity>(
                    view,
                    citation::Column::SourceId,
                    Condition::all().add(citation::Column::Id.in_subquery(citations)),
                );
                Condition::all().add(Column::Id.in_subquery(sources))
            })?
            .done())
    }
}

order! {
    /// What sources can be ordered by.
    SourceOrderField of source {
        /// Title.
        Title,
        /// When it was published; a year stands before its months, a month before its days.
        PublishedOn,
        /// When the copy that was read was fetched.
        RetrievedAt,
        /// When it was entered.
        CreatedAt,
        /// When it was last changed.
        UpdatedAt,
    }
}

#[derive(Default)]
pub struct SourceQuery;

fields! {
    #[Object]
    impl SourceQuery {
        connections {
            /// Documents and data releases.
            sources: Source = |_, _| Condition::all();
        }

        /// The source with this id or at this address; null when there is none.
        async fn source(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "Global id of a source. Give either this or url.")] id: Option<ID>,
            #[graphql(desc = "Where it was published.")] url: Option<Url>,
            #[graphql(desc = "As of the revision with this number; as it stands when absent. Parts of the record are those of then, what it refers to is as it stands.")]
            as_of: Option<i64>,
        ) -> Result<Option<Source>> {
            let found = match (id, url) {
                (Some(id), None) => {
                    let key = id::key(&id, source::Entity::NAME)?;
                    rows::find::<source::Entity>(ctx, key).await?
                }
                (None, Some(url)) => {
                    let here = Condition::all().add(source::Column::Url.eq(url));
                    rows::one::<source::Entity>(ctx, here).await?
                }
                _ => return Err(Error::bad_input("give either id or url")),
            };
            rows::as_of(ctx, found, as_of).await
        }
    }
}
