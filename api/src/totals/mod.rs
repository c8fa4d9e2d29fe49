//! Totals: what shipments add up to, exactly, and never the same trade twice.
//!
//! A total never scans the table. All that counts is kept in memory (`projection`): in columns
//! (`table`), those of a country pair side by side (`columns`), what is alike in many records by small
//! numbers (`codes`), time in its order (`timeline`), and where there are records (`live`). What is
//! asked (`asked`) becomes a plan, which says of each number whether it counts and to which group
//! (`plan`); one pass adds up (`scan`, into `tally`), and where statistics overlap in time, one of
//! them is taken (`place`). What counts, and why, is told in docs/totals.md.
use std::sync::Arc;

use async_graphql::Context;

use crate::kit::{
    db::Db,
    error::{Error, Result},
    kept::{Held, Kept},
    rows,
};

mod answer;
mod asked;
mod check;
mod codes;
mod column;
mod columns;
mod facts;
mod filter;
mod finer;
mod holding;
mod list;
mod live;
mod place;
mod plan;
mod projection;
mod query;
mod report;
mod row;
mod scan;
mod table;
mod tally;
mod timeline;
mod total;
mod warning;

pub use asked::{
    Answer, Asked, Breakdown, Converted, Coverage, Dimension, Figures, Group, Key, Measures,
    Priced, Sum,
};
pub use check::Checked;
pub use codes::Slot;
pub use finer::HAS_FINER;
pub use holding::{Holding, editions, holdings};
pub use query::TotalsQuery;

use plan::Plan;
use projection::Projection;

/// A scan of more rows is not done where requests are answered.
const AT_ONCE: usize = 50_000;

/// Cloning it shares the projection.
#[derive(Clone)]
pub struct Totals(Kept<Projection>);

impl Totals {
    /// Nothing is read before somebody asks.
    pub fn new(db: &Db) -> Self {
        Self(Kept::new(db, ()))
    }

    /// Begins to read; whoever asks meanwhile waits.
    pub fn begin(&self, db: &Db) {
        self.0.begin(db);
    }

    /// Says how much memory it holds.
    pub fn held(&self) -> &dyn Held {
        &self.0
    }

    /// Lets go of the memory; whoever asks next waits for it to be read anew.
    pub fn forget(&self) {
        self.0.drop_it();
    }

    /// What is asked, all as of the last revision or a later one.
    pub async fn ask_all(&self, asked: &[Asked]) -> Result<Vec<Answer>> {
        answers(self.0.get().await?, asked).await
    }
}

async fn answers(projection: Arc<Projection>, asked: &[Asked]) -> Result<Vec<Answer>> {
    if let Some(answers) = short_answers(&projection, asked)? {
        return Ok(answers);
    }
    let asked = asked.to_vec();
    let task = tokio::task::spawn_blocking(move || {
        let plans = asked.iter().map(|asked| Plan::new(asked, &projection));
        plans.map(|plan| projection.answer(plan?)).collect()
    });
    task.await.map_err(Error::internal)?
}

/// None when that takes longer.
fn short_answers(projection: &Projection, asked: &[Asked]) -> Result<Option<Vec<Answer>>> {
    let plans = asked.iter().map(|asked| Plan::new(asked, projection));
    let plans = plans.collect::<Result<Vec<_>>>()?;
    if plans.iter().map(scan::length).sum::<usize>() > AT_ONCE {
        return Ok(None);
    }
    let answers = plans.into_iter().map(|plan| projection.answer(plan));
    answers.collect::<Result<_>>().map(Some)
}

/// What is asked, as of the last revision. For resolvers: waits within the request's deadline.
pub async fn ask(ctx: &Context<'_>, asked: &Asked) -> Result<Answer> {
    let answers = ask_all(ctx, std::slice::from_ref(asked)).await?;
    let missing = || Error::internal("no answer to what was asked");
    answers.into_iter().next().ok_or_else(missing)
}

/// Several at once, all as of one revision.
pub async fn ask_all(ctx: &Context<'_>, asked: &[Asked]) -> Result<Vec<Answer>> {
    answers(projection_of(ctx).await?, asked).await
}

/// As of the last revision: a request looks once which one that is.
async fn projection_of(ctx: &Context<'_>) -> Result<Arc<Projection>> {
    rows::current(ctx, &ctx.data_unchecked::<Totals>().0).await
}
