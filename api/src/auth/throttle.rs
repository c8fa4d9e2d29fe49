//! How often somebody may try to sign in: by the account they try, and by where they come from.
use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::secret::digest;
use crate::kit::error::{Error, Result};

/// Attempts at one account before it takes a wait; each failure after that doubles the wait.
const FREE_FOR_ACCOUNT: u32 = 5;
/// Of one remote address, behind which there may be a whole office.
const FREE_FOR_REMOTE: u32 = 50;
const FIRST_WAIT: Duration = Duration::from_secs(60);
const LONGEST_WAIT: Duration = Duration::from_secs(15 * 60);
/// What nobody has tried for so long is forgotten.
const MEMORY: Duration = Duration::from_secs(60 * 60);
/// Accounts and addresses remembered: a few megabytes.
pub const MOST: usize = 20_000;

/// Where a request came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Remote(IpAddr);

impl Remote {
    /// One customer of a network has a whole /64 of IPv6: it counts as one.
    pub fn new(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V6(v6) => {
                let network = u128::from(v6) & !u128::from(u64::MAX);
                Self(Ipv6Addr::from(network).into())
            }
            v4 => Self(v4),
        }
    }
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum Key {
    /// By its hash: however long an address somebody makes up, this is as long.
    Account(String),
    Remote(Remote),
}

#[derive(Clone, Copy)]
struct Attempts {
    count: u32,
    last: Instant,
    /// No attempt is taken before.
    next: Instant,
}

#[derive(Default)]
pub struct Throttle(Mutex<HashMap<Key, Attempts>>);

impl Throttle {
    /// Counts an attempt before it is made, so that many at once are many; or says when to come back.
    pub fn attempt(&self, email: &str, remote: Remote, now: Instant) -> Result<()> {
        let keys = [
            (Key::Remote(remote), FREE_FOR_REMOTE),
            (Key::Account(digest(email)), FREE_FOR_ACCOUNT),
        ];
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let until = keys.iter().filter_map(|(key, _)| Some(all.get(key)?.next));
        if let Some(until) = until.filter(|until| *until > now).max() {
            return Err(too_many(until - now));
        }
        for (key, free) in keys {
            make_room(&mut all, now);
            let attempts = all.entry(key).or_insert(Attempts {
                count: 0,
                last: now,
                next: now,
            });
            if now.duration_since(attempts.last) > MEMORY {
                attempts.count = 0;
            }
            attempts.count = attempts.count.saturating_add(1);
            attempts.last = now;
            attempts.next = now + wait(attempts.count, free);
        }
        Ok(())
    }

    /// It was the right password: the account starts afresh, and the attempt does not count.
    pub fn succeeded(&self, email: &str, remote: Remote, now: Instant) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.remove(&Key::Account(digest(email)));
        if let Some(attempts) = all.get_mut(&Key::Remote(remote)) {
            attempts.count = attempts.count.saturating_sub(1);
            attempts.next = now;
        }
    }
}

impl Throttle {
    /// How many accounts and addresses it remembers.
    pub fn remembered(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

fn wait(count: u32, free: u32) -> Duration {
    match count.checked_sub(free) {
        None => Duration::ZERO,
        Some(over) => {
            let doubled = FIRST_WAIT.saturating_mul(1 << over.min(10));
            doubled.min(LONGEST_WAIT)
        }
    }
}

/// Forgets what is old; when all is new, what has been quiet for the longest.
fn make_room(all: &mut HashMap<Key, Attempts>, now: Instant) {
    if all.len() < MOST {
        return;
    }
    all.retain(|_, attempts| now.duration_since(attempts.last) <= MEMORY);
    if all.len() >= MOST {
        // A tenth at a time, so that this is seldom done.
        let mut quiet: Vec<_> = all.values().map(|attempts| attempts.last).collect();
        quiet.sort_unstable();
        let cut = quiet[quiet.len() / 10];
        all.retain(|_, attempts| attempts.last > cut || attempts.next > now);
    }
    if all.len() >= MOST {
        all.clear();
    }
}

fn too_many(wait: Duration) -> Error {
    let retry_after = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    Error::RateLimited {
        message: format!("too many attempts to sign in; try again in {retry_after} s"),
        retry_after,
    }
}
