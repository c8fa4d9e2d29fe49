//! What a request may cost, before it runs: the sizes of its pages, multiplied.
use async_graphql::parser::types::{
    ExecutableDocument, Field, OperationType, Selection, SelectionSet,
};
use async_graphql_value::ConstValue;

use super::types::{Kind, Types, root};
use crate::{
    http::{
        document::Given,
        limits::{Exceeded, Limit, Limits},
    },
    kit::page::{DEFAULT_SIZE, MOST_SIZE},
};

/// What one page or record comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Points: one for each record that may be read, ten for each mutation and each total count.
    pub points: u64,
    /// Values that the answer may hold.
    pub nodes: u64,
}

impl Cost {
    fn and(self, other: Self) -> Self {
        Self {
            points: self.points.saturating_add(other.points),
            nodes: self.nodes.saturating_add(other.nodes),
        }
    }

    fn times(self, count: u64) -> Self {
        Self {
            points: self.points.saturating_mul(count),
            nodes: self.nodes.saturating_mul(count),
        }
    }

    pub fn check(self, limits: &Limits) -> Result<(), Exceeded> {
        Exceeded::check(Limit::Nodes, limits.max_nodes, self.nodes)?;
        Exceeded::check(Limit::Cost, limits.max_cost, self.points)
    }
}

/// Records of a list that is not paged: those are parts of one record, and few.
const PARTS: u64 = 10;
/// A mutation and a count cost as much as so many records.
const EFFORT: u64 = 10;

/// The cost of an operation whose fragments were found to be few.
pub fn of(types: &Types, document: &ExecutableDocument, given: Given<'_>) -> Cost {
    let kind = given.operation.ty;
    let effort = match kind {
        OperationType::Query => 0,
        OperationType::Mutation | OperationType::Subscription => EFFORT,
    };
    let reckoning = Reckoning {
        types,
        document,
        given,
    };
    let set = &given.operation.selection_set.node;
    let fields = u64::try_from(set.items.len()).unwrap_or(u64::MAX);
    let own = Cost {
        points: 1u64.saturating_add(effort.saturating_mul(fields)),
        nodes: 0,
    };
    own.and(reckoning.set(set, root(kind), None))
}

struct Reckoning<'r> {
    types: &'r Types,
    document: &'r ExecutableDocument,
    given: Given<'r>,
}

impl Reckoning<'_> {
    /// Of a selection on one object; `page` is the size of the page that the object is.
    fn set(&self, set: &SelectionSet, on: &str, page: Option<u64>) -> Cost {
        let selections = set.items.iter().map(|selection| match &selection.node {
            Selection::Field(field) => self.field(&field.node, on, page),
            Selection::InlineFragment(fragment) => {
                let condition = fragment.node.type_condition.as_ref();
                let on = condition.map_or(on, |condition| condition.node.on.node.as_str());
                self.set(&fragment.node.selection_set.node, on, page)
            }
            Selection::FragmentSpread(spread) => {
                let name = &spread.node.fragment_name.node;
                self.document
                    .fragments
                    .get(name)
                    .map_or_else(Cost::default, |fragment| {
                        let on = fragment.node.type_condition.node.on.node.as_str();
                        self.set(&fragment.node.selection_set.node, on, page)
                    })
            }
        });
        selections.fold(Cost::default(), Cost::and)
    }

    fn field(&self, field: &Field, on: &str, page: Option<u64>) -> Cost {
        let Some(found) = self.types.field(on, &field.name.node) else {
            // The schema's own elements, and what validation will refuse.
            let inner = self.set(&field.selection_set.node, "", None);
            return Cost {
                points: 0,
                nodes: 1,
            }
            .and(inner);
        };
        let size = self.page(field, found.arguments.contains_key("first"));
        let is_record = match self.types.get(&found.type_name) {
            Some(Kind::Object(object)) => object.is_record,
            Some(Kind::Union) => true,
            _ => false,
        };
        let counts = page.is_some() && field.name.node == "totalCount";
        let own = Cost {
            points: u64::from(is_record) + if counts { EFFORT } else { 0 },
            nodes: 1,
        };
        let one = own.and(self.set(&field.selection_set.node, &found.type_name, size));
        match found.is_list {
            true => one.times(self.asked_for(field).or(page).unwrap_or(PARTS)),
            false => one,
        }
    }

    /// The size of the page, if the field is one.
    fn page(&self, field: &Field, is_page: bool) -> Option<u64> {
        let asked =
            ["first", "last"]
                .into_iter()
                .find_map(|name| match self.given.argument(field, name) {
                    Some(ConstValue::Number(size)) => {
                        Some(size.as_u64().unwrap_or(0).min(MOST_SIZE))
                    }
                    _ => None,
                });
        // What is out of bounds is refused by the field itself, with better words.
        is_page.then(|| asked.unwrap_or(DEFAULT_SIZE))
    }

    /// As many records as ids were given.
    fn asked_for(&self, field: &Field) -> Option<u64> {
        match self.given.argument(field, "ids")? {
            ConstValue::List(ids) => u64::try_from(ids.len()).ok(),
            _ => None,
        }
    }
}
