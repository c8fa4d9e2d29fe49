//! Records for tests, entered through the door like all others.
use entity::{
    claim::Comparator,
    dataset::{self, Grain, Valuation},
    shipment::{self, Flow, ReportedBy},
    value::{Date, Frequency, Status, Timestamp},
};
use libtest_mimic::Failed;
use sea_orm::prelude::{ChronoDate, Uuid};
use waybill::kit::{
    db::Db,
    edit::{Author, Edit},
};

/// Writes rows of a dataset and makes them seen.
pub async fn publish(
    db: &Db,
    dataset: dataset::Model,
    rows: Vec<shipment::Model>,
) -> Result<(), Failed> {
    let mut edit = Edit::begin(db, Author::Command, "test").await?;
    edit.insert::<dataset::Entity>(dataset).await?;
    for rows in rows.chunks(500) {
        edit.insert_batch::<shipment::Entity>(rows.to_vec()).await?;
    }
    edit.commit().await?;
    Ok(())
}

pub fn dataset(slug: &str) -> dataset::Model {
    let now = now();
    dataset::Model {
        id: Uuid::now_v7(),
        slug: slug.to_owned(),
        title: format!("Invented: {slug}"),
        grain: Grain::Statistic,
        currency: Some("USD".to_owned()),
        valuation: Valuation::Unknown,
        publisher_id: None,
        source_id: None,
        licence: None,
        description: None,
        released_on: None,
        status: Status::Published,
        withdrawal_reason: None,
        version: 1,
        created_at: now,
        updated_at: now,
    }
}

/// A record without any figure.
pub fn shipment(dataset: &dataset::Model, key: &str) -> shipment::Model {
    let day = Date(ChronoDate::from_ymd_opt(2023, 1, 1).unwrap_or_default());
    shipment::Model {
        id: Uuid::now_v7(),
        dataset_id: dataset.id,
        key: key.to_owned(),
        reported_by: ReportedBy::Exporter,
        flow: Flow::Export,
        exporter_id: Some(country(156)),
        importer_id: Some(country(643)),
        partner2_id: None,
        origin_id: None,
        dispatch_id: None,
        destination_id: None,
        consignor_id: None,
        consignee_id: None,
        product_id: None,
        product_list_id: None,
        declared_code: None,
        declared_description: None,
        period_start: day,
        period_end: day,
        frequency: Frequency::Day,
        value: None,
        value_comparator: Comparator::Exact,
        currency: None,
        valuation: Valuation::Unknown,
        cif_value: None,
        fob_value: None,
        quantity: None,
        quantity_unit: None,
        quantity_estimated: false,
        alternative_quantity: None,
        alternative_quantity_unit: None,
        alternative_quantity_estimated: false,
        net_mass: None,
        net_mass_estimated: false,
        gross_mass: None,
        gross_mass_estimated: false,
        customs_procedure: None,
        mode_of_transport: None,
        declaration_number: None,
        aggregated: false,
        citation_id: None,
        import_batch_id: None,
        status: Status::Published,
        withdrawal_reason: None,
        version: 1,
        created_at: now(),
        updated_at: now(),
    }
}

/// The id that every database gives to the country with this M49 code.
pub fn country(m49: u128) -> Uuid {
    let digits = u128::from_str_radix(&m49.to_string(), 16).unwrap_or_default();
    Uuid::from_u128(0x636f756e_7472_8000_8000_000000000000 + digits)
}

fn now() -> Timestamp {
    chrono::Utc::now().into()
}
