//! What datasets hold, whoever asks for which total of it: counted as it is kept, not by a scan.
use std::collections::BTreeSet;

use async_graphql::Context;
use entity::shipment::{Flow, ReportedBy};
use sea_orm::prelude::Uuid;

use super::{
    Asked, live::Moments, plan::Plan, projection::Projection, projection_of, timeline::Moment,
};
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
        let slots = self.codes.slots.all().iter().zip(self.live.rows());
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
        let moments = self.moments_that_may_count(&plan);
        let moments = moments.iter().map(|number| self.moment(number));
        let own = moments.filter(|moment| plan.takes_period(moment.period));
        Ok(own.filter_map(|moment| moment.edition).collect())
    }

    fn moment(&self, number: u32) -> Moment {
        self.timeline.moments[number as usize]
    }

    /// When each series has records that may count, all but the time being right.
    fn series_that_may_count<'p>(
        &'p self,
        plan: &'p Plan<'_>,
    ) -> impl Iterator<Item = &'p Moments> {
        let series = self.timeline.series.iter().enumerate();
        let own = series.filter(|(_, series)| {
            plan.takes_dataset(&series.slot) && plan.takes_reporter(&series.slot)
        });
        own.map(|(number, _)| self.live.moments(number))
    }

    /// When there are records that may count, all but the time being right.
    pub fn moments_that_may_count(&self, plan: &Plan<'_>) -> Moments {
        let mut moments = Moments::default();
        for own in self.series_that_may_count(plan) {
            moments.add(own);
        }
        moments
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
        let products = products.iter().filter_map(|id| self.facts.product(*id));
        let found: BTreeSet<Uuid> = products.map(|product| product.edition).collect();
        let numbered = (0u32..).zip(&self.timeline.moments);
        let wanted = numbered.filter(|(_, moment)| plan.takes_period(moment.period));
        let (told, others): (Vec<_>, Vec<_>) = wanted.partition(|(_, moment)| {
            let edition = moment.edition;
            edition.is_some_and(|edition| found.contains(&edition))
        });
        let moments = |of: &[(u32, &Moment)]| of.iter().map(|(number, _)| *number).collect();
        let (told, others): (Moments, Moments) = (moments(&told), moments(&others));
        let mut editions = BTreeSet::new();
        for own in self.series_that_may_count(plan) {
            for other in own.and(&others).iter().map(|number| self.moment(number)) {
                let told = own.and(&told);
                let mut told = told.iter().map(|number| self.moment(number));
                if !told.any(|moment| moment.period.overlaps(other.period)) {
                    editions.extend(other.edition);
                }
            }
        }
        editions.into_iter().collect()
    }
}

/// The published records of a dataset, as of the last revision, in no order.
pub async fn holdings(ctx: &Context<'_>, dataset: Uuid) -> Result<Vec<Holding>> {
    let projection = projection_of(ctx).await?;
    Ok(projection.holdings(dataset))
}

/// The editions of the HS in which the records are that may count, whatever their products.
pub async fn editions(ctx: &Context<'_>, asked: &Asked) -> Result<BTreeSet<Uuid>> {
    let projection = projection_of(ctx).await?;
    projection.editions(asked)
}
