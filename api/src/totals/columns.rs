//! Records in columns, those of a country pair side by side, and those of a product found by index.
use std::{collections::HashMap, ops::Range};

use sea_orm::prelude::Uuid;

use super::{
    codes::{Codes, NOTHING},
    facts::Facts,
    row::{Family, Row},
};

#[derive(Default)]
pub struct Columns {
    pub product: Vec<u32>,
    pub slot: Vec<u32>,
    pub attributes: Vec<u32>,
    pub is_leaf: Vec<bool>,
    pub value: Vec<i64>,
    pub net_mass: Vec<i64>,
    pub quantity: Vec<i64>,
    /// The place of each row's pair.
    pub pair_of: Vec<u32>,
    /// In order; each ends where the next one begins.
    pub pairs: Vec<Pair>,
    places: HashMap<(u32, u32), usize>,
    /// The places of all rows, by their products' numbers.
    by_product: Vec<u32>,
    /// Where each product's begin there, and where the last ends.
    product_starts: Vec<u32>,
}

#[derive(Clone, Copy, Debug)]
pub struct Pair {
    pub exporter: u32,
    pub importer: u32,
    pub start: usize,
}

impl Columns {
    /// Finds out which rows are leaves, and puts them in their places.
    pub fn build(mut rows: Vec<Row>, codes: &Codes, facts: &Facts) -> Self {
        let ranks = ranks(codes, facts);
        mark_leaves(&mut rows, codes, facts, &ranks);
        rows.sort_unstable_by_key(|row| {
            let product = (ranks[row.product as usize], row.product);
            (row.exporter, row.importer, product, row.slot)
        });
        let mut columns = Self::default();
        columns.product.reserve_exact(rows.len());
        columns.slot.reserve_exact(rows.len());
        columns.attributes.reserve_exact(rows.len());
        columns.is_leaf.reserve_exact(rows.len());
        columns.value.reserve_exact(rows.len());
        columns.net_mass.reserve_exact(rows.len());
        columns.quantity.reserve_exact(rows.len());
        columns.pair_of.reserve_exact(rows.len());
        for (place, row) in rows.iter().enumerate() {
            let last = columns.pairs.last();
            if last
                .is_none_or(|last| (last.exporter, last.importer) != (row.exporter, row.importer))
            {
                let number = columns.pairs.len();
                columns.places.insert((row.exporter, row.importer), number);
                columns.pairs.push(Pair {
                    exporter: row.exporter,
                    importer: row.importer,
                    start: place,
                });
            }
            columns.product.push(row.product);
            columns.slot.push(row.slot);
            columns.attributes.push(row.attributes);
            columns.is_leaf.push(row.is_leaf);
            columns.value.push(row.value);
            columns.net_mass.push(row.net_mass);
            columns.quantity.push(row.quantity);
            let pair = columns.pairs.len() - 1;
            columns
                .pair_of
                .push(u32::try_from(pair).unwrap_or(u32::MAX));
        }
        columns.index(codes.ids.all().len());
        columns
    }

    /// Counts the rows of each product, and gives each its place among them.
    fn index(&mut self, ids: usize) {
        let mut starts = vec![0u32; ids + 1];
        for product in &self.product {
            starts[*product as usize + 1] += 1;
        }
        for number in 1..starts.len() {
            starts[number] += starts[number - 1];
        }
        let mut next = starts.clone();
        let mut by_product = vec![0u32; self.product.len()];
        for (place, product) in (0u32..).zip(&self.product) {
            let free = &mut next[*product as usize];
            by_product[*free as usize] = place;
            *free += 1;
        }
        (self.by_product, self.product_starts) = (by_product, starts);
    }

    pub fn len(&self) -> usize {
        self.slot.len()
    }

    /// The rows of a pair, by its place.
    pub fn rows_of(&self, place: usize) -> Range<usize> {
        let end = self
            .pairs
            .get(place + 1)
            .map_or(self.len(), |next| next.start);
        self.pairs[place].start..end
    }

    pub fn pair(&self, exporter: u32, importer: u32) -> Option<usize> {
        self.places.get(&(exporter, importer)).copied()
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

    pub fn row(&self, pair: usize, place: usize) -> Row {
        Row {
            exporter: self.pairs[pair].exporter,
            importer: self.pairs[pair].importer,
            product: self.product[place],
            slot: self.slot[place],
            attributes: self.attributes[place],
            is_leaf: self.is_leaf[place],
            value: self.value[place],
            net_mass: self.net_mass[place],
            quantity: self.quantity[place],
        }
    }

    pub fn rows(&self) -> impl Iterator<Item = Row> {
        (0..self.pairs.len())
            .flat_map(move |pair| self.rows_of(pair).map(move |place| self.row(pair, place)))
    }

    pub fn bytes(&self) -> usize {
        let row = 5 * size_of::<u32>() + size_of::<bool>() + 3 * size_of::<i64>();
        self.len() * row
            + self.pairs.len() * (size_of::<Pair>() + 2 * size_of::<(u32, u32, usize)>())
            + self.product_starts.len() * size_of::<u32>()
    }
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
    let mut breakdowns = super::codes::Interned::default();
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
    let mut pairs: Vec<_> = families
        .keys()
        .filter_map(|family| columns.pair(family.exporter, family.importer))
        .collect();
    pairs.sort_unstable();
    pairs.dedup();
    let rows = pairs.into_iter().flat_map(move |pair| {
        columns
            .rows_of(pair)
            .map(move |place| columns.row(pair, place))
    });
    rows.filter_map(move |row| {
        let family = row.family(codes, facts)?;
        families.contains_key(&family).then_some((family, row))
    })
}
