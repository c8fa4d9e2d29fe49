//! An identity provider's keys: found by discovery, kept for a while, and each pinned to one algorithm.
use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse},
};
use reqwest::{Client, Url};
use serde::Deserialize;
use serde_json::Value as Json;
use tokio::sync::Mutex;

use super::{
    super::identify::Refusal,
    document::{client, fetch, url},
};

const FRESH: Duration = Duration::from_secs(10 * 60);
/// Between two attempts to fetch keys, whoever makes up key ids and whatever fails.
const INTERVAL: Duration = Duration::from_secs(30);

pub struct Jwks {
    issuer: String,
    discovery: Url,
    client: Client,
    cache: Mutex<Cache>,
}

#[derive(Default)]
struct Cache {
    keys: HashMap<String, Arc<Key>>,
    fetched: Option<Instant>,
    /// When fetching last failed, or was for a key that we did not have.
    tried: Option<Instant>,
}

pub struct Key {
    pub algorithm: Algorithm,
    pub key: DecodingKey,
}

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
}

#[derive(Deserialize)]
struct Set {
    keys: Vec<Json>,
}

impl Jwks {
    pub fn new(issuer: &str) -> Result<Self, String> {
        let base = issuer.trim_end_matches('/');
        Ok(Self {
            issuer: issuer.to_owned(),
            discovery: url(&format!("{base}/.well-known/openid-configuration"))?,
            client: client()?,
            cache: Mutex::default(),
        })
    }

    /// The key with this id. Fetched when what we have is old or lacks it; old keys do while the
    /// provider does not answer.
    pub async fn key(&self, id: &str) -> Result<Option<Arc<Key>>, Refusal> {
        // Held while fetching: those who come meanwhile wait for the same answer.
        let mut cache = self.cache.lock().await;
        let fresh = cache.fetched.is_some_and(|at| at.elapsed() < FRESH);
        let known = cache.keys.get(id).cloned();
        let may_try = cache.tried.is_none_or(|at| at.elapsed() >= INTERVAL);
        if (fresh && known.is_some()) || !may_try {
            return match (known, cache.fetched) {
                (None, None) => Err(unavailable()),
                (known, _) => Ok(known),
            };
        }
        if fresh {
            cache.tried = Some(Instant::now());
        }
        match self.fetch().await {
            Ok(keys) => {
                cache.keys = keys;
                cache.fetched = Some(Instant::now());
                Ok(cache.keys.get(id).cloned())
            }
            Err(error) => {
                cache.tried = Some(Instant::now());
                tracing::warn!(issuer = self.issuer, %error, "the identity provider's keys cannot be fetched");
                known.map(Some).ok_or_else(unavailable)
            }
        }
    }

    async fn fetch(&self) -> Result<HashMap<String, Arc<Key>>, String> {
        let found: Discovery = fetch(&self.client, self.discovery.clone()).await?;
        if found.issuer != self.issuer {
            return Err(format!(
                "{} describes the issuer {:?}; --oidc-issuer must say just that",
                self.discovery, found.issuer
            ));
        }
        let set: Set = fetch(&self.client, url(&found.jwks_uri)?).await?;
        // Keys of kinds that we do not know are others' business.
        let keys = set.keys.into_iter().filter_map(|key| usable(&key));
        Ok(keys.collect())
    }
}

fn usable(json: &Json) -> Option<(String, Arc<Key>)> {
    let jwk = Jwk::deserialize(json).ok()?;
    let id = jwk.common.key_id.clone()?;
    let signs = !matches!(
        jwk.common.public_key_use,
        Some(PublicKeyUse::Encryption | PublicKeyUse::Other(_))
    );
    let allowed = algorithms(&jwk.algorithm);
    let algorithm = match jwk.common.key_algorithm {
        Some(named) => Algorithm::try_from(named).ok()?,
        None => *allowed.first()?,
    };
    let key = DecodingKey::from_jwk(&jwk).ok()?;
    (signs && allowed.contains(&algorithm)).then(|| (id, Arc::new(Key { algorithm, key })))
}

/// What a key of this type may be used with, the usual first. Never a shared secret: who publishes
/// one has lost it.
fn algorithms(parameters: &AlgorithmParameters) -> &'static [Algorithm] {
    use Algorithm::{ES256, ES384, EdDSA, PS256, PS384, PS512, RS256, RS384, RS512};
    match parameters {
        AlgorithmParameters::RSA(_) => &[RS256, RS384, RS512, PS256, PS384, PS512],
        AlgorithmParameters::EllipticCurve(key) => match key.curve {
            EllipticCurve::P256 => &[ES256],
            EllipticCurve::P384 => &[ES384],
            _ => &[],
        },
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => &[EdDSA],
        _ => &[],
    }
}

fn unavailable() -> Refusal {
    Refusal::Unavailable("the identity provider does not answer; try again later".to_owned())
}
