//! Columns of the projection: numbers in as many bytes as they need, and amounts.
use std::ops::Range;

use super::row::UNKNOWN;

/// A number for each row.
pub enum Column {
    /// The same for all.
    Same(u32),
    Bytes(Vec<u8>),
    Shorts(Vec<u16>),
    Words(Vec<u32>),
}

/// Does the same with the numbers of some rows, however they are kept.
macro_rules! each {
    ($column:expr, $range:expr, $same:ident => $all:expr, $numbers:ident => $some:expr) => {
        match $column {
            Column::Same($same) => $all,
            Column::Bytes(numbers) => {
                let $numbers = numbers[$range].iter().map(|number| usize::from(*number));
                $some
            }
            Column::Shorts(numbers) => {
                let $numbers = numbers[$range].iter().map(|number| usize::from(*number));
                $some
            }
            Column::Words(numbers) => {
                let $numbers = numbers[$range].iter().map(|number| *number as usize);
                $some
            }
        }
    };
}

impl Column {
    pub fn of(numbers: impl Iterator<Item = u32> + Clone) -> Self {
        let bounds = numbers
            .clone()
            .fold((u32::MAX, 0), |(least, most), number| {
                (least.min(number), most.max(number))
            });
        match bounds {
            (least, most) if least >= most => Self::Same(most),
            (_, 0..=0xff) => Self::Bytes(exact(numbers.map(|number| number as u8))),
            (_, 0..=0xffff) => Self::Shorts(exact(numbers.map(|number| number as u16))),
            _ => Self::Words(exact(numbers)),
        }
    }

    pub fn at(&self, row: usize) -> u32 {
        match self {
            Self::Same(number) => *number,
            Self::Bytes(numbers) => numbers[row].into(),
            Self::Shorts(numbers) => numbers[row].into(),
            Self::Words(numbers) => numbers[row],
        }
    }

    pub fn gathered(&self, rows: &[usize]) -> Self {
        match self {
            Self::Same(number) => Self::Same(*number),
            Self::Bytes(numbers) => Self::Bytes(gathered(numbers, rows)),
            Self::Shorts(numbers) => Self::Shorts(gathered(numbers, rows)),
            Self::Words(numbers) => Self::Words(gathered(numbers, rows)),
        }
    }

    /// Adds to each row's bits what the table has for its number.
    pub fn mark(&self, rows: Range<usize>, table: &[u64], bits: &mut [u64]) {
        each!(self, rows,
        same => {
            let all = table[*same as usize];
            bits.iter_mut().for_each(|bits| *bits |= all);
        },
        numbers => for (bits, number) in bits.iter_mut().zip(numbers) {
            *bits |= table[number];
        });
    }

    /// Counts the rows that are taken, by their numbers.
    pub fn count(
        &self,
        rows: Range<usize>,
        is_taken: impl Iterator<Item = bool>,
        counts: &mut [i64],
    ) {
        each!(self, rows,
        same => counts[*same as usize] += is_taken.map(i64::from).sum::<i64>(),
        numbers => for (is_taken, number) in is_taken.zip(numbers) {
            counts[number] += i64::from(is_taken);
        });
    }

    pub fn bytes(&self) -> usize {
        match self {
            Self::Same(_) => 0,
            Self::Bytes(numbers) => numbers.len(),
            Self::Shorts(numbers) => numbers.len() * 2,
            Self::Words(numbers) => numbers.len() * 4,
        }
    }
}

/// An amount for each row, in thousandths.
pub enum Measure {
    /// Of none it is known.
    Unknown,
    Known(Vec<i64>),
}

impl Measure {
    pub fn of(amounts: impl Iterator<Item = i64> + Clone) -> Self {
        match amounts.clone().all(|amount| amount == UNKNOWN) {
            true => Self::Unknown,
            false => Self::Known(exact(amounts)),
        }
    }

    pub fn at(&self, row: usize) -> i64 {
        match self {
            Self::Unknown => UNKNOWN,
            Self::Known(amounts) => amounts[row],
        }
    }

    pub fn gathered(&self, rows: &[usize]) -> Self {
        match self {
            Self::Unknown => Self::Unknown,
            Self::Known(amounts) => Self::Known(gathered(amounts, rows)),
        }
    }

    pub fn rows(&self, rows: Range<usize>) -> Option<&[i64]> {
        match self {
            Self::Unknown => None,
            Self::Known(amounts) => Some(&amounts[rows]),
        }
    }

    pub fn bytes(&self) -> usize {
        match self {
            Self::Unknown => 0,
            Self::Known(amounts) => amounts.len() * size_of::<i64>(),
        }
    }
}

/// Without room for more.
fn exact<T>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut exact = Vec::new();
    exact.reserve_exact(items.size_hint().0);
    exact.extend(items);
    exact
}

fn gathered<T: Copy>(items: &[T], rows: &[usize]) -> Vec<T> {
    rows.iter().map(|row| items[*row]).collect()
}
