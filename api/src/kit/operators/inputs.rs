//! The inputs that hold operators, and what each operator means.
use std::borrow::Cow;

use async_graphql::{InputObject, TypeName};
use entity::value::PartialDate;
use sea_orm::{ColumnTrait, Condition, sea_query::ExprTrait};

use super::{Choosable, Comparable, Operators, terms::Terms};
use crate::kit::error::{Error, Result};

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
        let Self {
            eq,
            ne,
            r#in,
            not_in,
            is_null,
        } = self;
        let mut terms = Terms::of(column);
        terms.equality(eq, ne, r#in, not_in)?;
        terms.is_null(is_null);
        terms.done()
    }
}

impl<T: Comparable> Operators for Comparison<T> {
    fn on(self, column: impl ColumnTrait) -> Result<Condition> {
        let Self {
            eq,
            ne,
            r#in,
            not_in,
            lt,
            lte,
            gt,
            gte,
            between,
            is_null,
        } = self;
        let mut terms = Terms::of(column);
        terms.equality(eq, ne, r#in, not_in)?;
        terms.each(lt, ExprTrait::lt)?;
        terms.each(lte, ExprTrait::lte)?;
        terms.each(gt, ExprTrait::gt)?;
        terms.each(gte, ExprTrait::gte)?;
        if let Some(Range { from, to }) = between {
            if from > to {
                return Err(Error::bad_input(format!(
                    "between takes from at most to, and {from} is more than {to}"
                )));
            }
            terms.each(Some(from), ExprTrait::gte)?;
            terms.each(Some(to), ExprTrait::lte)?;
        }
        terms.is_null(is_null);
        terms.done()
    }
}

impl Operators for TextFilter {
    fn on(self, column: impl ColumnTrait) -> Result<Condition> {
        let Self {
            eq,
            ne,
            r#in,
            not_in,
            contains,
            starts_with,
            is_null,
        } = self;
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
        let Self {
            eq,
            ne,
            r#in,
            not_in,
            starts_with,
            is_null,
        } = self;
        let mut terms = Terms::of(column);
        terms.equality(eq, ne, r#in, not_in)?;
        if let Some(prefix) = starts_with {
            // A range, since an index serves it, and bytes sort alike on both databases.
            let end = format!("{prefix}{}", char::MAX);
            terms.each(Some(prefix), ExprTrait::gte)?;
            terms.each(Some(end), ExprTrait::lte)?;
        }
        terms.is_null(is_null);
        terms.done()
    }
}

impl Operators for PartialDateFilter {
    fn on(self, column: impl ColumnTrait) -> Result<Condition> {
        let Self {
            eq,
            lt,
            lte,
            gt,
            gte,
            within,
            is_null,
        } = self;
        // As texts, all dates within `2023-05` stand from `2023-05` up to `2023-05~`.
        let start = |date: PartialDate| date.to_string();
        let end = |date: PartialDate| format!("{date}~");
        let mut terms = Terms::of(column);
        terms.each(eq.map(start), ExprTrait::eq)?;
        terms.each(lt.map(start), ExprTrait::lt)?;
        terms.each(lte.map(end), ExprTrait::lt)?;
        terms.each(gt.map(end), ExprTrait::gt)?;
        terms.each(gte.map(start), ExprTrait::gte)?;
        terms.each(within.clone().map(start), ExprTrait::gte)?;
        terms.each(within.map(end), ExprTrait::lt)?;
        terms.is_null(is_null);
        terms.done()
    }
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
