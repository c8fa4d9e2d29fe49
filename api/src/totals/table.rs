//! Rows in columns: for each a number or an amount, side by side with those of the next.
use super::{
    column::{Column, Measure},
    columns::Block,
    row::{Row, UNKNOWN},
};

pub struct Table {
    len: usize,
    /// How far each row's slot is from its block's first; or the slot itself, of rows that were
    /// gathered.
    pub slot: Column,
    pub product: Column,
    pub attributes: Column,
    /// None when all are.
    pub is_leaf: Option<Vec<bool>>,
    pub value: Measure,
    pub net_mass: Measure,
    pub quantity: Measure,
    /// Rows before which a sum has to be put aside: from one to the next none outgrows 64 bits.
    pub seams: Vec<usize>,
}

impl Table {
    pub fn of(rows: &[Row], first_slot: impl Fn(&Row) -> u32) -> Self {
        let all_leaves = rows.iter().all(|row| row.is_leaf);
        let amounts = |row: &Row| [row.value, row.net_mass, row.quantity];
        Self {
            len: rows.len(),
            slot: Column::of(rows.iter().map(|row| row.slot - first_slot(row))),
            product: Column::of(rows.iter().map(|row| row.product)),
            attributes: Column::of(rows.iter().map(|row| row.attributes)),
            is_leaf: (!all_leaves).then(|| rows.iter().map(|row| row.is_leaf).collect()),
            value: Measure::of(rows.iter().map(|row| row.value)),
            net_mass: Measure::of(rows.iter().map(|row| row.net_mass)),
            quantity: Measure::of(rows.iter().map(|row| row.quantity)),
            seams: seams(rows.iter().map(amounts)),
        }
    }

    /// Rows that stand here and there, each with the first slot of its block. A column at a time:
    /// memory answers for many rows at once, where one row after the other waits for each.
    pub fn gathered(&self, rows: &[usize], first_slots: &[u32]) -> Self {
        let slots = rows.iter().zip(first_slots);
        let slots: Vec<u32> = slots
            .map(|(row, first)| first + self.slot.at(*row))
            .collect();
        let leaves = |leaves: &Vec<bool>| rows.iter().map(|row| leaves[*row]).collect();
        let mut gathered = Self {
            len: rows.len(),
            slot: Column::Words(slots),
            product: self.product.gathered(rows),
            attributes: self.attributes.gathered(rows),
            is_leaf: self.is_leaf.as_ref().map(leaves),
            value: self.value.gathered(rows),
            net_mass: self.net_mass.gathered(rows),
            quantity: self.quantity.gathered(rows),
            seams: Vec::new(),
        };
        let measures = [&gathered.value, &gathered.net_mass, &gathered.quantity];
        gathered.seams = seams((0..rows.len()).map(|row| measures.map(|amount| amount.at(row))));
        gathered
    }

    pub fn len(&self) -> usize {
        self.len
    }

    pub fn row(&self, block: &Block, place: usize) -> Row {
        Row {
            exporter: block.exporter,
            importer: block.importer,
            product: self.product.at(place),
            slot: block.first_slot + self.slot.at(place),
            attributes: self.attributes.at(place),
            is_leaf: self.is_leaf.as_ref().is_none_or(|leaves| leaves[place]),
            value: self.value.at(place),
            net_mass: self.net_mass.at(place),
            quantity: self.quantity.at(place),
        }
    }

    pub fn bytes(&self) -> usize {
        let numbers = [&self.slot, &self.product, &self.attributes];
        let measures = [&self.value, &self.net_mass, &self.quantity];
        numbers.map(Column::bytes).iter().sum::<usize>()
            + measures.map(Measure::bytes).iter().sum::<usize>()
            + self.is_leaf.as_ref().map_or(0, Vec::len)
    }
}

/// Where sums of any of the rows, whichever are taken, might outgrow 64 bits.
fn seams(rows: impl Iterator<Item = [i64; 3]>) -> Vec<usize> {
    let (mut seams, mut room) = (Vec::new(), [i64::MAX as u64; 3]);
    for (place, amounts) in rows.enumerate() {
        let sizes = amounts.map(|amount| match amount {
            UNKNOWN => 0,
            amount => amount.unsigned_abs(),
        });
        if room.iter().zip(sizes).any(|(room, size)| *room < size) {
            seams.push(place);
            room = [i64::MAX as u64; 3];
        }
        for (room, size) in room.iter_mut().zip(sizes) {
            *room -= size;
        }
    }
    seams
}
