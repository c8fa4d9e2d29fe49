//! The keys that our tokens are signed with: one signs, all verify, each by one algorithm.
use std::collections::HashMap;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use serde_json::{Value as Json, json};

mod file;
mod jwk;

pub use file::{beside, create, open, rotate};
use jwk::{KeySet, PrivateKey};

pub struct Keyring {
    signing: SigningKey,
    verifying: HashMap<String, VerifyingKey>,
    public: Vec<Json>,
}

pub struct SigningKey {
    pub id: String,
    pub algorithm: Algorithm,
    pub key: EncodingKey,
}

pub struct VerifyingKey {
    pub algorithm: Algorithm,
    pub key: DecodingKey,
}

impl Keyring {
    /// A key that is kept nowhere: its tokens end with the process.
    pub fn fleeting() -> Result<Self, String> {
        Self::new(&KeySet::new(PrivateKey::generate()?))
    }

    fn new(set: &KeySet) -> Result<Self, String> {
        let first = set.keys.first().ok_or("it holds no key")?;
        let signing = SigningKey {
            id: first.id().to_owned(),
            algorithm: first.algorithm(),
            key: first.signing()?,
        };
        let mut verifying = HashMap::new();
        for key in &set.keys {
            let one = VerifyingKey {
                algorithm: key.algorithm(),
                key: key.verifying()?,
            };
            if verifying.insert(key.id().to_owned(), one).is_some() {
                return Err(format!("two of its keys have the kid {:?}", key.id()));
            }
        }
        Ok(Self {
            signing,
            verifying,
            public: set.keys.iter().filter_map(PrivateKey::public).collect(),
        })
    }

    pub fn signing(&self) -> &SigningKey {
        &self.signing
    }

    pub fn verifying(&self, id: &str) -> Option<&VerifyingKey> {
        self.verifying.get(id)
    }

    /// What may be known of them, as a JWK set.
    pub fn public(&self) -> Json {
        json!({ "keys": self.public })
    }
}
