//! The scan: all rows that count, each added to its group.
use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
    ops::Range,
    thread,
};

use super::{
    columns::Columns,
    plan::{EXCLUDED, Plan},
    row::UNKNOWN,
};

/// From so many rows on, all numbers are looked at beforehand rather than those that are met.
const MANY: usize = 100_000;
/// From so many rows on, it is worth another thread.
const ROWS_A_THREAD: usize = 1_000_000;
const MOST_THREADS: usize = 8;
/// Up to so many bits, groups are found by a table.
const DENSE: u32 = 24;

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
    #[inline]
    fn take(&mut self, amount: i64, times: i64) {
        if amount != UNKNOWN {
            self.sum += i128::from(amount) * i128::from(times);
            self.records += times;
        }
    }

    #[inline]
    fn one(&mut self, amount: i64) {
        if amount != UNKNOWN {
            self.sum += i128::from(amount);
            self.records += 1;
        }
    }

    fn merge(&mut self, other: Self) {
        self.sum += other.sum;
        self.records += other.records;
    }
}

/// Tallies by the bits of their groups, and how many rows counted in each slot.
pub struct Tallies {
    index: Index,
    pub groups: Vec<(u64, Tally)>,
    pub slots: Vec<i64>,
}

enum Index {
    /// One more than the place of each; 0 for none.
    Dense(Vec<u32>),
    Sparse(HashMap<u64, usize, BuildHasherDefault<Mixed>>),
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

impl Tallies {
    fn new(bits: u32, slots: usize) -> Self {
        let index = match bits <= DENSE {
            true => Index::Dense(vec![0; 1 << bits]),
            false => Index::Sparse(HashMap::default()),
        };
        Self {
            index,
            groups: Vec::new(),
            slots: vec![0; slots],
        }
    }

    #[inline]
    fn of(&mut self, bits: u64) -> &mut Tally {
        let next = self.groups.len();
        let place = match &mut self.index {
            Index::Dense(places) => {
                // The bits are as many as the table was made for.
                let place = &mut places[bits as usize];
                if *place == 0 {
                    *place = next as u32 + 1;
                }
                *place as usize - 1
            }
            Index::Sparse(places) => *places.entry(bits).or_insert(next),
        };
        if place == next {
            self.groups.push((bits, Tally::default()));
        }
        &mut self.groups[place].1
    }

    fn merge(&mut self, other: Self) {
        for (bits, tally) in other.groups {
            let own = self.of(bits);
            own.records += tally.records;
            own.value.merge(tally.value);
            own.net_mass.merge(tally.net_mass);
            own.quantity.merge(tally.quantity);
        }
        for (own, count) in self.slots.iter_mut().zip(other.slots) {
            *own += count;
        }
    }
}

/// Where the rows are that may count.
enum Work {
    /// Those of these pairs, with the pairs' bits.
    Pairs(Vec<(Range<usize>, u64)>),
    /// These, with the bits of all pairs.
    Rows(Vec<u32>, Vec<u64>),
}

/// Adds up what the plan takes. Slots that are `left_out` do not count.
pub fn scan(plan: &mut Plan<'_>, left_out: &[u32]) -> Tallies {
    let projection = plan.projection;
    let columns: &Columns = &projection.columns;
    let work = work(plan, columns);
    match &work {
        Work::Pairs(ranges) if rows_in(ranges) > MANY => plan.looks_at_all(),
        Work::Rows(rows, _) if rows.len() > MANY => plan.looks_at_all(),
        Work::Pairs(ranges) => {
            for place in ranges.iter().flat_map(|(range, _)| range.clone()) {
                let place = (
                    columns.slot[place],
                    columns.product[place],
                    columns.attributes[place],
                );
                plan.looks_at(place.0, place.1, place.2);
            }
        }
        Work::Rows(rows, _) => {
            for place in rows.iter().map(|row| *row as usize) {
                let place = (
                    columns.slot[place],
                    columns.product[place],
                    columns.attributes[place],
                );
                plan.looks_at(place.0, place.1, place.2);
            }
        }
    }
    for row in projection.tail.keys() {
        plan.looks_at(row.slot, row.product, row.attributes);
    }
    for slot in left_out {
        plan.slots[*slot as usize] = EXCLUDED;
    }
    let tail: Vec<_> = projection
        .tail
        .iter()
        .map(|(row, count)| (plan.pair(row.exporter, row.importer), row, *count))
        .collect();
    let plan = &*plan;
    let new = || Tallies::new(plan.bits, plan.slots.len());
    let mut tallies = match work {
        Work::Pairs(ranges) => in_parts(&ranges, plan, columns),
        Work::Rows(rows, pairs) => {
            let mut tallies = new();
            for row in rows {
                let row = row as usize;
                let pair = pairs[columns.pair_of[row] as usize];
                add(&mut tallies, plan, columns, row..row + 1, pair);
            }
            tallies
        }
    };
    for (pair, row, count) in tail {
        let bits = pair
            | plan.slots[row.slot as usize]
            | plan.by_product[row.product as usize]
            | plan.attributes[row.attributes as usize];
        if bits & EXCLUDED != 0 || (plan.takes_leaves_alone() && !row.is_leaf) {
            continue;
        }
        let tally = tallies.of(bits);
        tally.records += count;
        tally.value.take(row.value, count);
        tally.net_mass.take(row.net_mass, count);
        tally.quantity.take(row.quantity, count);
        tallies.slots[row.slot as usize] += count;
    }
    tallies
}

fn rows_in(ranges: &[(Range<usize>, u64)]) -> usize {
    ranges.iter().map(|(range, _)| range.len()).sum()
}

fn work(plan: &mut Plan<'_>, columns: &Columns) -> Work {
    let taken = |plan: &mut Plan<'_>, place: usize| {
        let pair = columns.pairs[place];
        plan.pair(pair.exporter, pair.importer)
    };
    if let Some(named) = plan.named_pairs()
        && named.len() < columns.pairs.len()
    {
        let mut places: Vec<_> = named
            .into_iter()
            .filter_map(|(exporter, importer)| columns.pair(exporter, importer))
            .collect();
        places.sort_unstable();
        let ranges = places
            .into_iter()
            .map(|place| (columns.rows_of(place), taken(plan, place)));
        return Work::Pairs(ranges.filter(|(_, bits)| bits & EXCLUDED == 0).collect());
    }
    let pairs: Vec<u64> = (0..columns.pairs.len())
        .map(|place| taken(plan, place))
        .collect();
    let ranges = pairs.iter().enumerate();
    let ranges: Vec<_> = ranges
        .filter(|(_, bits)| **bits & EXCLUDED == 0)
        .map(|(place, bits)| (columns.rows_of(place), *bits))
        .collect();
    if let Some(products) = plan.named_products() {
        let found: usize = products
            .iter()
            .map(|product| columns.of_product(*product).len())
            .sum();
        // One row after the other is several times cheaper than here and there.
        if found < rows_in(&ranges) / 4 {
            let rows = products.iter();
            let rows = rows
                .flat_map(|product| columns.of_product(*product))
                .copied();
            return Work::Rows(rows.collect(), pairs);
        }
    }
    Work::Pairs(ranges)
}

