//! The scan: all rows that count, each added to its group.
use std::{ops::Range, thread};

use super::{
    columns::{Block, Columns},
    plan::{EXCLUDED, Plan},
    tally::{Cells, Tallies},
};

/// From so many rows on, all numbers are looked at beforehand rather than those that are met.
const MANY: usize = 100_000;
/// From so many rows on, it is worth another thread.
const ROWS_A_THREAD: usize = 1_000_000;
const MOST_THREADS: usize = 8;
/// Rows that go through each step together: what is known of them stays in the fastest cache.
const AT_ONCE: usize = 1024;

/// Rows that stand side by side in one block.
struct Piece {
    rows: Range<usize>,
    first_slot: u32,
    /// Those of the pair and the series.
    bits: u64,
}

/// Where the rows are that may count.
enum Work {
    Pieces(Vec<Piece>),
    /// Single ones, here and there.
    Rows(Vec<Piece>),
}

/// Adds up what the plan takes. Slots that are `left_out` do not count.
pub fn scan(plan: &mut Plan<'_>, left_out: &[u32]) -> Tallies {
    let projection = plan.projection;
    let columns: &Columns = &projection.columns;
    let work = work(plan, columns);
    let (Work::Pieces(pieces) | Work::Rows(pieces)) = &work;
    if rows_in(pieces) > MANY {
        plan.looks_at_all();
    } else {
        for piece in pieces {
            for row in piece.rows.clone() {
                let slot = piece.first_slot + columns.slot.at(row);
                plan.looks_at(slot, columns.product.at(row), columns.attributes.at(row));
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
    let mut tallies = match work {
        Work::Pieces(pieces) => in_parts(&pieces, plan, columns),
        Work::Rows(pieces) => one_by_one(&pieces, plan, columns),
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

fn rows_in(pieces: &[Piece]) -> usize {
    pieces.iter().map(|piece| piece.rows.len()).sum()
}

fn work(plan: &mut Plan<'_>, columns: &Columns) -> Work {
    let piece = |plan: &mut Plan<'_>, block: usize, rows: Range<usize>| {
        let Block {
            exporter,
            importer,
            first_slot,
            ..
        } = columns.blocks[block];
        let mut bits = plan.series_of(first_slot);
        if bits & EXCLUDED == 0 {
            bits |= plan.pair(exporter, importer);
        }
        (bits & EXCLUDED == 0).then_some(Piece {
            rows,
            first_slot,
            bits,
        })
    };
    if let Some(named) = plan.named_pairs()
        && named.len() < columns.blocks.len()
    {
        let mut blocks: Vec<u32> = named
            .into_iter()
            .flat_map(|(exporter, importer)| columns.of_pair(exporter, importer))
            .copied()
            .collect();
        blocks.sort_unstable();
        let blocks = blocks.into_iter().map(|block| block as usize);
        let pieces = blocks.filter_map(|block| piece(plan, block, columns.rows_of(block)));
        return Work::Pieces(pieces.collect());
    }
    if let Some(products) = plan.named_products() {
        let products: Vec<&[u32]> = products
            .iter()
            .map(|product| columns.of_product(*product))
            .collect();
        let found: usize = products.iter().map(|rows| rows.len()).sum();
        // One row after the other is several times cheaper than here and there.
        if found < columns.len() / 8 {
            let mut rows = Vec::with_capacity(found);
            for of_product in products {
                let mut block = 0;
                for row in of_product.iter().map(|row| *row as usize) {
                    block = columns.block_of(row, block);
                    rows.extend(piece(plan, block, row..row + 1));
                }
            }
            return Work::Rows(rows);
        }
    }
    let blocks = 0..columns.blocks.len();
    let pieces = blocks.filter_map(|block| piece(plan, block, columns.rows_of(block)));
    Work::Pieces(pieces.collect())
}

/// Several threads take as many rows each, when there are many.
fn in_parts(pieces: &[Piece], plan: &Plan<'_>, columns: &Columns) -> Tallies {
    let rows = rows_in(pieces);
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let threads = (rows / ROWS_A_THREAD).clamp(1, cores.min(MOST_THREADS));
    if threads == 1 {
        return Scan::new(plan, columns, rows).run(pieces);
    }
    let parts = split(pieces, rows.div_ceil(threads));
    let done: Vec<_> = thread::scope(|scope| {
        let scan = |part| Scan::new(plan, columns, rows / threads).run(part);
        let running: Vec<_> = parts
            .iter()
            .map(|part| scope.spawn(move || scan(part)))
            .collect();
        running
            .into_iter()
            .map(thread::ScopedJoinHandle::join)
            .collect()
    });
    let mut all = Tallies::new(plan.slots.len());
    for part in done {
        match part {
            Ok(tallies) => all.merge(tallies),
            Err(panicked) => std::panic::resume_unwind(panicked),
        }
    }
    all
}

/// Into parts of so many rows each, but for the last.
fn split(pieces: &[Piece], most: usize) -> Vec<Vec<Piece>> {
    let mut parts = vec![Vec::new()];
    let mut room = most;
    for piece in pieces {
        let mut rows = piece.rows.clone();
        while !rows.is_empty() {
            if room == 0 {
                parts.push(Vec::new());
                room = most;
            }
            let end = rows.end.min(rows.start + room);
            room -= end - rows.start;
            if let Some(part) = parts.last_mut() {
                part.push(Piece {
                    rows: rows.start..end,
                    ..*piece
                });
            }
            rows.start = end;
        }
    }
    parts
}

/// One thread's part of the scan.
struct Scan<'p> {
    plan: &'p Plan<'p>,
    columns: &'p Columns,
    /// What all products have, when it is the same; and all attributes.
    of_products: Option<u64>,
    of_attributes: Option<u64>,
    is_leaf: Option<&'p [bool]>,
    seams: &'p [usize],
    cells: Cells,
    tallies: Tallies,
    bits: [u64; AT_ONCE],
    places: [u32; AT_ONCE],
}

impl<'p> Scan<'p> {
    fn new(plan: &'p Plan<'p>, columns: &'p Columns, rows: usize) -> Self {
        let is_leaf = columns.is_leaf.as_deref();
        Self {
            plan,
            columns,
            of_products: uniform(&plan.by_product),
            of_attributes: uniform(&plan.attributes),
            is_leaf: is_leaf.filter(|_| plan.takes_leaves_alone()),
            seams: &columns.seams,
            cells: Cells::new(plan.bits, rows, plan.asked.measures),
            tallies: Tallies::new(plan.slots.len()),
            bits: [0; AT_ONCE],
            places: [0; AT_ONCE],
        }
    }

    /// Of pieces in order.
    fn run(mut self, pieces: &[Piece]) -> Tallies {
        for piece in pieces {
            let mut rows = piece.rows.clone();
            while !rows.is_empty() {
                while let Some((seam, after)) = self.seams.split_first()
                    && *seam <= rows.start
                {
                    self.tallies.take(&mut self.cells);
                    self.seams = after;
                }
                let end = rows.end.min(rows.start + AT_ONCE);
                let end = self.seams.first().map_or(end, |seam| end.min(*seam));
                self.add(rows.start..end, piece);
                rows.start = end;
            }
        }
        self.tallies.take(&mut self.cells);
        self.tallies
    }

    fn add(&mut self, rows: Range<usize>, piece: &Piece) {
        let Self {
            plan,
            columns,
            cells,
            ..
        } = self;
        let (bits, places) = (&mut self.bits[..rows.len()], &mut self.places[..rows.len()]);
        let first_slot = piece.first_slot as usize;
        bits.fill(piece.bits | self.of_products.unwrap_or(0) | self.of_attributes.unwrap_or(0));
        columns
            .slot
            .mark(rows.clone(), &plan.slots[first_slot..], bits);
        if self.of_products.is_none() {
            columns.product.mark(rows.clone(), &plan.by_product, bits);
        }
        if self.of_attributes.is_none() {
            columns
                .attributes
                .mark(rows.clone(), &plan.attributes, bits);
        }
        if let Some(leaves) = self.is_leaf {
            for (bits, is_leaf) in bits.iter_mut().zip(&leaves[rows.clone()]) {
                *bits |= u64::from(!is_leaf) * EXCLUDED;
            }
        }
        cells.find(bits, places);
        let nowhere = cells.nowhere();
        let is_taken = places.iter().map(|place| *place != nowhere);
        let counts = &mut self.tallies.slots[first_slot..];
        columns.slot.count(rows.clone(), is_taken, counts);
        cells.add_records(places, columns.value.rows(rows.clone()));
        let measures = plan.asked.measures;
        if measures.net_mass
            && let Some(amounts) = columns.net_mass.rows(rows.clone())
        {
            cells.add_net_masses(places, amounts);
        }
        if measures.quantity
            && let Some(amounts) = columns.quantity.rows(rows)
        {
            cells.add_quantities(places, amounts);
        }
    }
}

/// What a table has for every number, when it is the same.
fn uniform(table: &[u64]) -> Option<u64> {
    let first = *table.first()?;
    table.iter().all(|bits| *bits == first).then_some(first)
}

/// Rows that are here and there.
fn one_by_one(rows: &[Piece], plan: &Plan<'_>, columns: &Columns) -> Tallies {
    let mut tallies = Tallies::new(plan.slots.len());
    let is_leaf = columns
        .is_leaf
        .as_ref()
        .filter(|_| plan.takes_leaves_alone());
    for piece in rows {
        let row = piece.rows.start;
        let slot = (piece.first_slot + columns.slot.at(row)) as usize;
        let bits = piece.bits
            | plan.slots[slot]
            | plan.by_product[columns.product.at(row) as usize]
            | plan.attributes[columns.attributes.at(row) as usize];
        if bits & EXCLUDED != 0 || is_leaf.is_some_and(|leaves| !leaves[row]) {
            continue;
        }
        tallies.slots[slot] += 1;
        let tally = tallies.of(bits);
        tally.records += 1;
        tally.value.take(columns.value.at(row), 1);
        tally.net_mass.take(columns.net_mass.at(row), 1);
        tally.quantity.take(columns.quantity.at(row), 1);
    }
    tallies
}
