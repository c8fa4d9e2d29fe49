//! Which columns are searched, and as what: as a name of the record, or as its text.
use std::sync::LazyLock;

use sea_orm::{ColumnTrait, ColumnType, EntityTrait, IdenStatic};

use crate::{claim, country, dataset, party, product, product_list, source, statement};

/// A table whose records are found by their words.
pub trait Searched: EntityTrait {
    /// Columns of names and codes: who looks for these means the record itself.
    const NAMES: &'static [Self::Column];
    /// Columns of what else the record says.
    const TEXTS: &'static [Self::Column];
}

/// The same of any table.
#[derive(Debug)]
pub struct Table {
    pub name: &'static str,
    /// Names first.
    pub columns: Vec<Column>,
}

#[derive(Clone, Copy, Debug)]
pub struct Column {
    pub name: &'static str,
    pub is_name: bool,
    /// Whether it holds a list of texts, as JSON.
    pub is_list: bool,
}

/// All tables that are searched.
pub static TABLES: LazyLock<Vec<Table>> = LazyLock::new(|| {
    vec![
        Table::of(claim::Entity),
        Table::of(country::Entity),
        Table::of(dataset::Entity),
        Table::of(party::Entity),
        Table::of(product::Entity),
        Table::of(product_list::Entity),
        Table::of(source::Entity),
        Table::of(statement::Entity),
    ]
});

impl Table {
    fn of<E: Searched>(entity: E) -> Self {
        let columns = |columns: &[E::Column], is_name| {
            let columns = columns.iter().map(|column| Column {
                name: column.as_str(),
                is_name,
                is_list: matches!(
                    column.def().get_column_type(),
                    ColumnType::Json | ColumnType::JsonBinary
                ),
            });
            columns.collect::<Vec<_>>()
        };
        Self {
            name: entity.table_name(),
            columns: [columns(E::NAMES, true), columns(E::TEXTS, false)].concat(),
        }
    }

    /// The table of this name, if it is searched.
    pub fn named(name: &str) -> Option<&'static Self> {
        TABLES.iter().find(|table| table.name == name)
    }
}
