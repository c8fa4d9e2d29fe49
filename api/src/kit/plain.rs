//! Which fields of a concept say no more than a column, and which lead to a row that a column
//! points at: what can be written without resolving anything.
use std::{any::TypeId, collections::HashMap, sync::LazyLock};

use async_graphql::{
    OutputType,
    registry::{MetaType, Registry},
};
use sea_orm::{ColumnTrait, EntityTrait, IdenStatic, Iterable};

use super::{
    cell::{Form, Kind},
    record::{Concept, Record},
    rows::{self, ReadAmong},
};

/// The column of a row's own id.
const ID: &str = "id";

/// What a concept's fields are made of, by their names.
#[derive(Default)]
pub struct Plain {
    /// The type's name in the schema.
    pub type_name: &'static str,
    /// The table's columns, in the entity's order.
    pub columns: Vec<Column>,
    pub fields: HashMap<String, Field>,
}

pub struct Column {
    pub name: &'static str,
    /// None for what is no single value.
    pub kind: Option<Kind>,
}

/// What a field says. Columns are told by their places in the table.
pub enum Field {
    /// The record's global id.
    Id(usize),
    Column(usize, Form),
    /// From the day in one column to the day in the other.
    Period(usize, usize),
    /// The record that a column points at.
    Reference(usize, Reference),
    /// The record that one of some columns points at, by what the first one says; null when it says
    /// something else.
    Choice(usize, Vec<(String, usize)>, Reference),
    /// The records that rows of another table point at, which belong to this one.
    List(List),
}

/// Where a column leads.
#[derive(Clone, Copy)]
pub struct Reference {
    pub entity: TypeId,
    pub plain: fn() -> &'static Plain,
    pub read: ReadAmong,
    /// Whether there always is a record, which all see who see this one.
    pub is_parent: bool,
}

/// What a slice declares of its fields, by the names of their columns.
pub struct Declared {
    pub field: &'static str,
    pub column: &'static str,
    pub reference: Reference,
}

/// A record that one column or another points at.
pub struct Choice {
    pub field: &'static str,
    /// The column that says which.
    pub selector: &'static str,
    /// What it says, and which column it then is.
    pub columns: Vec<(String, &'static str)>,
    pub reference: Reference,
}

/// A list of what rows of a table point at. Columns are told by their places in it.
pub struct List {
    pub columns: Vec<Column>,
    pub read: ReadAmong,
    /// The record that the rows belong to, and in which order they do.
    pub of: usize,
    pub order: usize,
    /// The columns that point at records, of which each row has one.
    pub targets: Vec<(usize, Reference)>,
}

/// The same, by the names of the columns.
pub struct Listed {
    pub field: &'static str,
    pub list: Option<List>,
}

/// A concept that says which of its fields are plain; unless it says so, none is.
pub trait Plainly: Concept {
    fn plain() -> &'static Plain {
        static NOTHING: LazyLock<Plain> = LazyLock::new(Plain::default);
        &NOTHING
    }
}

impl Reference {
    pub fn to<C: Plainly>(is_parent: bool) -> Self {
        Self {
            entity: TypeId::of::<C::Entity>(),
            plain: C::plain,
            read: rows::among::<C::Entity>,
            is_parent,
        }
    }
}

impl List {
    /// None where a column has another name.
    pub fn of<E: Record>(of: &str, order: &str, targets: Vec<(&str, Reference)>) -> Option<Self> {
        let columns = columns::<E>();
        let place = |name: &str| columns.iter().position(|column| column.name == name);
        let targets = targets.into_iter();
        let targets = targets.map(|(column, reference)| Some((place(column)?, reference)));
        let targets = targets.collect::<Option<_>>()?;
        let (of, order) = (place(of)?, place(order)?);
        Some(Self {
            columns,
            read: rows::among::<E>,
            of,
            order,
            targets,
        })
    }
}

