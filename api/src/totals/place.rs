//! Time counts once: of official statistics that overlap, one is taken.
use std::collections::BTreeMap;

use entity::dataset::Grain;
use sea_orm::prelude::Uuid;

use super::{codes::Slot, plan::Plan, tally::Tallies};
use crate::kit::period::Period;

/// Slots whose records are told by others as well.
#[derive(Default)]
pub struct LeftOut {
    pub slots: Vec<u32>,
    /// Records in them that a longer period covers.
    pub covered: u64,
    /// Records in them whose period is there in a later edition.
    pub superseded: u64,
}

/// Of each series, the longest periods are taken first, of one period the latest edition; what
/// overlaps a period that was taken is left out.
pub fn left_out(plan: &Plan<'_>, tallies: &Tallies) -> LeftOut {
    let mut left_out = LeftOut::default();
    // Each declaration is of goods of its own.
    if plan.asked.grain == Grain::Consignment {
        return left_out;
    }
    let projection = plan.projection;
    let slots = projection.codes.slots.all();
    let timeline = &projection.timeline;
    for series in timeline.series.iter().filter(|series| series.overlaps) {
        let counted = |number: &&u32| tallies.slots[**number as usize] > 0;
        let series = timeline.slots_of(series).iter().filter(counted);
        let latest = |slot: &Slot| {
            slot.edition
                .and_then(|id| projection.facts.editions.get(&id))
        };
        let mut series: Vec<_> = series
            .map(|number| (*number, slots[*number as usize]))
            .collect();
        series.sort_by(|(_, one), (_, other)| {
            let length = other.period.days().cmp(&one.period.days());
            length
                .then_with(|| latest(other).cmp(&latest(one)))
                .then_with(|| one.period.cmp(&other.period))
        });
        let mut taken: BTreeMap<_, (Period, Option<Uuid>)> = BTreeMap::new();
        for (number, slot) in series {
            let before = taken.range(..=slot.period.end).next_back();
            let other = before.map(|(_, taken)| *taken);
            match other.filter(|(period, _)| period.overlaps(slot.period)) {
                None => {
                    taken.insert(slot.period.start, (slot.period, slot.edition));
                }
                Some((period, edition)) if period == slot.period && edition == slot.edition => {}
                Some((period, _)) => {
                    let records = tallies.slots[number as usize].unsigned_abs();
                    left_out.slots.push(number);
                    match period == slot.period {
                        true => left_out.superseded += records,
                        false => left_out.covered += records,
                    }
                }
            }
        }
    }
    left_out
}
