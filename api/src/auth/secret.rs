//! Secrets: how they are made, what is kept of them, and that no log shows them.
use std::fmt;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use crate::kit::error::{Error, Result};

/// So that a key is known for what it is, by people and by scanners for leaked secrets.
pub const API_KEY_PREFIX: &str = "waybill_";
/// 256 bits: nobody guesses them.
const BYTES: usize = 32;

/// A text that must not be seen: `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A new secret that nobody has.
pub fn random() -> Result<Secret> {
    let mut bytes = [0; BYTES];
    aws_lc_rs::rand::fill(&mut bytes)
        .map_err(|_| Error::internal("the system gives no random numbers"))?;
    Ok(Secret(BASE64_URL_SAFE_NO_PAD.encode(bytes)))
}

/// A new API key.
pub fn api_key() -> Result<Secret> {
    Ok(Secret(format!("{API_KEY_PREFIX}{}", random()?.0)))
}

/// What is kept of a secret that `random` made. A plain hash will do: there is no list of likely
/// secrets to try. Looking rows up by it is safe, too: how far a comparison got tells of the hash,
/// from which nobody comes back to the secret.
pub fn digest(secret: &str) -> String {
    format!("{:x}", Sha256::digest(secret))
}