impl Plain {
    /// From the row's own type in the schema, whose fields are its columns, and what is declared.
    pub fn of<C: Concept>(
        references: Vec<Declared>,
        choices: Vec<Choice>,
        periods: &[[&'static str; 3]],
        lists: Vec<Listed>,
    ) -> Self
    where
        <C::Entity as EntityTrait>::Model: OutputType,
    {
        let name = <C::Entity as Record>::NAME;
        let columns = columns::<C::Entity>();
        let place = |name: &str| columns.iter().position(|column| column.name == name);
        let mut fields = HashMap::new();
        let types = shown::<<C::Entity as EntityTrait>::Model>();
        for (place, column) in columns.iter().enumerate() {
            let field = camel(column.name);
            let shown = types.get(&field).zip(column.kind);
            if let Some(form) = shown.and_then(|(shown, kind)| form(shown, kind)) {
                fields.insert(field, Field::Column(place, form));
            }
        }
        if let Some(place) = place(ID) {
            fields.insert("id".to_owned(), Field::Id(place));
        }
        for declared in references {
            if let Some(place) = place(declared.column) {
                let field = Field::Reference(place, declared.reference);
                fields.insert(camel(declared.field), field);
            }
        }
        for choice in choices {
            let columns = choice.columns.into_iter();
            let columns: Option<Vec<_>> = columns
                .map(|(value, column)| Some((value, place(column)?)))
                .collect();
            if let Some((selector, columns)) = place(choice.selector).zip(columns) {
                let field = Field::Choice(selector, columns, choice.reference);
                fields.insert(camel(choice.field), field);
            }
        }
        for [field, start, end] in periods {
            if let Some((start, end)) = place(start).zip(place(end)) {
                fields.insert(camel(field), Field::Period(start, end));
            }
        }
        for Listed { field, list } in lists {
            if let Some(list) = list {
                fields.insert(camel(field), Field::List(list));
            }
        }
        Self {
            type_name: name,
            columns,
            fields,
        }
    }
}

impl Plain {
    /// Where a row's own id stands.
    pub fn id(&self) -> Option<usize> {
        self.columns.iter().position(|column| column.name == ID)
    }
}

fn columns<E: EntityTrait>() -> Vec<Column> {
    let columns = E::Column::iter().map(|column| Column {
        name: column.as_str(),
        kind: Kind::of(column.def().get_column_type()),
    });
    columns.collect()
}

/// The types of a row's fields in the schema, without their marks.
fn shown<M: OutputType>() -> HashMap<String, String> {
    let mut registry = Registry::default();
    let name = M::create_type_info(&mut registry);
    let Some(MetaType::Object { fields, .. }) = registry.types.get(name.trim_end_matches('!'))
    else {
        return HashMap::new();
    };
    let fields = fields.values();
    fields
        .map(|field| {
            let shown = field.ty.to_string();
            (field.name.clone(), shown.trim_end_matches('!').to_owned())
        })
        .collect()
}

/// How a column of this kind goes into a field of this type; none when that takes more than
/// writing it.
fn form(shown: &str, kind: Kind) -> Option<Form> {
    match (shown, kind) {
        ("Decimal", Kind::Long) => Some(Form::Decimal),
        ("DateTime", Kind::Long) => Some(Form::Instant),
        ("Int", Kind::Integer | Kind::Long) | ("Boolean", Kind::Boolean) | ("Date", Kind::Date) => {
            Some(Form::Plain)
        }
        // Texts are stored as they are shown, and so are the names of an enumeration's values.
        (shown, Kind::Text) if !shown.starts_with('[') => Some(Form::Plain),
        _ => None,
    }
}

fn camel(name: &str) -> String {
    let mut camel = String::with_capacity(name.len());
    let mut upper = false;
    for letter in name.chars() {
        match letter {
            '_' => upper = true,
            letter if upper => {
                camel.push(letter.to_ascii_uppercase());
                upper = false;
            }
            letter => camel.push(letter),
        }
    }
    camel
}
