//! JSON as a scalar: for rows as history has them, and for nothing else.
use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use entity::value::Timestamp;
use serde_json::Value as Json;

/// A row's columns by their names.
pub struct RowJson(Json);

impl RowJson {
    /// Of a row as the door has it on record; names and times are put as the API puts them.
    pub fn of(text: &str) -> Option<Self> {
        let Json::Object(columns) = serde_json::from_str(text).ok()? else {
            return None;
        };
        let shown = columns.into_iter().map(|(name, value)| {
            let value = match value.as_i64() {
                Some(at) if name.ends_with("_at") => {
                    Timestamp::from_microseconds(at).to_string().into()
                }
                _ => value,
            };
            (camel_case(&name), value)
        });
        Some(Self(Json::Object(shown.collect())))
    }

    /// What everyone may know of a record that was taken back.
    pub fn withdrawal(self) -> Self {
        let Json::Object(mut columns) = self.0 else {
            return self;
        };
        columns.retain(|name, _| matches!(name.as_str(), "status" | "withdrawalReason"));
        Self(Json::Object(columns))
    }

    /// Whether the row is that of a record which was not published.
    pub fn is_unpublished(&self) -> bool {
        self.0
            .get("status")
            .is_some_and(|status| status != "PUBLISHED")
    }
}

/// A column as clients spell it: `released_on` is `releasedOn`.
pub fn camel_case(name: &str) -> String {
    let mut parts = name.split('_');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |name, part| {
        let (head, rest) = part.split_at(part.len().min(1));
        name + &head.to_ascii_uppercase() + rest
    })
}

/// A JSON object (RFC 8259).
#[Scalar(
    name = "JSON",
    specified_by_url = "https://www.rfc-editor.org/rfc/rfc8259"
)]
impl ScalarType for RowJson {
    fn parse(value: Value) -> InputValueResult<Self> {
        value.into_json().map(Self).map_err(InputValueError::custom)
    }

    fn to_value(&self) -> Value {
        Value::from_json(self.0.clone()).unwrap_or_default()
    }
}
