//! Citations: places in sources, and the words that stand there.
use async_graphql::{ID, InputObject};
use entity::{citation, shipment, source, statement_citation};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, prelude::Uuid, sea_query::ExprTrait,
};

use crate::{
    kit::{
        access::View,
        check::UserErrorCode::Required,
        curate::{Entry, Patch},
        error::Result,
        fields::{concept, fields, order},
        filter::{Filter, Scope, is_seen, is_there},
        operators::{Choice, TextFilter},
    },
    shipment::Shipment,
    source::{Source, SourceFilter, SourceReference},
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
    let stated = statement_citation::Column::CitationId;
    let stated = is_there::<statement_citation::Entity>(view, stated, Id);
    let recorded = is_there::<shipment::Entity>(view, shipment::Column::CitationId, Id);
    Condition::all()
        .add(is_seen::<source::Entity>(view, SourceId))
        .add(stated.or(recorded))
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

        parents {
            /// The source.
            source: Source = source_id;
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

    fn condition(self, scope: Scope<'_>) -> Result<Condition> {
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

/// A place in a source, and the words that stand there.
#[derive(Clone, InputObject)]
pub struct NewCitation {
    /// The source.
    source: SourceReference,
    /// Where in the source: `p. 4`, `paragraph 2`, `row 1042`. Absent for the source as a whole.
    locator: Option<String>,
    /// The exact words, unaltered; absent when none are quoted.
    quote: Option<String>,
    /// Words right before the quote that make it unique in the source (W3C TextQuoteSelector).
    prefix: Option<String>,
    /// Words right after the quote that make it unique in the source (W3C TextQuoteSelector).
    suffix: Option<String>,
}

impl NewCitation {
    /// The row as it will be, yet without an id.
    pub async fn row(self, entry: &mut Entry) -> Result<citation::Model> {
        let mut row = citation::Model::default();
        Patch::Set(self.source)
            .refer(entry, "source", &mut row.source_id)
            .await?;
        Patch::Set(self.locator).text(entry, "locator", &mut row.locator);
        Patch::Set(self.quote).text(entry, "quote", &mut row.quote);
        Patch::Set(self.prefix).text(entry, "prefix", &mut row.prefix);
        Patch::Set(self.suffix).text(entry, "suffix", &mut row.suffix);
        if row.quote.is_none() && (row.prefix.is_some() || row.suffix.is_some()) {
            let message = "prefix and suffix stand around a quote: give the quote as well";
            entry.check.refuse("quote", Required, message);
        }
        Ok(row)
    }
}

/// The id of such a citation, entered for this record unless it stands already.
pub async fn cite(entry: &mut Entry, root_id: Uuid, row: citation::Model) -> Result<Uuid> {
    let same_source = citation::Entity::find()
        .filter(citation::Column::SourceId.eq(row.source_id))
        .filter(match &row.locator {
            Some(locator) => citation::Column::Locator.eq(locator),
            None => citation::Column::Locator.is_null(),
        })
        .all(entry.edit.connection())
        .await?;
    let unnamed = |held: &citation::Model| citation::Model {
        id: Uuid::nil(),
        ..held.clone()
    };
    if let Some(held) = same_source.into_iter().find(|held| unnamed(held) == row) {
        return Ok(held.id);
    }
    let row = citation::Model {
        id: Uuid::now_v7(),
        ..row
    };
    let row = entry
        .edit
        .insert_part::<citation::Entity>(root_id, row)
        .await?;
    Ok(row.id)
}

/// Refuses a citation that stays when its source is not what a published record may rest on.
pub async fn stays(entry: &mut Entry, id: Uuid) -> Result<Option<citation::Model>> {
    let found = citation::Entity::find_by_id(id)
        .one(entry.edit.connection())
        .await?;
    if let Some(row) = &found
        && entry.publishing
        && let Some(mut source) = entry.edit.rely_on::<source::Entity>(row.source_id).await?
    {
        entry.lean_on::<source::Entity>(&mut source);
    }
    Ok(found)
}
