//! What a page is ordered by, where it begins, and how a cursor remembers that.
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sea_orm::{
    ColumnTrait, ColumnType, Condition, EntityTrait, IdenStatic, ModelTrait, QueryOrder, Select,
    Value as SqlValue,
    prelude::{ChronoDate, Uuid},
    sea_query::{Expr, ExprTrait, NullOrdering, Order as SqlOrder, SimpleExpr},
};
use serde_json::Value as Json;

use crate::kit::{
    error::{Error, Result},
    order::{Direction, Nulls, Order, OrderField},
    record::{Record, id_column, json},
};

const MOST_KEYS: usize = 8;

/// An order made total: the keys asked for, then the id.
pub struct Keys<E: EntityTrait>(Vec<Key<E>>);

struct Key<E: EntityTrait> {
    column: E::Column,
    direction: Direction,
    /// None when the column has no nulls.
    nulls: Option<Nulls>,
}

impl<E: Record> Keys<E> {
    pub fn new<F: OrderField<Entity = E>>(orders: Vec<Order<F>>) -> Result<Self> {
        if orders.len() > MOST_KEYS {
            return Err(Error::bad_input(format!(
                "orderBy takes at most {MOST_KEYS} keys, and has {}",
                orders.len()
            )));
        }
        let asked = orders.into_iter().map(|order| {
            let column = order.field.column();
            let nulls = column.def().is_null().then_some(order.nulls);
            Key {
                column,
                direction: order.direction,
                nulls,
            }
        });
        let tiebreak = Key {
            column: id_column::<E>(),
            direction: Direction::Asc,
            nulls: None,
        };
        Ok(Self(asked.chain([tiebreak]).collect()))
    }

    pub fn sort(&self, select: Select<E>, forward: bool) -> Select<E> {
        self.0.iter().fold(select, |select, key| {
            let ascends = (key.direction == Direction::Asc) == forward;
            let order = if ascends {
                SqlOrder::Asc
            } else {
                SqlOrder::Desc
            };
            match key.nulls {
                None => select.order_by(key.column, order),
                Some(nulls) if (nulls == Nulls::First) == forward => {
                    select.order_by_with_nulls(key.column, order, NullOrdering::First)
                }
                Some(_) => select.order_by_with_nulls(key.column, order, NullOrdering::Last),
            }
        })
    }

    /// The rows that come after these values, or before them.
    pub fn beyond(&self, values: &[SqlValue], forward: bool) -> Condition {
        let is_plain = |key: &Key<E>| key.nulls.is_none() && key.direction == self.0[0].direction;
        if self.0.iter().all(is_plain) {
            return self.beyond_plainly(values, forward);
        }
        let mut any = Condition::any();
        for (place, key) in self.0.iter().enumerate() {
            let equal = self.0.iter().zip(values).take(place);
            let all = equal.fold(Condition::all(), |all, (key, value)| {
                all.add(key.equals(value))
            });
            if let Some(further) = key.further(&values[place], forward) {
                any = any.add(all.add(further));
            }
        }
        // What an index of the first key can begin with: none looks into alternatives.
        let first = &self.0[0];
        if first.nulls.is_some() {
            return any;
        }
        let ascends = (first.direction == Direction::Asc) == forward;
        let bound = match ascends {
            true => first.column().gte(values[0].clone()),
            false => first.column().lte(values[0].clone()),
        };
        Condition::all().add(bound).add(any)
    }

    /// The same where all keys go one way and none has nulls: as a row, which an index of the keys
    /// finds at once, wherever it is; the conditions one by one it would have to try from its
    /// beginning on.
    fn beyond_plainly(&self, values: &[SqlValue], forward: bool) -> Condition {
        let own = Expr::tuple(self.0.iter().map(Key::column));
        let theirs = Expr::tuple(values.iter().map(|value| Expr::val(value.clone())));
        let ascends = (self.0[0].direction == Direction::Asc) == forward;
        Condition::all().add(match ascends {
            true => own.gt(theirs),
            false => own.lt(theirs),
        })
    }

