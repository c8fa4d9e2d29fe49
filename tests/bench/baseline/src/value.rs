//! What Waybill writes in ways of its own: global ids, decimals, cursors.
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use uuid::Uuid;

pub fn id(name: &str, id: Uuid) -> String {
    format!("{name}_{}", BASE64_URL_SAFE_NO_PAD.encode(id.as_bytes()))
}

/// A number of thousandths.
pub fn decimal(thousandths: i64) -> String {
    let (whole, rest) = (thousandths / 1000, thousandths % 1000);
    if rest == 0 {
        return whole.to_string();
    }
    let text = format!("{whole}.{rest:03}");
    text.trim_end_matches('0').to_owned()
}
