//! The file that keys are kept in, which nobody but its owner may read.
use std::{
    fs::{self, OpenOptions},
    io::{self, ErrorKind, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use super::{
    Keyring, Keys,
    jwk::{KeySet, PrivateKey},
    open,
};

const OWNER_ONLY: u32 = 0o600;
const OTHERS: u32 = 0o077;

/// Where the keys of an embedded database are: beside its file. None for a database elsewhere.
pub fn beside(database_url: &str) -> Option<PathBuf> {
    let rest = database_url.strip_prefix("sqlite:")?;
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    let file = rest.split('?').next().unwrap_or_default();
    (!file.is_empty()).then(|| PathBuf::from(format!("{file}.keys.json")))
}

/// Makes a file with one new key, unless there is a file already, and reads it.
pub fn create(file: &Path) -> Result<Keyring, String> {
    let set = KeySet::new(PrivateKey::generate()?);
    match write(file, &set, true) {
        // Somebody made it meanwhile: theirs it is.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => open(file),
        Err(error) => Err(bad(file, &error.to_string())),
        Ok(()) => open(file),
    }
}

/// Puts a new key first; the ones before it still verify. Answers with the new key's `kid`.
pub fn rotate(file: &Path) -> Result<String, String> {
    let mut set = read(file)?;
    Keys::new(&set).map_err(|why| bad(file, &why))?;
    let key = PrivateKey::generate()?;
    let id = key.id().to_owned();
    set.keys.insert(0, key);
    write(file, &set, false).map_err(|error| bad(file, &error.to_string()))?;
    Ok(id)
}

pub fn read(file: &Path) -> Result<KeySet, String> {
    let failed = |error: io::Error| bad(file, &error.to_string());
    let mode = fs::metadata(file).map_err(failed)?.mode();
    if mode & OTHERS != 0 {
        let mode = mode & 0o777;
        return Err(bad(
            file,
            &format!(
                "others may read it (mode {mode:o}); chmod 600 it, and rotate its keys if others may have read it"
            ),
        ));
    }
    let text = fs::read(file).map_err(failed)?;
    // What the parser says may quote a key.
    serde_json::from_slice(&text).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        bad(file, &format!("at {place}, it is no JWK set of Ed25519 keys (OKP, EdDSA) or secrets (oct, HS256), each with kid and alg; waybill keys new makes one"))
    })
}

/// All of it or nothing: a new file takes the old one's place, or stands only if there is none.
fn write(file: &Path, set: &KeySet, new: bool) -> io::Result<()> {
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let draft = folder
        .unwrap_or(Path::new("."))
        .join(format!(".{name}.{}", std::process::id()));
    let written = (|| {
        let mut open = OpenOptions::new();
        open.write(true).create_new(true).mode(OWNER_ONLY);
        let mut handle = open.open(&draft)?;
        handle.write_all(&serde_json::to_vec_pretty(set)?)?;
        handle.write_all(b"\n")?;
        handle.sync_all()?;
        match new {
            // Unlike a rename, a link never takes another's place.
            true => fs::hard_link(&draft, file),
            false => fs::rename(&draft, file),
        }
    })();
    if new || written.is_err() {
        let _ = fs::remove_file(&draft);
    }
    written
}

pub fn bad(file: &Path, why: &str) -> String {
    format!("the keys in {} cannot be used: {why}", file.display())
}