/// Several threads take as many rows each, when there are many.
fn in_parts(ranges: &[(Range<usize>, u64)], plan: &Plan<'_>, columns: &Columns) -> Tallies {
    let rows = rows_in(ranges);
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let threads = (rows / ROWS_A_THREAD).clamp(1, cores.min(MOST_THREADS));
    let new = || Tallies::new(plan.bits, plan.slots.len());
    let of = |part: &[(Range<usize>, u64)]| {
        let mut tallies = new();
        for (range, pair) in part {
            add(&mut tallies, plan, columns, range.clone(), *pair);
        }
        tallies
    };
    if threads == 1 {
        return of(ranges);
    }
    let parts = split(ranges, rows.div_ceil(threads));
    let done: Vec<_> = thread::scope(|scope| {
        let running: Vec<_> = parts.iter().map(|part| scope.spawn(|| of(part))).collect();
        running
            .into_iter()
            .map(thread::ScopedJoinHandle::join)
            .collect()
    });
    let mut all = new();
    for part in done {
        match part {
            Ok(tallies) => all.merge(tallies),
            Err(panicked) => std::panic::resume_unwind(panicked),
        }
    }
    all
}

/// Into parts of so many rows each, but for the last.
fn split(ranges: &[(Range<usize>, u64)], most: usize) -> Vec<Vec<(Range<usize>, u64)>> {
    let mut parts = vec![Vec::new()];
    let mut room = most;
    for (range, bits) in ranges {
        let mut range = range.clone();
        while !range.is_empty() {
            if room == 0 {
                parts.push(Vec::new());
                room = most;
            }
            let end = range.end.min(range.start + room);
            room -= end - range.start;
            if let Some(part) = parts.last_mut() {
                part.push((range.start..end, *bits));
            }
            range.start = end;
        }
    }
    parts
}

#[inline]
fn add(tallies: &mut Tallies, plan: &Plan<'_>, columns: &Columns, range: Range<usize>, pair: u64) {
    let takes_leaves_alone = plan.takes_leaves_alone();
    let slots = &columns.slot[range.clone()];
    let products = &columns.product[range.clone()];
    let attributes = &columns.attributes[range.clone()];
    let leaves = &columns.is_leaf[range.clone()];
    let values = &columns.value[range.clone()];
    let masses = &columns.net_mass[range.clone()];
    let quantities = &columns.quantity[range];
    for place in 0..slots.len() {
        let bits = pair
            | plan.slots[slots[place] as usize]
            | plan.by_product[products[place] as usize]
            | plan.attributes[attributes[place] as usize];
        if bits & EXCLUDED != 0 || (takes_leaves_alone && !leaves[place]) {
            continue;
        }
        tallies.slots[slots[place] as usize] += 1;
        let tally = tallies.of(bits);
        tally.records += 1;
        tally.value.one(values[place]);
        tally.net_mass.one(masses[place]);
        tally.quantity.one(quantities[place]);
    }
}
