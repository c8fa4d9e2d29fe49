//! Columns by name, as whoever describes a file spells them.
use super::folded;

/// A column that is looked up in each row: how names are matched is found out once.
#[derive(Clone, Debug)]
pub struct Column {
    pub name: String,
    pub(super) folded: String,
}

impl From<String> for Column {
    fn from(name: String) -> Self {
        let folded = folded(&name);
        Self { name, folded }
    }
}
