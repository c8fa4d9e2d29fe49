//! The scan: all rows that count, each added to its group.
use std::{ops::Range, thread};

use super::{
    columns::{Block, Columns},
    plan::{EXCLUDED, Plan},
    table::Table,
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

/// Rows that may count, in order.
struct Work<'c> {
    table: Found<'c>,
    pieces: Vec<Piece>,
}

enum Found<'c> {
    /// Where they stand.
    InPlace(&'c Table),
    /// Here and there, and gathered: all one piece, with the bits of each one's pair and series.
    Gathered(Box<Table>, Vec<u64>),
}

/// Adds up what the plan takes. Slots that are `left_out` do not count.
pub fn scan(plan: &mut Plan<'_>, left_out: &[u32]) -> Tallies {
    let projection = plan.projection;
    let work = work(plan, &projection.columns);
    let table = work.table();
    if rows_in(&work.pieces) > MANY {
        plan.looks_at_all();
    } else {
        for piece in &work.pieces {
            for row in piece.rows.clone() {
                let slot = piece.first_slot + table.slot.at(row);
                plan.looks_at(slot, table.product.at(row), table.attributes.at(row));
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
    let mut tallies = in_parts(plan, &work);
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

impl Work<'_> {
    fn table(&self) -> &Table {
        match &self.table {
            Found::InPlace(table) => table,
            Found::Gathered(table, _) => table,
        }
    }

    /// What gathered rows have before anything else is asked.
    fn bits(&self) -> Option<&[u64]> {
        match &self.table {
            Found::InPlace(_) => None,
            Found::Gathered(_, bits) => Some(bits),
        }
    }
}

/// The bits of all rows of a block.
fn of_block(plan: &mut Plan<'_>, block: &Block) -> u64 {
    match plan.series_of(block.first_slot) {
        bits if bits & EXCLUDED != 0 => EXCLUDED,
        bits => bits | plan.pair(block.exporter, block.importer),
    }
}

/// Which rows may count, by what was named.
enum Reach<'c> {
    Blocks(Vec<usize>),
    /// Those of products, here and there.
    Rows(Vec<&'c [u32]>),
    Everything,
}

impl<'c> Reach<'c> {
    fn of(plan: &Plan<'_>, columns: &'c Columns) -> Self {
        if let Some(named) = plan.named_pairs()
            && named.len() < columns.blocks.len()
        {
            let pairs = named.into_iter();
            let blocks = pairs.flat_map(|(one, other)| columns.of_pair(one, other));
            let mut blocks: Vec<_> = blocks.map(|block| *block as usize).collect();
            blocks.sort_unstable();
            return Self::Blocks(blocks);
        }
        let Some(products) = plan.named_products() else {
            return Self::Everything;
        };
        let products = products.iter();
        let products: Vec<_> = products
            .map(|product| columns.of_product(*product))
            .collect();
        let found: usize = products.iter().map(|rows| rows.len()).sum();
        // One row after the other is several times cheaper than here and there.
        match found < columns.len() / 8 {
            true => Self::Rows(products),
            false => Self::Everything,
        }
    }
}

/// How many rows a scan looks at, at most.
pub fn length(plan: &Plan<'_>) -> usize {
    let columns = &plan.projection.columns;
    let rows: usize = match Reach::of(plan, columns) {
        Reach::Blocks(blocks) => blocks
            .into_iter()
            .map(|block| columns.rows_of(block).len())
            .sum(),
        Reach::Rows(products) => products.into_iter().map(<[u32]>::len).sum(),
        Reach::Everything => columns.len(),
    };
    rows + plan.projection.tail.len()
}

fn work<'c>(plan: &mut Plan<'_>, columns: &'c Columns) -> Work<'c> {
    let piece = |plan: &mut Plan<'_>, number: usize| {
        let block = &columns.blocks[number];
        let bits = of_block(plan, block);
        (bits & EXCLUDED == 0).then(|| Piece {
            rows: columns.rows_of(number),
            first_slot: block.first_slot,
            bits,
        })
    };
    let blocks = match Reach::of(plan, columns) {
        Reach::Blocks(blocks) => blocks,
        Reach::Rows(rows) => return gathered(plan, columns, rows.concat()),
        Reach::Everything => (0..columns.blocks.len()).collect(),
    };
    Work {
        table: Found::InPlace(&columns.table),
        pieces: blocks
            .into_iter()
            .filter_map(|block| piece(plan, block))
            .collect(),
    }
}

fn gathered<'c>(plan: &mut Plan<'_>, columns: &Columns, rows: Vec<u32>) -> Work<'c> {
    let mut places = Vec::with_capacity(rows.len());
    let mut first_slots = Vec::with_capacity(rows.len());
    let mut bits = Vec::with_capacity(rows.len());
    for row in rows {
        let block = columns.block_of(row as usize);
        let of_block = of_block(plan, block);
        if of_block & EXCLUDED == 0 {
            places.push(row as usize);
            first_slots.push(block.first_slot);
            bits.push(of_block);
        }
    }
    let table = columns.table.gathered(&places, &first_slots);
    let all = Piece {
        rows: 0..table.len(),
        first_slot: 0,
        bits: 0,
    };
    Work {
        table: Found::Gathered(Box::new(table), bits),
        pieces: vec![all],
    }
}

