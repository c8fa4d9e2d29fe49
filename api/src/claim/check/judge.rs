//! Whether a figure agrees with a stated one, when it may be too low or too high.
use entity::{
    claim::{self, ChangeDirection, Comparator},
    value::Decimal,
};

/// Percent by which "about" may be missed.
const ABOUT: i128 = 10;
/// Percent of a figure that its rounding is taken for at most.
const ROUNDED: i128 = 1;
/// Percentage points by which a stated change may be missed.
const POINTS: i128 = 1000;

/// The figures that agree with what is stated, in thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    pub from: Option<i128>,
    pub to: Option<i128>,
    /// Whether the ends belong to it.
    is_closed: bool,
}

/// A computed figure, in thousandths, and what is known of the one that it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measured {
    pub amount: i128,
    /// The true one is no lower: nothing but what is meant was counted.
    pub is_least: bool,
    /// The true one is no higher: all that is meant was counted.
    pub is_most: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    Agrees,
    Disagrees,
    /// What is missing, or counted besides, could turn it either way.
    Undecided,
}

impl Range {
    /// None when the claim states no amount.
    pub fn of(claim: &claim::Model) -> Option<Self> {
        let amount = i128::from(claim.amount?.thousandths());
        let within = |margin: i128| Self {
            from: Some(amount - margin),
            to: Some(amount + margin),
            is_closed: true,
        };
        Some(match claim.comparator? {
            Comparator::Exact => within(rounding(amount)),
            Comparator::About => within(amount.abs() * ABOUT / 100),
            Comparator::MoreThan => Self {
                from: Some(amount),
                to: None,
                is_closed: false,
            },
            Comparator::LessThan => Self {
                from: None,
                to: Some(amount),
                is_closed: false,
            },
            Comparator::Between => Self {
                from: Some(amount),
                to: claim.upper_amount.map(|upper| upper.thousandths().into()),
                is_closed: true,
            },
        })
    }

    /// Of a change in percent.
    pub fn of_change(percent: Decimal) -> Self {
        let percent = i128::from(percent.thousandths());
        Self {
            from: Some(percent - POINTS),
            to: Some(percent + POINTS),
            is_closed: true,
        }
    }

    /// Of the difference that something became more or less by.
    pub fn of_direction(direction: ChangeDirection) -> Self {
        let (from, to) = match direction {
            ChangeDirection::Increase => (Some(0), None),
            ChangeDirection::Decrease => (None, Some(0)),
        };
        Self {
            from,
            to,
            is_closed: false,
        }
    }

    pub fn judge(self, measured: Measured) -> Judgement {
        let Measured {
            amount,
            is_least,
            is_most,
        } = measured;
        let reaches = |from| amount > from || (self.is_closed && amount == from);
        let keeps = |to| amount < to || (self.is_closed && amount == to);
        let is_above = self.from.is_none_or(|from| is_least && reaches(from));
        let is_below = self.to.is_none_or(|to| is_most && keeps(to));
        let is_too_low = self.from.is_some_and(|from| is_most && !reaches(from));
        let is_too_high = self.to.is_some_and(|to| is_least && !keeps(to));
        match (is_above && is_below, is_too_low || is_too_high) {
            (true, _) => Judgement::Agrees,
            (false, true) => Judgement::Disagrees,
            (false, false) => Judgement::Undecided,
        }
    }
}

/// Half of the last digit that is not zero: 225 million may be from 224.5 to 225.5 million.
fn rounding(amount: i128) -> i128 {
    let mut digit = 1;
    while amount != 0 && amount % (digit * 10) == 0 {
        digit *= 10;
    }
    (digit / 2).min(amount.abs() * ROUNDED / 100)
}

/// One figure in percent more than another, in thousandths of a percent; none from a base of zero.
pub fn change(from: i128, to: i128) -> Option<i128> {
    let more = to.checked_sub(from)?.checked_mul(100 * 1000)?;
    (from > 0).then(|| rounded(more, from))
}

/// One figure as a multiple of another, in thousandths; none of zero.
pub fn ratio(figure: i128, of: i128) -> Option<i128> {
    let scaled = figure.checked_mul(1000)?;
    (of > 0).then(|| rounded(scaled, of))
}

/// The quotient with a positive divisor, rounded half away from zero.
fn rounded(dividend: i128, divisor: i128) -> i128 {
    let half = divisor / 2 * dividend.signum();
    (dividend + half) / divisor
}

/// As the API writes it; none beyond what it can write.
pub fn decimal(thousandths: i128) -> Option<Decimal> {
    let thousandths = i64::try_from(thousandths).ok()?;
    Some(Decimal::from_thousandths(thousandths))
}
