//! How what execution came to goes out in JSON: parts of it were written by then.
use std::str;

use async_graphql::Value;
use serde::{
    Serialize, Serializer,
    ser::{Error, SerializeStruct},
};

/// Under this name, and for serde_json alone, a text stands for the JSON that it is: its own
/// `RawValue` would read all of it once more to see whether it is any.
const RAW: &str = "$serde_json::private::RawValue";

/// A value of which pages may be bytes, which are JSON.
struct Told<'v>(&'v Value);

impl Serialize for Told<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Binary(json) => {
                let json = str::from_utf8(json).map_err(S::Error::custom)?;
                let mut raw = serializer.serialize_struct(RAW, 1)?;
                raw.serialize_field(RAW, json)?;
                raw.end()
            }
            Value::List(values) => serializer.collect_seq(values.iter().map(Told)),
            Value::Object(fields) => {
                let fields = fields.iter();
                serializer.collect_map(fields.map(|(name, value)| (name.as_str(), Told(value))))
            }
            value => value.serialize(serializer),
        }
    }
}

/// What may be there or not.
pub fn serialize<S: Serializer>(data: &Option<Value>, serializer: S) -> Result<S::Ok, S::Error> {
    match data {
        Some(data) => Told(data).serialize(serializer),
        None => serializer.serialize_none(),
    }
}

/// The same, for going on with it.
pub fn json(data: &Value) -> serde_json::Result<serde_json::Value> {
    serde_json::to_value(Told(data))
}
