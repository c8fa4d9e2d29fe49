//! Exact decimals with three places: money, masses, quantities and percentages.
use std::{fmt, str::FromStr};

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use rust_decimal::{Decimal as Parsed, RoundingStrategy};
use sea_orm::DeriveValueType;
use serde::{Deserialize, Serialize};

/// An integer of thousandths: the same on every database, and sums are exact.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    DeriveValueType,
)]
#[serde(try_from = "String", into = "String")]
pub struct Decimal(i64);

/// Why a text is no [`Decimal`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecimalError {
    /// Not a decimal number.
    Malformed,
    /// More than three decimal places.
    TooFine,
    /// Beyond ±9,223,372,036,854,775.807.
    TooLarge,
}

impl Decimal {
    pub const ZERO: Self = Self(0);

    pub const fn from_thousandths(thousandths: i64) -> Self {
        Self(thousandths)
    }

    pub const fn thousandths(self) -> i64 {
        self.0
    }

    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// A number as a file writes it, so many of ours each: thousands, tonnes. Nothing is rounded
    /// unless `places` are named to round to, halves away from zero.
    pub fn scaled(text: &str, scale: Self, places: Option<u32>) -> Result<Self, DecimalError> {
        let number = parsed(text)?;
        let scale = Parsed::new(scale.0, 3).normalize();
        let product = number.checked_mul(scale).ok_or(DecimalError::TooLarge)?;
        Self::exactly(match places {
            Some(places) => {
                product.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero)
            }
            None => product,
        })
    }

    fn exactly(number: Parsed) -> Result<Self, DecimalError> {
        let exact = number.normalize();
        if exact.scale() > 3 {
            return Err(DecimalError::TooFine);
        }
        let factor = 10i128.pow(3 - exact.scale());
        let thousandths = exact.mantissa().checked_mul(factor);
        thousandths
            .and_then(|thousandths| i64::try_from(thousandths).ok())
            .map(Self)
            .ok_or(DecimalError::TooLarge)
    }
}

/// A sign, digits and, as spreadsheets write it, an exponent.
fn parsed(text: &str) -> Result<Parsed, DecimalError> {
    let is_ours = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E');
    if text.is_empty() || !text.chars().all(is_ours) {
        return Err(DecimalError::Malformed);
    }
    if text.contains(['e', 'E']) {
        return Parsed::from_scientific(text).map_err(|_| DecimalError::Malformed);
    }
    Parsed::from_str_exact(text).map_err(|error| match error {
        rust_decimal::Error::Underflow => DecimalError::TooFine,
        rust_decimal::Error::ExceedsMaximumPossibleValue
        | rust_decimal::Error::LessThanMinimumPossibleValue => DecimalError::TooLarge,
        _ => DecimalError::Malformed,
    })
}

impl fmt::Display for Decimal {
    /// The shortest text that is exact: no trailing zeros, no exponent.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0.unsigned_abs() / 1000, self.0.unsigned_abs() % 1000);
        let sign = if self.0 < 0 { "-" } else { "" };
        match (rest, rest % 100, rest % 10) {
            (0, ..) => write!(f, "{sign}{whole}"),
            (_, 0, _) => write!(f, "{sign}{whole}.{}", rest / 100),
            (_, _, 0) => write!(f, "{sign}{whole}.{:02}", rest / 10),
            _ => write!(f, "{sign}{whole}.{rest:03}"),
        }
    }
}

impl FromStr for Decimal {
    type Err = DecimalError;

    /// Accepts a sign and, as spreadsheets write it, an exponent; nothing is ever rounded.
    fn from_str(text: &str) -> Result<Self, DecimalError> {
        Self::exactly(parsed(text)?)
    }
}

impl fmt::Display for DecimalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "is not a decimal number, such as 1234.567",
            Self::TooFine => "has more than three decimal places",
            Self::TooLarge => "is beyond 9223372036854775.807",
        })
    }
}

impl std::error::Error for DecimalError {}

impl TryFrom<String> for Decimal {
    type Error = DecimalError;

    fn try_from(text: String) -> Result<Self, DecimalError> {
        text.parse()
    }
}

impl From<Decimal> for String {
    fn from(decimal: Decimal) -> Self {
        decimal.to_string()
    }
}

/// An exact decimal number as a string, with at most three decimal places and between
/// ±9,223,372,036,854,775.807: `"1234.567"`. It is never rounded, and never a float:
/// write numbers with decimals in quotes.
#[Scalar(
    name = "Decimal",
    specified_by_url = "https://www.w3.org/TR/xmlschema11-2/#decimal"
)]
impl ScalarType for Decimal {
    fn parse(value: Value) -> InputValueResult<Self> {
        let text = match &value {
            Value::String(text) => text.clone(),
            Value::Number(number) if !number.is_f64() => number.to_string(),
            Value::Number(number) => {
                return Err(InputValueError::custom(format!(
                    "{number} is a float, which cannot be exact: write it in quotes, \"{number}\""
                )));
            }
            _ => return Err(InputValueError::expected_type(value)),
        };
        text.parse()
            .map_err(|error| InputValueError::custom(format!("{text:?} {error}")))
    }

    fn to_value(&self) -> Value {
        Value::String(self.to_string())
    }
}
