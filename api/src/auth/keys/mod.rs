//! The keys that our tokens are signed with: one signs, all verify, each by one algorithm.
use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::SystemTime,
};

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use serde_json::{Value as Json, json};

mod file;
mod jwk;

pub use file::{beside, create, rotate};
use jwk::{KeySet, PrivateKey};

/// Keys as their file has them, read again when it changes: so they rotate without a restart, and
/// several servers that share the file know each other's newest key when they meet it.
pub struct Keyring {
    file: Option<PathBuf>,
    read: RwLock<Read>,
}

#[derive(Clone)]
struct Read {
    keys: Arc<Keys>,
    /// None for keys without a file.
    changed: Option<SystemTime>,
}

pub struct Keys {
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

/// Reads the keys, and refuses what is weak or can be read by others.
pub fn open(file: &Path) -> Result<Keyring, String> {
    Ok(Keyring {
        file: Some(file.to_owned()),
        read: RwLock::new(Read::from(file)?),
    })
}

impl Keyring {
    /// A key that is kept nowhere: its tokens end with the process.
    pub fn fleeting() -> Result<Self, String> {
        let keys = Keys::new(&KeySet::new(PrivateKey::generate()?))?;
        let read = Read {
            keys: Arc::new(keys),
            changed: None,
        };
        Ok(Self {
            file: None,
            read: RwLock::new(read),
        })
    }

    fn known(&self) -> Arc<Keys> {
        let read = self.read.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&read.keys)
    }

    /// As they were last read if this one was among them, else as they now are.
    pub fn with(&self, id: &str) -> Arc<Keys> {
        let known = self.known();
        match known.verifying.contains_key(id) {
            true => known,
            false => self.newest(),
        }
    }

    /// As they now are in the file. A file that cannot be used leaves the keys as they were.
    pub fn newest(&self) -> Arc<Keys> {
        let Some(file) = &self.file else {
            return self.known();
        };
        let mut read = self.read.write().unwrap_or_else(PoisonError::into_inner);
        if changed(file) != read.changed {
            match Read::from(file) {
                Ok(newest) => *read = newest,
                Err(error) => tracing::error!(%error, "the keys before go on"),
            }
        }
        Arc::clone(&read.keys)
    }
}

impl Read {
    fn from(file: &Path) -> Result<Self, String> {
        // The time first: a change while reading shows the next time.
        let changed = changed(file);
        let keys = Keys::new(&file::read(file)?).map_err(|why| file::bad(file, &why))?;
        Ok(Self {
            keys: Arc::new(keys),
            changed,
        })
    }
}

fn changed(file: &Path) -> Option<SystemTime> {
    fs::metadata(file).ok()?.modified().ok()
}

impl Keys {
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
