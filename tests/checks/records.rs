//! The records of a check: those that were counted, and no others, page by page.
use entity::{
    claim::{self, Comparator},
    dataset, edition,
    product::{self, ProductLevel},
    shipment::{self, Flow, ReportedBy},
    value::{Frequency, Status},
};
use libtest_mimic::Failed;
use sea_orm::{EntityTrait, prelude::Uuid};
use serde_json::{Value, json};

use super::{Goods, amount, checked, day, goods, monthly, months, stated};
use crate::harness::{App, Backend, Desk, Template, country, dataset, ensure, publish};

const FIELDS: &str = "perspective recordCount records(first: 3) { totalCount nodes { key } pageInfo { hasNextPage endCursor } }
    changes { basis baseRecordCount baseRecords { totalCount } }";

pub async fn records(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let goods = goods(&app).await?;
    let heading = heading(&app).await?;
    let set = dataset("traps");
    let rows = traps(&set, &goods, heading)?;
    publish(&app.db, set, rows).await?;
    let figure = stated(Comparator::Exact, 120)?;
    let change = claim::Model {
        change_percent: amount(10),
        ..figure.clone()
    };
    let from_anywhere = claim::Model {
        exporter_id: None,
        ..figure.clone()
    };
    let mut desk = Desk::open(&app).await?;
    desk.figure("Drones", change, Some(goods.list)).await?;
    desk.figure("From anywhere", from_anywhere, Some(goods.list))
        .await?;
    let wide = desk.figure("A heading", figure, None).await?;
    desk.about_product(wide, heading).await?;
    desk.close().await?;

    // Months of the first quarter are covered by its own record; the finest row of May counts.
    let drones = ["april", "may", "quarter"];
    let found = keys(&app, "Drones", 1).await?;
    ensure(&found, &json!(drones))?;
    let check = &checked(&app, "Drones", &[], FIELDS).await?[0];
    for (place, of) in ["SAME_MONTHS_YEAR_BEFORE", "FULL_YEAR_BEFORE"]
        .iter()
        .enumerate()
    {
        let change = &check["changes"][place];
        ensure(&change["basis"], &json!([of]))?;
        ensure(
            &change["baseRecords"]["totalCount"],
            &change["baseRecordCount"],
        )?;
    }
    ensure(&check["changes"][1]["baseRecordCount"], &json!(12))?;
    // The World would hold them once more.
    let found = keys(&app, "From anywhere", 2).await?;
    ensure(&found, &json!(["april", "elsewhere", "may", "quarter"]))?;
    // The heading of June holds goods that no finer row has, the one of May does not.
    let found = keys(&app, "A heading", 3).await?;
    ensure(&found, &json!(["april", "june-heading", "may", "quarter"]))
}

/// What was counted, of all pages, in the order of the keys; as many as are said to be.
async fn keys(app: &App, claim: &str, page: usize) -> Result<Value, Failed> {
    let fields = |after: &str| {
        format!(
            "perspective recordCount records(first: {page}, orderBy: [{{ field: KEY }}]{after}) {{
                totalCount nodes {{ key }} pageInfo {{ hasNextPage endCursor }} }}"
        )
    };
    let (mut keys, mut after) = (Vec::new(), String::new());
    loop {
        let found = checked(app, claim, &["traps"], &fields(&after)).await?;
        let check = found
            .as_array()
            .into_iter()
            .flatten()
            .find(|check| check["perspective"] == "EXPORTER")
            .ok_or("no check of the exporter's side")?;
        let records = &check["records"];
        ensure(&records["totalCount"], &check["recordCount"])?;
        let nodes = records["nodes"].as_array().into_iter().flatten();
        keys.extend(nodes.map(|node| node["key"].clone()));
        if records["pageInfo"]["hasNextPage"] != true {
            ensure(json!(keys.len()), check["recordCount"].clone())?;
            return Ok(json!(keys));
        }
        after = format!(", after: {}", records["pageInfo"]["endCursor"]);
    }
}

async fn heading(app: &App) -> Result<Uuid, Failed> {
    let editions = edition::Entity::find().all(&app.db.read).await?;
    let edition = editions.iter().find(|edition| edition.code == "HS2022");
    let mut desk = Desk::open(app).await?;
    let row = product::Model {
        id: Uuid::now_v7(),
        edition_id: edition.ok_or("no edition")?.id,
        code: "8806".to_owned(),
        level: ProductLevel::Heading,
        status: Status::Published,
        version: 1,
        ..product::Model::default()
    };
    let id = desk.edit.insert::<product::Entity>(row).await?.id;
    desk.close().await?;
    Ok(id)
}

/// Three records of drones that count, and one of each sort that does not.
fn traps(
    set: &dataset::Model,
    goods: &Goods,
    heading: Uuid,
) -> Result<Vec<shipment::Model>, Failed> {
    let keyed = |key: &str, month: u32| shipment::Model {
        key: key.to_owned(),
        ..monthly(set, goods.drones, 2023, month, 10)
    };
    let quarter = shipment::Model {
        period_end: day("2023-03-31")?,
        frequency: Frequency::Quarter,
        ..keyed("quarter", 1)
    };
    let counted = [quarter, keyed("april", 4), keyed("may", 5)];
    let covered = [1, 2, 3].map(|month| keyed(&format!("covered-{month}"), month));
    let headings = [("june-heading", 6), ("may-heading", 5)];
    let headings = headings.map(|(key, month)| shipment::Model {
        product_id: Some(heading),
        ..keyed(key, month)
    });
    // Of the same month in an edition that is older.
    let older = shipment::Model {
        product_id: Some(goods.cameras),
        ..keyed("older", 4)
    };
    let others = [
        shipment::Model {
            customs_procedure: Some("C01".to_owned()),
            ..keyed("broken-down", 4)
        },
        shipment::Model {
            flow: Flow::ReExport,
            ..keyed("re-export", 4)
        },
        shipment::Model {
            reported_by: ReportedBy::Importer,
            flow: Flow::Import,
            ..keyed("mirror", 4)
        },
        shipment::Model {
            status: Status::Draft,
            ..keyed("draft", 4)
        },
        shipment::Model {
            product_id: Some(goods.others),
            ..keyed("other-goods", 4)
        },
        shipment::Model {
            exporter_id: Some(country(0)),
            ..keyed("world", 4)
        },
        shipment::Model {
            exporter_id: Some(country(276)),
            ..keyed("elsewhere", 4)
        },
        keyed("july", 7),
    ];
    let before = months(set, goods.drones, 2022, 1..=12, 10);
    let rows = counted.into_iter().chain(covered).chain(headings);
    Ok(rows.chain([older]).chain(others).chain(before).collect())
}
