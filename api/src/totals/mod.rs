//! Totals: what shipments add up to, exactly, and never the same trade twice.
//!
//! A total never scans the table. All that counts is kept in memory (`projection`): in columns,
//! those of a country pair side by side (`columns`), what is alike in many records by small numbers
//! (`codes`), time in its order (`timeline`). What is asked (`asked`) becomes a plan, which says of each number whether it counts
//! and to which group (`plan`); one pass adds up (`scan`, into `tally`), and where statistics overlap in time, one
//! of them is taken (`place`). What counts, and why, is told in docs/totals.md.
use std::sync::Arc;

use async_graphql::Context;

use crate::kit::{
    db::Db,
    error::{Error, Result},
    kept::{Held, Kept},
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
mod place;
mod plan;
mod projection;
mod query;
mod report;
mod row;
mod scan;
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

use projection::Projection;

/// A scan of so many rows is not done where requests are answered.
const AT_ONCE: usize = 50_000;

/// Cloning it shares the projection.
#[derive(Clone)]
pub struct Totals(Kept<Projection>);

impl Totals {
    /// Nothing is read before somebody asks.
    pub fn new(db: &Db) -> Self {
        Self(Kept::new(db))
    }

    /// Begins to read; whoever asks meanwhile waits.
    pub fn begin(&self) {
        self.0.begin();
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
        let projection = self.0.get().await?;
        if projection.columns.len() <= AT_ONCE {
            return asked.iter().map(|asked| projection.answer(asked)).collect();
        }
        let asked = asked.to_vec();
        let task = tokio::task::spawn_blocking(move || {
            let projection: Arc<Projection> = projection;
            asked.iter().map(|asked| projection.answer(asked)).collect()
        });
        task.await.map_err(Error::internal)?
    }
}

/// What is asked, as of the last revision. For resolvers: waits within the request's deadline.
pub async fn ask(ctx: &Context<'_>, asked: &Asked) -> Result<Answer> {
    let answers = ask_all(ctx, std::slice::from_ref(asked)).await?;
    let missing = || Error::internal("no answer to what was asked");
    answers.into_iter().next().ok_or_else(missing)
}

/// Several at once, all as of one revision.
pub async fn ask_all(ctx: &Context<'_>, asked: &[Asked]) -> Result<Vec<Answer>> {
    ctx.data_unchecked::<Totals>().ask_all(asked).await
}
