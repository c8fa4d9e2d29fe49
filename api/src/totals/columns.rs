//! Records in columns: series by series, those of a country pair side by side, and those of a
//! product found by index.
use std::{collections::HashMap, ops::Range};

use sea_orm::prelude::Uuid;

use super::{
    codes::{Codes, Interned, NOTHING},
    facts::Facts,
    row::{Family, Row},
    table::Table,
    timeline::Timeline,
};

/// So many rows have one place where their block is looked for.
const STRETCH: usize = 256;

pub struct Columns {
    pub table: Table,
    /// In order; each ends where the next one begins.
    pub blocks: Vec<Block>,
    /// The block of the first row of each stretch.
    stretches: Vec<u32>,
    /// The blocks, in the order of their pairs.
    by_pair: Vec<u32>,
    /// The places of all rows, by their products' numbers.
    by_product: Vec<u32>,
    /// Where each product's begin there, and where the last ends.
    product_starts: Vec<u32>,
}

/// The rows of a country pair in one series.
#[derive(Clone, Copy, Debug)]
pub struct Block {
    pub exporter: u32,
    pub importer: u32,
    /// The first slot of the series; the others that it had then follow it.
    pub first_slot: u32,
    pub start: usize,
}

impl Columns {
    /// Finds out which rows are leaves, and puts them in their places. The slots' numbers are those
    /// of the timeline's order.
    pub fn build(mut rows: Vec<Row>, codes: &Codes, facts: &Facts, timeline: &Timeline) -> Self {
        let ranks = ranks(codes, facts);
        mark_leaves(&mut rows, codes, facts, &ranks);
        rows.sort_unstable_by_key(|row| {
            let series = timeline.place(row.slot).series;
            let product = (ranks[row.product as usize], row.product);
            (series, row.exporter, row.importer, product, row.slot)
        });
        let first_slots: Vec<u32> = timeline
            .series
            .iter()
            .map(|series| timeline.slots_of(series)[0])
            .collect();
        let first_slot = |row: &Row| first_slots[timeline.place(row.slot).series as usize];
        let mut blocks: Vec<Block> = Vec::new();
        for (start, row) in rows.iter().enumerate() {
            let block = Block {
                exporter: row.exporter,
                importer: row.importer,
                first_slot: first_slot(row),
                start,
            };
            let goes_on = blocks.last().is_some_and(|last| last.key() == block.key());
            if !goes_on {
                blocks.push(block);
            }
        }
        let mut by_pair: Vec<u32> = (0u32..).take(blocks.len()).collect();
        by_pair.sort_unstable_by_key(|block| (blocks[*block as usize].pair(), *block));
        let mut columns = Self {
            table: Table::of(&rows, first_slot),
            stretches: stretches(&blocks, rows.len()),
            blocks,
            by_pair,
            by_product: Vec::new(),
            product_starts: Vec::new(),
        };
        drop(rows);
        columns.index(codes.ids.all().len());
        columns
    }

    /// Counts the rows of each product, and gives each its place among them.
    fn index(&mut self, ids: usize) {
        let mut starts = vec![0u32; ids + 1];
        let product = |row: usize| self.table.product.at(row) as usize;
        for row in 0..self.len() {
            starts[product(row) + 1] += 1;
        }
        for number in 1..starts.len() {
            starts[number] += starts[number - 1];
        }
        let mut next = starts.clone();
        let mut by_product = vec![0u32; self.len()];
        for (place, row) in (0u32..).zip(0..self.len()) {
            let free = &mut next[product(row)];
            by_product[*free as usize] = place;
            *free += 1;
        }
        (self.by_product, self.product_starts) = (by_product, starts);
    }

    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// The rows of a block, by its number.
    pub fn rows_of(&self, block: usize) -> Range<usize> {
        let end = self
            .blocks
            .get(block + 1)
            .map_or(self.len(), |next| next.start);
        self.blocks[block].start..end
    }

    /// The numbers of a pair's blocks, in order.
    pub fn of_pair(&self, exporter: u32, importer: u32) -> &[u32] {
        let pair = |block: &u32| self.blocks[*block as usize].pair();
        let start = self
            .by_pair
            .partition_point(|block| pair(block) < (exporter, importer));
        let rest = &self.by_pair[start..];
        &rest[..rest.partition_point(|block| pair(block) == (exporter, importer))]
    }

    /// The block that holds a row.
    pub fn block_of(&self, row: usize) -> &Block {
        let stretch = row / STRETCH;
        let from = self.stretches[stretch] as usize;
        let to = self.stretches.get(stretch + 1);
        let to = to.map_or(self.blocks.len(), |last| *last as usize + 1);
        let before = self.blocks[from..to].partition_point(|block| block.start <= row);
        &self.blocks[from + before - 1]
    }

