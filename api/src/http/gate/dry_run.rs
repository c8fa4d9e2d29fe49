//! Requests that ask what they would cost: nothing else of them is carried out.
use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, OperationDefinition, Selection,
};

use crate::http::document::Given;

/// Leaves `rateLimit(dryRun: true)` alone in the document, if it is there; whether it is.
pub fn keep(document: &mut ExecutableDocument, given: Given<'_>) -> bool {
    let DocumentOperations::Single(operation) = &mut document.operations else {
        return false;
    };
    let OperationDefinition { selection_set, .. } = &mut operation.node;
    let is_dry = |selection: &Selection| match selection {
        Selection::Field(field) if field.node.name.node == "rateLimit" => {
            let dry_run = field.node.get_argument("dryRun");
            dry_run.is_some_and(|value| given.is_true(&value.node))
        }
        _ => false,
    };
    let items = &mut selection_set.node.items;
    let found = items.iter().any(|item| is_dry(&item.node));
    if found {
        items.retain(|item| is_dry(&item.node));
    }
    found
}
