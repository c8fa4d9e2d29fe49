//! Passwords: which are taken, and how they are hashed.
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use argon2::{Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version};
use tokio::{sync::Semaphore, task::spawn_blocking, time::timeout};

use super::secret::Secret;
use crate::kit::error::{Error, Result};

/// OWASP's parameters for Argon2id: 19 MiB, twice over, on one lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// NIST SP 800-63B: length is what counts; rules about kinds of characters do harm.
pub const SHORTEST: usize = 12;
/// In bytes: nobody types more, and hashing takes longer.
pub const LONGEST: usize = 256;
/// How long to wait for others' passwords to be hashed.
const PATIENCE: Duration = Duration::from_secs(5);

/// A password as it is kept: Argon2id in PHC form.
pub struct Hashed(pub String);

/// Why a password is not taken; None when it is.
pub fn refused(password: &str, email: &str) -> Option<String> {
    let length = password.chars().count();
    if length < SHORTEST || password.len() > LONGEST {
        return Some(format!(
            "a password has at least {SHORTEST} characters and at most {LONGEST} bytes; a sentence is easy to remember"
        ));
    }
    let name = email.split('@').next().unwrap_or_default();
    let lower = password.to_lowercase();
    if lower == email || lower == name {
        return Some(
            "the address is no password; choose something that nobody can guess".to_owned(),
        );
    }
    None
}

pub struct Passwords {
    turns: Arc<Semaphore>,
    runs: AtomicU64,
}

impl Passwords {
    pub fn new(turns: Semaphore) -> Self {
        Self {
            turns: Arc::new(turns),
            runs: AtomicU64::new(0),
        }
    }

    pub fn runs(&self) -> u64 {
        self.runs.load(Ordering::Relaxed)
    }

    /// Whether it is this password. Without a hash to compare with, the work is done all the same,
    /// so that nobody learns from the time it takes which addresses there are.
    pub async fn matches(&self, password: Secret, hash: Option<String>) -> Result<bool> {
        self.work(move || {
            let known = hash.is_some();
            let hash = hash.unwrap_or_else(decoy);
            let hash = PasswordHash::new(&hash).map_err(ours)?;
            let verified = argon2()?.verify_password(password.expose().as_bytes(), &hash);
            Ok(verified.is_ok() && known)
        })
        .await
    }

    pub async fn hash(&self, password: Secret) -> Result<Hashed> {
        self.work(move || Hashed::new(&password)).await
    }

    /// Not on the threads that answer requests, and few at a time.
    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let turn = timeout(PATIENCE, Arc::clone(&self.turns).acquire_owned()).await;
        let Ok(Ok(turn)) = turn else {
            return Err(Error::RateLimited {
                message: "too many are signing in at once; try again in a moment".to_owned(),
                retry_after: PATIENCE.as_secs(),
            });
        };
        self.runs.fetch_add(1, Ordering::Relaxed);
        // The turn ends with the work, even when nobody waits for it any more.
        let done = spawn_blocking(move || {
            let done = work();
            drop(turn);
            done
        });
        done.await.map_err(Error::internal)?
    }
}

impl Hashed {
    /// Takes a core for tens of milliseconds.
    pub fn new(password: &Secret) -> Result<Self> {
        let hash = argon2()?
            .hash_password(password.expose().as_bytes())
            .map_err(ours)?;
        Ok(Self(hash.to_string()))
    }
}

fn argon2() -> Result<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(ours)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// A hash that is compared with when there is none: as much work as any other, and nobody's.
fn decoy() -> String {
    let (salt, hash) = ("A".repeat(22), "A".repeat(43));
    format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}${salt}${hash}")
}

fn ours(error: impl std::fmt::Display) -> Error {
    Error::internal(format!("a password cannot be hashed: {error}"))
}
