//! Tallies: what the rows of each group come to.
use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
};

use super::{asked::Measures, plan::EXCLUDED, row::UNKNOWN};

/// Up to so many bits, groups have their cells by their bits alone.
const DIRECT: u32 = 16;
/// Up to so many, they are found by a table.
const TABLE: u32 = 22;

/// Slots that are passed over together when no row counted in them.
const STRETCH: usize = 64;

/// What the rows of a group come to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    pub records: i64,
    pub value: Amount,
    pub net_mass: Amount,
    pub quantity: Amount,
}

#[derive(Clone, Copy, Debug, Default)]
pub struct Amount {
    pub sum: i128,
    pub records: i64,
}

impl Amount {
    /// Adds an amount so many times, if it is known.
    pub fn take(&mut self, amount: i64, times: i64) {
        if amount != UNKNOWN {
            self.sum += i128::from(amount) * i128::from(times);
            self.records += times;
        }
    }

    fn merge(&mut self, part: Part) {
        self.sum += i128::from(part.sum);
        self.records += part.records;
    }
}

/// Tallies by the bits of their groups, and how many rows counted in each slot.
pub struct Tallies {
    places: HashMap<u64, usize, BuildHasherDefault<Mixed>>,
    pub groups: Vec<(u64, Tally)>,
    pub slots: Vec<i64>,
}

impl Tallies {
    pub fn new(slots: usize) -> Self {
        Self {
            places: HashMap::default(),
            groups: Vec::new(),
            slots: vec![0; slots],
        }
    }

    pub fn of(&mut self, bits: u64) -> &mut Tally {
        let next = self.groups.len();
        let place = *self.places.entry(bits).or_insert(next);
        if place == next {
            self.groups.push((bits, Tally::default()));
        }
        &mut self.groups[place].1
    }

    /// The slots in which rows counted, in order.
    pub fn counted(&self) -> impl Iterator<Item = u32> {
        // Most questions count in few of many slots: those without are passed over side by side.
        let stretches = self.slots.chunks(STRETCH).enumerate();
        let some =
            stretches.filter(|(_, counts)| counts.iter().fold(0, |all, count| all | count) != 0);
        some.flat_map(|(stretch, counts)| {
            let numbers = (0u32..).skip(stretch * STRETCH).zip(counts);
            numbers
                .filter(|(_, count)| **count > 0)
                .map(|(number, _)| number)
        })
    }

    /// Takes over what the cells hold, and leaves them empty.
    pub fn take(&mut self, cells: &mut Cells) {
        let nowhere = cells.nowhere as usize;
        for place in 0..cells.cells.len() {
            let Cell { records, value } = std::mem::take(&mut cells.cells[place]);
            if records == 0 {
                continue;
            }
            let part = |parts: &mut Vec<Part>| parts.get_mut(place).map(std::mem::take);
            let net_mass = part(&mut cells.net_mass).unwrap_or_default();
            let quantity = part(&mut cells.quantity).unwrap_or_default();
            if place == nowhere {
                continue;
            }
            let tally = self.of(cells.bits(place));
            tally.records += records;
            tally.value.merge(value);
            tally.net_mass.merge(net_mass);
            tally.quantity.merge(quantity);
        }
    }

    pub fn merge(&mut self, other: Self) {
        for (bits, tally) in other.groups {
            let own = self.of(bits);
            own.records += tally.records;
            for (own, other) in [
                (&mut own.value, tally.value),
                (&mut own.net_mass, tally.net_mass),
                (&mut own.quantity, tally.quantity),
            ] {
                own.sum += other.sum;
                own.records += other.records;
            }
        }
        for (own, count) in self.slots.iter_mut().zip(other.slots) {
            *own += count;
        }
    }
}

/// Sums that cannot outgrow 64 bits, since they are taken over in time; one more cell takes what
/// does not count, which is cheaper than to ask.
pub struct Cells {
    index: Index,
    nowhere: u32,
    cells: Vec<Cell>,
    net_mass: Vec<Part>,
    quantity: Vec<Part>,
    measures: Measures,
}

/// What every question asks for: no cell is in two lines of the cache.
#[derive(Clone, Copy, Default)]
#[repr(align(32))]
struct Cell {
    records: i64,
    value: Part,
}

#[derive(Clone, Copy, Default)]
struct Part {
    sum: i64,
    records: i64,
}

