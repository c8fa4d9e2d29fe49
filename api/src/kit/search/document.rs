//! What is searched of a record, as the words that each database keeps.
use std::{collections::HashMap, fmt::Write};

use entity::searched::{Column, Table};
use sea_orm::{EntityTrait, ModelTrait, prelude::Uuid};
use serde_json::{Value as Json, json};

use super::{VERSION, words::words};
use crate::kit::record::{column_named, id_column, json as as_json};

/// Before a name as a whole, and before each word of a name: in PostgreSQL, where all words of a
/// record are in one column. No word begins so.
pub const WHOLE: &str = "=";
pub const NAME: &str = "^";
/// Stands where there is no word that is looked for, and joins those of a whole name.
const GAP: &str = "·";
/// Words of a name as a whole.
const MOST_IN_WHOLE: usize = 12;
/// Words of a record that are searched: PostgreSQL counts places to 16,383.
const MOST_WORDS: usize = 14_000;
/// Places of the same word: PostgreSQL keeps no more.
const MOST_PLACES: usize = 255;

/// A text of a record that is searched.
#[derive(Clone, Debug)]
pub struct Field {
    pub column: &'static str,
    pub is_name: bool,
    pub text: String,
}

/// The texts of a row, names first.
pub fn fields<E: EntityTrait>(table: &Table, row: &E::Model) -> Vec<Field> {
    let columns = table.columns.iter();
    let value = |name: &str| column_named::<E>(name).map(|column| as_json(row.get(column)));
    columns
        .flat_map(|column| texts(column, value(column.name)))
        .collect()
}

/// Those of a column: one, several or none.
pub fn texts(column: &Column, value: Option<Json>) -> Vec<Field> {
    let values = match value {
        Some(Json::Array(values)) => values,
        value => value.into_iter().collect(),
    };
    let texts = values.into_iter().filter_map(|value| match value {
        Json::String(text) => Some(text),
        _ => None,
    });
    texts
        .map(|text| Field {
            column: column.name,
            is_name: column.is_name,
            text,
        })
        .collect()
}

/// A name as a whole: what it is found by when nothing else is said.
pub fn whole<'w>(words: impl Iterator<Item = &'w str>) -> Option<String> {
    let words: Vec<_> = words.collect();
    (1..=MOST_IN_WHOLE)
        .contains(&words.len())
        .then(|| words.join(GAP))
}

/// A record as it is indexed.
#[derive(Debug)]
pub struct Document {
    pub id: Uuid,
    kind: &'static str,
    status: Json,
    length: usize,
    whole: Vec<String>,
    /// The words of each field; none in the place of one that is not looked for.
    fields: Vec<(bool, Vec<Option<String>>)>,
}

impl Document {
    /// None when rows of the table are not searched.
    pub fn of<E: EntityTrait>(row: &E::Model) -> Option<Self> {
        let table = Table::named(E::default().table_name())?;
        let status = column_named::<E>("status").map(|column| as_json(row.get(column)));
        let id = row.get(id_column::<E>()).unwrap();
        let fields = fields::<E>(table, row);
        Some(Self::new(table, id, status.unwrap_or_default(), &fields))
    }

    pub fn new(table: &Table, id: Uuid, status: Json, texts: &[Field]) -> Self {
        let (mut count, mut length, mut whole_names, mut fields) = (0, 0, Vec::new(), Vec::new());
        let mut places: HashMap<String, usize> = HashMap::new();
        for field in texts {
            let found = words(&field.text);
            if field.is_name {
                let tokens = found.iter().map(|word| word.token.as_str());
                whole_names.extend(whole(tokens));
            }
            let room = MOST_WORDS.saturating_sub(count);
            let tokens = found.into_iter().take(room).map(|word| {
                let count = places.entry(word.token.clone()).or_default();
                *count += 1;
                (*count <= MOST_PLACES).then_some(word.token)
            });
            let tokens: Vec<_> = tokens.collect();
            count += tokens.len();
            // Codes and further names say nothing besides.
            if !field.is_name || fields.is_empty() {
                length += tokens.len();
            }
            fields.push((field.is_name, tokens));
        }
        Self {
            id,
            kind: table.name,
            status,
            length,
            whole: whole_names,
            fields,
        }
    }

    fn row(&self, id: String) -> Json {
        json!({
            "id": id, "kind": self.kind, "status": self.status, "length": self.length,
            "version": VERSION,
        })
    }

    /// For PostgreSQL: one vector with all words and their places.
    pub fn for_postgres(&self) -> Json {
        let mut lexemes: HashMap<String, Vec<usize>> = HashMap::new();
        let mut place = 0;
        for (is_name, tokens) in &self.fields {
            for token in tokens {
                place += 1;
                let Some(token) = token else { continue };
                if *is_name {
                    let named = lexemes.entry(format!("{NAME}{token}"));
                    named.or_default().push(place);
                }
                lexemes.entry(token.clone()).or_default().push(place);
            }
            // No phrase goes on from one field to the next.
            place += 1;
        }
        for name in &self.whole {
            lexemes.entry(format!("{WHOLE}{name}")).or_default();
        }
        let mut vector = String::new();
        for (lexeme, places) in lexemes {
            let places: Vec<_> = places.iter().map(usize::to_string).collect();
            let colon = if places.is_empty() { "" } else { ":" };
            // Writing to a string does not fail.
            let _ = write!(vector, "'{lexeme}'{colon}{} ", places.join(","));
        }
        let mut row = self.row(self.id.to_string());
        row["words"] = vector.into();
        row
    }

    /// For SQLite: a column of whole names, one of words of names, and one of all others.
    pub fn for_sqlite(&self) -> Json {
        let column = |of_names: bool| {
            let fields = self
                .fields
                .iter()
                .filter(|(is_name, _)| *is_name == of_names);
            let fields = fields.map(|(_, tokens)| {
                let tokens = tokens.iter().map(|token| token.as_deref().unwrap_or(GAP));
                tokens.collect::<Vec<_>>().join(" ")
            });
            fields.collect::<Vec<_>>().join(&format!(" {GAP} "))
        };
        let mut row = self.row(self.id.simple().to_string());
        row["whole"] = self.whole.join(" ").into();
        row["name"] = column(true).into();
        row["text"] = column(false).into();
        row
    }
}
