//! HS codes as files spell them.
use entity::product::ProductLevel;

use super::{report::Refusal, table::Record};

/// The code in a column, with the leading zero that spreadsheets take away: HS codes have an
/// even number of digits, so `71080` was `071080`.
pub fn hs_code(row: &Record, column: &str, level_column: &str) -> Result<String, Refusal> {
    let written = row.get(column);
    if written.eq_ignore_ascii_case("TOTAL") {
        return Ok("TOTAL".to_owned());
    }
    let digits = !written.is_empty() && written.bytes().all(|byte| byte.is_ascii_digit());
    let code = match written.len() {
        1 | 3 | 5 if digits => format!("0{written}"),
        _ => written.to_owned(),
    };
    if !digits || ProductLevel::of(&code).is_none() {
        return Err(row.refuse(column, format!("{written:?} is not an HS code")));
    }
    let level = row.get(level_column);
    let fits = level.is_empty() || level.parse() == Ok(code.len());
    if !fits {
        let reason = format!(
            "{written:?} has {} digits, and the row says {level}",
            code.len()
        );
        return Err(row.refuse(column, reason));
    }
    Ok(code)
}

/// The codes above this one, the nearest first.
pub fn above(code: &str) -> impl Iterator<Item = &str> {
    let digits = (code != "TOTAL").then_some(code);
    let shorter = digits.into_iter().flat_map(|code| {
        [6, 4, 2]
            .into_iter()
            .filter(|length| *length < code.len())
            .map(|length| &code[..length])
    });
    shorter.chain(digits.map(|_| "TOTAL"))
}
