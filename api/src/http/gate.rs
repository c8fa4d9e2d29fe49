//! What is refused before it is even looked into: the library goes down every level by a call.
use std::collections::HashSet;

use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, OperationType, Selection, SelectionSet,
};
use serde_json::Value as Json;

/// Brackets within brackets of a document; introspection and clients' own queries have some 20.
const DEEPEST_DOCUMENT: usize = 50;
/// Objects and lists within one another in variables.
const DEEPEST_VARIABLES: usize = 40;

/// Why the document must not be parsed; none when it may.
pub fn too_deep(document: &str, variables: Option<&Json>) -> Option<String> {
    let depth = nesting(document);
    if depth > DEEPEST_DOCUMENT {
        return Some(format!(
            "the document nests {depth} brackets, and at most {DEEPEST_DOCUMENT} are taken"
        ));
    }
    let depth = variables.map_or(0, nesting_of_json);
    (depth > DEEPEST_VARIABLES).then(|| {
        format!("the variables nest {depth} deep, and at most {DEEPEST_VARIABLES} are taken")
    })
}

/// How deep brackets nest, those in strings and comments left out.
fn nesting(document: &str) -> usize {
    let (mut depth, mut deepest) = (0usize, 0);
    let mut rest = document;
    while let Some(c) = rest.chars().next() {
        let step = match c {
            '{' | '[' | '(' => {
                depth += 1;
                deepest = deepest.max(depth);
                1
            }
            '}' | ']' | ')' => {
                depth = depth.saturating_sub(1);
                1
            }
            '#' => rest.find(['\n', '\r']).unwrap_or(rest.len()),
            '"' => string(rest),
            other => other.len_utf8(),
        };
        rest = rest.get(step..).unwrap_or_default();
    }
    deepest
}

/// The length of the string that stands here, with its quotes.
fn string(text: &str) -> usize {
    let (quote, escape) = match text.starts_with("\"\"\"") {
        true => ("\"\"\"", "\\\"\"\""),
        false => ("\"", "\\"),
    };
    let mut at = quote.len();
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with(quote) {
            return at + quote.len();
        }
        if quote == "\"" && rest.starts_with(['\n', '\r']) {
            // No string goes on there: what follows counts.
            return at;
        }
        let next = rest.chars().next().map_or(1, char::len_utf8);
        at += match rest.strip_prefix(escape) {
            // In a plain string whatever follows a backslash belongs to it.
            Some(after) if quote == "\"" => 1 + after.chars().next().map_or(0, char::len_utf8),
            Some(_) => escape.len(),
            None => next,
        };
    }
    text.len()
}

fn nesting_of_json(json: &Json) -> usize {
    match json {
        Json::Array(values) => 1 + values.iter().map(nesting_of_json).max().unwrap_or(0),
        Json::Object(fields) => 1 + fields.values().map(nesting_of_json).max().unwrap_or(0),
        _ => 0,
    }
}

/// A response key that stands more than once in a mutation. Both would be carried out, though the
/// answer has room for one: GraphQL would merge them, and do it once.
pub fn done_twice(document: &ExecutableDocument, name: Option<&str>) -> Option<String> {
    let operations: Vec<_> = match &document.operations {
        DocumentOperations::Single(operation) => vec![operation],
        DocumentOperations::Multiple(operations) => operations
            .iter()
            .filter(|(operation, _)| name.is_none_or(|name| operation.as_str() == name))
            .map(|(_, operation)| operation)
            .collect(),
    };
    let mutations = operations
        .iter()
        .filter(|operation| operation.node.ty == OperationType::Mutation);
    for mutation in mutations {
        let mut keys = HashSet::new();
        let mut open = HashSet::new();
        let set = &mutation.node.selection_set.node;
        if let Some(key) = repeated(document, set, &mut keys, &mut open) {
            return Some(format!(
                "{key} stands twice in the mutation: give it once, or give each an alias of its own"
            ));
        }
    }
    None
}

fn repeated<'d>(
    document: &'d ExecutableDocument,
    set: &'d SelectionSet,
    keys: &mut HashSet<&'d str>,
    open: &mut HashSet<&'d str>,
) -> Option<&'d str> {
    for selection in &set.items {
        let found = match &selection.node {
            Selection::Field(field) => {
                let key = field.node.response_key().node.as_str();
                (!keys.insert(key)).then_some(key)
            }
            Selection::InlineFragment(fragment) => {
                repeated(document, &fragment.node.selection_set.node, keys, open)
            }
            Selection::FragmentSpread(spread) => {
                let name = spread.node.fragment_name.node.as_str();
                // One within itself is refused by validation.
                let fragment = document.fragments.get(name).filter(|_| open.insert(name));
                let found = fragment.and_then(|fragment| {
                    repeated(document, &fragment.node.selection_set.node, keys, open)
                });
                open.remove(name);
                found
            }
        };
        if found.is_some() {
            return found;
        }
    }
    None
}
