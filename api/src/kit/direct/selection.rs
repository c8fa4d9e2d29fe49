//! What is selected of an object, and how a response says it.
use std::{any::TypeId, collections::HashSet};

use async_graphql::{
    parser::types::{Field as Selected, Selection, SelectionSet},
    registry::Registry,
};

use crate::kit::{cell::write_text, plain::Plain};

/// What is known of a request when shapes are made for it.
#[derive(Clone, Copy)]
pub struct Around<'r> {
    /// The tables whose rows are kept in memory.
    pub kept: &'r [TypeId],
    pub registry: &'r Registry,
}

impl<'r> Around<'r> {
    /// The fields of a selection for records of a concept, among fragments for other ones; none when
    /// one has directives, or two have the same key and so would have to be put together.
    pub fn selected<'s>(&self, set: &'s SelectionSet, plain: &Plain) -> Option<Vec<&'s Selected>> {
        let mut selected = Vec::with_capacity(set.items.len());
        self.collect(set, plain, &mut selected)?;
        let keys = selected.iter().map(|field| &field.response_key().node);
        (keys.collect::<HashSet<_>>().len() == selected.len()).then_some(selected)
    }

    fn collect<'s>(
        &self,
        set: &'s SelectionSet,
        plain: &Plain,
        fields: &mut Vec<&'s Selected>,
    ) -> Option<()> {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) if field.node.directives.is_empty() => {
                    fields.push(&field.node);
                }
                Selection::InlineFragment(fragment) => {
                    let on = fragment.node.type_condition.as_ref()?;
                    let on = self.registry.types.get(on.node.on.node.as_str())?;
                    if on.is_possible_type(plain.type_name) {
                        self.collect(&fragment.node.selection_set.node, plain, fields)?;
                    }
                }
                Selection::Field(_) | Selection::FragmentSpread(_) => return None,
            }
        }
        Some(())
    }
}

/// The fields of a selection, each once; none when one has directives, or is no field.
pub fn fields(set: &SelectionSet) -> Option<Vec<&Selected>> {
    let selected = set.items.iter().map(|selection| match &selection.node {
        Selection::Field(field) if field.node.directives.is_empty() => Some(&field.node),
        _ => None,
    });
    selected.collect()
}

/// A response key as it stands before its value, in an object that has others before it or not.
pub fn key(field: &Selected, is_first: bool) -> Vec<u8> {
    let mut key = if is_first { Vec::new() } else { vec![b','] };
    write_text(field.response_key().node.as_str(), &mut key);
    key.push(b':');
    key
}

/// A text as an answer has it.
pub fn quoted(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    write_text(text, &mut out);
    out
}
