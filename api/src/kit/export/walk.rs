//! Walks through all records that meet a condition, by their ids: for what is too long for pages.
//! Nothing is held from one step to the next, neither a connection nor a snapshot.
use std::mem;

use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
    prelude::Uuid,
    sea_query::{Alias, Asterisk, Expr, ExprTrait, Order, Query},
};

use crate::kit::{
    access::View,
    db::Readers,
    error::Result,
    record::{Record, id_column},
    rows::uuid,
};

/// After so many full steps there is much to find, and looking for each step by an index would
/// sort all of it every time.
const SEARCHES: u32 = 10;

/// Where a walk is. A step is done once it is confirmed; until then it is taken again.
pub struct Walk<E: Record> {
    db: Readers,
    view: View,
    condition: Condition,
    at: Place,
    /// Where the step leads that is not confirmed yet.
    reached: Place,
    searches_left: u32,
    is_searching: bool,
    kind: std::marker::PhantomData<fn() -> E>,
}

#[derive(Clone, Copy, Default)]
struct Place {
    after: Option<Uuid>,
    is_end: bool,
}

impl<E: Record> Walk<E> {
    /// Over the records that are seen and for which the condition holds, beyond an id.
    pub fn new(db: Readers, view: View, condition: Condition, after: Option<Uuid>) -> Self {
        let at = Place {
            after,
            is_end: false,
        };
        Self {
            db,
            view,
            condition,
            at,
            reached: at,
            searches_left: SEARCHES,
            is_searching: false,
            kind: std::marker::PhantomData,
        }
    }

    /// The next records in the order of their ids, at most so many, and perhaps none before there
    /// are more; `None` at the end.
    pub async fn next(&mut self, most: u64) -> Result<Option<Vec<E::Model>>> {
        if self.at.is_end || most == 0 {
            return Ok(None);
        }
        // A search that was stopped, or never came back, took too long.
        if mem::take(&mut self.is_searching) {
            self.searches_left = 0;
        }
        if self.searches_left == 0 {
            return self.window(most).await.map(Some);
        }
        self.is_searching = true;
        let found = self.search(most).await?;
        self.is_searching = false;
        Ok(Some(found))
    }

    /// What was found last is done with; the next step begins beyond it.
    pub fn confirm(&mut self) {
        self.at = self.reached;
    }

    /// In whichever way the database thinks best.
    async fn search(&mut self, most: u64) -> Result<Vec<E::Model>> {
        let id = id_column::<E>();
        let found = E::find()
            .filter(E::visible(self.view))
            .filter(self.condition.clone())
            .filter(self.beyond())
            .order_by_asc(id)
            .limit(most)
            .all(&self.db)
            .await?;
        self.searches_left -= 1;
        self.reached = Place {
            after: found.last().map(|row| uuid(row, id)).or(self.at.after),
            is_end: (found.len() as u64) < most,
        };
        Ok(found)
    }

    /// Of the next rows of the table, whichever they are, those that count.
    async fn window(&mut self, most: u64) -> Result<Vec<E::Model>> {
        let id = id_column::<E>();
        let last: Option<Uuid> = E::find()
            .select_only()
            .column(id)
            .filter(self.beyond())
            .order_by_asc(id)
            .offset(most - 1)
            .limit(1)
            .into_tuple()
            .one(&self.db)
            .await?;
        let table = E::default().table_name().to_owned();
        let own = || Expr::col((Alias::new(table.as_str()), id));
        let mut rows = Query::select();
        rows.column(Asterisk)
            .from(Alias::new(table.as_str()))
            .and_where_option(self.at.after.map(|after| own().gt(after)))
            .and_where_option(last.map(|last| own().lte(last)))
            .order_by((Alias::new(table.as_str()), id), Order::Asc)
            // No condition from without gets past it: so it is by the id that they are found.
            .limit(most);
        let mut select = E::find()
            .filter(E::visible(self.view))
            .filter(self.condition.clone())
            .order_by_asc(id)
            .into_query();
        select.from_clear().from_subquery(rows, Alias::new(table));
        let found = self.db.query_all(&select).await?;
        let found = found
            .iter()
            .map(|row| E::Model::from_query_result(row, ""))
            .collect::<std::result::Result<_, sea_orm::DbErr>>()?;
        self.reached = Place {
            after: last.or(self.at.after),
            is_end: last.is_none(),
        };
        Ok(found)
    }

    fn beyond(&self) -> Condition {
        let after = self.at.after.map(|after| id_column::<E>().gt(after));
        Condition::all().add_option(after)
    }
}
