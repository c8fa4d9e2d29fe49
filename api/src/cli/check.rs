//! `waybill check`: what is kept in memory against the tables that it is made from.
use clap::Args;

use super::{Failure, Store, say};
use crate::totals::{Checked, Totals};

#[derive(Args)]
pub struct Check {
    #[command(flatten)]
    store: Store,
}

impl Check {
    pub async fn run(self) -> Result<(), Failure> {
        let db = self.store.open().await?;
        let checked = Totals::new(&db).check().await;
        db.close().await?;
        let Checked {
            revision,
            records,
            groups,
            differences,
        } = checked
            .map_err(|error| Failure::new(format!("totals cannot be checked: {error:?}")))?;
        if differences.is_empty() {
            say(format_args!(
                "Totals as of revision {revision}: {records} published shipments in {groups} groups, \
                 each with the same counts and sums in memory and by a full scan."
            ));
            return Ok(());
        }
        for difference in &differences {
            say(difference);
        }
        Err(Failure::new(format!(
            "totals differ from a full scan as of revision {revision}: {} groups are shown above",
            differences.len()
        )))
    }
}
