//! What of a document is executed: one operation, what is skipped left out, fragments put in
//! place, and each response key once (GraphQL specification, CollectFields and MergeSelectionSets).
//! The library would run a field as often as it is selected, which a mutation must not be.
use async_graphql::{
    Positioned,
    indexmap::{IndexMap, map::Entry},
    parser::types::{
        Directive, DocumentOperations, ExecutableDocument, Field, InlineFragment,
        OperationDefinition, Selection, SelectionSet, TypeCondition,
    },
};

use super::Given;
use crate::http::gate::types::{Kind, Types, root};

/// A document of this operation alone. It was measured and validated before.
pub fn collect(
    types: &Types,
    document: &ExecutableDocument,
    operation: &Positioned<OperationDefinition>,
    given: Given<'_>,
) -> ExecutableDocument {
    let collector = Collector {
        types,
        document,
        given,
    };
    let root = root(operation.node.ty);
    let set = &operation.node.selection_set;
    let collected = OperationDefinition {
        ty: operation.node.ty,
        variable_definitions: operation.node.variable_definitions.clone(),
        directives: Vec::new(),
        selection_set: set.position_node(collector.collected(&[&set.node], root)),
    };
    ExecutableDocument {
        operations: DocumentOperations::Single(operation.position_node(collected)),
        fragments: std::collections::HashMap::new(),
    }
}

struct Collector<'d> {
    types: &'d Types,
    document: &'d ExecutableDocument,
    given: Given<'d>,
}

/// What is selected of one object, by response key; and fragments for objects of some types, by
/// their type and how many selections stood before.
enum Collected<'d> {
    Field(&'d Positioned<Field>, Vec<&'d SelectionSet>),
    Fragment(&'d Positioned<TypeCondition>, Vec<&'d SelectionSet>),
}

type Groups<'d> = IndexMap<(&'d str, Option<usize>), Collected<'d>>;

impl<'d> Collector<'d> {
    fn collected(&self, sets: &[&'d SelectionSet], on: &str) -> SelectionSet {
        let mut groups = Groups::new();
        for set in sets {
            self.add(&mut groups, set, on);
        }
        let items = groups.into_values().map(|group| match group {
            Collected::Field(field, sets) => {
                let node =
                    Selection::Field(field.position_node(self.field(&field.node, &sets, on)));
                field.position_node(node)
            }
            Collected::Fragment(condition, sets) => {
                let on = condition.node.on.node.as_str();
                let fragment = InlineFragment {
                    type_condition: Some(condition.clone()),
                    directives: Vec::new(),
                    selection_set: condition.position_node(self.collected(&sets, on)),
                };
                let node = Selection::InlineFragment(condition.position_node(fragment));
                condition.position_node(node)
            }
        });
        SelectionSet {
            items: items.collect(),
        }
    }

    fn field(&self, field: &Field, sets: &[&'d SelectionSet], on: &str) -> Field {
        let found = self.types.field(on, &field.name.node);
        let on = found.map_or("", |found| found.type_name.as_str());
        Field {
            alias: field.alias.clone(),
            name: field.name.clone(),
            arguments: field.arguments.clone(),
            directives: Vec::new(),
            selection_set: field.selection_set.position_node(self.collected(sets, on)),
        }
    }

    fn add(&self, groups: &mut Groups<'d>, set: &'d SelectionSet, on: &str) {
        for selection in &set.items {
            if self.is_skipped(selection.node.directives()) {
                continue;
            }
            match &selection.node {
                Selection::Field(field) => {
                    let key = field.node.response_key().node.as_str();
                    let inner = &field.node.selection_set.node;
                    match groups.entry((key, None)) {
                        Entry::Occupied(mut entry) => {
                            if let Collected::Field(_, sets) = entry.get_mut() {
                                sets.push(inner);
                            }
                        }
                        Entry::Vacant(entry) => {
                            entry.insert(Collected::Field(field, vec![inner]));
                        }
                    }
                }
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref();
                    self.add_fragment(groups, condition, &fragment.node.selection_set.node, on);
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    if let Some(fragment) = self.document.fragments.get(name) {
                        let condition = Some(&fragment.node.type_condition);
                        self.add_fragment(groups, condition, &fragment.node.selection_set.node, on);
                    }
                }
            }
        }
    }

    fn add_fragment(
        &self,
        groups: &mut Groups<'d>,
        condition: Option<&'d Positioned<TypeCondition>>,
        set: &'d SelectionSet,
        on: &str,
    ) {
        let Some(condition) = condition else {
            return self.add(groups, set, on);
        };
        let name = condition.node.on.node.as_str();
        // Validation saw to it that the fragment can apply: to an object it does.
        let applies = name == on
            || matches!(self.types.get(on), Some(Kind::Object(object)) if !object.is_interface);
        if applies {
            return self.add(groups, set, on);
        }
        // Keys must come in the order of the query: only what stands together is put together.
        let before = groups.len();
        if let Some(((last, Some(_)), Collected::Fragment(_, sets))) = groups.last_mut()
            && *last == name
        {
            sets.push(set);
            return;
        }
        groups.insert(
            (name, Some(before)),
            Collected::Fragment(condition, vec![set]),
        );
    }

    /// Whether `@skip` or `@include` leaves the selection out.
    fn is_skipped(&self, directives: &[Positioned<Directive>]) -> bool {
        directives.iter().any(|directive| {
            let when = match directive.node.name.node.as_str() {
                "skip" => true,
                "include" => false,
                _ => return false,
            };
            directive
                .node
                .get_argument("if")
                .map(|value| self.given.is_true(&value.node))
                == Some(when)
        })
    }
}
