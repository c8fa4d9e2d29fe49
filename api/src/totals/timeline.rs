//! Slots in their order: series by series, each in the order of time; and what they have in common.
use std::{collections::HashMap, ops::Range};

use chrono::Datelike;
use sea_orm::prelude::Uuid;

use super::codes::Slot;
use crate::kit::period::Period;

#[derive(Default)]
pub struct Timeline {
    /// The slots, those of a series side by side, in the order of time.
    order: Vec<u32>,
    pub series: Vec<Series>,
    /// Periods with editions, each once.
    pub moments: Vec<Moment>,
    /// By the numbers of the slots.
    places: Vec<Place>,
    /// The first year and the last that there are slots of.
    pub years: (i32, i32),
}

/// The slots of a reporter's flow in a dataset.
pub struct Series {
    /// Any of them: they differ in time and edition alone.
    pub slot: Slot,
    places: Range<usize>,
    /// Whether some of them have days in common.
    pub overlaps: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Moment {
    pub period: Period,
    pub edition: Option<Uuid>,
}

/// Where a slot belongs: the numbers of its series and its moment.
#[derive(Clone, Copy, Default)]
pub struct Place {
    pub series: u32,
    pub moment: u32,
}

impl Timeline {
    pub fn of(slots: &[Slot]) -> Self {
        let mut timeline = Self {
            order: in_order(slots),
            places: vec![Place::default(); slots.len()],
            years: (i32::MAX, i32::MIN),
            ..Self::default()
        };
        let mut moments: HashMap<Moment, u32> = HashMap::new();
        let mut last = None;
        for (at, number) in timeline.order.iter().enumerate() {
            let slot = slots[*number as usize];
            let Slot {
                period, edition, ..
            } = slot;
            let goes_on = timeline
                .series
                .last_mut()
                .filter(|series| series.slot.series() == slot.series());
            match goes_on {
                Some(series) => {
                    series.overlaps |= last.is_some_and(|end| period.start <= end);
                    series.places.end = at + 1;
                    last = last.max(Some(period.end));
                }
                None => {
                    timeline.series.push(Series {
                        slot,
                        places: at..at + 1,
                        overlaps: false,
                    });
                    last = Some(period.end);
                }
            }
            let next = timeline.moments.len();
            let moment = Moment { period, edition };
            let moment = *moments.entry(moment).or_insert_with(|| {
                timeline.moments.push(moment);
                number_of(next)
            });
            timeline.places[*number as usize] = Place {
                series: number_of(timeline.series.len() - 1),
                moment,
            };
            let (first, last) = timeline.years;
            timeline.years = (
                first.min(period.start.0.year()),
                last.max(period.end.0.year()),
            );
        }
        timeline
    }

    /// How many slots it knows.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    pub fn place(&self, slot: u32) -> Place {
        self.places[slot as usize]
    }

    /// The slots of a series, in the order of time.
    pub fn slots_of(&self, series: &Series) -> &[u32] {
        &self.order[series.places.clone()]
    }

    /// The series and the moments of some slots, each once.
    pub fn told_by(
        &self,
        slots: impl Iterator<Item = u32>,
    ) -> (
        impl Iterator<Item = &Series>,
        impl Iterator<Item = Moment> + Clone,
    ) {
        let mut series = vec![false; self.series.len()];
        let mut moments = vec![false; self.moments.len()];
        for slot in slots {
            let place = self.place(slot);
            series[place.series as usize] = true;
            moments[place.moment as usize] = true;
        }
        let is_told = |told: Vec<bool>| told.into_iter().enumerate().filter(|(_, is)| *is);
        (
            is_told(series).map(|(number, _)| &self.series[number]),
            is_told(moments).map(|(number, _)| self.moments[number]),
        )
    }

    pub fn bytes(&self) -> usize {
        self.order.len() * (size_of::<u32>() + size_of::<Place>())
            + self.series.len() * size_of::<Series>()
            + self.moments.len() * size_of::<Moment>()
    }
}

/// The numbers of the slots, those of a series side by side, in the order of time.
pub fn in_order(slots: &[Slot]) -> Vec<u32> {
    let mut order: Vec<u32> = (0u32..).take(slots.len()).collect();
    order.sort_unstable_by_key(|number| {
        let slot = &slots[*number as usize];
        (slot.series(), slot.period, slot.edition)
    });
    order
}

fn number_of(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
