//! What of a document is executed: one operation, what is skipped left out, fragments put in
//! place, and each response key once (GraphQL specification, CollectFields and MergeSelectionSets).
//! The library would run a field as often as it is selected, which a mutation must not be.
use std::{
    cell::{Cell, RefCell},
    collections::HashSet,
};

use async_graphql::{
    Name, Pos, Positioned, ServerError,
    indexmap::{IndexMap, map::Entry},
    parser::types::{
        Directive, DocumentOperations, ExecutableDocument, Field, InlineFragment,
        OperationDefinition, Selection, SelectionSet, TypeCondition,
    },
};

use super::Given;
use crate::http::gate::types::{Kind, Types, root};

/// A document of this operation alone. It was measured and validated before; still, fields of one
/// key may turn out to be different ones where selections are put together, which the library
/// compares in one selection alone.
///
/// Answers as well whether what is answered to one selection may have to be put together with what
/// is answered to another: fragments of one interface may hold the same keys.
pub fn collect(
    types: &Types,
    document: &ExecutableDocument,
    operation: &Positioned<OperationDefinition>,
    given: Given<'_>,
) -> Result<(ExecutableDocument, bool), ServerError> {
    let collector = Collector {
        types,
        document,
        given,
        conflict: RefCell::new(None),
        merges: Cell::new(false),
    };
    let root = root(operation.node.ty);
    let set = &operation.node.selection_set;
    let collected = OperationDefinition {
        ty: operation.node.ty,
        variable_definitions: operation.node.variable_definitions.clone(),
        directives: Vec::new(),
        selection_set: set.position_node(collector.collected(&[&set.node], root)),
    };
    match collector.conflict.into_inner() {
        Some(conflict) => Err(conflict),
        None => {
            let document = ExecutableDocument {
                operations: DocumentOperations::Single(operation.position_node(collected)),
                fragments: std::collections::HashMap::new(),
            };
            Ok((document, collector.merges.get()))
        }
    }
}

struct Collector<'d> {
    types: &'d Types,
    document: &'d ExecutableDocument,
    given: Given<'d>,
    /// The first two fields of one key that are not the same.
    conflict: RefCell<Option<ServerError>>,
    merges: Cell<bool>,
}

/// What is selected of one object, by response key; and fragments for objects of some types, by
/// their type and how many selections stood before.
enum Collected<'d> {
    Field(&'d Positioned<Field>, Vec<&'d SelectionSet>),
    Fragment(&'d str, Pos, Vec<&'d SelectionSet>),
}

type Groups<'d> = IndexMap<(&'d str, Option<usize>), Collected<'d>>;

impl<'d> Collector<'d> {
    fn collected(&self, sets: &[&'d SelectionSet], on: &str) -> SelectionSet {
        let mut groups = Groups::new();
        for set in sets {
            self.add(&mut groups, set, on);
        }
        if self.may_merge(&groups) {
            self.merges.set(true);
        }
        let items = groups.into_values().map(|group| match group {
            Collected::Field(field, sets) => {
                let node =
                    Selection::Field(field.position_node(self.field(&field.node, &sets, on)));
                field.position_node(node)
            }
            Collected::Fragment(on, pos, sets) => {
                let condition = TypeCondition {
                    on: Positioned::new(Name::new(on), pos),
                };
                let fragment = InlineFragment {
                    type_condition: Some(Positioned::new(condition, pos)),
                    directives: Vec::new(),
                    selection_set: Positioned::new(self.collected(&sets, on), pos),
                };
                let node = Selection::InlineFragment(Positioned::new(fragment, pos));
                Positioned::new(node, pos)
            }
        });
        SelectionSet {
            items: items.collect(),
        }
    }

    /// Whether two of these may hold an object under one key.
    fn may_merge(&self, groups: &Groups<'d>) -> bool {
        let (mut conditions, mut fragments) = (HashSet::new(), 0);
        let (mut has_objects, mut has_interfaces) = (false, false);
        for group in groups.values() {
            match group {
                Collected::Field(field, _) => {
                    has_objects |= !field.node.selection_set.node.items.is_empty();
                }
                Collected::Fragment(name, ..) => {
                    conditions.insert(name);
                    fragments += 1;
                    has_interfaces |= !self.is_object(name);
                }
            }
        }
        let alone = fragments < 2 && !has_objects;
        fragments > 0 && !alone && (has_objects || has_interfaces || conditions.len() < fragments)
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
                            if let Collected::Field(first, sets) = entry.get_mut() {
                                if !is_same(&first.node, &field.node) {
                                    let conflict = || conflict(first, field);
                                    self.conflict.borrow_mut().get_or_insert_with(conflict);
                                }
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
        if name == on || self.is_object(on) {
            // Within one on a union, a fragment may be for other objects than these.
            if self.types.is(on, name) {
                self.add(groups, set, on);
            }
            return;
        }
        match self.types.get(name) {
            // The library leaves out what is on one union within another, or within an interface.
            Some(Kind::Union(members)) => {
                let here = members.iter().filter(|member| self.types.is(member, on));
                here.for_each(|member| add_for(groups, member, condition.pos, set));
            }
            _ => add_for(groups, name, condition.pos, set),
        }
    }

    /// Whether a type is that of an object, and of nothing that may be one or another.
    fn is_object(&self, name: &str) -> bool {
        matches!(self.types.get(name), Some(Kind::Object(object)) if !object.is_interface)
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

/// A fragment for objects of a type, or for what may be one of some types.
fn add_for<'d>(groups: &mut Groups<'d>, name: &'d str, pos: Pos, set: &'d SelectionSet) {
    // Keys must come in the order of the query: only what stands together is put together.
    let before = groups.len();
    if let Some(((last, Some(_)), Collected::Fragment(.., sets))) = groups.last_mut()
        && *last == name
    {
        sets.push(set);
        return;
    }
    let fragment = Collected::Fragment(name, pos, vec![set]);
    groups.insert((name, Some(before)), fragment);
}

/// Whether one answer is right for both.
fn is_same(one: &Field, other: &Field) -> bool {
    let mut arguments = one.arguments.iter();
    one.name.node == other.name.node
        && one.arguments.len() == other.arguments.len()
        && arguments.all(|(name, value)| {
            let found = other.get_argument(&name.node);
            found.is_some_and(|found| found.node == value.node)
        })
}

fn conflict(one: &Positioned<Field>, other: &Positioned<Field>) -> ServerError {
    let key = &one.node.response_key().node;
    let message = format!(
        "the fields that are answered as {key} conflict: they are different ones, or have different arguments; give one of them an alias"
    );
    let mut error = ServerError::new(message, Some(one.pos));
    error.locations.push(other.pos);
    error
}
