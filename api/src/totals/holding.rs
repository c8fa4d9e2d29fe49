//! What datasets hold, whoever asks for which total of it: counted as it is kept, not by a scan.
use std::collections::BTreeSet;

use async_graphql::Context;
use entity::shipment::{Flow, ReportedBy};
use sea_orm::prelude::Uuid;

use super::{Asked, Totals, plan::Plan, projection::Projection};
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
        let slots = self.codes.slots.all();
        let series = self.timeline.series.iter();
        let own = series
            .filter(|series| plan.takes_dataset(&series.slot) && plan.takes_reporter(&series.slot))
            .flat_map(|series| self.timeline.slots_of(series))
            .filter(|number| self.live[**number as usize] > 0)
            .map(|number| &slots[*number as usize]);
        Ok(own
            .filter(|slot| plan.takes_slot(slot))
            .filter_map(|slot| slot.edition)
            .collect())
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
