//! The operators of filters, each written once for every column of its type.
//!
//! Records without a value match no operator but `ne`, `notIn` and `isNull`: `ne` is the
//! complement of `eq`, on both databases.
use std::{borrow::Cow, collections::HashSet, fmt, hash::Hash};

use async_graphql::{ID, InputObject, InputType, TypeName};
use entity::value::{Date, Decimal, PartialDate, Timestamp};
use sea_orm::{
    ColumnTrait, Condition, Value,
    sea_query::{Expr, ExprTrait, Func, LikeExpr, SimpleExpr},
};

use super::{
    error::{Error, Result},
    id,
};

const MOST_VALUES: usize = 1_000;

pub trait Operators {
    fn on(self, column: impl ColumnTrait) -> Result<Condition>;
}

/// A type whose values are equal or not.
pub trait Choosable: InputType + Clone + Hash + Eq {
    /// What its filter is called before `Filter`.
    fn filter_name() -> String {
        Self::type_name().into_owned()
    }

    /// The value to compare a column of this table with.
    fn compared(self, table: &str) -> Result<Value>;
}

/// A type whose values have an order.
pub trait Comparable: Choosable + PartialOrd + fmt::Display {}

/// Compares for equality. All given operators must hold; a null operator is an absent one.
#[derive(InputObject)]
#[graphql(name_type)]
pub struct Choice<T: Choosable> {
    /// Is this.
    eq: Option<T>,
    /// Is not this, or has no value.
    ne: Option<T>,
    /// Is one of these; at most 1,000.
    r#in: Option<Vec<T>>,
    /// Is none of these, or has no value; at most 1,000.
    not_in: Option<Vec<T>>,
    /// Has no value (`true`), or has one (`false`).
    is_null: Option<bool>,
}

/// Compares by order. All given operators must hold; a null operator is an absent one.
#[derive(InputObject)]
#[graphql(name_type)]
pub struct Comparison<T: Comparable> {
    /// Is this.
    eq: Option<T>,
    /// Is not this, or has no value.
    ne: Option<T>,
    /// Is one of these; at most 1,000.
    r#in: Option<Vec<T>>,
    /// Is none of these, or has no value; at most 1,000.
    not_in: Option<Vec<T>>,
    /// Is less, or before.
    lt: Option<T>,
    /// Is at most, or not after.
    lte: Option<T>,
    /// Is greater, or after.
    gt: Option<T>,
    /// Is at least, or not before.
    gte: Option<T>,
    /// Is within, both ends included.
    between: Option<Range<T>>,
    /// Has no value (`true`), or has one (`false`).
    is_null: Option<bool>,
}

/// From one value to another, both included.
#[derive(InputObject)]
#[graphql(name_type)]
pub struct Range<T: Comparable> {
    /// The least.
    from: T,
    /// The greatest.
    to: T,
}

/// Compares texts. All given operators must hold; a null operator is an absent one.
#[derive(InputObject)]
pub struct TextFilter {
    /// Is this, letter by letter.
    eq: Option<String>,
    /// Is not this, or has no value.
    ne: Option<String>,
    /// Is one of these; at most 1,000.
    r#in: Option<Vec<String>>,
    /// Is none of these, or has no value; at most 1,000.
    not_in: Option<Vec<String>>,
    /// Has this in it, whatever the case of A to Z.
    contains: Option<String>,
    /// Begins with this, whatever the case of A to Z.
    starts_with: Option<String>,
    /// Has no value (`true`), or has one (`false`).
    is_null: Option<bool>,
}

/// Compares codes, such as HS codes. All given operators must hold; a null operator is an absent one.
#[derive(InputObject)]
pub struct CodeFilter {
    /// Is this.
    eq: Option<String>,
    /// Is not this, or has no value.
    ne: Option<String>,
    /// Is one of these; at most 1,000.
    r#in: Option<Vec<String>>,
    /// Is none of these, or has no value; at most 1,000.
    not_in: Option<Vec<String>>,
    /// Begins with this: `8806` finds the heading and all below it.
    starts_with: Option<String>,
    /// Has no value (`true`), or has one (`false`).
    is_null: Option<bool>,
}

