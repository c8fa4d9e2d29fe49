//! Relay pages by keyset: forwards and backwards, through ties and nulls, without losing a row.
use std::{borrow::Cow, sync::atomic::AtomicBool};

use async_graphql::{
    Context, ContextSelectionSet, Object, OutputType, Positioned, ServerResult, SimpleObject,
    TypeName, Value, connection::PageInfo, parser::types::Field, registry::Registry,
};
use futures_util::future::try_join;
use sea_orm::{
    Condition, EntityTrait, QueryFilter, QuerySelect, QueryTrait, Select,
    sea_query::SelectStatement,
};

use super::{
    access::View,
    direct::{self, Known, Plan, Stuck},
    error::{Error, Result},
    filter::{Filter, Scope},
    latest::End,
    order::Order,
    plain::Plainly,
    record::{Concept, Record},
    rows::{self, Length, Sent},
};

mod keys;

use keys::Keys;

/// Records of a page when nothing was said.
pub const DEFAULT_SIZE: u64 = 25;
/// Records of a page at most.
pub const MOST_SIZE: u64 = 200;
/// Rows at most of what is reckoned, and is no record.
pub const MOST_ROWS: u64 = 1000;

/// A page of a longer list: some records, and how to come by those before and after.
pub enum Page<C: Concept> {
    /// To be resolved, as far as it is asked for.
    Found(Box<Found<C>>),
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
            Self::Found(found) => OutputType::resolve(&**found, ctx, field).await,
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
    pub filter: Option<Box<C::Filter>>,
    pub order_by: Option<Vec<Order<C::Order>>>,
}

/// The page of the records that `base` holds for.
pub async fn page<C: Plainly>(
    ctx: &Context<'_>,
    view: View,
    base: Condition,
    arguments: Arguments<C>,
) -> Result<Page<C>> {
    let Arguments {
        first,
        after,
        last,
        before,
        filter,
        order_by,
    } = arguments;
    let window = Window::new(first, last)?;
    let keys = Keys::<C::Entity>::new(order_by.unwrap_or_default())?;
    let mut beyond = Condition::all();
    for (cursor, forward) in [(&after, true), (&before, false)] {
        if let Some(cursor) = cursor {
            beyond = beyond.add(keys.beyond(&keys.decode(cursor)?, forward));
        }
    }
    let has_before = if window.forward { after } else { before }.is_some();
    let plan = rows::shapes(ctx).and_then(|_| Plan::of(ctx, view, C::plain(), &keys.names()));
    // What is in memory is most times what there is, which the rows themselves tell.
    let standing = plan.as_ref().and_then(|_| rows::standing(ctx));
    let known = standing.as_ref().map(|(_, references)| &**references);
    let scope = Scope::new(view.at(None));
    let asks = AtomicBool::new(false);
    let wanted = match filter {
        Some(filter) => filter.condition(scope.knowing(known).asking(&asks))?,
        None => Condition::all(),
    };
    let mut asked = Asked {
        view,
        window,
        has_before,
        keys,
        base: C::Entity::find()
            .filter(C::Entity::visible(view))
            .filter(base),
        wanted,
        beyond,
    };
    let mut read = None;
    if asks.into_inner() {
        if let Some((plan, (end, _))) = plan.as_ref().zip(standing.as_ref()) {
            let ahead = asked.read(ctx, plan, true).await?;
            read = Some((ahead.is_as_of(end), ahead));
        }
        if !matches!(read, Some((true, _))) {
            let wanted = again::<C::Filter>(ctx, scope.knowing(rows::known(ctx).await?))?;
            // Most revisions change no name, and then what was read is the answer still.
            if wanted != asked.wanted {
                asked.wanted = wanted;
                read = None;
            }
        }
    }
    if let Some(plan) = &plan {
        let read = match read {
            Some((_, read)) => read,
            None => asked.read(ctx, plan, false).await?,
        };
        if let Some(json) = asked.written(ctx, plan, read).await? {
            return Ok(Page::Written(json));
        }
    }
    asked.found(ctx).await.map(Box::new).map(Page::Found)
}

/// What the present field's filter wants, read once more.
fn again<F: Filter>(ctx: &Context<'_>, scope: Scope<'_>) -> Result<Condition> {
    let filter = ctx.param_value::<Option<Box<F>>>("filter", None);
    let filter = filter.ok().and_then(|(_, filter)| filter);
    let gone = || Error::internal("a filter was read once, and not again");
    filter.ok_or_else(gone)?.condition(scope)
}

/// A page to be read.
struct Asked<E: EntityTrait> {
    view: View,
    window: Window,
    /// Whether it begins after a cursor.
    has_before: bool,
    keys: Keys<E>,
    base: Select<E>,
    /// What the filter wants, and what the cursors do.
    wanted: Condition,
    beyond: Condition,
}

impl<E: Record> Asked<E> {
    /// All records, of which the page has some.
    fn whole(&self) -> Select<E> {
        self.base.clone().filter(self.wanted.clone())
    }

    /// One row more than the page has.
    fn select(&self) -> Select<E> {
        let select = self.whole().filter(self.beyond.clone());
        let select = self.keys.sort(select, self.window.forward);
        select.limit(self.window.size + 1)
    }

    async fn found<C: Concept<Entity = E>>(self, ctx: &Context<'_>) -> Result<Found<C>> {
        let mut found = rows::all(ctx, self.select()).await?;
        let (has_previous_page, has_next_page) = self.cut(&mut found);
        let revision = self.view.as_of().filter(|_| E::IS_PART);
        let whole = self.whole().into_query();
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
            whole,
        })
    }

    /// What a plan writes; and as of which revision it was read, where that is to be told.
    async fn read(&self, ctx: &Context<'_>, plan: &Plan, tells: bool) -> Result<Read> {
        let sent = async {
            match plan.reads() {
                true => rows::sent(ctx, self.select(), plan, tells).await.map(Some),
                false => Ok(None),
            }
        };
        let counted = async {
            match plan.counts() {
                true => rows::counted(ctx, self.whole().into_query(), tells)
                    .await
                    .map(Some),
                false => Ok(None),
            }
        };
        let (sent, counted) = try_join(sent, counted).await?;
        Ok(Read { sent, counted })
    }

    /// In JSON; none when it takes more than writing what was read.
    async fn written(&self, ctx: &Context<'_>, plan: &Plan, read: Read) -> Result<Option<Vec<u8>>> {
        let Read { sent, counted } = read;
        let mut found: Vec<_> = sent.iter().flat_map(|sent| sent.rows.iter()).collect();
        let (has_previous_page, has_next_page) = self.cut(&mut found);
        let led = plan.led(ctx, &found).await?;
        let written = plan.write(&direct::Found {
            rows: &found,
            led: &led,
            has_previous_page,
            has_next_page,
            total_count: counted.map(|counted| length_told(counted.rows)),
            known: Known {
                references: sent.as_ref().and_then(|sent| sent.references.as_deref()),
                view: self.view,
            },
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

/// What was read of a page to be written.
struct Read {
    sent: Option<Sent>,
    counted: Option<Length>,
}

impl Read {
    /// Whether all of it is certain to be as of this revision. No row tells of none.
    fn is_as_of(&self, end: &End) -> bool {
        let sent = self.sent.as_ref().map(|sent| &sent.revision);
        let counted = self.counted.as_ref().map(|counted| &counted.revision);
        let mut told = sent.into_iter().chain(counted);
        told.all(|hash| hash.as_deref() == Some(&*end.hash))
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
