//! Nomenclatures of the HS.
use libtest_mimic::{Failed, Trial};
use serde_json::json;

use super::{Bench, csv};
use crate::harness::{Backend, ensure, trial};

pub fn trials(backend: &Backend) -> Vec<Trial> {
    vec![
        trial(backend, "import::hs_forms_complete_each_other", hs_forms),
        trial(
            backend,
            "import::hs_after_records_adopts_their_products",
            hs_after,
        ),
        trial(backend, "import::hs_quirks", hs_quirks),
    ]
}

async fn hs_forms(backend: Backend) -> Result<(), Failed> {
    let bench = Bench::new(&backend).await?;
    let ours = "section,hscode,description,parent,level\nTOTAL,TOTAL,All,TOTAL,5\nIX,44,Wood,TOTAL,2\nIX,4401,Fuel wood,44,4";
    let theirs = "id,text,parent,isLeaf,aggrlevel,standardUnitAbbr\nTOTAL,All,#,0,0,n/a\n44,44 - Wood,TOTAL,0,2,n/a\n4401,4401 - Fuel wood,44,0,4,kg";
    ensure(
        bench.hs(ours, "HS2022")?.succeeded()?.report()?,
        [3, 3, 0, 0],
    )?;
    ensure(bench.hs(theirs, "H6")?.succeeded()?.report()?, [3, 1, 2, 0])?;
    ensure(bench.hs(ours, "2022")?.succeeded()?.report()?, [3, 0, 3, 0])?;
    let data = bench.ask("{ product(code: \"4401\") { description section unit parent { code parent { code parent { code } } } } }").await?;
    let expected = json!({
        "description": "Fuel wood", "section": "IX", "unit": "kg",
        "parent": { "code": "44", "parent": { "code": "TOTAL", "parent": null } },
    });
    ensure(&data["product"], &expected)
}

async fn hs_after(backend: Backend) -> Result<(), Failed> {
    let bench = Bench::new(&backend).await?;
    bench.comtrade(csv(&[&[]]), &[])?.succeeded()?;
    // The children first: parents are found when all are there.
    let nomenclature = "hscode,description,parent,level\n440111,Logs,4401,6\n4401,Fuel wood,44,4\n44,Wood,TOTAL,2\nTOTAL,All,TOTAL,0";
    ensure(
        bench.hs(nomenclature, "HS2022")?.succeeded()?.report()?,
        [4, 4, 0, 0],
    )?;
    let query = "{ shipments { nodes { product { description parent { code parent { code parent { code } } } } } } }";
    let data = bench.ask(query).await?;
    let expected = json!([{ "product": { "description": "Logs", "parent": { "code": "4401", "parent": { "code": "44", "parent": { "code": "TOTAL" } } } } }]);
    ensure(&data["shipments"]["nodes"], &expected)
}

async fn hs_quirks(backend: Backend) -> Result<(), Failed> {
    let bench = Bench::new(&backend).await?;
    let text = "\u{feff}hscode,description,parent,level\n1,Animals,TOTAL,2\n101,\"Horses,\nalive\",1,4\n10121,Breeding,101,6\n10121,Breeding,101,6\n10121,Other,101,6\n0102,,01,4\n01AB,x,01,4\n0103,Swine,01,6";
    let outcome = bench.hs(text, "HS2022")?.succeeded()?;
    ensure(outcome.report()?, [8, 3, 1, 4])?;
    ensure(
        outcome.stderr.contains("line 9, column hscode: \"01AB\""),
        true,
    )?;
    let wrong = "id,text,parent,isLeaf,aggrlevel\nTOTAL,Total - All H5 commodities,#,0,0";
    bench
        .hs(wrong, "HS2022")?
        .failed_saying("the file is of H5, and --edition says HS2022")?;
    let data = bench
        .ask("{ products(orderBy: { field: CODE }) { nodes { code description } } }")
        .await?;
    let expected = json!([
        { "code": "01", "description": "Animals" },
        { "code": "0101", "description": "Horses,\nalive" },
        { "code": "010121", "description": "Breeding" },
    ]);
    ensure(&data["products"]["nodes"], &expected)
}
