//! Citations: places in sources, and the words that stand there.
use async_graphql::{Context, ID, InputObject};
use entity::{citation, shipment, source, statement_citation};
use sea_orm::{ColumnTrait, Condition, sea_query::ExprTrait};

use crate::{
    kit::{
        access::View,
        error::Result,
        fields::{concept, fields, order},
        filter::{Filter, Scope, ids},
        operators::{Choice, TextFilter},
        rows,
    },
    shipment::Shipment,
    source::{Source, SourceFilter},
    statement::{Statement, statements_citing},
};

concept! {
    /// A place in a source, and the words that stand there.
    Citation of citation, filtered by CitationFilter, ordered by CitationOrderField,
    visible when |view| borne_out(view)
}

/// Its source is published, and so is something that cites it: a draft's quote is not for all.
fn borne_out(view: View) -> Condition {
    use citation::Column::{Id, SourceId};
    if !view.is_public() {
        return Condition::all();
    }
    let (all, cited) = (Condition::all, statement_citation::Column::CitationId);
    let sources = ids::<source::Entity>(view, source::Column::Id, all());
    let stated = ids::<statement_citation::Entity>(view, cited, all());
    let recorded = ids::<shipment::Entity>(view, shipment::Column::CitationId, all());
    let used = Id.in_subquery(stated).or(Id.in_subquery(recorded));
    all().add(SourceId.in_subquery(sources).and(used))
}

fields! {
    #[ComplexObject]
    impl Citation {
        record;

        connections {
            /// Statements that it bears out.
            statements: Statement =
                |citation, view| statements_citing(view, citation::Column::Id.eq(citation.row.id));

            /// Shipments that it bears out.
            shipments: Shipment =
                |citation, _| Condition::all().add(shipment::Column::CitationId.eq(citation.row.id));
        }

        /// The source.
        async fn source(&self, ctx: &Context<'_>) -> Result<Source> {
            rows::parent::<_, source::Entity>(ctx, self.row.source_id).await
        }
    }
}

/// Which citations.
#[derive(InputObject)]
pub struct CitationFilter {
    /// All of these hold.
    and: Option<Vec<CitationFilter>>,
    /// At least one of these holds.
    or: Option<Vec<CitationFilter>>,
    /// This does not hold.
    not: Option<Box<CitationFilter>>,
    /// By global id.
    id: Option<Choice<ID>>,
    /// By the place in the source.
    locator: Option<TextFilter>,
    /// By the words that stand there.
    quote: Option<TextFilter>,
    /// By source.
    source: Option<Box<SourceFilter>>,
}

impl Filter for CitationFilter {
    type Entity = citation::Entity;

    fn condition(self, scope: Scope) -> Result<Condition> {
        use citation::Column;
        let Self {
            and,
            or,
            not,
            id,
            locator,
            quote,
            source,
        } = self;
        Ok(scope
            .logic(and, or, not)?
            .on(id, Column::Id)?
            .on(locator, Column::Locator)?
            .on(quote, Column::Quote)?
            .one(source, Column::SourceId)?
            .done())
    }
}

order! {
    /// What citations can be ordered by.
    CitationOrderField of citation {
        /// The place in the source, as text.
        Locator,
    }
}
