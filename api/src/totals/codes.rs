//! Small numbers for what is the same in many records.
use std::{collections::HashMap, hash::Hash};

use entity::{
    dataset::Valuation,
    shipment::{Flow, ModeOfTransport, ReportedBy},
};
use sea_orm::prelude::Uuid;

use super::timeline::in_order;
use crate::kit::period::Period;

/// The number of nothing.
pub const NOTHING: u32 = 0;

/// Values by their numbers, and the other way round.
#[derive(Clone)]
pub struct Interned<T> {
    numbers: HashMap<T, u32>,
    all: Vec<T>,
}

impl<T> Default for Interned<T> {
    fn default() -> Self {
        Self {
            numbers: HashMap::new(),
            all: Vec::new(),
        }
    }
}

impl<T: Clone + Eq + Hash> Interned<T> {
    pub fn number(&mut self, value: &T) -> u32 {
        if let Some(number) = self.numbers.get(value) {
            return *number;
        }
        let number = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        self.numbers.insert(value.clone(), number);
        self.all.push(value.clone());
        number
    }

    /// With other numbers: the first of the order is number 0.
    fn renumbered(&self, order: &[u32]) -> Self {
        let mut renumbered = Self::default();
        for number in order {
            renumbered.number(&self.all[*number as usize]);
        }
        renumbered
    }

    pub fn find(&self, value: &T) -> Option<u32> {
        self.numbers.get(value).copied()
    }

    pub fn all(&self) -> &[T] {
        &self.all
    }
}

/// Where in its dataset a record stands: reporter, time and edition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Slot {
    pub dataset: Uuid,
    pub reported_by: ReportedBy,
    pub flow: Flow,
    /// None when neither side reported it, or who did is not known.
    pub reporter: Option<Uuid>,
    pub edition: Option<Uuid>,
    pub period: Period,
}

impl Slot {
    /// What is told of the same trade at different times: time must not count twice in it.
    pub fn series(&self) -> (Uuid, u8, u8, Option<Uuid>) {
        (
            self.dataset,
            self.reported_by as u8,
            self.flow as u8,
            self.reporter,
        )
    }
}

/// All else that is alike in many records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Attributes {
    pub mode: Option<ModeOfTransport>,
    pub origin: Option<Uuid>,
    pub dispatch: Option<Uuid>,
    pub second_partner: Option<Uuid>,
    /// Numbers of texts.
    pub procedure: u32,
    pub currency: u32,
    pub unit: u32,
    pub valuation: Valuation,
    pub is_estimated: bool,
    pub is_inexact: bool,
}

impl Attributes {
    /// By what a statistic's record is broken down.
    pub fn breakdown(&self) -> (Option<ModeOfTransport>, Option<Uuid>, u32) {
        (self.mode, self.second_partner, self.procedure)
    }

    pub fn detail(&self) -> Detail {
        Detail {
            currency: self.currency,
            unit: self.unit,
            valuation: self.valuation,
            is_estimated: self.is_estimated,
            is_inexact: self.is_inexact,
        }
    }
}

/// What sums are kept apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Detail {
    pub currency: u32,
    pub unit: u32,
    pub valuation: Valuation,
    pub is_estimated: bool,
    pub is_inexact: bool,
}

#[derive(Clone)]
pub struct Codes {
    /// Countries and products.
    pub ids: Interned<Uuid>,
    pub texts: Interned<Box<str>>,
    pub slots: Interned<Slot>,
    pub attributes: Interned<Attributes>,
    pub details: Interned<Detail>,
}

impl Default for Codes {
    fn default() -> Self {
        let (mut ids, mut texts) = (Interned::default(), Interned::<Box<str>>::default());
        ids.number(&Uuid::nil());
        texts.number(&"".into());
        Self {
            ids,
            texts,
            slots: Interned::default(),
            attributes: Interned::default(),
            details: Interned::default(),
        }
    }
}

impl Codes {
    pub fn id(&mut self, id: Option<Uuid>) -> u32 {
        id.map_or(NOTHING, |id| self.ids.number(&id))
    }

    pub fn text(&mut self, text: Option<&str>) -> u32 {
        // A search by reference would save the box; texts are few, and met again at once.
        text.map_or(NOTHING, |text| self.texts.number(&text.into()))
    }

    /// Numbers the slots in their order; answers with the new number of each.
    pub fn put_slots_in_order(&mut self) -> Vec<u32> {
        let order = in_order(self.slots.all());
        self.slots = self.slots.renumbered(&order);
        let mut numbers = vec![0; order.len()];
        for (new, old) in (0u32..).zip(order) {
            numbers[old as usize] = new;
        }
        numbers
    }

    pub fn attributes(&mut self, attributes: &Attributes) -> u32 {
        self.details.number(&attributes.detail());
        self.attributes.number(attributes)
    }

    pub fn bytes(&self) -> usize {
        self.ids.all().len() * 2 * size_of::<(Uuid, u32)>()
            + self.slots.all().len() * 2 * size_of::<(Slot, u32)>()
            + self.attributes.all().len() * 2 * size_of::<(Attributes, u32)>()
    }
}
