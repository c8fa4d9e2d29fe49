//! A document read into what the library executes. The library's own parser knows the
//! specification of 2018: no descriptions, no surrogate pairs, and it stumbles over names that
//! begin with `true` or `null`. This one reads the edition of September 2025, and stops at limits.
use std::collections::{HashMap, hash_map::Entry};

use async_graphql::{
    Name, Pos, Positioned,
    indexmap::IndexMap,
    parser::types::{
        BaseType, Directive, DocumentOperations, ExecutableDocument, Field, FragmentDefinition,
        FragmentSpread, InlineFragment, OperationDefinition, OperationType, Selection,
        SelectionSet, Type, TypeCondition, VariableDefinition,
    },
};
use async_graphql_value::{ConstValue, Value};

use super::{
    cursor::{Cursor, Read, Unread},
    lexer::{SyntaxError, Token},
};
use crate::http::limits::Limits;

pub fn parse(text: &str, limits: &Limits) -> Read<ExecutableDocument> {
    Cursor::new(text, limits)?.document()
}

impl Cursor<'_> {
    fn document(&mut self) -> Read<ExecutableDocument> {
        let mut anonymous = None;
        let mut operations = HashMap::new();
        let mut fragments = HashMap::new();
        while self.token != Token::End {
            let described = self.description()?;
            let pos = self.pos;
            if self.is("{") {
                if described {
                    return self.unexpected("query, mutation, subscription or fragment");
                }
                let query = self.short_query()?;
                if anonymous.replace(Positioned::new(query, pos)).is_some() {
                    return Err(alone(pos));
                }
                continue;
            }
            if self.is_word("fragment") {
                let (name, fragment) = self.fragment()?;
                put(
                    &mut fragments,
                    name,
                    Positioned::new(fragment, pos),
                    "fragment",
                )?;
                continue;
            }
            let (name, operation) = self.operation()?;
            let operation = Positioned::new(operation, pos);
            match name {
                Some(name) => put(&mut operations, name, operation, "operation")?,
                None if anonymous.replace(operation).is_some() => return Err(alone(pos)),
                None => {}
            }
        }
        let operations = match anonymous {
            Some(operation) if operations.is_empty() => DocumentOperations::Single(operation),
            Some(operation) => return Err(alone(operation.pos)),
            None if operations.is_empty() => {
                return self.unexpected("a query, a mutation or a subscription");
            }
            None => DocumentOperations::Multiple(operations),
        };
        Ok(ExecutableDocument {
            operations,
            fragments,
        })
    }

    /// Descriptions are for people: whatever they say is skipped.
    fn description(&mut self) -> Read<bool> {
        let described = matches!(self.token, Token::String(_));
        if described {
            self.advance()?;
        }
        Ok(described)
    }

    fn short_query(&mut self) -> Read<OperationDefinition> {
        Ok(OperationDefinition {
            ty: OperationType::Query,
            variable_definitions: Vec::new(),
            directives: Vec::new(),
            selection_set: self.selection_set()?,
        })
    }

    fn operation(&mut self) -> Read<(Option<Positioned<Name>>, OperationDefinition)> {
        let ty = match self.token {
            Token::Name("query") => OperationType::Query,
            Token::Name("mutation") => OperationType::Mutation,
            Token::Name("subscription") => OperationType::Subscription,
            _ => return self.unexpected("query, mutation, subscription, fragment or \"{\""),
        };
        self.advance()?;
        let name = match self.token {
            Token::Name(_) => Some(self.name()?),
            _ => None,
        };
        let operation = OperationDefinition {
            ty,
            variable_definitions: self.optional_many(("(", ")"), Self::variable_definition)?,
            directives: self.directives()?,
            selection_set: self.selection_set()?,
        };
        Ok((name, operation))
    }

    fn variable_definition(&mut self) -> Read<Positioned<VariableDefinition>> {
        self.description()?;
        let pos = self.pos;
        self.expect("$")?;
        let name = self.name()?;
        self.expect(":")?;
        let type_pos = self.pos;
        let var_type = Positioned::new(self.type_reference()?, type_pos);
        let default_value = match self.skip("=")? {
            true => Some(self.constant()?),
            false => None,
        };
        let definition = VariableDefinition {
            name,
            var_type,
            directives: self.directives()?,
            default_value,
        };
        Ok(Positioned::new(definition, pos))
    }

    fn constant(&mut self) -> Read<Positioned<ConstValue>> {
        let Positioned { pos, node } = self.value()?;
        match node.into_const() {
            Some(value) => Ok(Positioned::new(value, pos)),
            None => Err(Unread::Syntax(SyntaxError {
                message: "a default value holds no variables".to_owned(),
                pos,
            })),
        }
    }

    fn type_reference(&mut self) -> Read<Type> {
        let base = if self.is("[") {
            self.open("[")?;
            let inner = self.type_reference()?;
            if !self.close("]")? {
                return self.unexpected("\"]\"");
            }
            BaseType::List(Box::new(inner))
        } else {
            BaseType::Named(self.name()?.node)
        };
        Ok(Type {
            base,
            nullable: !self.skip("!")?,
        })
    }

    fn fragment(&mut self) -> Read<(Positioned<Name>, FragmentDefinition)> {
        self.advance()?;
        if self.is_word("on") {
            return self.unexpected("the name of the fragment");
        }
        let name = self.name()?;
        let Some(type_condition) = self.type_condition()? else {
            return self.unexpected("\"on\"");
        };
        let fragment = FragmentDefinition {
            type_condition,
            directives: self.directives()?,
            selection_set: self.selection_set()?,
        };
        Ok((name, fragment))
    }

    fn type_condition(&mut self) -> Read<Option<Positioned<TypeCondition>>> {
        let pos = self.pos;
        if !self.is_word("on") {
            return Ok(None);
        }
        self.advance()?;
        let on = self.name()?;
        Ok(Some(Positioned::new(TypeCondition { on }, pos)))
    }

    fn selection_set(&mut self) -> Read<Positioned<SelectionSet>> {
        let pos = self.pos;
        let items = self.many(("{", "}"), Self::selection)?;
        Ok(Positioned::new(SelectionSet { items }, pos))
    }

    fn selection(&mut self) -> Read<Positioned<Selection>> {
        let pos = self.pos;
        let selection = match self.skip("...")? {
            true => self.fragment_selection(pos)?,
            false => Selection::Field(Positioned::new(self.field()?, pos)),
        };
        Ok(Positioned::new(selection, pos))
    }

    fn fragment_selection(&mut self, pos: Pos) -> Read<Selection> {
        if matches!(self.token, Token::Name(_)) && !self.is_word("on") {
            let spread = FragmentSpread {
                fragment_name: self.name()?,
                directives: self.directives()?,
            };
            return Ok(Selection::FragmentSpread(Positioned::new(spread, pos)));
        }
        let fragment = InlineFragment {
            type_condition: self.type_condition()?,
            directives: self.directives()?,
            selection_set: self.selection_set()?,
        };
        Ok(Selection::InlineFragment(Positioned::new(fragment, pos)))
    }

    fn field(&mut self) -> Read<Field> {
        let first = self.name()?;
        let (alias, name) = match self.skip(":")? {
            true => (Some(first), self.name()?),
            false => (None, first),
        };
        Ok(Field {
            alias,
            name,
            arguments: self.optional_many(("(", ")"), Self::argument)?,
            directives: self.directives()?,
            selection_set: match self.is("{") {
                true => self.selection_set()?,
                false => Positioned::default(),
            },
        })
    }

    fn argument(&mut self) -> Read<(Positioned<Name>, Positioned<Value>)> {
        let name = self.name()?;
        self.expect(":")?;
        Ok((name, self.value()?))
    }

    fn directives(&mut self) -> Read<Vec<Positioned<Directive>>> {
        let mut directives = Vec::new();
        while self.is("@") {
            let pos = self.pos;
            self.advance()?;
            let directive = Directive {
                name: self.name()?,
                arguments: self.optional_many(("(", ")"), Self::argument)?,
            };
            directives.push(Positioned::new(directive, pos));
        }
        Ok(directives)
    }

    fn value(&mut self) -> Read<Positioned<Value>> {
        let pos = self.pos;
        if self.is("[") {
            self.open("[")?;
            let mut values = Vec::new();
            while !self.close("]")? {
                values.push(self.value()?.node);
            }
            return Ok(Positioned::new(Value::List(values), pos));
        }
        if self.is("{") {
            return Ok(Positioned::new(Value::Object(self.object()?), pos));
        }
        if self.skip("$")? {
            return Ok(Positioned::new(Value::Variable(self.name()?.node), pos));
        }
        let value = match &mut self.token {
            Token::Int("-0") => Value::Number(0.into()),
            Token::Int(text) | Token::Float(text) => match text.parse() {
                Ok(number) => Value::Number(number),
                Err(_) => return self.unexpected("a number that a computer can hold"),
            },
            Token::String(text) => Value::String(std::mem::take(text)),
            Token::Name("true") => Value::Boolean(true),
            Token::Name("false") => Value::Boolean(false),
            Token::Name("null") => Value::Null,
            Token::Name(name) => Value::Enum(Name::new(*name)),
            Token::Punctuator(_) | Token::End => return self.unexpected("a value"),
        };
        self.advance()?;
        Ok(Positioned::new(value, pos))
    }

    fn object(&mut self) -> Read<IndexMap<Name, Value>> {
        self.open("{")?;
        let mut fields = IndexMap::new();
        while !self.close("}")? {
            let name = self.name()?;
            self.expect(":")?;
            let value = self.value()?.node;
            if fields.insert(name.node.clone(), value).is_some() {
                return Err(twice(&name, "field"));
            }
        }
        Ok(fields)
    }
}

fn put<T>(map: &mut HashMap<Name, T>, name: Positioned<Name>, value: T, what: &str) -> Read<()> {
    match map.entry(name.node.clone()) {
        Entry::Occupied(_) => Err(twice(&name, what)),
        Entry::Vacant(entry) => {
            entry.insert(value);
            Ok(())
        }
    }
}

fn twice(name: &Positioned<Name>, what: &str) -> Unread {
    Unread::Syntax(SyntaxError {
        message: format!("the {what} {} stands twice", name.node),
        pos: name.pos,
    })
}

fn alone(pos: Pos) -> Unread {
    Unread::Syntax(SyntaxError {
        message: "an operation without a name must be the only one of its document".to_owned(),
        pos,
    })
}
