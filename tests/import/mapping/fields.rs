//! What a mapping says of single fields: each trap of periods, amounts, countries and codes.
use libtest_mimic::Failed;
use serde_json::{Value, json};

use super::{PLAIN, mapping, shown};
use crate::{
    harness::{Backend, ensure},
    import::Bench,
};

pub async fn periods(backend: Backend) -> Result<(), Failed> {
    let bench = Bench::new(&backend).await?;
    let mapping = mapping(
        "period = { column = \"t\", formats = [\"%Y\", \"Y%Y\", \"%Y52\", \"%Y52-%b-%b %Y\", \"%Y%m\", \"%Y%*-%b-%b %Y\", \"%b %Y\", \"%YQ%q\", \"%Y-%m-%d\", \"%d.%m.%Y\", \"%Y-%m-%d %*\"], range = \" to \" }\n\
         reporter = { constant = \"CN\" }\npartner = { constant = \"RU\" }\nflow = { constant = \"EXPORT\" }\n",
    );
    let spelled = [
        ("2022", "2022", "YEAR"),
        ("Y2019", "2019", "YEAR"),
        ("202252", "2022", "YEAR"),
        ("201952-Jan.-Dec. 2019", "2019", "YEAR"),
        ("202408-Jan.-Aug. 2024", "2024-01/2024-08", "RANGE"),
        ("202205", "2022-05", "MONTH"),
        ("Aug. 2024", "2024-08", "MONTH"),
        ("august 2024", "2024-08", "MONTH"),
        ("2023Q1", "2023-01/2023-03", "QUARTER"),
        ("2017-01-31", "2017-01-31", "DAY"),
        ("1.02.2017", "2017-02-01", "DAY"),
        ("2017-01-31 00:00:00", "2017-01-31", "DAY"),
        ("202301 to 202307", "2023-01/2023-07", "RANGE"),
    ];
    let wrong = [
        "202213",
        "2022Q5",
        "2023-02-30",
        "May",
        "1899",
        "201952-Jan.-Dec. 2018",
        "202307 to 202301",
        "",
    ];
    let mut text = "n,t".to_owned();
    for (number, period) in spelled.iter().map(|row| row.0).chain(wrong).enumerate() {
        text.push_str(&format!("\n{number:02},{period}"));
    }
    let outcome = bench.csv(&text, &mapping, &[])?.succeeded()?;
    ensure(outcome.report()?, [21, 13, 0, 8])?;
    let told = "line 15, column t: \"202213\" is not a period, such as 2024 or Y2024 or 202452";
    ensure(outcome.stderr.contains(told), true)?;
    let backwards = "the period ends, 2023-01-31, before it begins, 2023-07-01";
    ensure(outcome.stderr.contains(backwards), true)?;
    let data = bench
        .ask("{ shipments(first: 100) { nodes { key period frequency } } }")
        .await?;
    let nodes = data["shipments"]["nodes"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    for (number, (_, period, frequency)) in spelled.iter().enumerate() {
        let ends = |node: &&Value| {
            let key = node["key"].as_str().unwrap_or_default();
            key.ends_with(&format!(":{number:02}"))
        };
        let node = nodes.iter().find(ends).ok_or("a record is missing")?;
        ensure(
            (&node["period"], &node["frequency"]),
            (&json!(period), &json!(frequency)),
        )?;
    }
    Ok(())
}

pub async fn amounts(backend: Backend) -> Result<(), Failed> {
    let bench = Bench::new(&backend).await?;
    let mapping = mapping(&format!(
        "{PLAIN}value = {{ column = \"v\", scale = \"thousand\", null = [\"0\", \"..\"] }}\n\
         net_mass = {{ column = \"q\", unit = \"t\", null = [\"0\", \"NA\"] }}\n\
         gross_mass = {{ column = \"g\", round = 3 }}\n\
         quantity = {{ column = \"u\", null = \"-1\" }}\nquantity_unit = {{ constant = \"u\" }}\n"
    ));
    let mapping = mapping.replace(
        "[dataset]",
        "[file]\ndelimiter = \";\"\ndecimal = \",\"\ngroup = \".\"\n\n[dataset]",
    );
    let text = "n;t;v;q;g;u\n\
                1;2022;1.234.567,891;0,5;241,58000000000004;12\n\
                2;2022;0,000;NA;2359189,8000000003;-1\n\
                3;2022;..;0;;\n\
                4;2022;9007199254740,993;0,0001;0;7\n\
                5;2022;0,0000001;1;0;7\n\
                6;2022;-1;1;0;7\n\
                7;2022;1,0;x;0;7\n\
                8;2022;99999999999999999,0;1;0;7";
    let outcome = bench.csv(text, &mapping, &[])?.succeeded()?;
    ensure(outcome.report()?, [8, 4, 0, 4])?;
    for told in [
        "line 6, column v: \"0,0000001\" has more than three decimal places; round in its mapping says how many to keep",
        "line 7, column v: \"-1\" is negative",
        "line 8, column q: \"x\" is not a decimal number, such as 1234,567",
        "line 9, column v: \"99999999999999999,0\" is beyond 9223372036854775.807",
    ] {
        if !outcome.stderr.contains(told) {
            return Err(format!("no {told:?} in {}", outcome.stderr).into());
        }
    }
    let found = shown(
        bench,
        "value currency netMass grossMass quantity quantityUnit",
    )
    .await?;
    let expected = [
        json!({ "value": "1234567891", "currency": "USD", "netMass": "500", "grossMass": "241.58", "quantity": "12", "quantityUnit": "u" }),
        json!({ "value": null, "currency": null, "netMass": null, "grossMass": "2359189.8", "quantity": null, "quantityUnit": null }),
        json!({ "value": null, "currency": null, "netMass": null, "grossMass": null, "quantity": null, "quantityUnit": null }),
        json!({ "value": "9007199254740993", "currency": "USD", "netMass": "0.1", "grossMass": "0", "quantity": "7", "quantityUnit": "u" }),
    ];
    ensure(found, expected.to_vec())
}

pub async fn countries(backend: Backend) -> Result<(), Failed> {
    let bench = Bench::new(&backend).await?;
    let mapping = mapping(
        "period = \"t\"\nreporter = { constant = \"156\" }\nflow = { constant = \"EXPORT\" }\n\
         partner = { column = \"p\", codes = [{ \"Россия\" = \"RU\", \"德国\" = \"DEU\", \"Nowhere\" = \"899\" }, \"countries\"] }\n",
    );
    let partners = [
        ("Germany", "2022", "276"),
        ("DEU", "1985", "280"),
        ("deu", "2022", "276"),
        ("SDN", "2005", "736"),
        ("SDN", "2022", "729"),
        ("842", "2022", "840"),
        ("4", "2022", "004"),
        ("Türkiye", "2022", "792"),
        ("TURKEY", "2022", "792"),
        ("Korea (the Republic of)", "2022", "410"),
        ("South Korea", "2022", "410"),
        ("Cote d'Ivoire", "2022", "384"),
        ("Netherlands", "2022", "528"),
        ("Russian Federation (the)", "2022", "643"),
        ("Россия", "2022", "643"),
        ("德国", "2022", "276"),
        ("Nowhere", "2022", "899"),
        ("Taiwan", "2022", "490"),
        ("World", "2022", "000"),
    ];
    let wrong = [
        ("Atlantis", "2022"),
        ("", "2022"),
        ("ZZ", "2022"),
        ("1234", "2022"),
    ];
    let mut text = "n,t,p".to_owned();
    let all = partners.iter().map(|row| (row.0, row.1)).chain(wrong);
    for (number, (partner, year)) in all.enumerate() {
        text.push_str(&format!("\n{number:02},{year},{partner}"));
    }
    let outcome = bench.csv(&text, &mapping, &[])?.succeeded()?;
    ensure(outcome.report()?, [23, 19, 0, 4])?;
    let told = "line 21, column p: \"Atlantis\" is no country or area that is known here";
    ensure(outcome.stderr.contains(told), true)?;
    for node in shown(bench, "key importer { m49 } exporter { alpha2 } reportedBy").await? {
        let key = node["key"].as_str().unwrap_or_default();
        let number: usize = key.rsplit(':').next().unwrap_or_default().parse()?;
        ensure(&node["importer"]["m49"], &json!(partners[number].2))?;
        ensure(&node["exporter"]["alpha2"], &json!("CN"))?;
        ensure(&node["reportedBy"], &json!("EXPORTER"))?;
    }
    Ok(())
}

pub async fn goods(backend: Backend) -> Result<(), Failed> {
    let bench = Bench::new(&backend).await?;
    bench.hs("hscode,description,parent,level\n44,Wood,TOTAL,2\n4401,Fuel wood,44,4\n440111,Logs,4401,6", "2022")?.succeeded()?;
    let mapping = mapping(&format!(
        "{PLAIN}product = {{ column = \"c\", pad = 6, codes = {{ AG2 = \"TOTAL\" }} }}\nproduct_description = \"d\"\n\
         edition = {{ column = \"e\", codes = {{ \"SA 2017\" = \"HS2017\" }} }}\n"
    ));
    let text = "n,t,c,d,e\n\
                1,2020,71080,Invented,SA 2017\n\
                2,2020,071080,Invented,H5\n\
                3,2022,440111,,HS2022\n\
                4,2022,440199,,2022\n\
                5,2022,4401.11,,HS 2022\n\
                6,2022,44011100,,HS2022\n\
                7,2022,AG2,,H4\n\
                8,2022,44X1,,H6\n\
                9,2022,440111,,S3";
    let outcome = bench.csv(text, &mapping, &[])?.succeeded()?;
    ensure(outcome.report()?, [9, 6, 0, 3])?;
    for told in [
        "line 5, column c: HS2022 has no code 440199",
        "line 9, column c: \"44X1\" is not an HS code",
        "line 10, column e: \"S3\" is not an edition of the HS",
    ] {
        ensure(outcome.stderr.contains(told), true)?;
    }
    let found = shown(
        bench,
        "declaredCode product { code description edition { code } }",
    )
    .await?;
    let product = |declared: &str, code: &str, description: Value, edition: &str| json!({ "declaredCode": declared, "product": { "code": code, "description": description, "edition": { "code": edition } } });
    let invented = json!("Invented");
    let expected = vec![
        product("71080", "071080", invented.clone(), "HS2017"),
        product("071080", "071080", invented, "HS2017"),
        product("440111", "440111", json!("Logs"), "HS2022"),
        product("4401.11", "440111", json!("Logs"), "HS2022"),
        product("44011100", "44011100", Value::Null, "HS2022"),
        product("AG2", "TOTAL", Value::Null, "HS2012"),
    ];
    ensure(found, expected)
}
