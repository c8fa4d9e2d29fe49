//! Values of arguments and variables: all that is wrong with them, each with the way to it.
//! The library would find the first of them, and a date that is none only when execution began.
use std::collections::{HashMap, HashSet};

use async_graphql::{
    ErrorExtensionValues, Name, Pos, Positioned, ServerError, Variables,
    indexmap::IndexMap,
    parser::types::{
        BaseType, ExecutableDocument, Field, FragmentDefinition, OperationDefinition, Selection,
        SelectionSet, Type, VariableDefinition,
    },
};
use async_graphql_value::{ConstValue, Value};

use super::types::{Input, InputField, Kind, Types, root};
use crate::{kit::error::BAD_USER_INPUT, schema::Scalars};

/// So many are found at most, of which fewer are reported.
const MOST_ERRORS: usize = 1_000;

/// What values are checked against.
#[derive(Clone, Copy)]
pub struct Rules<'r> {
    pub types: &'r Types,
    pub scalars: &'r Scalars,
}

impl Rules<'_> {
    /// What is wrong with the values that stand in the document.
    pub fn literals(self, document: &ExecutableDocument) -> Vec<ServerError> {
        let mut check = Check::new(self, true);
        check.fragments = Some(&document.fragments);
        for (_, operation) in document.operations.iter() {
            let operation = &operation.node;
            let definitions = operation.variable_definitions.iter();
            let named = definitions
                .map(|definition| (definition.node.name.node.as_str(), &definition.node));
            check.variables = named.collect();
            check.seen.clear();
            for definition in &operation.variable_definitions {
                if let Some(directive) = definition.node.directives.first() {
                    check.begin(format!("${}", definition.node.name.node), directive.pos);
                    let name = &directive.node.name.node;
                    check.refuse(format!("there is no directive @{name} for variables"));
                }
                if let Some(default) = &definition.node.default_value {
                    check.begin(format!("${}", definition.node.name.node), default.pos);
                    let value = default.node.clone().into_value();
                    check.value(&definition.node.var_type.node, &value);
                }
            }
            check.set(&operation.selection_set.node, root(operation.ty));
        }
        check.errors
    }

    /// What is wrong with the variables that were sent.
    pub fn variables(self, operation: &OperationDefinition, sent: &Variables) -> Vec<ServerError> {
        let mut check = Check::new(self, false);
        for definition in &operation.variable_definitions {
            let (pos, definition) = (definition.pos, &definition.node);
            let name = &definition.name.node;
            check.begin(format!("${name}"), pos);
            match sent.get(name) {
                Some(value) => check.value(&definition.var_type.node, &value.clone().into_value()),
                None if definition.default_value().is_none() => {
                    check.refuse(format!(
                        "a value of type {} is required",
                        definition.var_type
                    ));
                }
                None => {}
            }
        }
        check.errors
    }
}

struct Check<'r> {
    rules: Rules<'r>,
    /// Literals spell enum values without quotes, variables with them.
    is_literal: bool,
    /// Where the value stands that is looked at.
    pos: Pos,
    path: Vec<String>,
    /// Variables by their names, as the operation defines them that is looked at.
    variables: HashMap<&'r str, &'r VariableDefinition>,
    fragments: Option<&'r HashMap<Name, Positioned<FragmentDefinition>>>,
    /// Fragments that were looked at for this operation.
    seen: HashSet<Name>,
    errors: Vec<ServerError>,
}

impl<'r> Check<'r> {
    fn new(rules: Rules<'r>, is_literal: bool) -> Self {
        Self {
            rules,
            is_literal,
            pos: Pos::default(),
            path: Vec::new(),
            variables: HashMap::new(),
            fragments: None,
            seen: HashSet::new(),
            errors: Vec::new(),
        }
    }

    fn begin(&mut self, start: String, pos: Pos) {
        self.path = vec![start];
        self.pos = pos;
    }