/// Several threads take as many rows each, when there are many.
fn in_parts(plan: &Plan<'_>, work: &Work<'_>) -> Tallies {
    let rows = rows_in(&work.pieces);
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let threads = (rows / ROWS_A_THREAD).clamp(1, cores.min(MOST_THREADS));
    if threads == 1 {
        return Scan::new(plan, work, rows).run(&work.pieces);
    }
    let parts = split(&work.pieces, rows.div_ceil(threads));
    let done: Vec<_> = thread::scope(|scope| {
        let scan = |part| Scan::new(plan, work, rows / threads).run(part);
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
    table: &'p Table,
    /// Of rows that were gathered.
    own_bits: Option<&'p [u64]>,
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
    fn new(plan: &'p Plan<'p>, work: &'p Work<'_>, about: usize) -> Self {
        let table = work.table();
        let is_leaf = table.is_leaf.as_deref();
        Self {
            plan,
            table,
            own_bits: work.bits(),
            of_products: uniform(&plan.by_product),
            of_attributes: uniform(&plan.attributes),
            is_leaf: is_leaf.filter(|_| plan.takes_leaves_alone()),
            seams: &table.seams,
            cells: Cells::new(plan.bits, about, plan.asked.measures),
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

    fn add(&mut self, range: Range<usize>, piece: &Piece) {
        let Self {
            plan, table, cells, ..
        } = self;
        let (bits, places) = (
            &mut self.bits[..range.len()],
            &mut self.places[..range.len()],
        );
        let first_slot = piece.first_slot as usize;
        bits.fill(piece.bits | self.of_products.unwrap_or(0) | self.of_attributes.unwrap_or(0));
        if let Some(own) = self.own_bits {
            for (bits, own) in bits.iter_mut().zip(&own[range.clone()]) {
                *bits |= own;
            }
        }
        table
            .slot
            .mark(range.clone(), &plan.slots[first_slot..], bits);
        if self.of_products.is_none() {
            table.product.mark(range.clone(), &plan.by_product, bits);
        }
        if self.of_attributes.is_none() {
            table.attributes.mark(range.clone(), &plan.attributes, bits);
        }
        if let Some(leaves) = self.is_leaf {
            for (bits, is_leaf) in bits.iter_mut().zip(&leaves[range.clone()]) {
                *bits |= u64::from(!is_leaf) * EXCLUDED;
            }
        }
        cells.find(bits, places);
        let nowhere = cells.nowhere();
        let is_taken = places.iter().map(|place| *place != nowhere);
        let counts = &mut self.tallies.slots[first_slot..];
        table.slot.count(range.clone(), is_taken, counts);
        cells.add_records(places, table.value.rows(range.clone()));
        let measures = plan.asked.measures;
        if measures.net_mass
            && let Some(amounts) = table.net_mass.rows(range.clone())
        {
            cells.add_net_masses(places, amounts);
        }
        if measures.quantity
            && let Some(amounts) = table.quantity.rows(range)
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
