//! What an answer warns of when its records do not go together.
use entity::{
    dataset::Valuation,
    product,
    shipment::{self, Flow, ReportedBy},
    value::Decimal,
};
use libtest_mimic::Failed;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use crate::harness::{App, Backend, Template, dataset, ensure, publish, shipment};

const ASK: &str = r#"query ($slugs: [String!]!) {
    tradeTotals(grain: STATISTIC, perspective: IMPORTER, filter: { dataset: { slug: { in: $slugs } } }, groupBy: [DATASET]) {
        total { value valuation }
        warnings { code count message }
    }
}"#;

/// Imports of the same day: one dataset values them with freight and without, another with freight
/// alone.
pub async fn mixed(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Filled).await?;
    let goods = product::Entity::find().filter(product::Column::Code.eq("440111"));
    let goods = goods.one(&app.db.read).await?.ok_or("no product")?;
    for (slug, valuations) in [
        (
            "both",
            &[Valuation::Cif, Valuation::Fob, Valuation::Unknown][..],
        ),
        ("freight", &[Valuation::Cif]),
    ] {
        let dataset = dataset(slug);
        let rows = valuations.iter().map(|valuation| shipment::Model {
            reported_by: ReportedBy::Importer,
            flow: Flow::Import,
            product_id: Some(goods.id),
            value: Some(Decimal::from_thousandths(1_000)),
            currency: Some("USD".to_owned()),
            valuation: *valuation,
            ..shipment(&dataset, &format!("{valuation:?}"))
        });
        let rows = rows.collect();
        publish(&app.db, dataset, rows).await?;
    }
    let of = async |slugs: &[&str]| -> Result<Value, Failed> {
        let answer = app.data(ASK, json!({ "slugs": slugs })).await?;
        Ok(answer["tradeTotals"].clone())
    };
    let mixed = json!({
        "code": "MIXED_VALUATIONS",
        "count": 3,
        "message": "values with freight and without were added up: CIF 1, FOB 1, not stated 1",
    });
    ensure(
        of(&["both"]).await?,
        json!({ "total": { "value": "3", "valuation": null }, "warnings": [mixed] }),
    )?;
    ensure(
        of(&["freight"]).await?,
        json!({ "total": { "value": "1", "valuation": "CIF" }, "warnings": [] }),
    )?;
    let both = of(&["both", "freight"]).await?;
    let warnings = both["warnings"].as_array().cloned().unwrap_or_default();
    let codes: Vec<_> = warnings.iter().map(|warning| &warning["code"]).collect();
    ensure(
        codes,
        vec![&json!("MIXED_VALUATIONS"), &json!("OVERLAPPING_DATASETS")],
    )?;
    ensure(&warnings[1]["count"], &json!(2))
}
