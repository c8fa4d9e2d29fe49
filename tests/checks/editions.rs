//! Goods that are named in one edition of the HS, where records are in another.
use libtest_mimic::Failed;
use serde_json::{Value, json};

use super::{Goods, goods, months};
use crate::harness::{App, Backend, Template, dataset, ensure, publish};

/// Drones in an edition that has a code for them, and in one that has them among cameras.
async fn published(backend: &Backend) -> Result<App, Failed> {
    let app = App::start(backend, Template::Empty).await?;
    let Goods {
        drones, cameras, ..
    } = goods(&app).await?;
    for (slug, product) in [("new", drones), ("old", cameras)] {
        let set = dataset(slug);
        let rows = months(&set, product, 2023, 1..=6, 20);
        publish(&app.db, set, rows).await?;
    }
    Ok(app)
}

const TOTALS: &str = "query ($filter: TradeTotalsFilter) { tradeTotals(
    grain: STATISTIC, perspective: EXPORTER, groupBy: [SUBHEADING], filter: $filter
) { rows { code value recordCount } warnings { code count } } }";

/// What a list comes to where the records are of an older edition, which has other goods as well.
pub async fn lists(backend: Backend) -> Result<(), Failed> {
    let app = published(&backend).await?;
    for (slug, code, warnings) in [
        ("new", "880621", json!([])),
        (
            "old",
            "852580",
            json!([{ "code": "SCOPE_WIDER", "count": 1 }]),
        ),
    ] {
        let filter = json!({
            "dataset": { "slug": { "eq": slug } }, "productList": { "slug": "drones" },
            "during": "2023-01/2023-06",
        });
        let found = app.data(TOTALS, json!({ "filter": filter })).await?;
        let expected = json!({
            "rows": [{ "code": code, "value": "120", "recordCount": 6 }],
            "warnings": warnings,
        });
        ensure(&found["tradeTotals"], &expected)?;
    }
    Ok(())
}

/// A filter means the codes of its own edition, and says where records are in another.
pub async fn filters(backend: Backend) -> Result<(), Failed> {
    let app = published(&backend).await?;
    let of = async |slug: &str, product: Value| -> Result<Value, Failed> {
        let filter = json!({ "dataset": { "slug": { "eq": slug } }, "product": product });
        let mut found = app.data(TOTALS, json!({ "filter": filter })).await?;
        Ok(found["tradeTotals"].take())
    };
    let drones = json!({ "code": { "eq": "880621" }, "edition": { "code": { "eq": "HS2022" } } });
    let six = |code: &str| json!([{ "code": code, "value": "120", "recordCount": 6 }]);
    let counted = json!({ "rows": six("880621"), "warnings": [] });
    ensure(of("new", drones.clone()).await?, counted)?;
    let warning = json!([{ "code": "PRODUCTS_NOT_IN_EDITION", "count": 1 }]);
    let nothing = json!({ "rows": [], "warnings": warning });
    ensure(of("old", drones).await?, nothing)?;
    // In the edition there is something, though nothing of it was reported.
    let others = json!({ "code": { "eq": "690912" } });
    let nothing = json!({ "rows": [], "warnings": [] });
    ensure(of("new", others).await?, nothing)?;
    let cameras = json!({ "code": { "eq": "852580" } });
    let counted = json!({ "rows": six("852580"), "warnings": [] });
    ensure(of("old", cameras).await?, counted)
}

/// Two sides may report in two editions: what is compared is the goods.
pub async fn mirrored(backend: Backend) -> Result<(), Failed> {
    let app = published(&backend).await?;
    let query = "query ($product: ProductFilter) { mirrorComparison(
        exporter: \"CHN\", importer: \"RUS\", during: \"2023\", product: $product
    ) { pairs { exporterReport { dataset { slug } } total { exporter { state value } notes } } } }";
    let of = async |product: Value| -> Result<Value, Failed> {
        let found = app.data(query, json!({ "product": product })).await?;
        let pairs = found["mirrorComparison"]["pairs"].as_array().cloned();
        let pairs = pairs.unwrap_or_default().into_iter().map(|pair| {
            let (side, notes) = (&pair["total"]["exporter"], &pair["total"]["notes"]);
            let of_goods = notes.as_array().into_iter().flatten();
            let of_goods =
                of_goods.filter(|note| note.as_str().is_some_and(|note| note.starts_with("SCOPE")));
            let of_goods: Vec<_> = of_goods.collect();
            let slug = &pair["exporterReport"]["dataset"]["slug"];
            json!([slug, side["state"], side["value"], of_goods])
        });
        let mut pairs: Vec<_> = pairs.collect();
        pairs.sort_by_key(|pair| pair[0].to_string());
        Ok(json!(pairs))
    };
    let drones = json!({ "code": { "eq": "880621" }, "edition": { "code": { "eq": "HS2022" } } });
    let expected = json!([
        ["new", "REPORTED", "120", []],
        ["old", "REPORTED", "120", ["SCOPE_WIDER"]],
    ]);
    ensure(of(drones).await?, expected)?;
    // In the older edition there is no code for it.
    let others = json!({ "code": { "in": ["690912", "880621"] }, "edition": { "code": { "eq": "HS2022" } } });
    let expected = json!([
        ["new", "REPORTED", "120", []],
        ["old", "REPORTED", "120", ["SCOPE_LOST", "SCOPE_WIDER"]],
    ]);
    ensure(of(others).await?, expected)
}