/// Compares dates of which only the year or the month may be known. A date is taken from its
/// first possible day to its last: `2023-05` is neither before nor after `2023-05-20`.
#[derive(InputObject)]
pub struct PartialDateFilter {
    /// Is this, just as precise.
    eq: Option<PartialDate>,
    /// Begins before this begins.
    lt: Option<PartialDate>,
    /// Begins before this ends.
    lte: Option<PartialDate>,
    /// Begins after this has ended.
    gt: Option<PartialDate>,
    /// Begins when this begins, or later.
    gte: Option<PartialDate>,
    /// Lies within this: `2023` holds `2023-05-12`.
    within: Option<PartialDate>,
    /// Has no value (`true`), or has one (`false`).
    is_null: Option<bool>,
}

impl<T: Choosable> Operators for Choice<T> {
    fn on(self, column: impl ColumnTrait) -> Result<Condition> {
        let Self { eq, ne, r#in, not_in, is_null } = self;
        let mut terms = Terms::of(column);
        terms.equality(eq, ne, r#in, not_in)?;
        terms.is_null(is_null);
        terms.done()
    }
}

impl<T: Comparable> Operators for Comparison<T> {
    fn on(self, column: impl ColumnTrait) -> Result<Condition> {
        let Self { eq, ne, r#in, not_in, lt, lte, gt, gte, between, is_null } = self;
        let mut terms = Terms::of(column);
        terms.equality(eq, ne, r#in, not_in)?;
        terms.each(lt, |column, value| column.lt(value))?;
        terms.each(lte, |column, value| column.lte(value))?;
        terms.each(gt, |column, value| column.gt(value))?;
        terms.each(gte, |column, value| column.gte(value))?;
        if let Some(Range { from, to }) = between {
            if from > to {
                return Err(Error::bad_input(format!(
                    "between takes from at most to, and {from} is more than {to}"
                )));
            }
            terms.each(Some(from), |column, value| column.gte(value))?;
            terms.each(Some(to), |column, value| column.lte(value))?;
        }
        terms.is_null(is_null);
        terms.done()
    }
}

impl Operators for TextFilter {
    fn on(self, column: impl ColumnTrait) -> Result<Condition> {
        let Self { eq, ne, r#in, not_in, contains, starts_with, is_null } = self;
        let mut terms = Terms::of(column);
        terms.equality(eq, ne, r#in, not_in)?;
        terms.like(contains, "%")?;
        terms.like(starts_with, "")?;
        terms.is_null(is_null);
        terms.done()
    }
}

impl Operators for CodeFilter {
    fn on(self, column: impl ColumnTrait) -> Result<Condition> {
        let Self { eq, ne, r#in, not_in, starts_with, is_null } = self;
        let mut terms = Terms::of(column);
        terms.equality(eq, ne, r#in, not_in)?;
        if let Some(prefix) = starts_with {
            // A range, since an index serves it, and bytes sort alike on both databases.
            let end = format!("{prefix}{}", char::MAX);
            terms.each(Some(prefix), |column, value| column.gte(value))?;
            terms.each(Some(end), |column, value| column.lte(value))?;
        }
        terms.is_null(is_null);
        terms.done()
    }
}

impl Operators for PartialDateFilter {
    fn on(self, column: impl ColumnTrait) -> Result<Condition> {
        let Self { eq, lt, lte, gt, gte, within, is_null } = self;
        // As texts, all dates within `2023-05` stand from `2023-05` up to `2023-05~`.
        let start = |date: PartialDate| date.to_string();
        let end = |date: PartialDate| format!("{date}~");
        let mut terms = Terms::of(column);
        terms.each(eq.map(start), |column, value| column.eq(value))?;
        terms.each(lt.map(start), |column, value| column.lt(value))?;
        terms.each(lte.map(end), |column, value| column.lt(value))?;
        terms.each(gt.map(end), |column, value| column.gt(value))?;
        terms.each(gte.map(start), |column, value| column.gte(value))?;
        terms.each(within.clone().map(start), |column, value| column.gte(value))?;
        terms.each(within.map(end), |column, value| column.lt(value))?;
        terms.is_null(is_null);
        terms.done()
    }
}

/// The terms given so far on one column.
struct Terms<C> {
    column: C,
    condition: Condition,
}

impl<C: ColumnTrait> Terms<C> {
    fn of(column: C) -> Self {
        Self { column, condition: Condition::all() }
    }

    fn column(&self) -> SimpleExpr {
        Expr::col(self.column.as_column_ref())
    }

    fn value<T: Choosable>(&self, value: T) -> Result<Value> {
        value.compared(self.column.entity_name().to_string().as_str())
    }

    fn add(&mut self, term: impl sea_orm::sea_query::IntoCondition) {
        self.condition = self.condition.clone().add(term.into_condition());
    }

    fn each<T: Choosable>(
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

    fn equality<T: Choosable>(
        &mut self,
        eq: Option<T>,
        ne: Option<T>,
        is_in: Option<Vec<T>>,
        not_in: Option<Vec<T>>,
    ) -> Result<()> {
        self.each(eq, |column, value| column.eq(value))?;
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
        distinct.into_iter().map(|value| self.value(value)).collect()
    }

    fn like(&mut self, text: Option<String>, before: &str) -> Result<()> {
        let Some(text) = text else {
            return Ok(());
        };
        let escaped = text.to_ascii_lowercase().replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_");
        let pattern = plain(format!("{before}{escaped}%"))?;
        // Both databases fold A to Z alone here, and neither more.
        let folded = Func::lower(self.column());
        self.add(Expr::expr(folded).like(LikeExpr::new(pattern).escape('\\')));
        Ok(())
    }

    fn is_null(&mut self, is_null: Option<bool>) {
        match is_null {
            Some(true) => self.add(self.column().is_null()),
            Some(false) => self.add(self.column().is_not_null()),
            None => {}
        }
    }

    /// No operator at all is a mistake, often a variable that was left out: to match everything
    /// would hide it.
    fn done(self) -> Result<Condition> {
        if self.condition.is_empty() {
            return Err(Error::bad_input(format!(
                "the filter on {} has no operator, or only nulls; leave it out to match \
                 everything, and find records without a value by isNull",
                self.column.as_str()
            )));
        }
        Ok(self.condition)
    }
}

/// PostgreSQL has no place for a NUL, and SQLite does: neither gets one.
pub fn plain(text: String) -> Result<String> {
    if text.contains('\0') {
        return Err(Error::bad_input("a text cannot hold the character U+0000"));
    }
    Ok(text)
}

impl<T: Choosable> TypeName for Choice<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Filter", T::filter_name()).into()
    }
}

impl<T: Comparable> TypeName for Comparison<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Filter", T::filter_name()).into()
    }
}

impl<T: Comparable> TypeName for Range<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Range", T::filter_name()).into()
    }
}

impl Choosable for String {
    fn compared(self, _: &str) -> Result<Value> {
        plain(self).map(Value::from)
    }
}

impl Choosable for ID {
    fn compared(self, table: &str) -> Result<Value> {
        // Tables are called like their types: `product_list` holds each `ProductList`.
        id::key(&self, &table.replace('_', "")).map(Value::from)
    }
}

macro_rules! choosable {
    ($($type:ty $(, $comparable:ident)?;)+) => {$(
        impl Choosable for $type {
            fn compared(self, _: &str) -> Result<Value> {
                Ok(self.into())
            }
        }
        $(impl $comparable for $type {})?
    )+};
}

choosable! {
    bool;
    i32, Comparable;
    Date, Comparable;
    Decimal, Comparable;
    Timestamp, Comparable;
}

/// Makes enums of columns filterable: `StanceFilter` for `Stance`.
macro_rules! choosable_enums {
    ($($type:ty),+ $(,)?) => {$(
        impl $crate::kit::operators::Choosable for $type {
            fn compared(self, _: &str) -> $crate::kit::error::Result<sea_orm::Value> {
                Ok(sea_orm::ActiveEnum::into_value(self).into())
            }
        }
    )+};
}

pub(crate) use choosable_enums;