enum Index {
    /// Cells are where their bits say.
    Direct,
    /// The place of each, 0 for none; and the bits of each place.
    Table(Vec<u32>, Vec<u64>),
    Sparse(HashMap<u64, u32, BuildHasherDefault<Mixed>>, Vec<u64>),
}

impl Cells {
    /// For groups of so many bits, and about so many rows.
    pub fn new(bits: u32, rows: usize, measures: Measures) -> Self {
        let is_worth_it = rows.saturating_mul(4) >= 1 << bits.min(32);
        let (index, nowhere, cells) = match bits {
            0..=DIRECT if is_worth_it => (Index::Direct, 1 << bits, (1 << bits) + 1),
            0..=TABLE if is_worth_it => (Index::Table(vec![0; 1 << bits], vec![EXCLUDED]), 0, 1),
            _ => (Index::Sparse(HashMap::default(), vec![EXCLUDED]), 0, 1),
        };
        let parts = |is_asked: bool| vec![Part::default(); if is_asked { cells } else { 0 }];
        Self {
            index,
            nowhere,
            cells: vec![Cell::default(); cells],
            net_mass: parts(measures.net_mass),
            quantity: parts(measures.quantity),
            measures,
        }
    }

    fn bits(&self, place: usize) -> u64 {
        match &self.index {
            Index::Direct => place as u64,
            Index::Table(_, bits) | Index::Sparse(_, bits) => bits[place],
        }
    }

    /// The cell that takes what does not count.
    pub fn nowhere(&self) -> u32 {
        self.nowhere
    }

    /// The cells of some rows, by the bits of their groups.
    pub fn find(&mut self, bits: &[u64], places: &mut [u32]) {
        match &mut self.index {
            Index::Direct => {
                let nowhere = u64::from(self.nowhere);
                for (place, bits) in places.iter_mut().zip(bits) {
                    *place = (*bits).min(nowhere) as u32;
                }
                return;
            }
            Index::Table(table, known) => {
                for (place, bits) in places.iter_mut().zip(bits) {
                    *place = match bits & EXCLUDED {
                        0 => *numbered(&mut table[*bits as usize], *bits, known),
                        _ => 0,
                    };
                }
            }
            Index::Sparse(table, known) => {
                for (place, bits) in places.iter_mut().zip(bits) {
                    *place = match bits & EXCLUDED {
                        0 => *numbered(table.entry(*bits).or_default(), *bits, known),
                        _ => 0,
                    };
                }
            }
        }
        let (Index::Table(_, known) | Index::Sparse(_, known)) = &self.index else {
            return;
        };
        let cells = known.len();
        self.cells.resize(cells, Cell::default());
        if self.measures.net_mass {
            self.net_mass.resize(cells, Part::default());
        }
        if self.measures.quantity {
            self.quantity.resize(cells, Part::default());
        }
    }

    /// Adds a record to each of these cells, and its value where values are known.
    pub fn add_records(&mut self, places: &[u32], values: Option<&[i64]>) {
        let Some(values) = values else {
            for place in places {
                self.cells[*place as usize].records += 1;
            }
            return;
        };
        for (place, value) in places.iter().zip(values) {
            let cell = &mut self.cells[*place as usize];
            cell.records += 1;
            cell.value.add(*value);
        }
    }

    pub fn add_net_masses(&mut self, places: &[u32], amounts: &[i64]) {
        add(&mut self.net_mass, places, amounts);
    }

    pub fn add_quantities(&mut self, places: &[u32], amounts: &[i64]) {
        add(&mut self.quantity, places, amounts);
    }
}

/// The place of a group, a new one if it has none.
fn numbered<'p>(place: &'p mut u32, bits: u64, known: &mut Vec<u64>) -> &'p u32 {
    if *place == 0 {
        *place = u32::try_from(known.len()).unwrap_or(u32::MAX);
        known.push(bits);
    }
    place
}

#[inline]
fn add(parts: &mut [Part], places: &[u32], amounts: &[i64]) {
    for (place, amount) in places.iter().zip(amounts) {
        parts[*place as usize].add(*amount);
    }
}

impl Part {
    /// Without a branch, which would be guessed wrong.
    #[inline]
    fn add(&mut self, amount: i64) {
        let known = i64::from(amount != UNKNOWN);
        self.sum += amount & -known;
        self.records += known;
    }
}

/// Bits of groups are no one's to choose: to mix them is enough.
#[derive(Default)]
pub struct Mixed(u64);

impl Hasher for Mixed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, number: u64) {
        let mixed = (self.0 ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ (mixed >> 32);
    }
}
