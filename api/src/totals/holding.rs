//! What datasets hold, whoever asks for which total of it: counted as it is kept, not by a scan.
use async_graphql::Context;
use entity::shipment::{Flow, ReportedBy};
use sea_orm::prelude::Uuid;

use super::{Totals, projection::Projection};
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
}

/// The published records of a dataset, as of the last revision, in no order.
pub async fn holdings(ctx: &Context<'_>, dataset: Uuid) -> Result<Vec<Holding>> {
    let projection = ctx.data_unchecked::<Totals>().0.get().await?;
    Ok(projection.holdings(dataset))
}
