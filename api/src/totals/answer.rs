//! From tallies to an answer: groups, sums, and for which time there are records.
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use entity::dataset::Valuation;
use sea_orm::prelude::Uuid;

use super::{
    asked::{Answer, Asked, Coverage, Figures, Group, Key, Priced, Sum},
    codes::{Detail, NOTHING, Slot},
    place::{self, LeftOut},
    plan::Plan,
    projection::Projection,
    scan::{Amount, Tallies, Tally, scan},
};
use crate::kit::{
    error::{Error, Result},
    period::Period,
};

/// Groups of one answer at the very most.
const MOST_GROUPS: usize = 200_000;

impl Projection {
    /// Adds up what is asked.
    pub fn answer(&self, asked: &Asked) -> Result<Answer> {
        let mut plan = Plan::new(asked, self)?;
        let mut tallies = scan(&mut plan, &[]);
        let left_out = place::left_out(&plan, &tallies);
        if !left_out.slots.is_empty() {
            tallies = scan(&mut plan, &left_out.slots);
        }
        tallies.groups.retain(|(_, tally)| tally.records > 0);
        if tallies.groups.len() > MOST_GROUPS {
            return Err(Error::bad_input(format!(
                "that makes {} groups, and at most {MOST_GROUPS} are reckoned at once: narrow the \
                 filter, or group by fewer dimensions",
                tallies.groups.len()
            )));
        }
        let seen = place::seen(self, &tallies);
        Ok(self.told(&plan, &tallies, &seen, &left_out))
    }

    fn told(&self, plan: &Plan<'_>, tallies: &Tallies, seen: &[u32], left_out: &LeftOut) -> Answer {
        let mut groups: HashMap<Vec<Key>, Figures> = HashMap::new();
        let mut total = Figures::default();
        for (bits, tally) in &tallies.groups {
            let (keys, detail) = plan.meaning(*bits);
            let detail = self.codes.details.all()[detail as usize];
            let figures = self.figures(&detail, tally);
            total.merge(&figures);
            groups.entry(keys).or_default().merge(&figures);
        }
        let slots = self.codes.slots.all();
        let seen: Vec<_> = seen.iter().map(|number| slots[*number as usize]).collect();
        let datasets: BTreeSet<Uuid> = seen.iter().map(|slot| slot.dataset).collect();
        let editions: BTreeSet<Uuid> = seen.iter().filter_map(|slot| slot.edition).collect();
        let overlapping = match datasets.len() {
            0 | 1 => Vec::new(),
            _ => overlapping(seen.iter().map(|slot| {
                let trade = (slot.reporter, slot.reported_by as u8, slot.flow as u8);
                (trade, slot.period, slot.dataset)
            })),
        };
        let groups = groups.into_iter();
        Answer {
            groups: groups
                .map(|(keys, figures)| Group { keys, figures })
                .collect(),
            total,
            coverage: self.coverage(plan, seen.iter().map(|slot| slot.period)),
            datasets: datasets.into_iter().collect(),
            overlapping,
            editions: editions.into_iter().collect(),
            unmatched: self.unmatched(plan),
            left_out: left_out
                .slots
                .iter()
                .map(|number| slots[*number as usize])
                .collect(),
            covered: left_out.covered,
            superseded: left_out.superseded,
        }
    }

    fn figures(&self, detail: &Detail, tally: &Tally) -> Figures {
        let text = |number: u32| self.codes.texts.all()[number as usize].to_string();
        let mut figures = Figures {
            records: tally.records.unsigned_abs(),
            net_mass: tally.net_mass.into(),
            ..Figures::default()
        };
        let value = Sum::from(tally.value);
        if detail.is_inexact {
            figures.inexact = value.records;
        } else if value.records > 0 && detail.currency != NOTHING {
            figures.values.push((text(detail.currency), value));
            figures.valuations[place_of(detail.valuation)] = value.records;
        }
        if tally.quantity.records > 0 && detail.unit != NOTHING {
            let quantity = tally.quantity.into();
            figures.quantities.push((text(detail.unit), quantity));
        }
        let is_priced = detail.currency != NOTHING && detail.unit != NOTHING && !detail.is_inexact;
        if is_priced && tally.records > 0 {
            figures.priced.push(Priced {
                currency: text(detail.currency),
                unit: text(detail.unit),
                value: tally.value.sum,
                quantity: tally.quantity.sum,
            });
        }
        if detail.is_estimated {
            figures.estimated = figures.records;
        }
        figures
    }

