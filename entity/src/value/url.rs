//! Addresses on the web.
use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use sea_orm::DeriveValueType;
use serde::{Deserialize, Serialize};

/// Absolute, and of a kind that a browser opens: no `javascript:` ever leaves the API.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, DeriveValueType)]
pub struct Url(String);

/// In bytes: addresses are looked up by an index.
const LONGEST: usize = 2_000;

impl Url {
    pub fn parse(text: &str) -> Option<Self> {
        // The parser takes away what is no part of an address; it would stand in ours.
        let is_plain = |c: char| !c.is_whitespace() && !c.is_control();
        if text.len() > LONGEST || !text.chars().all(is_plain) {
            return None;
        }
        let parsed = url::Url::parse(text).ok()?;
        let opens = matches!(parsed.scheme(), "http" | "https") && parsed.has_host();
        opens.then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An absolute `http` or `https` address of at most 2,000 bytes, without spaces.
#[Scalar(name = "URL", specified_by_url = "https://url.spec.whatwg.org/")]
impl ScalarType for Url {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else {
            return Err(InputValueError::expected_type(value));
        };
        Self::parse(text).ok_or_else(|| {
            InputValueError::custom(format!("{text:?} is not an absolute http or https address"))
        })
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}
