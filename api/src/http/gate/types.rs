//! What the schema says of types, as far as the gate asks: read from the contract itself.
use std::collections::{HashMap, HashSet};

use async_graphql::parser::{
    parse_schema,
    types::{BaseType, InputValueDefinition, OperationType, Type, TypeKind, TypeSystemDefinition},
};

/// Every type by its name.
pub struct Types {
    by_name: HashMap<String, Kind>,
    /// Lists of the schema's own elements by their name, and how long they are on the average.
    lists: HashMap<&'static str, u64>,
}

pub enum Kind {
    /// An object or an interface.
    Object(Object),
    Input(Input),
    Enum(HashSet<String>),
    Scalar,
    /// Of these types.
    Union(Vec<String>),
}

pub struct Object {
    /// Whether it is a record: a node of its own.
    pub is_record: bool,
    /// Whether other types implement it: which of them a value is, shows when it is read.
    pub is_interface: bool,
    implements: HashSet<String>,
    fields: HashMap<String, Field>,
}

pub struct Field {
    /// The type's name, without its brackets and marks.
    pub type_name: String,
    pub is_list: bool,
    pub arguments: HashMap<String, InputField>,
}

pub struct Input {
    /// Exactly one of its fields must be given.
    pub one_of: bool,
    pub fields: HashMap<String, InputField>,
}

pub struct InputField {
    pub kind: Type,
    pub has_default: bool,
}

impl Types {
    /// From a schema in its own language; none when it is not one.
    pub fn of(sdl: &str) -> Option<Self> {
        let document = parse_schema(sdl).ok()?;
        let types = document.definitions.into_iter().filter_map(|definition| {
            let TypeSystemDefinition::Type(definition) = definition else {
                return None;
            };
            let definition = definition.node;
            let one_of = definition.directives.iter();
            let one_of = one_of
                .clone()
                .any(|directive| directive.node.name.node == "oneOf");
            let name = definition.name.node.as_str();
            Some((name.to_owned(), kind(name, definition.kind, one_of)))
        });
        let mut types: HashMap<_, _> = types.collect();
        for built_in in ["Int", "Float", "String", "Boolean", "ID"] {
            types.insert(built_in.to_owned(), Kind::Scalar);
        }
        Some(Self {
            lists: lists(&types),
            by_name: types,
        })
    }

    pub fn get(&self, name: &str) -> Option<&Kind> {
        self.by_name.get(name)
    }

    /// Whether an object of one type is, or may be taken for, another one.
    pub fn is(&self, object: &str, of: &str) -> bool {
        let takes = match (self.get(of), self.get(object)) {
            (Some(Kind::Union(members)), _) => members.iter().any(|member| member == object),
            (_, Some(Kind::Object(object))) => object.implements.contains(of),
            _ => false,
        };
        takes || object == of
    }

    /// How many elements of the schema a field of it leads to, on the average.
    pub fn elements(&self, field: &str) -> u64 {
        self.lists.get(field).copied().unwrap_or(1)
    }

    /// A field of an object, with what it leads to.
    pub fn field(&self, object: &str, field: &str) -> Option<&Field> {
        match self.get(object)? {
            Kind::Object(object) => object.fields.get(field),
            _ => None,
        }
    }
}

/// How long the lists of the schema's own elements are: rounded up, and at least 1.
fn lists(types: &HashMap<String, Kind>) -> HashMap<&'static str, u64> {
    let [mut fields, mut arguments, mut inputs, mut values] = [0; 4];
    for kind in types.values() {
        match kind {
            Kind::Object(object) => {
                fields += object.fields.len();
                arguments += object
                    .fields
                    .values()
                    .map(|field| field.arguments.len())
                    .sum::<usize>();
            }
            Kind::Input(input) => inputs += input.fields.len(),
            Kind::Enum(of) => values += of.len(),
            Kind::Scalar | Kind::Union(_) => {}
        }
    }
    let average = |all: usize, of: usize| all.div_ceil(of.max(1)).max(1) as u64;
    HashMap::from([
        ("types", types.len() as u64),
        ("fields", average(fields, types.len())),
        ("args", average(arguments, fields)),
        ("inputFields", average(inputs, types.len())),
        ("enumValues", average(values, types.len())),
    ])
}

/// The type that an operation selects from.
pub fn root(kind: OperationType) -> &'static str {
    match kind {
        OperationType::Query => "Query",
        OperationType::Mutation => "Mutation",
        OperationType::Subscription => "Subscription",
    }
}

fn kind(name: &str, kind: TypeKind, one_of: bool) -> Kind {
    let is_interface = matches!(kind, TypeKind::Interface(_));
    let (implements, fields) = match kind {
        TypeKind::Scalar => return Kind::Scalar,
        TypeKind::Union(of) => {
            let members = of.members.into_iter();
            return Kind::Union(members.map(|member| member.node.to_string()).collect());
        }
        TypeKind::Enum(of) => {
            let values = of.values.into_iter();
            return Kind::Enum(
                values
                    .map(|value| value.node.value.node.to_string())
                    .collect(),
            );
        }
        TypeKind::InputObject(input) => {
            let fields = input
                .fields
                .into_iter()
                .map(|field| input_field(field.node));
            return Kind::Input(Input {
                one_of,
                fields: fields.collect(),
            });
        }
        TypeKind::Object(object) => (object.implements, object.fields),
        TypeKind::Interface(interface) => (interface.implements, interface.fields),
    };
    let fields = fields.into_iter().map(|field| {
        let field = field.node;
        let arguments = field.arguments.into_iter();
        let found = Field {
            type_name: named(&field.ty.node).to_owned(),
            is_list: matches!(field.ty.node.base, BaseType::List(_)),
            arguments: arguments
                .map(|argument| input_field(argument.node))
                .collect(),
        };
        (field.name.node.to_string(), found)
    });
    let implements = implements.into_iter().map(|name| name.node.to_string());
    let implements: HashSet<_> = implements.collect();
    Kind::Object(Object {
        is_record: name == "Node" || implements.contains("Node"),
        is_interface,
        implements,
        fields: fields.collect(),
    })
}

fn input_field(definition: InputValueDefinition) -> (String, InputField) {
    let field = InputField {
        kind: definition.ty.node,
        has_default: definition.default_value.is_some(),
    };
    (definition.name.node.to_string(), field)
}

fn named(kind: &Type) -> &str {
    match &kind.base {
        BaseType::Named(name) => name.as_str(),
        BaseType::List(inner) => named(inner),
    }
}
