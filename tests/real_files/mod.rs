//! Real files by others, where they are at hand: each imports, twice changes nothing, and the
//! figures are those of the file.
use libtest_mimic::{Failed, Trial};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;
use waybill::kit::db::Db;

use crate::harness::{self, App, Backend, Template, trial, waybill};

mod consignments;
mod monthly;
mod reference;

pub fn trials(backend: &Backend) -> Vec<Trial> {
    vec![
        trial(backend, "real_files::hs", hs),
        trial(backend, "real_files::comtrade", comtrade),
        trial(
            backend,
            "real_files::declarations",
            consignments::declarations,
        ),
        trial(backend, "real_files::monthly", monthly::to_russia),
        trial(backend, "real_files::reference", reference::reference),
    ]
}

fn absent() -> Result<(), Failed> {
    harness::say("real_files: ../shared/data is absent, nothing imported");
    Ok(())
}

/// Rows of texts, as SQL of the test's own answers them.
async fn answers(db: &Db, sql: &str) -> Result<Vec<Vec<String>>, Failed> {
    let statement = Statement::from_string(db.read.get_database_backend(), sql);
    let rows = db.read.query_all_raw(statement).await?;
    let texts = rows.iter().map(|row| {
        let columns = 0..row.column_names().len();
        columns.map(|column| row.try_get_by_index(column)).collect()
    });
    Ok(texts.collect::<Result<_, sea_orm::DbErr>>()?)
}

async fn hs(backend: Backend) -> Result<(), Failed> {
    let Some(data) = harness::real_data() else {
        return absent();
    };
    let database = backend.database(Template::Empty).await?;
    let files = [
        ("harmonized-system.csv", "HS2022", 6940),
        ("comtrade-h5.csv", "HS2017", 6709),
    ];
    for (name, edition, rows) in files {
        let file = data.join("hs").join(name).display().to_string();
        let import = || {
            waybill(
                &database.url,
                &["import", "hs", &file, "--edition", edition],
            )?
            .succeeded()?
            .report()
        };
        for expected in [[rows, rows, 0, 0], [rows, 0, rows, 0]] {
            let report = import()?;
            if report != expected {
                return Err(format!("{name}: {report:?}, not {expected:?}").into());
            }
        }
    }
    Ok(())
}

async fn comtrade(backend: Backend) -> Result<(), Failed> {
    let Some(data) = harness::real_data() else {
        return absent();
    };
    let database = backend.database(Template::Empty).await?;
    let files = [
        ("eu27_wood_imports_world_2018-2022.csv", 5004),
        ("h0_1990.csv", 2),
        ("h5_2020.csv", 4),
        ("bulk_h0_2000_100rows.csv", 100),
        ("china-imports-total-2010.json", 4),
    ];
    for (name, rows) in files {
        let file = data.join("comtrade").join(name).display().to_string();
        for expected in [[rows, rows, 0, 0], [rows, 0, rows, 0]] {
            let arguments = ["import", "comtrade", &file, "--dataset", "real"];
            let report = waybill(&database.url, &arguments)?.succeeded()?.report()?;
            if report != expected {
                return Err(format!("{name}: {report:?}, not {expected:?}").into());
            }
        }
    }
    let app = App::over(database).await?;
    let query = "{
        shipments { totalCount }
        top: shipments(first: 1, filter: { flow: { eq: IMPORT }, exporter: { m49: { eq: \"000\" } }, value: { isNull: false } }, orderBy: { field: VALUE, direction: DESC }) {
            nodes { value importer { alpha3 } product { code edition { code } } }
        }
        germany: shipments(filter: { importer: { m49: { eq: \"280\" } } }) { nodes { value valuation period product { code level } } }
        unknown: shipments(filter: { netMass: { isNull: true }, product: { code: { startsWith: \"44\" } } }) { totalCount }
    }";
    let found = app.data(query, json!({})).await?;
    let expected = json!({
        "shipments": { "totalCount": 5114 },
        "top": { "nodes": [{ "value": "16296865315.381", "importer": { "alpha3": "DEU" }, "product": { "code": "48", "edition": { "code": "HS2022" } } }] },
        "germany": { "nodes": [{ "value": "115151008", "valuation": "CIF", "period": "1990", "product": { "code": "0306", "level": "HEADING" } }] },
        "unknown": found["unknown"],
    });
    if found != expected {
        return Err(format!("{found}, not {expected}").into());
    }
    Ok(())
}
