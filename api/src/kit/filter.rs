//! Filters: how fields, relations and logic make one condition.
use std::{
    borrow::Cow,
    sync::atomic::{AtomicBool, Ordering},
};

use async_graphql::{InputObject, InputType, Name, TypeName, Value as Json};
use sea_orm::{
    ColumnTrait, Condition, QueryFilter, QuerySelect, QueryTrait,
    prelude::Uuid,
    sea_query::{Expr, ExprTrait, Func, IntoCondition, SelectStatement, SimpleExpr},
};

use super::{
    access::View,
    error::{Error, Result},
    operators::Operators,
    record::{Record, id_column},
    references::References,
};

const DEEPEST: u8 = 8;
const LONGEST: usize = 50;

/// An input that says which records of a table are wanted. To take itself apart into all of
/// its fields is how it makes sure that none is forgotten.
pub trait Filter: InputType {
    type Entity: Record;

    fn condition(self, scope: Scope<'_>) -> Result<Condition>;
}

/// How deep in a filter we are, what is seen there, and what is known without a look.
#[derive(Clone, Copy)]
pub struct Scope<'r> {
    depth: u8,
    view: View,
    known: Option<&'r References>,
    /// Told when a filter says no more than a name, and nothing is known.
    asks: Option<&'r AtomicBool>,
}

impl<'r> Scope<'r> {
    pub const fn new(view: View) -> Self {
        Self {
            depth: 0,
            view,
            known: None,
            asks: None,
        }
    }

    /// Tells whether it would help to know rows: to look whether they are up to date takes a
    /// statement, and what is wrong with a filter is found before that.
    pub const fn asking(self, asks: &'r AtomicBool) -> Self {
        Self {
            asks: Some(asks),
            ..self
        }
    }

    /// Rows that filters by name alone are answered from.
    pub const fn knowing(self, known: Option<&'r References>) -> Self {
        Self { known, ..self }
    }

    /// The ids of what a filter finds, where it says no more than one name, such as a country's
    /// code, and the rows that bear it are known.
    pub fn ids<F: Filter>(self, filter: &F) -> Option<Vec<Uuid>> {
        if self.known.is_none() && self.asks.is_none() {
            return None;
        }
        let (field, operators) = only(filter.to_value())?;
        match only(operators)? {
            (operator, Json::String(name)) if operator == "eq" => {
                if let Some(asks) = self.asks {
                    asks.store(true, Ordering::Relaxed);
                }
                self.known?.ids_by::<F::Entity>(&field, &name, self.view)
            }
            _ => None,
        }
    }

    /// Begins with `and`, `or` and `not`, which every filter has.
    pub fn logic<F: Filter>(
        self,
        and: Option<Vec<F>>,
        or: Option<Vec<F>>,
        not: Option<Box<F>>,
    ) -> Result<Where<'r>> {
        let and = self
            .each(and, "and")?
            .map(|parts| parts.fold(Condition::all(), Condition::add));
        let or = self
            .each(or, "or")?
            .map(|parts| parts.fold(Condition::any(), Condition::add));
        let not = not
            .map(|filter| filter.condition(self.deeper()?))
            .transpose()?;
        let condition = Condition::all()
            .add_option(and)
            .add_option(or)
            .add_option(not.map(isnt));
        Ok(Where {
            condition,
            scope: self,
        })
    }

    fn each<F: Filter>(
        self,
        filters: Option<Vec<F>>,
        name: &str,
    ) -> Result<Option<std::vec::IntoIter<Condition>>> {
        let Some(filters) = filters else {
            return Ok(None);
        };
        if filters.is_empty() || filters.len() > LONGEST {
            return Err(Error::bad_input(format!(
                "{name} takes from 1 to {LONGEST} filters, and has {}",
                filters.len()
            )));
        }
        let deeper = self.deeper()?;
        let conditions = filters.into_iter().map(|filter| filter.condition(deeper));
        Ok(Some(conditions.collect::<Result<Vec<_>>>()?.into_iter()))
    }

    fn deeper(self) -> Result<Self> {
        if self.depth >= DEEPEST {
            return Err(Error::bad_input(format!(
                "filters nest at most {DEEPEST} deep"
            )));
        }
        Ok(Self {
            depth: self.depth + 1,
            ..self
        })
    }
}

/// A condition being put together. All its parts must hold.
pub struct Where<'r> {
    condition: Condition,
    scope: Scope<'r>,
}

