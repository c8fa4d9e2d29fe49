//! The real nomenclature and concordance, where they are at hand, against a naive reading of them.
use std::collections::{BTreeMap, BTreeSet, HashMap};

use entity::{
    concordance::{self, ConcordanceRelation::ManyToMany},
    edition, product,
};
use libtest_mimic::Failed;
use sea_orm::{EntityTrait, prelude::Uuid};
use serde_json::{Value, json};
use waybill::kit::edit::{Author, Edit};

use crate::harness::{self, App, Backend, Template, ensure, waybill};

/// Headings of the real nomenclature, against a naive reading of the real concordance.
pub async fn real_codes(backend: Backend) -> Result<(), Failed> {
    let Some(data) = harness::real_data() else {
        harness::say("concordance::real_codes: ../shared/data is absent, nothing compared");
        return Ok(());
    };
    let database = backend.database(Template::Empty).await?;
    for (file, edition) in [
        ("harmonized-system.csv", "HS2022"),
        ("comtrade-h5.csv", "HS2017"),
    ] {
        let file = data.join("hs").join(file).display().to_string();
        let import = ["import", "hs", &file, "--edition", edition];
        waybill(&database.url, &import)?.succeeded()?;
    }
    let app = App::over(database).await?;
    // Codes that lost their zeros: after, before, relation, editions.
    let text = std::fs::read_to_string(data.join("hs/concordance.csv"))?;
    let rows = text
        .lines()
        .filter_map(|line| line.strip_suffix(",2022 to 2017"));
    let pairs = rows.filter_map(|row| {
        let mut fields = row.split(',');
        let mut code = || Some(format!("{:0>6}", fields.next()?));
        Some((code()?, code()?))
    });
    let pairs: BTreeSet<(String, String)> = pairs.collect();
    let products = product::Entity::find().all(&app.db.read).await?;
    let editions = edition::Entity::find().all(&app.db.read).await?;
    let coded = |name: &str| -> HashMap<&str, Uuid> {
        let edition = editions.iter().find(|edition| edition.code == name);
        let own = products
            .iter()
            .filter(|row| Some(row.edition_id) == edition.map(|edition| edition.id));
        own.map(|row| (row.code.as_str(), row.id)).collect()
    };
    let (later, earlier) = (coded("HS2022"), coded("HS2017"));
    let known: Vec<_> = pairs
        .iter()
        .filter(|(after, before)| {
            later.contains_key(after.as_str()) && earlier.contains_key(before.as_str())
        })
        .collect();
    ensure(known.len() > 15_000, true)?;
    let rows = known.iter().map(|(after, before)| concordance::Model {
        id: Uuid::now_v7(),
        earlier_id: earlier[before.as_str()],
        later_id: later[after.as_str()],
        relation: ManyToMany,
    });
    let rows: Vec<_> = rows.collect();
    let mut edit = Edit::begin(&app.db, Author::Command, "test").await?;
    for rows in rows.chunks(1_000) {
        edit.insert_batch::<concordance::Entity>(rows.to_vec())
            .await?;
    }
    edit.commit().await?;

    let mut compared = 0;
    let headings = later.keys().filter(|code| {
        code.len() == 4
            && ["27", "69", "85", "88", "90"]
                .iter()
                .any(|chapter| code.starts_with(chapter))
    });
    for heading in headings {
        let asked = |after: &str| after.starts_with(heading);
        let sources = known.iter().filter(|(after, _)| asked(after));
        let sources: BTreeSet<&str> = sources.map(|(_, before)| before.as_str()).collect();
        let expected: BTreeMap<&str, bool> = sources
            .into_iter()
            .map(|code| {
                let mut became = known.iter().filter(|(_, before)| before == code);
                (code, became.all(|(after, _)| asked(after)))
            })
            .collect();
        let query = format!(
            "query ($after: String) {{ product(code: \"{heading}\") {{ inEdition(edition: \"HS2017\") {{
                products(first: 200, afterCode: $after) {{ product {{ code }} exactness }} }} }} }}"
        );
        let mut found: Vec<Value> = Vec::new();
        loop {
            let after = found.last().map(|last| last["product"]["code"].clone());
            let mut data = app.data(&query, json!({ "after": after })).await?;
            let page = data["product"]["inEdition"]["products"].take();
            match page.as_array() {
                Some(page) if !page.is_empty() => found.extend(page.iter().cloned()),
                _ => break,
            }
        }
        let mut told: BTreeMap<&str, bool> = BTreeMap::new();
        for found in &found {
            let code = found["product"]["code"].as_str().ok_or("no code")?;
            if found["exactness"] == "ASSUMED" {
                continue;
            }
            // A heading stands for all that is below it.
            let below = earlier
                .keys()
                .filter(|other| other.len() == 6 && other.starts_with(code));
            told.extend(below.map(|code| (*code, found["exactness"] == "EXACT")));
        }
        ensure(&told, &expected).map_err(|error| format!("{heading}: {error:?}"))?;
        compared += told.len();
    }
    ensure(compared > 500, true)
}
