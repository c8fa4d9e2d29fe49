//! What a request may cost, before it runs: the sizes of its pages, multiplied.
use std::collections::HashMap;

use async_graphql::{
    Name,
    parser::types::{ExecutableDocument, Field, OperationType, Selection, SelectionSet},
};
use async_graphql_value::{ConstValue, Value};

use super::types::{Kind, Types, root};
use crate::{
    http::{
        document::Given,
        limits::{Exceeded, Limit, Limits},
    },
    kit::page::{DEFAULT_SIZE, MOST_ROWS},
};

/// What one page or record comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Points: one for each record that may be read, ten for each mutation, each total count, each
    /// search and each page that is reckoned.
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
const PARTS: u64 = 5;
/// A mutation, a count, a search and what is reckoned cost as much as so many records.
const EFFORT: u64 = 10;
/// So many values of an argument cost as much as a record.
const VALUES: u64 = 100;
/// So many elements of the schema cost as much as a record: they are in memory.
const ELEMENTS: u64 = 100;

/// The cost of a document as it is executed: of one operation, its fragments put in place.
pub fn of(types: &Types, document: &ExecutableDocument, given: Given<'_>) -> Cost {
    let kind = given.operation.ty;
    let effort = match kind {
        OperationType::Query => 0,
        OperationType::Mutation | OperationType::Subscription => EFFORT,
    };
    let sent = given.sent.iter();
    let reckoning = Reckoning {
        types,
        given,
        sizes: sent.map(|(name, value)| (name, size(value))).collect(),
    };
    let sets = document.operations.iter();
    let costs = sets.map(|(_, operation)| {
        let set = &operation.node.selection_set.node;
        let fields = u64::try_from(set.items.len()).unwrap_or(u64::MAX);
        let own = Cost {
            points: 1u64.saturating_add(effort.saturating_mul(fields)),
            nodes: 0,
        };
        own.and(reckoning.set(set, root(kind), None))
    });
    costs.fold(Cost::default(), Cost::and)
}

struct Reckoning<'r> {
    types: &'r Types,
    given: Given<'r>,
    /// Of how many values each variable is made.
    sizes: HashMap<&'r Name, u64>,
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
            // There are none any more.
            Selection::FragmentSpread(_) => Cost::default(),
        });
        selections.fold(Cost::default(), Cost::and)
    }

    fn field(&self, field: &Field, on: &str, page: Option<u64>) -> Cost {
        let Some(found) = self.types.field(on, &field.name.node) else {
            // The schema's own.
            let nodes = self.element(field);
            return Cost {
                points: nodes / ELEMENTS,
                nodes,
            };
        };
        let size = self.page(field, found.arguments.contains_key("first"));
        let is_record = match self.types.get(&found.type_name) {
            Some(Kind::Object(object)) => object.is_record,
            Some(Kind::Union(_)) => true,
            _ => false,
        };
        let counts = page.is_some() && field.name.node == "totalCount";
        let searches = found.arguments.contains_key("query");
        // A page that is no connection is reckoned, from more than it shows.
        let reckons = size.is_some() && !found.is_list && !found.type_name.ends_with("Connection");
        let arguments = field.arguments.iter();
        let values = arguments.map(|(_, value)| self.values(&value.node));
        let values = values.fold(0, u64::saturating_add);
        // What is reckoned for each element of such a list is no less than reading a record.
        let is_reckoned = found.is_list && size.is_some();
        let own = Cost {
            points: u64::from(is_record || is_reckoned)
                + if counts || searches || reckons {
                    EFFORT
                } else {
                    0
                }
                + values / VALUES,
            nodes: 1,
        };
        let set = &field.selection_set.node;
        if !found.is_list {
            return own.and(self.set(set, &found.type_name, size));
        }
        // A list that takes `first` is as long as that; those of a page are as long as the page.
        let length = self.asked_for(field).or(size).or(page).unwrap_or(PARTS);
        let one = own.and(self.set(set, &found.type_name, None));
        one.times(length)
    }

    /// How many of the schema's own elements are selected, lists taken as long as they are on the
    /// average.
    fn elements(&self, set: &SelectionSet) -> u64 {
        let selections = set.items.iter().map(|selection| match &selection.node {
            Selection::Field(field) => self.element(&field.node),
            Selection::InlineFragment(fragment) => self.elements(&fragment.node.selection_set.node),
            Selection::FragmentSpread(_) => 0,
        });
        selections.fold(0, u64::saturating_add)
    }

    fn element(&self, field: &Field) -> u64 {
        let one = self.elements(&field.selection_set.node).saturating_add(1);
        one.saturating_mul(self.types.elements(&field.name.node))
    }

    /// How many values a value is made of, once the variables are known.
    fn values(&self, value: &Value) -> u64 {
        let all = |count: u64, value| count.saturating_add(self.values(value));
        match value {
            Value::Variable(name) => self.sizes.get(name).copied().unwrap_or(1),
            Value::List(values) => values.iter().fold(1, all),
            Value::Object(fields) => fields.values().fold(1, all),
            _ => 1,
        }
    }

    /// The size of the page, if the field is one.
    fn page(&self, field: &Field, is_page: bool) -> Option<u64> {
        let asked =
            ["first", "last"]
                .into_iter()
                .find_map(|name| match self.given.argument(field, name) {
                    Some(ConstValue::Number(size)) => {
                        Some(size.as_u64().unwrap_or(0).min(MOST_ROWS))
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

fn size(value: &ConstValue) -> u64 {
    match value {
        ConstValue::List(values) => values.iter().map(size).fold(1, u64::saturating_add),
        ConstValue::Object(fields) => fields.values().map(size).fold(1, u64::saturating_add),
        _ => 1,
    }
}
