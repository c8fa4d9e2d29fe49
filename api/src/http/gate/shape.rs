//! How large a document is once its fragments are resolved. Each fragment is measured once, so
//! that fragments which double thirty times take no longer than thirty fragments.
use std::collections::HashMap;

use async_graphql::{
    Positioned, ServerError,
    parser::types::{ExecutableDocument, Field, Selection, SelectionSet},
};
use async_graphql_value::Value;

use crate::http::{
    document::Refused,
    limits::{Exceeded, Limit, Limits},
};

/// What a selection set comes to.
#[derive(Clone, Copy, Default)]
struct Shape {
    fields: u64,
    /// Values of arguments.
    values: u64,
    aliases: u64,
    directives: u64,
    depth: u64,
    /// Lists of the schema's own elements within one another.
    introspection: u64,
    /// Fields of the set itself.
    own: u64,
}

impl Shape {
    /// With what stands beside it.
    fn and(self, other: Self) -> Self {
        Self {
            fields: self.fields.saturating_add(other.fields),
            values: self.values.saturating_add(other.values),
            aliases: self.aliases.saturating_add(other.aliases),
            directives: self.directives.saturating_add(other.directives),
            depth: self.depth.max(other.depth),
            introspection: self.introspection.max(other.introspection),
            own: self.own.saturating_add(other.own),
        }
    }
}

/// Fields of the schema's own types whose lists lead back to types.
const LISTS: [&str; 5] = [
    "fields",
    "args",
    "inputFields",
    "interfaces",
    "possibleTypes",
];

/// Refuses a document with an operation that is too large, or without end.
pub fn check(document: &ExecutableDocument, limits: &Limits) -> Result<(), Refused> {
    let mut measure = Measure {
        document,
        fragments: HashMap::new(),
        sets: 0,
        most_sets: limits.max_nesting,
        is_too_deep: false,
        open: Vec::new(),
        endless: None,
    };
    // Validation goes into each operation, whichever is asked for: they count together.
    let mut all = Shape::default();
    for (_, operation) in document.operations.iter() {
        let set = measure.set(&operation.node.selection_set.node, false);
        if let Some(error) = measure.endless {
            return Err(Refused::Invalid(vec![error]));
        }
        if measure.is_too_deep {
            let exceeded = Exceeded::early(Limit::Spreads, limits.max_nesting);
            return Err(Refused::Limit(exceeded));
        }
        all = all.and(set);
        let own = operation.node.directives.len();
        let directives = set.directives.saturating_add(own as u64);
        for (limit, most, had) in [
            (Limit::Fields, limits.max_fields, all.fields),
            (Limit::Arguments, limits.max_tokens, all.values),
            (Limit::Depth, limits.max_depth, set.depth),
            (Limit::Aliases, limits.max_aliases, set.aliases),
            (Limit::RootFields, limits.max_root_fields, set.own),
            (Limit::Directives, limits.max_directives, directives),
            (
                Limit::IntrospectionDepth,
                limits.max_introspection_depth,
                set.introspection,
            ),
        ] {
            Exceeded::check(limit, most as u64, had).map_err(Refused::Limit)?;
        }
    }
    measure.unused()
}

struct Measure<'d> {
    document: &'d ExecutableDocument,
    /// Those that were measured, within introspection or not.
    fragments: HashMap<(&'d str, bool), Shape>,
    /// Selections that we are in. Each takes a call, here and in the library.
    sets: usize,
    most_sets: usize,
    is_too_deep: bool,
    /// Fragments that we are in.
    open: Vec<&'d str>,
    /// A fragment that comes back to itself: the library would follow it for ever.
    endless: Option<ServerError>,
}

impl<'d> Measure<'d> {
    /// Validation would go into fragments that no operation uses, which nothing has bounded.
    fn unused(&self) -> Result<(), Refused> {
        let fragments = self.document.fragments.iter();
        let unused = fragments.filter(|(name, _)| {
            ![false, true]
                .iter()
                .any(|introspects| self.fragments.contains_key(&(name.as_str(), *introspects)))
        });
        let mut unused: Vec<_> = unused.collect();
        if unused.is_empty() {
            return Ok(());
        }
        unused.sort_unstable_by_key(|(_, fragment)| fragment.pos);
        let error = |(name, fragment): (&_, &Positioned<_>)| {
            ServerError::new(
                format!("the fragment {name} is never used"),
                Some(fragment.pos),
            )
        };
        Err(Refused::Invalid(unused.into_iter().map(error).collect()))
    }

    /// `introspects`: whether it is a selection of the schema's own elements.
    fn set(&mut self, set: &'d SelectionSet, introspects: bool) -> Shape {
        if self.sets > self.most_sets {
            self.is_too_deep = true;
            return Shape::default();
        }
        self.sets += 1;
        let mut shape = Shape::default();
        for selection in &set.items {
            shape = shape.and(self.selection(&selection.node, introspects));
        }
        self.sets -= 1;
        shape
    }

    fn selection(&mut self, selection: &'d Selection, introspects: bool) -> Shape {
        let mut shape = match selection {
            Selection::Field(field) => {
                let name = field.node.name.node.as_str();
                let introspects = introspects || matches!(name, "__schema" | "__type");
                let inner = self.set(&field.node.selection_set.node, introspects);
                let is_list = introspects && LISTS.contains(&name);
                Shape {
                    fields: inner.fields.saturating_add(1),
                    values: inner.values.saturating_add(arguments(&field.node)),
                    aliases: inner
                        .aliases
                        .saturating_add(u64::from(field.node.alias.is_some())),
                    directives: inner.directives,
                    depth: inner.depth + 1,
                    introspection: inner.introspection + u64::from(is_list),
                    own: 1,
                }
            }
            Selection::InlineFragment(fragment) => {
                self.set(&fragment.node.selection_set.node, introspects)
            }
            Selection::FragmentSpread(spread) => {
                self.fragment(spread.node.fragment_name.node.as_str(), introspects)
            }
        };
        let own = selection.directives().len() as u64;
        shape.directives = shape.directives.saturating_add(own);
        shape
    }

    fn fragment(&mut self, name: &'d str, introspects: bool) -> Shape {
        let key = (name, introspects);
        if let Some(shape) = self.fragments.get(&key) {
            return *shape;
        }
        let Some(fragment) = self.document.fragments.get(name) else {
            return Shape::default();
        };
        if let Some(start) = self.open.iter().position(|open| *open == name) {
            let way = self.open.iter().skip(start).copied().chain([name]);
            let way = way.collect::<Vec<_>>().join(" → ");
            let message = format!("the fragment {name} comes back to itself: {way}");
            self.endless = Some(ServerError::new(message, Some(fragment.pos)));
            return Shape::default();
        }
        self.open.push(name);
        let mut shape = self.set(&fragment.node.selection_set.node, introspects);
        let own = fragment.node.directives.len() as u64;
        shape.directives = shape.directives.saturating_add(own);
        self.open.pop();
        self.fragments.insert(key, shape);
        shape
    }
}

/// How many values the arguments of a field are made of.
fn arguments(field: &Field) -> u64 {
    let values = field.arguments.iter().map(|(_, value)| size(&value.node));
    values.fold(0, u64::saturating_add)
}

fn size(value: &Value) -> u64 {
    match value {
        Value::List(values) => values.iter().map(size).fold(1, u64::saturating_add),
        Value::Object(fields) => fields.values().map(size).fold(1, u64::saturating_add),
        _ => 1,
    }
}