    fn signature(&self) -> String {
        let keys = self.0.iter().map(|key| {
            let direction = if key.direction == Direction::Asc {
                '+'
            } else {
                '-'
            };
            let nulls = if key.nulls == Some(Nulls::First) {
                "0"
            } else {
                ""
            };
            format!("{}{direction}{nulls}", key.column.as_str())
        });
        keys.collect()
    }

    pub fn encode(&self, row: &E::Model) -> String {
        let values = self.0.iter().map(|key| json(row.get(key.column)));
        self.cursor(values.collect())
    }

    /// The cursor of a row with these values.
    pub fn cursor(&self, mut values: Vec<Json>) -> String {
        values.insert(0, Json::from(self.signature()));
        BASE64_URL_SAFE_NO_PAD.encode(Json::from(values).to_string())
    }

    pub fn names(&self) -> Vec<&str> {
        self.0.iter().map(|key| key.column.as_str()).collect()
    }

    pub fn decode(&self, cursor: &str) -> Result<Vec<SqlValue>> {
        let read = || {
            let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?;
            let mut parts: Vec<Json> = serde_json::from_slice(&bytes).ok()?;
            (!parts.is_empty()).then(|| (parts.remove(0), parts))
        };
        let malformed = || {
            Error::bad_input(format!(
                "{cursor:?} is not a cursor of this connection; cursors are opaque, copy them from an answer"
            ))
        };
        let (signature, parts) = read().ok_or_else(malformed)?;
        if signature != self.signature() {
            return Err(Error::bad_input(
                "this cursor was made in another order; page on with the orderBy that it came from",
            ));
        }
        let values = self.0.iter().zip(&parts).map(|(key, part)| key.read(part));
        let values: Option<Vec<_>> = values.collect();
        let values = values.filter(|values| values.len() == self.0.len());
        values.ok_or_else(malformed)
    }
}

impl<E: Record> Key<E> {
    fn column(&self) -> SimpleExpr {
        Expr::col((E::default(), self.column))
    }

    fn equals(&self, value: &SqlValue) -> SimpleExpr {
        match is_null(value) {
            true => self.column().is_null(),
            false => self.column().eq(value.clone()),
        }
    }

    /// What comes beyond this value by this key alone; None when nothing can.
    fn further(&self, value: &SqlValue, forward: bool) -> Option<Condition> {
        let nulls_come_later = self.nulls.map(|nulls| (nulls == Nulls::Last) == forward);
        if is_null(value) {
            let nothing = nulls_come_later == Some(true);
            return (!nothing).then(|| Condition::all().add(self.column().is_not_null()));
        }
        let ascends = (self.direction == Direction::Asc) == forward;
        let further = match ascends {
            true => self.column().gt(value.clone()),
            false => self.column().lt(value.clone()),
        };
        let nulls = (nulls_come_later == Some(true)).then(|| self.column().is_null());
        Some(Condition::any().add(further).add_option(nulls))
    }

    /// Only a value that fits the column, whatever the cursor says.
    fn read(&self, json: &Json) -> Option<SqlValue> {
        let definition = self.column.def();
        if json.is_null() {
            return self.nulls.is_some().then_some(SqlValue::String(None));
        }
        match definition.get_column_type() {
            ColumnType::Uuid => json.as_str()?.parse::<Uuid>().ok().map(SqlValue::from),
            ColumnType::Date => json
                .as_str()?
                .parse::<ChronoDate>()
                .ok()
                .map(SqlValue::from),
            ColumnType::BigInteger => json.as_i64().map(SqlValue::from),
            ColumnType::Integer => i32::try_from(json.as_i64()?).ok().map(SqlValue::from),
            _ => json
                .as_str()
                .filter(|text| !text.contains('\0'))
                .map(SqlValue::from),
        }
    }
}

fn is_null(value: &SqlValue) -> bool {
    matches!(
        value,
        SqlValue::String(None)
            | SqlValue::BigInt(None)
            | SqlValue::Int(None)
            | SqlValue::ChronoDate(None)
            | SqlValue::Uuid(None)
    )
}
