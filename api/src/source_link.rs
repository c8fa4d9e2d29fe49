//! Links between sources: the chain that a report goes back along.
use async_graphql::{ID, InputObject};
use entity::{source, source_link, source_link::SourceLinkKind};
use sea_orm::Condition;

use crate::{
    kit::{
        access::View,
        edit::part,
        error::Result,
        fields::{concept, fields, order},
        filter::{Filter, Scope, is_seen},
        operators::{Choice, choosable_enums},
    },
    source::{Source, SourceFilter},
};

concept! {
    /// How one source depends on another. Links make a chain back to the roots, and never a
    /// circle.
    SourceLink of source_link, filtered by SourceLinkFilter, ordered by SourceLinkOrderField,
    visible when |view| between_seen(view); part
}

/// Both of its ends are seen.
fn between_seen(view: View) -> Condition {
    use source_link::Column::{Id, RemovedAt, SourceId, TargetId};
    view.holds(Id, RemovedAt)
        .add(is_seen::<source::Entity>(view, SourceId))
        .add(is_seen::<source::Entity>(view, TargetId))
}

part!(source_link of source_id in SourceId);

fields! {
    #[ComplexObject]
    impl SourceLink {
        record;

        parents {
            /// The source that depends on the other.
            source: Source = source_id;

            /// The source that it depends on.
            target: Source = target_id;
        }
    }
}

choosable_enums!(SourceLinkKind);

/// Which links between sources.
#[derive(InputObject)]
pub struct SourceLinkFilter {
    /// All of these hold.
    and: Option<Vec<SourceLinkFilter>>,
    /// At least one of these holds.
    or: Option<Vec<SourceLinkFilter>>,
    /// This does not hold.
    not: Option<Box<SourceLinkFilter>>,
    /// By global id.
    id: Option<Choice<ID>>,
    /// By the way of depending.
    kind: Option<Choice<SourceLinkKind>>,
    /// By the source that depends on the other.
    source: Option<Box<SourceFilter>>,
    /// By the source that it depends on.
    target: Option<Box<SourceFilter>>,
}

impl Filter for SourceLinkFilter {
    type Entity = source_link::Entity;

    fn condition(self, scope: Scope<'_>) -> Result<Condition> {
        use source_link::Column;
        let Self {
            and,
            or,
            not,
            id,
            kind,
            source,
            target,
        } = self;
        Ok(scope
            .logic(and, or, not)?
            .on(id, Column::Id)?
            .on(kind, Column::Kind)?
            .one(source, Column::SourceId)?
            .one(target, Column::TargetId)?
            .done())
    }
}

order! {
    /// What links between sources can be ordered by.
    SourceLinkOrderField of source_link {
        /// The way of depending, by its name.
        Kind,
    }
}
