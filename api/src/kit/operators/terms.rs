//! The terms that operators on one column make, one by one.
use std::collections::HashSet;

use sea_orm::{
    ColumnTrait, Condition, Value,
    sea_query::{Expr, ExprTrait, Func, IntoCondition, LikeExpr, SimpleExpr},
};

use super::{Choosable, plain};
use crate::kit::{
    error::{Error, Result},
    json::camel_case,
};

const MOST_VALUES: usize = 1_000;

/// The terms given so far on one column.
pub struct Terms<C> {
    column: C,
    condition: Condition,
}

impl<C: ColumnTrait> Terms<C> {
    pub fn of(column: C) -> Self {
        Self {
            column,
            condition: Condition::all(),
        }
    }

    fn column(&self) -> SimpleExpr {
        Expr::col(self.column.as_column_ref())
    }

    fn value<T: Choosable>(&self, value: T) -> Result<Value> {
        value.compared(self.column.entity_name().to_string().as_str())
    }

    fn add(&mut self, term: impl IntoCondition) {
        self.condition = self.condition.clone().add(term.into_condition());
    }

    pub fn each<T: Choosable>(
        &mut self,
        value: Option<T>,
        term: impl Fn(SimpleExpr, Value) -> SimpleExpr,
    ) -> Result<()> {
        if let Some(value) = value {
            let value = self.value(value)?;
            self.add(term(self.column(), value));
        }
        Ok(())
    }

    pub fn equality<T: Choosable>(
        &mut self,
        eq: Option<T>,
        ne: Option<T>,
        is_in: Option<Vec<T>>,
        not_in: Option<Vec<T>>,
    ) -> Result<()> {
        self.each(eq, ExprTrait::eq)?;
        let column = self.column();
        self.each(ne, |own, value| own.ne(value).or(column.clone().is_null()))?;
        if let Some(values) = is_in {
            let values = self.values(values, "in")?;
            self.add(self.column().is_in(values));
        }
        if let Some(values) = not_in {
            let values = self.values(values, "notIn")?;
            self.add(self.column().is_not_in(values).or(self.column().is_null()));
        }
        Ok(())
    }

    fn values<T: Choosable>(&self, values: Vec<T>, name: &str) -> Result<Vec<Value>> {
        if values.len() > MOST_VALUES {
            return Err(Error::bad_input(format!(
                "{name} takes at most {MOST_VALUES} values, and has {}",
                values.len()
            )));
        }
        let distinct: HashSet<T> = values.into_iter().collect();
        distinct
            .into_iter()
            .map(|value| self.value(value))
            .collect()
    }

    pub fn like(&mut self, text: Option<String>, before: &str) -> Result<()> {
        let Some(text) = text else {
            return Ok(());
        };
        let escaped = text
            .to_ascii_lowercase()
            .replace('\\', r"\\")
            .replace('%', r"\%")
            .replace('_', r"\_");
        let pattern = plain(format!("{before}{escaped}%"))?;
        // Both databases fold A to Z alone here, and neither more.
        let folded = Func::lower(self.column());
        self.add(Expr::expr(folded).like(LikeExpr::new(pattern).escape('\\')));
        Ok(())
    }

    pub fn is_null(&mut self, is_null: Option<bool>) {
        match is_null {
            Some(true) => self.add(self.column().is_null()),
            Some(false) => self.add(self.column().is_not_null()),
            None => {}
        }
    }

    /// No operator at all is a mistake, often a variable that was left out: to match everything
    /// would hide it.
    pub fn done(self) -> Result<Condition> {
        if self.condition.is_empty() {
            return Err(Error::bad_input(format!(
                "the filter on {} has no operator, or only nulls; leave it out to match \
                 everything, and find records without a value by isNull",
                camel_case(self.column.as_str())
            )));
        }
        Ok(self.condition)
    }
}
