//! From tallies to an answer: groups, sums, and for which time there are records.
use std::collections::{BTreeMap, BTreeSet, HashMap};

use entity::dataset::Valuation;
use sea_orm::prelude::Uuid;

use super::{
    asked::{Answer, Coverage, Figures, Group, Key, Priced, Sum},
    codes::{Detail, NOTHING},
    place::{self, LeftOut},
    plan::Plan,
    projection::Projection,
    scan::scan,
    tally::{Amount, Tallies, Tally},
};
use crate::kit::{
    error::{Error, Result},
    period::Period,
};

/// Groups of one answer at the very most.
const MOST_GROUPS: usize = 200_000;

impl Projection {
    /// Adds up what is asked.
    pub fn answer(&self, mut plan: Plan<'_>) -> Result<Answer> {
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
        Ok(self.told(&plan, &tallies, &left_out))
    }

    fn told(&self, plan: &Plan<'_>, tallies: &Tallies, left_out: &LeftOut) -> Answer {
        let mut groups: HashMap<Vec<Key>, Figures> = HashMap::new();
        let mut total = Figures::default();
        for (bits, tally) in &tallies.groups {
            let (keys, detail) = plan.meaning(*bits);
            let detail = self.codes.details.all()[detail as usize];
            let figures = self.figures(&detail, tally);
            total.merge(&figures);
            groups.entry(keys).or_default().merge(&figures);
        }
        let seen: Vec<u32> = tallies.counted().collect();
        let (series, moments) = self.timeline.told_by(seen.iter().copied());
        let datasets: BTreeSet<Uuid> = series.map(|series| series.slot.dataset).collect();
        let editions: BTreeSet<Uuid> = moments
            .clone()
            .filter_map(|moment| moment.edition)
            .collect();
        let overlapping = match datasets.len() {
            0 | 1 => Vec::new(),
            _ => overlapping(seen.iter().map(|number| {
                let slot = &self.codes.slots.all()[*number as usize];
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
            coverage: self.coverage(plan, moments.map(|moment| moment.period)),
            datasets: datasets.into_iter().collect(),
            overlapping,
            editions: editions.into_iter().collect(),
            unmatched: self.unmatched(plan),
            left_out: left_out
                .slots
                .iter()
                .map(|number| self.codes.slots.all()[*number as usize])
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
        let bounds = asked.and_then(|asked| Some((asked.months().next()?, asked.end)));
        let within = |month: &entity::value::Date| {
            bounds.is_none_or(|(first, last)| first <= *month && *month <= last)
        };
        let periods: BTreeSet<Period> = counted.collect();
        let months_counted: BTreeSet<_> =
            periods.iter().flat_map(|period| period.months()).collect();
        let reported: BTreeSet<Period> = self
            .moments_that_may_count(plan)
            .iter()
            .map(|number| self.timeline.moments[number as usize].period)
            .filter(|own| asked.is_none_or(|asked| asked.holds(*own)))
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