    fn coverage(&self, plan: &Plan<'_>, counted: impl Iterator<Item = Period>) -> Coverage {
        let asked = plan.asked.period;
        let within = |month: &entity::value::Date| {
            asked.is_none_or(|asked| asked.months().any(|own| own == *month))
        };
        let periods: BTreeSet<Period> = counted.collect();
        let months_counted: BTreeSet<_> =
            periods.iter().flat_map(|period| period.months()).collect();
        let slots = self.codes.slots.all().iter().zip(&self.live);
        let reported: BTreeSet<Period> = slots
            .filter(|(slot, live)| {
                **live > 0
                    && asked.is_none_or(|asked| asked.holds(slot.period))
                    && plan.takes_dataset(slot)
                    && plan.takes_reporter(slot)
            })
            .map(|(slot, _)| slot.period)
            .collect();
        let months_reported: BTreeSet<_> =
            reported.iter().flat_map(|period| period.months()).collect();
        Coverage {
            months_asked: asked
                .map(|asked| u32::try_from(asked.months().count()).unwrap_or(u32::MAX)),
            months_reported: months_reported.into_iter().filter(within).collect(),
            months_counted: months_counted.into_iter().filter(within).collect(),
            periods: periods.into_iter().collect(),
        }
    }
}

impl Projection {
    /// Editions of records that may count, whose time the same reporter tells in none of the
    /// editions of the products that were found.
    fn unmatched(&self, plan: &Plan<'_>) -> Vec<Uuid> {
        let Some(products) = plan.asked.products.as_ref() else {
            return Vec::new();
        };
        if !plan.asked.are_literal {
            return Vec::new();
        }
        let found = products.iter().filter_map(|id| self.facts.product(*id));
        let found: HashSet<Uuid> = found.map(|product| product.edition).collect();
        let slots = self.codes.slots.all().iter().zip(&self.live);
        let may_count = slots.filter(|(slot, live)| {
            **live > 0 && plan.takes_slot(slot) && plan.takes_reporter(slot)
        });
        let is_found = |slot: &&Slot| slot.edition.is_some_and(|id| found.contains(&id));
        let (told, others): (Vec<&Slot>, Vec<_>) =
            may_count.map(|(slot, _)| slot).partition(is_found);
        let mut times: HashMap<_, Vec<Period>> = HashMap::new();
        for slot in told {
            times.entry(slot.series()).or_default().push(slot.period);
        }
        let is_told = |slot: &&Slot| {
            let times = times.get(&slot.series());
            times.is_some_and(|times| times.iter().any(|time| time.overlaps(slot.period)))
        };
        let others = others.into_iter().filter(|slot| !is_told(slot));
        let editions: BTreeSet<Uuid> = others.filter_map(|slot| slot.edition).collect();
        editions.into_iter().collect()
    }
}

/// Datasets that tell of the same trade at the same time as another.
fn overlapping<T: Ord>(slots: impl Iterator<Item = (T, Period, Uuid)>) -> Vec<Uuid> {
    let mut trades: BTreeMap<T, BTreeMap<Period, BTreeSet<Uuid>>> = BTreeMap::new();
    for (trade, period, dataset) in slots {
        let periods = trades.entry(trade).or_default();
        periods.entry(period).or_default().insert(dataset);
    }
    let mut found = BTreeSet::new();
    for periods in trades.values() {
        // By datasets: until when they were seen so far, in the order of their beginnings.
        let mut until: BTreeMap<Uuid, entity::value::Date> = BTreeMap::new();
        for (period, datasets) in periods {
            for dataset in datasets {
                let others = until
                    .iter()
                    .filter(|(other, end)| **other != *dataset && **end >= period.start);
                let others: Vec<Uuid> = others.map(|(other, _)| *other).collect();
                if !others.is_empty() {
                    found.insert(*dataset);
                    found.extend(others);
                }
                let end = until.entry(*dataset).or_insert(period.end);
                *end = (*end).max(period.end);
            }
        }
    }
    found.into_iter().collect()
}

fn place_of(valuation: Valuation) -> usize {
    match valuation {
        Valuation::Cif => 0,
        Valuation::Fob => 1,
        Valuation::Unknown => 2,
    }
}

impl From<Amount> for Sum {
    fn from(amount: Amount) -> Self {
        Self {
            thousandths: amount.sum,
            records: amount.records.unsigned_abs(),
        }
    }
}

impl Figures {
    /// Adds the figures of other records.
    pub fn merge(&mut self, other: &Self) {
        self.records += other.records;
        self.net_mass.add(other.net_mass);
        for (own, other) in [
            (&mut self.values, &other.values),
            (&mut self.quantities, &other.quantities),
        ] {
            for (name, sum) in other {
                match own.iter_mut().find(|(known, _)| known == name) {
                    Some((_, own)) => own.add(*sum),
                    None => own.push((name.clone(), *sum)),
                }
            }
            own.sort_by(|(one, _), (other, _)| one.cmp(other));
        }
        for other in &other.priced {
            let alike =
                |own: &&mut Priced| (&own.currency, &own.unit) == (&other.currency, &other.unit);
            match self.priced.iter_mut().find(alike) {
                Some(own) => {
                    own.value += other.value;
                    own.quantity += other.quantity;
                }
                None => self.priced.push(other.clone()),
            }
        }
        for (own, other) in self.valuations.iter_mut().zip(other.valuations) {
            *own += other;
        }
        self.estimated += other.estimated;
        self.inexact += other.inexact;
    }
}