impl Where<'_> {
    /// On a column of the table itself.
    pub fn on<O: Operators>(
        mut self,
        operators: Option<O>,
        column: impl ColumnTrait,
    ) -> Result<Self> {
        if let Some(operators) = operators {
            self.condition = self.condition.add(operators.on(column)?);
        }
        Ok(self)
    }

    /// On the record that a column points at.
    pub fn one<F: Filter>(
        mut self,
        filter: Option<Box<F>>,
        column: impl ColumnTrait,
    ) -> Result<Self> {
        if let Some(filter) = filter {
            let deeper = self.scope.deeper()?;
            if let Some(ids) = deeper.ids(&*filter) {
                self.condition = self.condition.add(column.is_in(ids));
                return Ok(self);
            }
            let condition = filter.condition(deeper)?;
            let ids = ids::<F::Entity>(self.scope.view, id_column::<F::Entity>(), condition);
            self.condition = self.condition.add(column.in_subquery(ids));
        }
        Ok(self)
    }

    /// On the records of another table that belong to this one; `relate` turns their select,
    /// narrowed by the filter, into a condition here.
    pub fn many<F: Filter>(
        mut self,
        filter: Option<Related<F>>,
        relate: impl Fn(Condition, View) -> Condition,
    ) -> Result<Self> {
        let Some(Related { some, none }) = filter else {
            return Ok(self);
        };
        if some.is_none() && none.is_none() {
            return Err(Error::bad_input(
                "give some or none: an empty list filter says nothing",
            ));
        }
        let (deeper, view) = (self.scope.deeper()?, self.scope.view);
        if let Some(filter) = some {
            self.condition = self.condition.add(relate(filter.condition(deeper)?, view));
        }
        if let Some(filter) = none {
            let related = relate(filter.condition(deeper)?, view);
            self.condition = self.condition.add(isnt(related));
        }
        Ok(self)
    }

    pub fn done(self) -> Condition {
        self.condition
    }
}

/// The one field of an input that says anything, and what.
fn only(input: Json) -> Option<(Name, Json)> {
    let Json::Object(fields) = input else {
        return None;
    };
    let mut said = fields.into_iter().filter(|(_, value)| *value != Json::Null);
    said.next().filter(|_| said.next().is_none())
}

/// The values of a column over the visible rows for which the condition holds; never null.
pub fn ids<E: Record>(view: View, column: E::Column, condition: Condition) -> SelectStatement {
    E::find()
        .select_only()
        .column(column)
        .filter(E::visible(view))
        .filter(column.is_not_null())
        .filter(condition)
        .into_query()
}

/// Whether the row that a column points at is seen. It is looked up for each row that this is asked
/// of, which are few where it matters, rather than all that are seen be listed first.
pub fn is_seen<E: Record>(view: View, column: impl ColumnTrait) -> SimpleExpr {
    is_there::<E>(view, id_column::<E>(), column)
}

/// Whether a row is seen whose column holds what our own one does: looked up, as by [`is_seen`].
pub fn is_there<E: Record>(view: View, theirs: E::Column, own: impl ColumnTrait) -> SimpleExpr {
    let alike = Expr::col(theirs.as_column_ref()).eq(Expr::col(own.as_column_ref()));
    let found = E::find()
        .select_only()
        .expr(Expr::Constant(1.into()))
        .filter(alike)
        .filter(E::visible(view));
    Expr::exists(found.into_query())
}

/// A complement that holds for unknown values too: a record matches a filter or its `not`.
fn isnt(condition: Condition) -> Condition {
    let known = Func::coalesce([condition.into(), Expr::val(false)]);
    Condition::all().add(Expr::expr(known).not())
}

/// Which related records there must or must not be.
#[derive(InputObject)]
#[graphql(name_type)]
pub struct Related<F: Filter> {
    /// At least one related record matches.
    some: Option<Box<F>>,
    /// No related record matches.
    none: Option<Box<F>>,
}

impl<F: Filter> TypeName for Related<F> {
    fn type_name() -> Cow<'static, str> {
        // `ShipmentFilter` filters one record, `RelatedShipmentFilter` a list of them.
        format!("Related{}", F::type_name()).into()
    }
}

/// A relation for [`Where::many`]: the records whose column `theirs` holds our column `own`.
pub fn pointed_at<E: Record>(
    own: impl ColumnTrait,
    theirs: E::Column,
) -> impl Fn(Condition, View) -> Condition {
    move |condition, view| {
        own.in_subquery(ids::<E>(view, theirs, condition))
            .into_condition()
    }
}