    /// More would take long to tell, and nobody reads them.
    fn is_enough(&self) -> bool {
        self.errors.len() >= MOST_ERRORS
    }

    fn refuse(&mut self, why: impl std::fmt::Display) {
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", BAD_USER_INPUT);
        extensions.set("value", self.path.clone());
        let mut error = ServerError::new(format!("{}: {why}", self.path.join(".")), Some(self.pos));
        error.extensions = Some(extensions);
        // A fragment is looked at for each operation that uses it.
        let is_told =
            |told: &ServerError| told.message == error.message && told.locations == error.locations;
        if !self.errors.iter().any(is_told) {
            self.errors.push(error);
        }
    }

    fn set(&mut self, set: &SelectionSet, on: &str) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => self.field(&field.node, on),
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref();
                    let on = condition.map_or(on, |condition| condition.node.on.node.as_str());
                    self.set(&fragment.node.selection_set.node, on);
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    let fragment = self.fragments.and_then(|fragments| fragments.get(name));
                    if let Some(fragment) = fragment.filter(|_| self.seen.insert(name.clone())) {
                        let on = &fragment.node.type_condition.node.on.node;
                        self.set(&fragment.node.selection_set.node, on);
                    }
                }
            }
        }
    }

    fn field(&mut self, field: &Field, on: &str) {
        let types = self.rules.types;
        let Some(found) = types.field(on, &field.name.node) else {
            // The library knows all leaves but this one.
            let selection = &field.selection_set;
            if field.name.node == "__typename" && !selection.node.items.is_empty() {
                self.begin("__typename".to_owned(), selection.pos);
                self.refuse("it is a String, which has no fields");
            }
            return;
        };
        for (name, value) in &field.arguments {
            if let Some(argument) = found.arguments.get(name.node.as_str()) {
                self.begin(field.name.node.to_string(), value.pos);
                self.within(name.node.as_str(), |check| {
                    check.given(argument, &value.node);
                });
            }
        }
        self.set(&field.selection_set.node, &found.type_name);
    }

    fn within(&mut self, step: &str, look: impl FnOnce(&mut Self)) {
        self.path.push(step.to_owned());
        look(self);
        self.path.pop();
    }

    /// The value of an argument or of an input's field.
    fn given(&mut self, definition: &InputField, value: &Value) {
        match value {
            Value::Variable(name) => self.variable(name, &definition.kind, definition.has_default),
            value => self.value(&definition.kind, value),
        }
    }

    /// Whether a variable may stand where a value of this type is expected.
    fn variable(&mut self, name: &str, kind: &Type, has_default: bool) {
        let definition = self.variables.get(name).copied();
        let wrong = definition.filter(|definition| !is_allowed(definition, kind, has_default));
        if let Some(definition) = wrong {
            let declared = &definition.var_type.node;
            self.refuse(format!(
                "${name} is declared as {declared}, and a value of type {kind} is expected"
            ));
        }
    }

    fn value(&mut self, kind: &Type, value: &Value) {
        if self.is_enough() {
            return;
        }
        match (value, &kind.base) {
            // What it holds is looked at once it is there.
            (Value::Variable(name), _) => self.variable(name, kind, false),
            (Value::Null, _) if kind.nullable => {}
            (Value::Null, _) => self.refuse(format!("null is no value of type {kind}")),
            (Value::List(values), BaseType::List(inner)) => {
                for (position, value) in values.iter().enumerate() {
                    self.within(&position.to_string(), |check| check.value(inner, value));
                }
            }
            // One value stands for a list of it.
            (_, BaseType::List(inner)) => self.value(inner, value),
            (_, BaseType::Named(name)) => self.named(name, value),
        }
    }

    fn named(&mut self, name: &str, value: &Value) {
        match (self.rules.types.get(name), value) {
            (Some(Kind::Input(input)), Value::Object(fields)) => self.input(name, input, fields),
            (Some(Kind::Input(_)), _) => {
                self.refuse(format!("an object of type {name} is expected"));
            }
            (Some(Kind::Enum(values)), value) => {
                let given = match value {
                    Value::Enum(given) if self.is_literal => given.as_str(),
                    Value::String(given) if !self.is_literal => given,
                    _ => "",
                };
                if !values.contains(given) {
                    let mut values: Vec<_> = values.iter().map(String::as_str).collect();
                    values.sort_unstable();
                    self.refuse(format!(
                        "{value} is no {name}, which is one of {}",
                        values.join(", ")
                    ));
                }
            }
            (Some(Kind::Scalar), value) => {
                let refused = match self.rules.scalars.get(name) {
                    Some(parse) => value
                        .clone()
                        .into_const()
                        .and_then(|value| parse(value).err()),
                    None => (!built_in(name, value)).then(|| format!("{value} is no {name}")),
                };
                if let Some(why) = refused {
                    self.refuse(why);
                }
            }
            // Of no type that is for input: validation says so.
            _ => {}
        }
    }

    fn input(&mut self, name: &str, input: &Input, given: &IndexMap<Name, Value>) {
        for (field, value) in given {
            match input.fields.get(field.as_str()) {
                Some(definition) => self.within(field, |check| check.given(definition, value)),
                None => self.within(field, |check| {
                    check.refuse(format!("{name} has no such field"));
                }),
            }
        }
        if input.one_of {
            let may_be_null = |value: &Value| match value {
                Value::Variable(name) => {
                    let definition = self.variables.get(name.as_str());
                    definition.is_some_and(|definition| definition.var_type.node.nullable)
                }
                value => *value == Value::Null,
            };
            let is_one = given.len() == 1 && !given.values().any(may_be_null);
            if !is_one {
                let mut fields: Vec<_> = input.fields.keys().map(String::as_str).collect();
                fields.sort_unstable();
                self.refuse(format!(
                    "give exactly one of {}, and not null",
                    fields.join(", ")
                ));
            }
        }
        let missing = input.fields.iter().filter(|(field, definition)| {
            let is_required = !definition.kind.nullable && !definition.has_default;
            is_required && !given.contains_key(field.as_str())
        });
        let mut missing: Vec<_> = missing.collect();
        missing.sort_unstable_by_key(|(field, _)| field.as_str());
        for (field, definition) in missing {
            self.within(field, |check| {
                check.refuse(format!("a value of type {} is required", definition.kind));
            });
        }
    }
}

