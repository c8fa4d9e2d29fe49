//! How much each caller may ask for in a minute, in points of cost.
use std::{num::NonZeroU32, time::Duration};

use actix_web::{
    HttpResponse,
    http::header::{HeaderName, HeaderValue},
};
use chrono::Utc;
use clap::Args;
use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::{StateInformationMiddleware, StateSnapshot},
    state::keyed::DashMapStateStore,
};
use sea_orm::prelude::Uuid;

use super::{answer::Refusal, caller::Caller};
use crate::{
    auth::{Credential, Remote},
    rate_limit::Charge,
};

/// Points that callers may use up in a minute. Whoever uses none saves up a minute's worth.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Limits of a caller")]
pub struct RateOptions {
    /// Points a minute for each address from which nobody signed in. 0: no limit.
    #[arg(
        long,
        env = "WAYBILL_RATE_ANONYMOUS",
        default_value_t = 600_000,
        value_name = "POINTS"
    )]
    pub rate_anonymous: u32,

    /// Points a minute for each curator, and for each API key. 0: no limit.
    #[arg(
        long,
        env = "WAYBILL_RATE_SIGNED_IN",
        default_value_t = 3_000_000,
        value_name = "POINTS"
    )]
    pub rate_signed_in: u32,
}

/// Whose points they are.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Whose {
    Address(Remote),
    Curator(Uuid),
    Key(Uuid),
}

type Limiter =
    RateLimiter<Whose, DashMapStateStore<Whose>, DefaultClock, StateInformationMiddleware>;

pub struct Rates {
    anonymous: Option<Limiter>,
    signed_in: Option<Limiter>,
}

/// How often those are forgotten who have all their points again.
pub const FORGET_EVERY: Duration = Duration::from_secs(60);

impl Rates {
    pub fn new(options: &RateOptions) -> Self {
        let limiter = |points| {
            let quota = Quota::per_minute(NonZeroU32::new(points)?);
            Some(RateLimiter::dashmap(quota).with_middleware::<StateInformationMiddleware>())
        };
        Self {
            anonymous: limiter(options.rate_anonymous),
            signed_in: limiter(options.rate_signed_in),
        }
    }

    /// Takes the points from the caller's; none when there is no limit for them.
    pub fn charge(&self, caller: &Caller, points: u64) -> Result<Option<Charge>, Refusal> {
        let (limiter, whose) = match (caller.credential, caller.viewer.curator_id()) {
            (Credential::ApiKey(id), _) => (&self.signed_in, Whose::Key(id)),
            (_, Some(id)) => (&self.signed_in, Whose::Curator(id)),
            (_, None) => (&self.anonymous, Whose::Address(caller.remote)),
        };
        let Some(limiter) = limiter else {
            return Ok(None);
        };
        let asked = u32::try_from(points).unwrap_or(u32::MAX);
        let asked = NonZeroU32::new(asked).unwrap_or(NonZeroU32::MIN);
        match limiter.check_key_n(&whose, asked) {
            Ok(Ok(state)) => Ok(Some(charge(&state, points))),
            Ok(Err(not_until)) => {
                let wait = not_until.wait_time_from(DefaultClock::default().now());
                let retry_after = wait.as_secs() + 1;
                Err(Refusal::RateLimited {
                    message: format!(
                        "this request costs {points} points, and your {} points of this minute do not suffice: try again in {retry_after} s",
                        not_until.quota().burst_size()
                    ),
                    retry_after,
                })
            }
            Err(too_much) => Err(Refusal::RateLimited {
                message: format!(
                    "this request costs {points} points, more than the {} that you may use in a minute: ask for less at a time",
                    too_much.0
                ),
                retry_after: 60,
            }),
        }
    }

    /// Forgets callers who have all their points again.
    pub fn forget(&self) {
        for limiter in [&self.anonymous, &self.signed_in].into_iter().flatten() {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
    }
}

fn charge(state: &StateSnapshot, cost: u64) -> Charge {
    let limit = state.quota().burst_size().get();
    let remaining = state.remaining_burst_capacity();
    let used = limit.saturating_sub(remaining);
    let full_in = state.quota().replenish_interval().saturating_mul(used);
    Charge {
        cost,
        limit,
        remaining,
        reset_at: (Utc::now() + full_in).into(),
        reset_in: full_in,
    }
}

/// Adds what the caller has left.
pub fn tell(response: &mut HttpResponse, charge: Option<Charge>) {
    for (name, value) in headers(charge).into_iter().flatten() {
        response.headers_mut().insert(name, value);
    }
}

/// `RateLimit` and `RateLimit-Policy`, as the IETF's draft has them; none without a limit.
pub fn headers(charge: Option<Charge>) -> Option<[(HeaderName, HeaderValue); 2]> {
    let charge = charge?;
    let policy = format!("\"points\";q={};w=60", charge.limit);
    let left = format!(
        "\"points\";r={};t={}",
        charge.remaining,
        charge.reset_in.as_secs()
    );
    Some([
        (
            HeaderName::from_static("ratelimit-policy"),
            HeaderValue::from_str(&policy).ok()?,
        ),
        (
            HeaderName::from_static("ratelimit"),
            HeaderValue::from_str(&left).ok()?,
        ),
    ])
}
