//! Signing in: who stands behind a request, and how they prove it.
use std::{sync::Arc, time::Instant};

use entity::curator;
use tokio::sync::Semaphore;

use crate::kit::error::Result;

mod identify;
pub mod keys;
pub mod oidc;
mod password;
mod secret;
mod sessions;
mod subscriber;
pub mod throttle;
mod token;
mod uses;

pub use identify::{ALL_SCOPES, Credential, Refusal, scopes_named, scopes_of};
pub use password::{Hashed, LONGEST, SHORTEST, refused};
pub use secret::{API_KEY_PREFIX, Secret, api_key, digest};
pub use sessions::{Tokens, end_all};
pub use subscriber::{Authorization, Subscriber};
pub use throttle::Remote;

use keys::Keyring;
use oidc::Provider;

/// Passwords hashed at once: each takes 19 MiB and a core.
const HASHED_AT_ONCE: usize = 2;

/// What it takes to tell who asks. One a process: it counts attempts and bounds work.
pub struct Auth {
    /// None on a server that was given no keys: nobody can sign in with a password there.
    keys: Option<Keyring>,
    /// Who issues our tokens, as `iss` says.
    issuer: String,
    provider: Option<Provider>,
    passwords: password::Passwords,
    throttle: throttle::Throttle,
    uses: uses::Uses,
}

impl Auth {
    pub fn new(keys: Option<Keyring>, issuer: &str, provider: Option<Provider>) -> Arc<Self> {
        Arc::new(Self {
            keys,
            issuer: issuer.to_owned(),
            provider,
            passwords: password::Passwords::new(Semaphore::new(HASHED_AT_ONCE)),
            throttle: throttle::Throttle::default(),
            uses: uses::Uses::default(),
        })
    }

    /// Whether anybody can sign in with a password.
    pub fn has_keys(&self) -> bool {
        self.keys.is_some()
    }

    /// The public halves of the keys that our tokens are verified by.
    pub fn jwks(&self) -> serde_json::Value {
        match &self.keys {
            Some(keys) => keys.newest().public(),
            None => serde_json::json!({ "keys": [] }),
        }
    }

    /// Passwords hashed so far: the same for every attempt to sign in, whatever comes of it.
    pub fn passwords_hashed(&self) -> u64 {
        self.passwords.runs()
    }
}

impl Auth {
    pub async fn hash(&self, password: Secret) -> Result<Hashed> {
        self.passwords.hash(password).await
    }

    /// Whether this is the curator's password. The same work and the same answer for somebody who
    /// is not there, is disabled, or has no password.
    pub async fn is_password(
        &self,
        curator: Option<&curator::Model>,
        email: &str,
        password: Secret,
        remote: Remote,
        now: Instant,
    ) -> Result<bool> {
        self.throttle.attempt(email, remote, now)?;
        let enabled = curator.filter(|curator| curator.disabled_at.is_none());
        let hash = enabled.and_then(|curator| curator.password_hash.clone());
        let right = self.passwords.matches(password, hash).await?;
        if right {
            self.throttle.succeeded(email, remote, now);
        }
        Ok(right)
    }
}
