//! Lists, concordances and countries by file.
use libtest_mimic::{Failed, Trial};
use serde_json::json;

use super::Bench;
use crate::harness::{App, Backend, ensure, trial};

pub fn trials(backend: &Backend) -> Vec<Trial> {
    vec![
        trial(backend, "import::list_versions", list_versions),
        trial(backend, "import::list_mistakes", list_mistakes),
        trial(backend, "import::concordance", concordance),
        trial(backend, "import::countries", countries),
    ]
}

async fn list_versions(backend: Backend) -> Result<(), Failed> {
    let bench = Bench::new(&backend).await?;
    let first = "hs6,tier,tier_label,hs_edition\n854231,1,Circuits,HS2022\n10121,2,Horses,HS2022\n880610,3.A,Aircraft,HS2022\n880610,3.A,Aircraft,HS2022";
    let january = ["--valid-from", "2024-01-01", "--title", "Invented list"];
    ensure(
        bench.list(first, &january)?.succeeded()?.report()?,
        [4, 3, 1, 0],
    )?;
    let again = bench
        .list(first, &["--valid-from", "2024-02-01"])?
        .succeeded()?;
    ensure(again.report()?, [4, 0, 4, 0])?;
    ensure(again.stdout.contains("Nothing was written."), true)?;
    // One is gone, one moves to another tier, one is new.
    let second = "hs6,tier,tier_label,hs_edition\n854231,2,Circuits,HS2022\n010121,2,Horses,HS2022\n852580,1,Cameras,HS2017";
    let march = ["--valid-from", "2024-03-01"];
    let outcome = bench.list(second, &march)?.succeeded()?;
    ensure(outcome.report()?, [3, 2, 1, 0])?;
    ensure(outcome.stdout.contains("ended:              1"), true)?;
    ensure(
        bench.list(second, &march)?.succeeded()?.report()?,
        [3, 0, 3, 0],
    )?;
    // Only the gone one is new: nothing is kept, and yet something ends.
    let third = "hs6,tier,tier_label\n854231,2,Circuits\n010121,2,Horses";
    let april = ["--valid-from", "2024-04-01", "--edition", "H6"];
    ensure(
        bench.list(third, &april)?.succeeded()?.report()?,
        [2, 0, 2, 0],
    )?;
    let query = "{ productList(slug: \"tried\") { title kind version entries(first: 20) { nodes { tier note validFrom validUntil product { code edition { code } } } } } }";
    let data = bench.ask(query).await?;
    let list = &data["productList"];
    ensure(
        &json!([list["title"], list["kind"], list["version"]]),
        &json!(["Invented list", "CONTROL_LIST", 3]),
    )?;
    let mut entries = list["entries"]["nodes"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    entries.sort_by_key(|entry| format!("{}{}", entry["product"]["code"], entry["validFrom"]));
    let entry = |code: &str,
                 edition: &str,
                 tier: &str,
                 note: &str,
                 from: &str,
                 until: Option<&str>| {
        json!({ "tier": tier, "note": note, "validFrom": from, "validUntil": until, "product": { "code": code, "edition": { "code": edition } } })
    };
    let expected = vec![
        entry("010121", "HS2022", "2", "Horses", "2024-01-01", None),
        entry(
            "852580",
            "HS2017",
            "1",
            "Cameras",
            "2024-03-01",
            Some("2024-03-31"),
        ),
        entry(
            "854231",
            "HS2022",
            "1",
            "Circuits",
            "2024-01-01",
            Some("2024-02-29"),
        ),
        entry("854231", "HS2022", "2", "Circuits", "2024-03-01", None),
        entry(
            "880610",
            "HS2022",
            "3.A",
            "Aircraft",
            "2024-01-01",
            Some("2024-02-29"),
        ),
    ];
    ensure(entries, expected)
}

async fn list_mistakes(backend: Backend) -> Result<(), Failed> {
    let bench = Bench::new(&backend).await?;
    bench.hs("hscode,description,parent,level\n85,Machines,TOTAL,2\n8542,Circuits,85,4\n854231,Processors,8542,6", "2022")?.succeeded()?;
    let text = "hs6,tier\n854231,1\n854299,1\n85X,1\n854231,2";
    let january = ["--edition", "HS2022", "--valid-from", "2024-01-01"];
    let outcome = bench.list(text, &january)?.succeeded()?;
    ensure(outcome.report()?, [4, 1, 0, 3])?;
    for told in [
        "line 3, column hs6: HS2022 has no code 854299",
        "line 4, column hs6: \"85X\" is not an HS code",
        "line 5: the product 854231 stands further up in another tier",
    ] {
        ensure(outcome.stderr.contains(told), true)?;
    }
    bench
        .list("hs6,tier\n854231,1", &[])?
        .failed_saying("it has no column hs_edition")?;
    bench
        .list("hs6,tier\n854231,1", &["--edition", "HS2018"])?
        .failed_saying("there is no edition HS2018; HS1992, HS1996")?;
    // Whether the member is gone or only misspelled is not for us to say.
    let february = ["--edition", "HS2022", "--valid-from", "2024-02-01"];
    let misspelled = bench.list("hs6,tier\n85423X,1", &february)?;
    let told = "1 products of the list are not in the file";
    ensure(
        (
            misspelled.status.success(),
            misspelled.stderr.contains(told),
        ),
        (false, true),
    )?;
    let earlier = ["--edition", "HS2022", "--valid-from", "2023-01-01"];
    let outcome = bench.list("hs6,tier\n854231,4", &earlier)?.succeeded()?;
    ensure(
        outcome
            .stderr
            .contains("854231 is in the list since 2024-01-01, which is after 2023-01-01"),
        true,
    )
}

async fn concordance(backend: Backend) -> Result<(), Failed> {
    let bench = Bench::new(&backend).await?;
    // Written backwards: one code of before became two.
    let text = "code.after,code.before,Relationship,adjustment\n\
                10121,10121,1:1,2022 to 2017\n\
                880621,880211,n:1,2022 to 2017\n\
                880622,880211,n:1,2022 to 2017\n\
                30721,30721,1:n,2022 to 2017\n\
                880610,880212,n:n,2017 to 2012\n\
                880610,880212,n:n,2017 to 2012\n\
                710820,I,1:1,1992 to 1988\n\
                7521,7521,1:1,1988 to 1976\n\
                880623,880211,2:1,2022 to 2017\n\
                8806,880211,1:1,2022 to 2017\n\
                880624,880211,1:1,2022 to 2018\n\
                880624,880211,1:1,2017 to 2022";
    let outcome = bench.import("concordance", text, &[])?.succeeded()?;
    ensure(outcome.report()?, [12, 5, 1, 4])?;
    ensure(outcome.stdout.contains("left out:           2"), true)?;
    for told in [
        "line 10, column Relationship: \"2:1\" is none of 1:1, 1:n, n:1 and n:n",
        "line 11, column code.after: \"8806\" is not a code of six digits",
        "line 12, column adjustment: \"2018\" is not an edition of the HS",
        "line 13, column adjustment: HS2022 is not before HS2017",
    ] {
        if !outcome.stderr.contains(told) {
            return Err(format!("no {told:?} in {}", outcome.stderr).into());
        }
    }
    ensure(
        bench
            .import("concordance", text, &[])?
            .succeeded()?
            .report()?,
        [12, 0, 6, 4],
    )?;
    let other = "earlier_edition,earlier_code,later_edition,later_code,relation\nHS2017,880211,H6,880621,1:n\nHS2017,30721,HS2022,30721,n:n";
    ensure(
        bench
            .import("concordance", other, &[])?
            .succeeded()?
            .report()?,
        [2, 1, 1, 0],
    )?;
    let db = waybill::kit::db::Db::open(&bench.database.url).await?;
    let rows = {
        use sea_orm::EntityTrait;
        let products = entity::product::Entity::find().all(&db.read).await?;
        let code = |id| {
            products
                .iter()
                .find(|product| product.id == id)
                .map_or("", |product| product.code.as_str())
                .to_owned()
        };
        let rows = entity::concordance::Entity::find().all(&db.read).await?;
        let mut rows: Vec<_> = rows
            .iter()
            .map(|row| (code(row.earlier_id), code(row.later_id), row.relation))
            .collect();
        rows.sort_by(|one, other| (&one.0, &one.1).cmp(&(&other.0, &other.1)));
        rows
    };
    use entity::concordance::ConcordanceRelation::{ManyToMany, OneToMany, OneToOne};
    let pair =
        |earlier: &str, later: &str, relation| (earlier.to_owned(), later.to_owned(), relation);
    let expected = vec![
        pair("010121", "010121", OneToOne),
        pair("030721", "030721", ManyToMany),
        pair("880211", "880621", OneToMany),
        pair("880211", "880622", OneToMany),
        pair("880212", "880610", ManyToMany),
    ];
    db.close().await?;
    ensure(rows, expected)
}

async fn countries(backend: Backend) -> Result<(), Failed> {
    let bench = Bench::new(&backend).await?;
    let text = "id,country,iso_3,iso_2,note,entry_year,exit_year,group\n\
                156,Another name,CHN,CN,,1900.0,,False\n\
                842,USA,USA,US,,1981.0,,False\n\
                970,\"Invented area, nes\",S99,,,1900.0,,False\n\
                971,Invented union,EIU,,,1967.0,,True\n\
                972,Old Invention (...1999),OIN,OI,,1950.0,1999.0,False\n\
                973,Double,CHN,,,1900.0,,False\n\
                12345,Too long,,,,1900.0,,False\n\
                974,,,,,1900.0,,False";
    let outcome = bench.import("countries", text, &[])?.succeeded()?;
    ensure(outcome.report()?, [8, 3, 2, 3])?;
    let told = "line 7, column iso_3: is the code of China (156), which exists";
    ensure(outcome.stderr.contains(told), true)?;
    ensure(
        bench
            .import("countries", text, &[])?
            .succeeded()?
            .report()?,
        [8, 0, 5, 3],
    )?;
    let other = "M49,ISO3166-1-numeric,official_name_en,ISO3166-1-Alpha-3,ISO3166-1-Alpha-2\n4,4,Afghanistan,AFG,AF\n975,975,New Invention,NIV,NV";
    ensure(
        bench
            .import("countries", other, &[])?
            .succeeded()?
            .report()?,
        [2, 0, 2, 0],
    )?;
    let app = App::over(bench.database).await?;
    let query = "{
        china: country(code: \"156\") { name version }
        added: countries(filter: { m49: { in: [\"970\", \"971\", \"972\"] } }, orderBy: { field: M49 }) {
            nodes { m49 name kind alpha2 alpha3 validFrom validUntil }
        }
    }";
    let data = app.data(query, json!({})).await?;
    let expected = json!({
        "china": { "name": "China", "version": 1 },
        "added": { "nodes": [
            { "m49": "970", "name": "Invented area, nes", "kind": "CUSTOMS_AREA", "alpha2": null, "alpha3": null, "validFrom": null, "validUntil": null },
            { "m49": "971", "name": "Invented union", "kind": "GROUP", "alpha2": null, "alpha3": "EIU", "validFrom": "1967-01-01", "validUntil": null },
            { "m49": "972", "name": "Old Invention (...1999)", "kind": "FORMER_COUNTRY", "alpha2": "OI", "alpha3": "OIN", "validFrom": "1950-01-01", "validUntil": "1999-12-31" },
        ] },
    });
    ensure(data, expected)
}
