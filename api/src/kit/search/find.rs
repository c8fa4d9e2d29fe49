//! A page of what a search finds: grade by grade, so that no more is looked for than is shown.
use async_graphql::Context;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use entity::search_document::{self, Column, Entity};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
    prelude::Uuid,
    sea_query::{Order, SelectStatement},
};

use super::{grade::Grade, query::Query};
use crate::kit::{
    access::View,
    error::{Error, Result},
    page::Window,
    record::Record,
    rows,
};

impl Record for search_document::Entity {
    const NAME: &'static str = "SearchDocument";

    fn visible(view: View) -> Condition {
        view.shows(Column::Status)
    }
}

/// What a search is asked with.
pub struct Arguments {
    pub query: Query,
    /// Tables to look in; all when absent.
    pub kinds: Option<Vec<&'static str>>,
    pub first: Option<i32>,
    pub after: Option<String>,
    pub last: Option<i32>,
    pub before: Option<String>,
}

/// A record that was found.
#[derive(Clone, Debug)]
pub struct Hit {
    pub kind: String,
    pub id: Uuid,
    pub grade: Grade,
    pub cursor: String,
}

/// A page of hits, the best first.
pub struct Found {
    pub hits: Vec<Hit>,
    pub has_previous_page: bool,
    pub has_next_page: bool,
    /// All that is found, to be counted.
    pub whole: SelectStatement,
}

/// Where a hit stands: better grades first, then what says least besides, then by id.
#[derive(Clone, Copy)]
struct Place {
    grade: Grade,
    length: i32,
    id: Uuid,
}

pub async fn find(ctx: &Context<'_>, arguments: Arguments) -> Result<Found> {
    let window = Window::new(arguments.first, arguments.last)?;
    let (query, backend) = (&arguments.query, rows::backend(ctx));
    let signature = signature(&arguments);
    let place = |cursor: &Option<String>| {
        let cursor = cursor.as_deref();
        cursor.map(|cursor| decode(cursor, &signature)).transpose()
    };
    let (after, before) = (place(&arguments.after)?, place(&arguments.before)?);
    let base = Entity::find().filter(Entity::visible(rows::view(ctx)));
    let base = match &arguments.kinds {
        Some(kinds) => base.filter(Column::Kind.is_in(kinds.iter().copied())),
        None => base,
    };
    let mut grades = Grade::ALL.to_vec();
    grades.retain(|grade| {
        after.is_none_or(|after| *grade >= after.grade)
            && before.is_none_or(|before| *grade <= before.grade)
    });
    if !window.forward {
        grades.reverse();
    }
    let mut hits = Vec::new();
    for grade in grades {
        let room = (window.size + 1).saturating_sub(hits.len() as u64);
        if room == 0 {
            break;
        }
        let Some(matches) = query.of(grade, backend) else {
            continue;
        };
        let select = base.clone().filter(matches);
        let select = within(select, grade, after, true);
        let select = within(select, grade, before, false);
        let select = sort(select, window.forward).limit(room);
        let found = rows::all(ctx, select).await?;
        hits.extend(found.into_iter().map(|row| hit(row, grade, &signature)));
    }
    let size = usize::try_from(window.size).unwrap_or(usize::MAX);
    let more = hits.len() > size;
    hits.truncate(size);
    if !window.forward {
        hits.reverse();
    }
    let (has_previous_page, has_next_page) = match window.forward {
        true => (after.is_some(), more),
        false => (more, before.is_some()),
    };
    Ok(Found {
        hits,
        has_previous_page,
        has_next_page,
        whole: base.filter(query.any(backend)).into_query(),
    })
}

/// How many records a search finds.
pub async fn count(ctx: &Context<'_>, whole: SelectStatement) -> Result<u64> {
    rows::count(ctx, whole).await
}

/// Only what comes after a place within its grade, or before it.
fn within(
    select: Select<Entity>,
    grade: Grade,
    place: Option<Place>,
    is_after: bool,
) -> Select<Entity> {
    let Some(place) = place.filter(|place| place.grade == grade) else {
        return select;
    };
    let (longer, later) = match is_after {
        true => (Column::Length.gt(place.length), Column::Id.gt(place.id)),
        false => (Column::Length.lt(place.length), Column::Id.lt(place.id)),
    };
    let tied = Condition::all()
        .add(Column::Length.eq(place.length))
        .add(later);
    select.filter(Condition::any().add(longer).add(tied))
}

fn sort(select: Select<Entity>, forward: bool) -> Select<Entity> {
    let order = if forward { Order::Asc } else { Order::Desc };
    select
        .order_by(Column::Length, order.clone())
        .order_by(Column::Id, order)
}

fn hit(row: search_document::Model, grade: Grade, signature: &str) -> Hit {
    let place = (signature, grade as usize, row.length, row.id);
    // Of text and numbers, which are always JSON.
    let cursor = serde_json::to_vec(&place).unwrap_or_default();
    Hit {
        kind: row.kind,
        id: row.id,
        grade,
        cursor: BASE64_URL_SAFE_NO_PAD.encode(cursor),
    }
}

/// Cursors belong to their search.
fn signature(arguments: &Arguments) -> String {
    let mut kinds = arguments.kinds.clone().unwrap_or_default();
    kinds.sort_unstable();
    kinds.dedup();
    format!("{} {}", arguments.query.signature(), kinds.join(","))
}

fn decode(cursor: &str, signature: &str) -> Result<Place> {
    let read = || {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (of, grade, length, id) =
            serde_json::from_slice::<(String, usize, i32, Uuid)>(&bytes).ok()?;
        let grade = *Grade::ALL.get(grade)?;
        Some((of, Place { grade, length, id }))
    };
    let (of, place) = read().ok_or_else(|| {
        Error::bad_input(format!(
            "{cursor:?} is not a cursor of a search; cursors are opaque, copy them from an answer"
        ))
    })?;
    if of != signature {
        return Err(Error::bad_input(
            "this cursor was made by another search; page on with the query and types that it came from",
        ));
    }
    Ok(place)
}