    /// The rows of a product, in order.
    pub fn of_product(&self, product: u32) -> &[u32] {
        let place = product as usize;
        match (
            self.product_starts.get(place),
            self.product_starts.get(place + 1),
        ) {
            (Some(start), Some(end)) => &self.by_product[*start as usize..*end as usize],
            _ => &[],
        }
    }

    /// Those of a block, by its number.
    fn of_block(&self, block: usize) -> impl Iterator<Item = Row> {
        let row = move |place| self.table.row(&self.blocks[block], place);
        self.rows_of(block).map(row)
    }

    pub fn all(&self) -> impl Iterator<Item = Row> {
        (0..self.blocks.len()).flat_map(|block| self.of_block(block))
    }

    pub fn bytes(&self) -> usize {
        let indexes = [&self.by_pair, &self.by_product, &self.product_starts];
        self.table.bytes()
            + self.blocks.len() * size_of::<Block>()
            + indexes.map(Vec::len).iter().sum::<usize>() * size_of::<u32>()
            + self.stretches.len() * size_of::<u32>()
    }
}

impl Block {
    pub fn pair(&self) -> (u32, u32) {
        (self.exporter, self.importer)
    }

    fn key(&self) -> (u32, u32, u32) {
        (self.first_slot, self.exporter, self.importer)
    }
}

fn stretches(blocks: &[Block], rows: usize) -> Vec<u32> {
    let mut block = 0;
    let firsts = (0..rows).step_by(STRETCH).map(|row| {
        while blocks.get(block + 1).is_some_and(|next| next.start <= row) {
            block += 1;
        }
        u32::try_from(block).unwrap_or(u32::MAX)
    });
    firsts.collect()
}

/// Where each number's product stands among all; others stand before them.
fn ranks(codes: &Codes, facts: &Facts) -> Vec<u32> {
    let rank = |id: &Uuid| {
        let place = facts.place(*id).map_or(0, |place| place + 1);
        u32::try_from(place).unwrap_or(u32::MAX)
    };
    codes.ids.all().iter().map(rank).collect()
}

/// Within a family, what is below a product follows it.
fn mark_leaves(rows: &mut [Row], codes: &Codes, facts: &Facts, ranks: &[u32]) {
    let mut breakdowns = Interned::default();
    let of_attributes = codes.attributes.all().iter();
    let of_attributes: Vec<u32> = of_attributes
        .map(|attributes| breakdowns.number(&attributes.breakdown()))
        .collect();
    let family = |row: &Row| {
        let breakdown = of_attributes[row.attributes as usize];
        (row.slot, row.exporter, row.importer, breakdown)
    };
    rows.sort_unstable_by_key(|row| (family(row), ranks[row.product as usize]));
    let mut after: Option<Row> = None;
    let mut is_leaf = true;
    for row in rows.iter_mut().rev() {
        match after {
            Some(next) if family(&next) != family(row) => is_leaf = true,
            Some(next) if next.product != row.product => {
                is_leaf = !is_below(next.product, row.product, codes, facts);
            }
            Some(_) => {}
            None => is_leaf = true,
        }
        after = Some(*row);
        row.is_leaf = is_leaf || row.family(codes, facts).is_none();
    }
}

/// Whether one product lies below another.
pub fn is_below(product: u32, top: u32, codes: &Codes, facts: &Facts) -> bool {
    if product == NOTHING || top == NOTHING || product == top {
        return false;
    }
    let of = |number: u32| facts.product(codes.ids.all()[number as usize]);
    let (Some(product), Some(top)) = (of(product), of(top)) else {
        return false;
    };
    product.edition == top.edition
        && product.code.len() > top.code.len()
        && product.code.starts_with(&*top.code)
}

/// The members of some families among the rows of their pairs.
pub fn members<'c>(
    columns: &'c Columns,
    codes: &'c Codes,
    facts: &'c Facts,
    families: &'c HashMap<Family, Vec<Row>>,
) -> impl Iterator<Item = (Family, Row)> + 'c {
    let mut blocks: Vec<u32> = families
        .keys()
        .flat_map(|family| columns.of_pair(family.exporter, family.importer))
        .copied()
        .collect();
    blocks.sort_unstable();
    blocks.dedup();
    let blocks = blocks.into_iter().map(|block| block as usize);
    let rows = blocks.flat_map(|block| columns.of_block(block));
    rows.filter_map(move |row| {
        let family = row.family(codes, facts)?;
        families.contains_key(&family).then_some((family, row))
    })
}
