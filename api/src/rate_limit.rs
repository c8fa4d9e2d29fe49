//! How much a caller may still ask for.
use std::time::Duration;

use async_graphql::{Context, Object, SimpleObject};
use entity::value::Timestamp;

/// What a request was charged, and what its caller has left. The HTTP layer keeps the account.
#[derive(Clone, Copy, Debug)]
pub struct Charge {
    pub cost: u64,
    pub limit: u32,
    pub remaining: u32,
    pub reset_at: Timestamp,
    pub reset_in: Duration,
}

/// Points of this minute: each request costs one, and one more for each record that it may read.
#[derive(SimpleObject)]
pub struct RateLimit {
    /// Points that this request costs, from the sizes of its pages: what it may read at most.
    cost: i32,
    /// Points that you may use in a minute.
    limit: i32,
    /// Points that you have left, this request paid.
    remaining: i32,
    /// When you will have all of them again, if you ask for nothing until then.
    reset_at: Timestamp,
}

#[derive(Default)]
pub struct RateLimitQuery;

#[Object]
impl RateLimitQuery {
    /// What this request costs, and how many points you have left. Null when nothing limits you.
    async fn rate_limit(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            default,
            desc = "Whether to reckon alone: nothing else of the query is carried out, and it costs one point."
        )]
        dry_run: bool,
    ) -> Option<RateLimit> {
        // The HTTP layer leaves the rest out before it comes here.
        let _ = dry_run;
        let charge = ctx.data_opt::<Charge>()?;
        let whole = |points: u64| i32::try_from(points).unwrap_or(i32::MAX);
        Some(RateLimit {
            cost: whole(charge.cost),
            limit: whole(charge.limit.into()),
            remaining: whole(charge.remaining.into()),
            reset_at: charge.reset_at,
        })
    }
}
