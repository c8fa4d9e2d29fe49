//! The schema's history: each step once, never edited after it landed.
pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::prelude::*;

mod areas;
mod dialect;
mod m20261123_000001_reference;
mod m20261123_000002_evidence;
mod m20261123_000003_shipment;
mod m20261123_000004_claim;
mod m20261123_000005_writing;
mod m20261123_000006_countries;
mod m20261123_000007_sessions;
mod m20261123_000008_curating;
mod m20261128_000009_mappings;
mod m20261128_000010_uploads;
mod m20261128_000011_search;
mod m20261129_000013_change_direction;

pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261123_000001_reference::Migration),
            Box::new(m20261123_000002_evidence::Migration),
            Box::new(m20261123_000003_shipment::Migration),
            Box::new(m20261123_000004_claim::Migration),
            Box::new(m20261123_000005_writing::Migration),
            Box::new(m20261123_000006_countries::Migration),
            Box::new(m20261123_000007_sessions::Migration),
            Box::new(m20261123_000008_curating::Migration),
            Box::new(m20261128_000009_mappings::Migration),
            Box::new(m20261128_000010_uploads::Migration),
            Box::new(m20261128_000011_search::Migration),
            Box::new(m20261129_000013_change_direction::Migration),
        ]
    }
}
