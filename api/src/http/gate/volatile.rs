//! What changes without a revision, so that no answer with it may be kept.
use async_graphql::parser::types::{Selection, SelectionSet};

use super::types::Types;

/// Points are used up and keys are used by asking, and imports come along; of keys and imports even
/// the count, which may be filtered by how they stand.
const VOLATILE: [&str; 6] = [
    "ApiKey",
    "ApiKeyConnection",
    "ImportBatch",
    "ImportBatchConnection",
    "RateLimit",
    "Viewer",
];

/// Whether a selection on an object of this type, its fragments put in place, has any of it.
pub fn is_volatile(types: &Types, set: &SelectionSet, on: &str) -> bool {
    set.items.iter().any(|selection| match &selection.node {
        Selection::Field(field) => types.field(on, &field.node.name.node).is_some_and(|found| {
            let name = found.type_name.as_str();
            VOLATILE.contains(&name) || is_volatile(types, &field.node.selection_set.node, name)
        }),
        Selection::InlineFragment(fragment) => {
            let condition = fragment.node.type_condition.as_ref();
            let on = condition.map_or(on, |condition| condition.node.on.node.as_str());
            VOLATILE.contains(&on) || is_volatile(types, &fragment.node.selection_set.node, on)
        }
        Selection::FragmentSpread(_) => true,
    })
}
