//! Relay pages by keyset: forwards and backwards, through ties and nulls, without losing a row.
use std::borrow::Cow;

use async_graphql::{
    Context, ContextSelectionSet, Object, OutputType, Positioned, ServerResult, SimpleObject,
    TypeName, Value, connection::PageInfo, parser::types::Field, registry::Registry,
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use futures_util::future::try_join;
use sea_orm::{
    ColumnTrait, ColumnType, Condition, EntityTrait, IdenStatic, ModelTrait, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, Select, Value as SqlValue,
    prelude::{ChronoDate, Uuid},
    sea_query::{Expr, ExprTrait, NullOrdering, Order as SqlOrder, SelectStatement, SimpleExpr},
};
use serde_json::Value as Json;

use super::{
    access::View,
    direct::{self, Plan, Stuck},
    error::{Error, Result},
    filter::{Filter, Scope},
    order::{Direction, Nulls, Order, OrderField},
    plain::Plainly,
    record::{Concept, Record, id_column, json},
    rows,
};

/// Records of a page when nothing was said.
pub const DEFAULT_SIZE: u64 = 25;
/// Records of a page at most.
pub const MOST_SIZE: u64 = 200;
/// Rows at most of what is reckoned, and is no record.
pub const MOST_ROWS: u64 = 1000;
const MOST_KEYS: usize = 8;

/// A page of a longer list: some records, and how to come by those before and after.
pub enum Page<C: Concept> {
    /// To be resolved, as far as it is asked for.
    Found(Found<C>),
    /// What was asked for of it, in JSON.
    Written(Vec<u8>),
}

/// A page whose records were read.
pub struct Found<C: Concept> {
    edges: Vec<Edge<C>>,
    has_previous_page: bool,
    has_next_page: bool,
    whole: SelectStatement,
}

/// A record and its place in the list.
#[derive(SimpleObject)]
#[graphql(name_type)]
pub struct Edge<C: Concept> {
    /// Opaque; give it as `after` or `before` to page on from here, in the same order.
    cursor: String,
    /// The record.
    node: C,
}

/// A page of a longer list, with what it takes to page on.
#[Object(name_type)]
impl<C: Concept> Found<C> {
    /// Whether there is more, and the cursors to go on with.
    async fn page_info(&self) -> PageInfo {
        PageInfo {
            has_previous_page: self.has_previous_page,
            has_next_page: self.has_next_page,
            start_cursor: self.edges.first().map(|edge| edge.cursor.clone()),
            end_cursor: self.edges.last().map(|edge| edge.cursor.clone()),
        }
    }

    /// The records of this page, each with its cursor.
    async fn edges(&self) -> &[Edge<C>] {
        &self.edges
    }

    /// The records of this page, without cursors.
    async fn nodes(&self) -> Vec<&C> {
        self.edges.iter().map(|edge| &edge.node).collect()
    }

    /// How many records there are over all pages. Counted only when asked for.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i32> {
        rows::count(ctx, self.whole.clone()).await.map(length_told)
    }
}

impl<C: Concept> OutputType for Page<C> {
    fn type_name() -> Cow<'static, str> {
        <Found<C> as OutputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Found::<C>::create_type_info(registry)
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        match self {
            Self::Found(found) => OutputType::resolve(found, ctx, field).await,
            Self::Written(json) => Ok(Value::Binary(json.clone().into())),
        }
    }
}

impl<C: Concept> TypeName for Found<C> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", C::type_name()).into()
    }
}

impl<C: Concept> TypeName for Edge<C> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", C::type_name()).into()
    }
}

/// What a connection's field is asked with.
pub struct Arguments<C: Concept> {
    pub first: Option<i32>,
    pub after: Option<String>,
    pub last: Option<i32>,
    pub before: Option<String>,
    pub filter: Option<C::Filter>,
    pub order_by: Option<Vec<Order<C::Order>>>,
}

/// The page of the records that `base` holds for.
pub async fn page<C: Plainly>(
    ctx: &Context<'_>,
    view: View,
    base: Condition,
    arguments: Arguments<C>,
) -> Result<Page<C>> {
    let window = Window::new(arguments.first, arguments.last)?;
    let keys = Keys::<C::Entity>::new(arguments.order_by.unwrap_or_default())?;
    let mut select = C::Entity::find()
        .filter(C::Entity::visible(view))
        .filter(base);
    if let Some(filter) = arguments.filter {
        select = select.filter(filter.condition(Scope::new(view.at(None)))?);
    }
    let whole = select.clone().into_query();
    if let Some(cursor) = &arguments.after {
        select = select.filter(keys.beyond(&keys.decode(cursor)?, true));
    }
    if let Some(cursor) = &arguments.before {
        select = select.filter(keys.beyond(&keys.decode(cursor)?, false));
    }
    let select = keys.sort(select, window.forward).limit(window.size + 1);
    let asked = Asked {
        has_before: match window.forward {
            true => arguments.after.is_some(),
            false => arguments.before.is_some(),
        },
        view,
        window,
        keys,
        select,
        whole,
    };
    match asked.written::<C>(ctx).await? {
        Some(json) => Ok(Page::Written(json)),
        None => asked.found(ctx).await.map(Page::Found),
    }
}

