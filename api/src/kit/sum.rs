//! Exact sums of decimals, which may be larger than any one of them.
use std::fmt;

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use entity::value::Decimal;

/// In thousandths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct DecimalSum(pub i128);

impl fmt::Display for DecimalSum {
    /// The shortest text that is exact, as a decimal's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0.unsigned_abs() / 1000, self.0.unsigned_abs() % 1000);
        let sign = if self.0 < 0 { "-" } else { "" };
        if rest == 0 {
            return write!(f, "{sign}{whole}");
        }
        let places = format!("{rest:03}");
        write!(f, "{sign}{whole}.{}", places.trim_end_matches('0'))
    }
}

/// An exact sum of decimal numbers as a string, with at most three decimal places, like `Decimal`
/// but of any size: `"12345678901234567890.125"`. It is never rounded, and never a float.
#[Scalar(
    name = "DecimalSum",
    specified_by_url = "https://www.w3.org/TR/xmlschema11-2/#decimal"
)]
impl ScalarType for DecimalSum {
    fn parse(value: Value) -> InputValueResult<Self> {
        // What one decimal can hold is enough for a bound that somebody writes.
        let decimal = <Decimal as ScalarType>::parse(value);
        let decimal = decimal.map_err(InputValueError::propagate)?;
        Ok(Self(decimal.thousandths().into()))
    }

    fn to_value(&self) -> Value {
        Value::String(self.to_string())
    }
}

/// One sum as a part of another, times a factor, rounded half away from zero to thousandths. None
/// when the other is zero: nothing is infinite.
pub fn ratio(part: i128, whole: i128, factor: i128) -> Option<DecimalSum> {
    let scaled = part.checked_mul(factor)?.checked_mul(1000)?;
    let (quotient, rest) = (scaled.checked_div(whole)?, scaled.checked_rem(whole)?);
    let away = i128::from(rest.unsigned_abs() * 2 >= whole.unsigned_abs());
    let sign = if (scaled < 0) == (whole < 0) { 1 } else { -1 };
    Some(DecimalSum(quotient + sign * away))
}
