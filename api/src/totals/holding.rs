//! What datasets hold, whoever asks for which total of it: counted as it is kept, not by a scan.
use std::collections::BTreeSet;

use async_graphql::Context;
use entity::shipment::{Flow, ReportedBy};
use sea_orm::prelude::Uuid;

use super::{Asked, Totals, codes::Slot, plan::Plan, projection::Projection, timeline::Series};
use crate::kit::{error::Result, period::Period};

/// The records of one reporter's flow in one period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holding {
    /// None when neither side reported them, or who did is not known.
    pub reporter: Option<Uuid>,
    pub reported_by: ReportedBy,
    pub flow: Flow,
    pub period: Period,
    pub edition: Option<Uuid>,
    pub records: u64,
}

impl Projection {
    fn holdings(&self, dataset: Uuid) -> Vec<Holding> {
        let slots = self.codes.slots.all().iter().zip(&self.live);
        let own = slots.filter(|(slot, live)| slot.dataset == dataset && **live > 0);
        let holdings = own.map(|(slot, live)| Holding {
            reporter: slot.reporter,
            reported_by: slot.reported_by,
            flow: slot.flow,
            period: slot.period,
            edition: slot.edition,
            records: live.unsigned_abs(),
        });
        holdings.collect()
    }

    fn editions(&self, asked: &Asked) -> Result<BTreeSet<Uuid>> {
        let plan = Plan::new(asked, self)?;
        let own = self.may_count(&plan);
        Ok(own.filter_map(|slot| slot.edition).collect())
    }

    fn series_that_may_count<'p>(&'p self, plan: &'p Plan<'_>) -> impl Iterator<Item = &'p Series> {
        let series = self.timeline.series.iter();
        series
            .filter(|series| plan.takes_dataset(&series.slot) && plan.takes_reporter(&series.slot))
    }

    /// Where the records stand that may count, all else being right.
    fn may_count<'p>(&'p self, plan: &'p Plan<'_>) -> impl Iterator<Item = &'p Slot> {
        let slots = self.codes.slots.all();
        let own = self
            .series_that_may_count(plan)
            .flat_map(|series| self.timeline.slots_of(series))
            .filter(|number| self.live[**number as usize] > 0)
            .map(|number| &slots[*number as usize]);
        own.filter(|slot| plan.takes_slot(slot))
    }

    /// Editions of records that may count, whose time the same reporter tells in none of the
    /// editions of the products that were found.
    pub fn unmatched(&self, plan: &Plan<'_>) -> Vec<Uuid> {
        let Some(products) = plan.asked.products.as_ref() else {
            return Vec::new();
        };
        if !plan.asked.are_literal {
            return Vec::new();
        }
        let found = products.iter().filter_map(|id| self.facts.product(*id));
        let found: BTreeSet<Uuid> = found.map(|product| product.edition).collect();
        let is_found = |slot: &Slot| slot.edition.is_some_and(|id| found.contains(&id));
        let mut editions = BTreeSet::new();
        for series in self.series_that_may_count(plan) {
            let slots = || {
                let numbers = self.timeline.slots_of(series).iter();
                let live = numbers.filter(|number| self.live[**number as usize] > 0);
                live.map(|number| &self.codes.slots.all()[*number as usize])
            };
            // Most are in an edition that was found, which is seen before anything else is asked.
            let others = slots().filter(|slot| !is_found(slot) && plan.takes_slot(slot));
            editions.extend(others.filter_map(|other| {
                let mut told = slots().filter(|slot| is_found(slot) && plan.takes_slot(slot));
                let is_told = told.any(|slot| slot.period.overlaps(other.period));
                other.edition.filter(|_| !is_told)
            }));
        }
        editions.into_iter().collect()
    }
}

/// The published records of a dataset, as of the last revision, in no order.
pub async fn holdings(ctx: &Context<'_>, dataset: Uuid) -> Result<Vec<Holding>> {
    let projection = ctx.data_unchecked::<Totals>().0.get().await?;
    Ok(projection.holdings(dataset))
}

/// The editions of the HS in which the records are that may count, whatever their products.
pub async fn editions(ctx: &Context<'_>, asked: &Asked) -> Result<BTreeSet<Uuid>> {
    let projection = ctx.data_unchecked::<Totals>().0.get().await?;
    projection.editions(asked)
}