/// A page to be read.
struct Asked<E: EntityTrait> {
    view: View,
    window: Window,
    /// Whether it begins after a cursor.
    has_before: bool,
    keys: Keys<E>,
    /// One row more than the page has.
    select: Select<E>,
    whole: SelectStatement,
}

impl<E: Record> Asked<E> {
    async fn found<C: Concept<Entity = E>>(self, ctx: &Context<'_>) -> Result<Found<C>> {
        let mut found = rows::all(ctx, self.select.clone()).await?;
        let (has_previous_page, has_next_page) = self.cut(&mut found);
        let revision = self.view.as_of().filter(|_| E::IS_PART);
        let edges = found.into_iter().map(|row| Edge {
            cursor: self.keys.encode(&row),
            node: match revision {
                Some(revision) => C::as_of(row, revision),
                None => C::from(row),
            },
        });
        Ok(Found {
            edges: edges.collect(),
            has_previous_page,
            has_next_page,
            whole: self.whole,
        })
    }

    /// In JSON; none when it takes more than writing what was read.
    async fn written<C: Plainly<Entity = E>>(&self, ctx: &Context<'_>) -> Result<Option<Vec<u8>>> {
        let keys = self.keys.names();
        let plan = rows::writes(ctx).then(|| Plan::of(ctx, self.view, C::plain(), &keys));
        let Some(plan) = plan.flatten() else {
            return Ok(None);
        };
        let read = async {
            match plan.reads() {
                true => rows::sent(ctx, self.select.clone(), &plan).await.map(Some),
                false => Ok(None),
            }
        };
        let counted = async {
            match plan.counts() {
                true => rows::count(ctx, self.whole.clone()).await.map(Some),
                false => Ok(None),
            }
        };
        let (read, counted) = try_join(read, counted).await?;
        let mut found: Vec<_> = read.iter().flat_map(|sent| sent.rows.iter()).collect();
        let (has_previous_page, has_next_page) = self.cut(&mut found);
        let written = plan.write(&direct::Found {
            rows: &found,
            has_previous_page,
            has_next_page,
            total_count: counted.map(length_told),
            references: read.as_ref().and_then(|sent| sent.references.as_deref()),
            view: self.view,
            cursor: &|values| self.keys.cursor(values),
        });
        match written {
            Ok(json) => Ok(Some(json)),
            Err(Stuck::Unknown) => Ok(None),
            Err(Stuck::Failed(error)) => Err(error.into()),
        }
    }

    /// Takes away the row that is beyond the page. Answers whether there is something before the
    /// page, and after it.
    fn cut<R>(&self, found: &mut Vec<R>) -> (bool, bool) {
        let more = found.len() as u64 > self.window.size;
        found.truncate(usize::try_from(self.window.size).unwrap_or(usize::MAX));
        if self.window.forward {
            return (self.has_before, more);
        }
        found.reverse();
        (more, self.has_before)
    }
}

fn length_told(rows: u64) -> i32 {
    i32::try_from(rows).unwrap_or(i32::MAX)
}

/// How long a list may be that is asked for its `first` elements and is no page.
pub fn length(first: Option<i32>) -> Result<usize> {
    let window = Window::new(first, None)?;
    Ok(usize::try_from(window.size).unwrap_or(usize::MAX))
}

/// How many records, and from which end.
pub(super) struct Window {
    pub size: u64,
    pub forward: bool,
}

impl Window {
    pub fn new(first: Option<i32>, last: Option<i32>) -> Result<Self> {
        let (size, forward, name) = match (first, last) {
            (Some(_), Some(_)) => {
                return Err(Error::bad_input("give either first or last, not both"));
            }
            (None, Some(last)) => (i64::from(last), false, "last"),
            (first, None) => (first.map_or(DEFAULT_SIZE as i64, i64::from), true, "first"),
        };
        match u64::try_from(size) {
            Ok(size) if size <= MOST_SIZE => Ok(Self { size, forward }),
            _ => Err(Error::bad_input(format!(
                "{name} must be from 0 to {MOST_SIZE}, and is {size}; page on with the cursor"
            ))),
        }
    }
}

/// An order made total: the keys asked for, then the id.
struct Keys<E: EntityTrait>(Vec<Key<E>>);

struct Key<E: EntityTrait> {
    column: E::Column,
    direction: Direction,
    /// None when the column has no nulls.
    nulls: Option<Nulls>,
}

impl<E: Record> Keys<E> {
    fn new<F: OrderField<Entity = E>>(orders: Vec<Order<F>>) -> Result<Self> {
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

    fn sort(&self, select: Select<E>, forward: bool) -> Select<E> {
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
    fn beyond(&self, values: &[SqlValue], forward: bool) -> Condition {
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

    fn encode(&self, row: &E::Model) -> String {
        let values = self.0.iter().map(|key| json(row.get(key.column)));
        self.cursor(values.collect())
    }

    /// The cursor of a row with these values.
    fn cursor(&self, mut values: Vec<Json>) -> String {
        values.insert(0, Json::from(self.signature()));
        BASE64_URL_SAFE_NO_PAD.encode(Json::from(values).to_string())
    }

    fn names(&self) -> Vec<&str> {
        self.0.iter().map(|key| key.column.as_str()).collect()
    }

    fn decode(&self, cursor: &str) -> Result<Vec<SqlValue>> {
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
