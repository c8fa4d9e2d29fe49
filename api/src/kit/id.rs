//! Global ids: opaque to clients, and they tell us what they name.
use async_graphql::ID;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sea_orm::prelude::Uuid;

use super::error::{Error, Result};

/// The id of a record of the type called `name`.
pub fn encode(name: &str, id: Uuid) -> ID {
    let mut text = beginning(name);
    BASE64_URL_SAFE_NO_PAD.encode_string(id.as_bytes(), &mut text);
    ID(text)
}

/// What all ids of records of the type called `name` begin with.
pub fn beginning(name: &str) -> String {
    let first = name[..1].to_ascii_lowercase();
    format!("{first}{}_", &name[1..])
}

/// Writes what comes after that.
pub fn write_rest(id: Uuid, out: &mut Vec<u8>) {
    let mut text = [0; 22];
    // Sixteen bytes are 22 letters: they fit.
    if let Ok(length) = BASE64_URL_SAFE_NO_PAD.encode_slice(id.as_bytes(), &mut text) {
        out.extend_from_slice(&text[..length]);
    }
}

/// The type's name, first letter in lower case, and the record's key.
pub fn decode(id: &ID) -> Option<(&str, Uuid)> {
    let (name, text) = id.split_once('_')?;
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
    Some((name, Uuid::from_slice(&bytes).ok()?))
}

/// The key within an id that must name a record of the type called `name`.
pub fn key(id: &ID, name: &str) -> Result<Uuid> {
    match decode(id) {
        Some((found, key)) if found.eq_ignore_ascii_case(name) => Ok(key),
        Some((found, _)) => Err(Error::bad_input(format!(
            "{:?} is the id of a {found}; the id of a {name} is needed here",
            id.as_str()
        ))),
        None => Err(Error::bad_input(format!(
            "{:?} is not an id of this API; ids are opaque, copy them from an answer",
            id.as_str()
        ))),
    }
}
