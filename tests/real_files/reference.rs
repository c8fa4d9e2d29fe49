//! Control lists, concordances and countries as others publish them.
use libtest_mimic::Failed;
use serde_json::json;

use super::absent;
use crate::harness::{App, Backend, Template, ensure, real_data, waybill};

pub async fn reference(backend: Backend) -> Result<(), Failed> {
    let Some(data) = real_data() else {
        return absent();
    };
    let database = backend.database(Template::Empty).await?;
    let run = |arguments: &[&str], file: &str| {
        let file = data.join(file).display().to_string();
        let mut all = vec!["import", arguments[0], &file];
        all.extend(&arguments[1..]);
        waybill(&database.url, &all)?.succeeded()
    };
    run(&["hs", "--edition", "HS2022"], "hs/comtrade-h6.csv")?;
    run(&["hs", "--edition", "HS2017"], "hs/comtrade-h5.csv")?;
    let list = ["list", "--slug", "chpl", "--valid-from", "2024-02-23"];
    for expected in [[50, 50, 0, 0], [50, 0, 50, 0]] {
        let outcome = run(&list, "control-lists/chpl-2024-02-23.csv")?;
        ensure(outcome.report()?, expected)?;
    }
    // 19,865 rows lead to the SITC.
    for expected in [[63_728, 43_863, 0, 0], [63_728, 0, 43_863, 0]] {
        let outcome = run(&["concordance"], "hs/concordance.csv")?;
        ensure(outcome.report()?, expected)?;
        ensure(outcome.stdout.contains("left out:       19865"), true)?;
    }
    for file in [
        "comtrade-codes/reporter.csv",
        "comtrade-codes/partner.csv",
        "countries/country-codes.csv",
    ] {
        let first = run(&["countries"], file)?.report()?;
        let again = run(&["countries"], file)?.report()?;
        ensure([again[0], again[1], again[3]], [first[0], 0, first[3]])?;
    }
    let app = App::over(database).await?;
    let query = "{ productList(slug: \"chpl\") { entries(first: 100, filter: { tier: { eq: \"1\" } }) { totalCount nodes { product { code } } } } }";
    let found = app.data(query, json!({})).await?;
    ensure(&found["productList"]["entries"]["totalCount"], &json!(4))
}
