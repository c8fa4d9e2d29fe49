//! Keys as JSON (RFC 7517): Ed25519 pairs, and secrets for HMAC.
use aws_lc_rs::{
    encoding::AsBigEndian,
    signature::{Ed25519KeyPair, KeyPair},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

/// As long as the hash of HS256 (RFC 7518, section 3.2).
const SHORTEST_SECRET: usize = 32;

/// The first key signs; all verify.
#[derive(Serialize, Deserialize)]
pub struct KeySet {
    pub keys: Vec<PrivateKey>,
}

impl KeySet {
    pub fn new(key: PrivateKey) -> Self {
        Self { keys: vec![key] }
    }
}

// No `Debug`: what is in it must not be printed.
#[derive(Serialize, Deserialize)]
#[serde(tag = "kty")]
pub enum PrivateKey {
    #[serde(rename = "OKP")]
    Pair {
        kid: String,
        alg: PairAlgorithm,
        crv: Curve,
        /// The public half.
        x: String,
        /// The private half; a key that no longer signs can do without.
        #[serde(skip_serializing_if = "Option::is_none")]
        d: Option<String>,
    },
    #[serde(rename = "oct")]
    Shared {
        kid: String,
        alg: SharedAlgorithm,
        k: String,
    },
}

#[derive(Serialize, Deserialize)]
pub enum PairAlgorithm {
    #[serde(rename = "EdDSA")]
    EdDsa,
}

#[derive(Serialize, Deserialize)]
pub enum Curve {
    Ed25519,
}

#[derive(Serialize, Deserialize)]
pub enum SharedAlgorithm {
    #[serde(rename = "HS256")]
    Hs256,
}

impl PrivateKey {
    pub fn generate() -> Result<Self, String> {
        let failed = |_| "the system gives no random numbers".to_owned();
        let pair = Ed25519KeyPair::generate().map_err(failed)?;
        let seed = pair.seed().map_err(failed)?;
        let seed = seed.as_be_bytes().map_err(failed)?;
        let mut id = [0; 9];
        aws_lc_rs::rand::fill(&mut id).map_err(failed)?;
        Ok(Self::Pair {
            kid: BASE64.encode(id),
            alg: PairAlgorithm::EdDsa,
            crv: Curve::Ed25519,
            x: BASE64.encode(pair.public_key()),
            d: Some(BASE64.encode(seed.as_ref())),
        })
    }

    pub fn id(&self) -> &str {
        match self {
            Self::Pair { kid, .. } | Self::Shared { kid, .. } => kid,
        }
    }

    pub fn algorithm(&self) -> Algorithm {
        match self {
            Self::Pair { .. } => Algorithm::EdDSA,
            Self::Shared { .. } => Algorithm::HS256,
        }
    }

    pub fn signing(&self) -> Result<EncodingKey, String> {
        match self {
            Self::Pair { d: None, kid, .. } => Err(format!(
                "its first key {kid:?} has no private half d, and so cannot sign"
            )),
            Self::Pair { x, d: Some(d), .. } => {
                let pair = Ed25519KeyPair::from_seed_and_public_key(&read(d)?, &read(x)?)
                    .map_err(|_| "d and x are no Ed25519 pair".to_owned())?;
                let document = pair
                    .to_pkcs8()
                    .map_err(|_| "the pair cannot be used".to_owned())?;
                Ok(EncodingKey::from_ed_der(document.as_ref()))
            }
            Self::Shared { .. } => Ok(EncodingKey::from_secret(&self.secret()?)),
        }
    }

    pub fn verifying(&self) -> Result<DecodingKey, String> {
        match self {
            Self::Pair { x, .. } if read(x)?.len() != 32 => {
                Err("the public half x of an Ed25519 key has 32 bytes".to_owned())
            }
            Self::Pair { x, .. } => {
                DecodingKey::from_ed_components(x).map_err(|error| error.to_string())
            }
            Self::Shared { .. } => Ok(DecodingKey::from_secret(&self.secret()?)),
        }
    }

    /// What the world may see: nothing of a secret that is shared.
    pub fn public(&self) -> Option<Json> {
        match self {
            Self::Pair { kid, x, .. } => Some(json!({
                "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": kid, "x": x,
            })),
            Self::Shared { .. } => None,
        }
    }

    fn secret(&self) -> Result<Vec<u8>, String> {
        let Self::Shared { k, kid, .. } = self else {
            return Err("it is no secret".to_owned());
        };
        let secret = read(k)?;
        if secret.len() < SHORTEST_SECRET {
            return Err(format!(
                "the secret of its key {kid:?} has {} bytes; HS256 needs at least {SHORTEST_SECRET}",
                secret.len()
            ));
        }
        Ok(secret)
    }
}

fn read(text: &str) -> Result<Vec<u8>, String> {
    BASE64
        .decode(text)
        .map_err(|_| "a part of a key is not base64url without padding".to_owned())
}
