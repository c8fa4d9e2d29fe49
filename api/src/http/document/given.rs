//! What a value of a document comes to, once the variables are known.
use async_graphql::{
    Name, Variables,
    parser::types::{Field, OperationDefinition},
};
use async_graphql_value::{ConstValue, Value};

/// The variables that were sent, and the defaults of those that were not.
#[derive(Clone, Copy)]
pub struct Given<'g> {
    pub operation: &'g OperationDefinition,
    pub sent: &'g Variables,
}

impl Given<'_> {
    /// None for a variable that has no value.
    pub fn value(&self, value: &Value) -> Option<ConstValue> {
        let known = value
            .clone()
            .into_const_with(|name| self.variable(&name).ok_or(()));
        known.ok()
    }

    /// The argument of a field; none when it is absent.
    pub fn argument(&self, field: &Field, name: &str) -> Option<ConstValue> {
        self.value(&field.get_argument(name)?.node)
    }

    pub fn is_true(&self, value: &Value) -> bool {
        self.value(value) == Some(ConstValue::Boolean(true))
    }

    fn variable(&self, name: &Name) -> Option<ConstValue> {
        if let Some(value) = self.sent.get(name) {
            return Some(value.clone());
        }
        let mut definitions = self.operation.variable_definitions.iter();
        let definition = definitions.find(|definition| definition.node.name.node == *name)?;
        definition.node.default_value().cloned()
    }
}
