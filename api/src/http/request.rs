//! A request as GraphQL over HTTP names its parts, whichever way it came.
use serde::Deserialize;
use serde_json::{Map, Value as Json};

use super::answer::Refusal;

/// Others are ignored.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Parameters {
    pub query: Option<String>,
    pub operation_name: Option<String>,
    pub variables: Option<Map<String, Json>>,
    pub extensions: Option<Extensions>,
    /// The id of a trusted document.
    pub document_id: Option<String>,
}

/// What clients say beside the request itself.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Extensions {
    /// Apollo's persisted queries.
    pub persisted_query: Option<PersistedQuery>,
    /// Whether the answer's extensions should say what the request cost.
    #[serde(default)]
    pub cost: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PersistedQuery {
    pub version: u32,
    /// Of the document's text, in hexadecimal.
    pub sha256_hash: String,
}

/// What a body holds.
pub enum Body {
    One(Parameters),
    Batch(Vec<Parameters>),
}

impl Body {
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        let malformed = |error: serde_json::Error| {
            Refusal::Malformed(format!(
                "the body is not a GraphQL request in JSON: {error}"
            ))
        };
        let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
        match first {
            Some(b'[') => serde_json::from_slice(bytes).map(Self::Batch),
            _ => serde_json::from_slice(bytes).map(Self::One),
        }
        .map_err(|error| match error.classify() {
            serde_json::error::Category::Data => malformed(error),
            _ => Refusal::NoJson(error.to_string()),
        })
    }

    /// Where there is room for one alone.
    pub fn one(self) -> Result<Parameters, Refusal> {
        match self {
            Self::One(parameters) => Ok(parameters),
            Self::Batch(_) => Err(Refusal::Malformed(
                "lists of requests are not answered by events: send each by itself".to_owned(),
            )),
        }
    }
}

impl Parameters {
    /// From the query of an address.
    pub fn of_address(query: &str) -> Result<Self, Refusal> {
        let mut parameters = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "query" => parameters.query = Some(value.into_owned()),
                "operationName" => parameters.operation_name = Some(value.into_owned()),
                "documentId" => parameters.document_id = Some(value.into_owned()),
                "variables" => parameters.variables = json(&name, &value)?,
                "extensions" => parameters.extensions = json(&name, &value)?,
                _ => {}
            }
        }
        Ok(parameters)
    }
}

pub fn json<T: for<'de> Deserialize<'de>>(name: &str, value: &str) -> Result<T, Refusal> {
    serde_json::from_str(value).map_err(|error| {
        Refusal::Malformed(format!(
            "the parameter {name} is not an object in JSON: {error}"
        ))
    })
}