/// Whether a value is one of the specification's own scalars (section 3.5).
fn built_in(name: &str, value: &Value) -> bool {
    match (name, value) {
        ("Int", Value::Number(number)) => number
            .as_i64()
            .is_some_and(|number| i32::try_from(number).is_ok()),
        ("ID", Value::Number(number)) => !number.is_f64(),
        ("Float", Value::Number(_))
        | ("String" | "ID", Value::String(_))
        | ("Boolean", Value::Boolean(_)) => true,
        ("Int" | "Float" | "String" | "Boolean" | "ID", _) => false,
        // Others speak for themselves.
        _ => true,
    }
}

/// GraphQL specification, section 5.8.5 (IsVariableUsageAllowed).
fn is_allowed(definition: &VariableDefinition, kind: &Type, has_default: bool) -> bool {
    let given = &definition.var_type.node;
    let default = definition.default_value.as_ref();
    let is_never_null = default.is_some_and(|default| default.node != ConstValue::Null);
    match !kind.nullable && given.nullable {
        true => (is_never_null || has_default) && is_base(&given.base, &kind.base),
        false => is_type(given, kind),
    }
}

fn is_type(given: &Type, kind: &Type) -> bool {
    (kind.nullable || !given.nullable) && is_base(&given.base, &kind.base)
}

fn is_base(given: &BaseType, kind: &BaseType) -> bool {
    match (given, kind) {
        (BaseType::Named(given), BaseType::Named(kind)) => given == kind,
        (BaseType::List(given), BaseType::List(kind)) => is_type(given, kind),
        _ => false,
    }
}
