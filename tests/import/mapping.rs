//! Any file by a mapping: each trap of such files, and each mistake in a mapping.
use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};

use super::Bench;
use crate::harness::{Backend, ensure, trial, waybill};

pub fn trials(backend: &Backend) -> Vec<Trial> {
    vec![
        trial(backend, "import::mapping_periods", periods),
        trial(backend, "import::mapping_amounts", amounts),
        trial(backend, "import::mapping_countries", countries),
        trial(backend, "import::mapping_goods", goods),
        trial(backend, "import::mapping_rows", rows),
        trial(backend, "import::mapping_parties", parties),
        trial(backend, "import::mapping_mistakes", mistakes),
        trial(backend, "import::mapping_files", files),
        trial(backend, "import::mappings_shipped", shipped),
        trial(backend, "import::mapping_comext", comext),
        trial(backend, "import::mapping_baci_and_wits", baci_and_wits),
        trial(backend, "import::mapping_declarations", declarations),
    ]
}

/// A mapping of statistics that China reports, with these lines besides.
fn mapping(fields: &str) -> String {
    format!(
        "title = \"Invented\"\n\n[dataset]\ntitle = \"Invented: {{slug}}\"\ngrain = \"STATISTIC\"\ncurrency = \"USD\"\n\n\
         [record]\nkey = [\"period\", \"reporter\", \"flow\", \"partner\", {{ column = \"n\" }}]\n{fields}"
    )
}

const PLAIN: &str = "period = \"t\"\nreporter = { constant = \"CN\" }\npartner = { constant = \"RUS\" }\nflow = { constant = \"EXPORT\" }\n";

/// What a query shows of each record, in the order of the keys.
async fn shown(bench: Bench, fields: &str) -> Result<Vec<Value>, Failed> {
    let query = format!(
        "{{ shipments(first: 100, orderBy: {{ field: KEY }}) {{ nodes {{ {fields} }} }} }}"
    );
    let data = bench.ask(&query).await?;
    Ok(data["shipments"]["nodes"]
        .as_array()
        .cloned()
        .unwrap_or_default())
}

async fn periods(backend: Backend) -> Result<(), Failed> {
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

async fn amounts(backend: Backend) -> Result<(), Failed> {
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

async fn countries(backend: Backend) -> Result<(), Failed> {
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

async fn goods(backend: Backend) -> Result<(), Failed> {
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

async fn rows(backend: Backend) -> Result<(), Failed> {
    let bench = Bench::new(&backend).await?;
    let mapping = mapping(PLAIN).replace(
        "[dataset]",
        "[rows.keep]\nlevel = [6]\n[rows.leave_out]\np = [\"World\", \"EU27\"]\n[rows.expect]\ntype = [\"C\", \"\"]\n\n[dataset]",
    );
    let text = "n,t,level,p,type\n1,2022,6,Russia,C\n2,2022,2,Russia,C\n3,2022,6,World,C\n4,2022,6,Russia,S\n5,2022,4,Russia,S\n6,2022,6,Russia,";
    let outcome = bench.csv(text, &mapping, &[])?.succeeded()?;
    ensure(outcome.report()?, [6, 2, 0, 1])?;
    ensure(outcome.stdout.contains("left out:           3"), true)?;
    let told = "line 5, column type: is \"S\", and only rows with \"C\" or \"\" are taken";
    ensure(outcome.stderr.contains(told), true)?;
    let again = bench.csv(text, &mapping, &[])?.succeeded()?;
    ensure(again.report()?, [6, 0, 2, 1])?;
    let app = crate::harness::App::over(bench.database).await?;
    let token = app.as_curator().await?;
    let query = "{ importBatches { nodes { format mapping rowsRead rowsKept rowsRefused rowsSkipped dataset { title } } } }";
    let answer = app.ask(&token, query, json!({})).await?;
    let expected = json!([{
        "format": "MAPPING", "mapping": mapping, "rowsRead": 6, "rowsKept": 2, "rowsRefused": 1, "rowsSkipped": 3,
        "dataset": { "title": "Invented: tried" },
    }]);
    ensure(&answer["data"]["importBatches"]["nodes"], &expected)
}

async fn parties(backend: Backend) -> Result<(), Failed> {
    let bench = Bench::new(&backend).await?;
    let mapping = mapping(&format!(
        "{PLAIN}consignor = \"from\"\nconsignee = {{ column = \"to\", kind = \"GOVERNMENT\", null = \"-\" }}\n"
    ));
    let text = "n,t,from,to\n1,2022,Invented Ltd,Ministry of Invention\n2,2022,Invented Ltd,-\n3,2022,,Invented Ltd";
    ensure(
        bench.csv(text, &mapping, &[])?.succeeded()?.report()?,
        [3, 3, 0, 0],
    )?;
    ensure(
        bench.csv(text, &mapping, &[])?.succeeded()?.report()?,
        [3, 0, 3, 0],
    )?;
    let query = "{
        parties(orderBy: { field: NAME }) { nodes { name kind } }
        shipments(orderBy: { field: KEY }) { nodes { consignor { name } consignee { name } } }
    }";
    let data = bench.ask(query).await?;
    let expected = json!({
        "parties": { "nodes": [
            { "name": "Invented Ltd", "kind": "COMPANY" },
            { "name": "Ministry of Invention", "kind": "GOVERNMENT" },
        ] },
        "shipments": { "nodes": [
            { "consignor": { "name": "Invented Ltd" }, "consignee": { "name": "Ministry of Invention" } },
            { "consignor": { "name": "Invented Ltd" }, "consignee": null },
            { "consignor": null, "consignee": { "name": "Invented Ltd" } },
        ] },
    });
    ensure(data, expected)
}

async fn mistakes(backend: Backend) -> Result<(), Failed> {
    let bench = Bench::new(&backend).await?;
    let rows = [
        (
            "valeu = \"v\"",
            "line 14, record.valeu: is not a key here; did you mean value?",
        ),
        (
            "value = { column = \"v\", scale = \"dozen\" }",
            "line 14, record.value.scale: \"dozen\" is not a scale: a number above 0 with at most three decimal places, or thousand, million or billion",
        ),
        (
            "value = { scale = 1000 }",
            "line 14, record.value: needs one of these: column, columns, constant or template",
        ),
        (
            "net_mass = { column = \"m\", unit = \"tonne\" }",
            "line 14, record.net_mass.unit: \"tonne\" is not a unit of mass; kg, g and t are known",
        ),
        (
            "mode_of_transport = { column = \"m\", codes = { 1 = \"SHIP\" } }",
            "line 14, record.mode_of_transport.codes.1: \"SHIP\" is not a mode of transport; these are: AIR, WATER, SEA",
        ),
        (
            "mode_of_transport = { column = \"m\", codes = \"modes\" }",
            "line 14, record.mode_of_transport.codes: \"modes\" is not a list of codes; these are: modes-of-transport/comtrade",
        ),
        (
            "origin = { constant = \"Atlantis\" }",
            "line 14, record.origin: \"Atlantis\" is no country or area that is known here",
        ),
        (
            "origin = { column = \"o\", codes = { A = \"XX\" } }",
            "line 14, record.origin.codes.A: \"XX\" is no country or area that is known here",
        ),
        (
            "product = \"c\"",
            "record: edition is missing: a code means something only in an edition of the HS",
        ),
        (
            "product = \"c\"\nedition = { constant = \"HS2018\" }",
            "line 15, record.edition: \"HS2018\" is not an edition of the HS; these are: HS1992, HS1996",
        ),
        (
            "quantity = \"q\"",
            "record: quantity and quantity_unit belong together",
        ),
        (
            "exporter = \"e\"",
            "record: needs either reporter and partner, where one of the two sides reports, or exporter, importer and reported_by",
        ),
        (
            "declaration_number = { template = \"{a\" }",
            "line 14, record.declaration_number.template: has a { without its }",
        ),
        (
            "period = { column = \"t\", format = \"%y\" }",
            "duplicate key",
        ),
        ("value = ", "line 14"),
    ];
    for (line, told) in rows {
        let outcome = bench.csv("n,t\n1,2022", &mapping(&format!("{PLAIN}{line}\n")), &[])?;
        outcome.failed_saying(told)?;
    }
    // All of them at once, and before the file is looked at.
    let several = mapping(PLAIN).replace(
        "grain = \"STATISTIC\"",
        "grain = \"STATISTICS\"\nvaluation = \"DDP\"",
    );
    let outcome = bench.csv("", &several.replace("flow =", "flows ="), &[])?;
    let told: Vec<_> = outcome.stderr.lines().collect();
    let expected = [
        "line 5, dataset.grain: \"STATISTICS\" is none of CONSIGNMENT, STATISTIC, REPORTED_TOTAL",
        "line 6, dataset.valuation: \"DDP\" is none of CIF, FOB, UNKNOWN",
        "record: flow is missing: whether goods come in or go out",
        "record.flows: is not a key here; did you mean flow?",
    ];
    ensure(
        (outcome.status.success(), told.len()),
        (false, expected.len()),
    )?;
    for told in expected {
        ensure(outcome.stderr.contains(told), true)?;
    }
    let wrong_format = mapping(&PLAIN.replace("\"t\"", "{ column = \"t\", format = \"%d %Y\" }"));
    bench
        .csv("n,t\n1,2022", &wrong_format, &[])?
        .failed_saying("line 10, record.period.format: \"%d %Y\" has a day, and not one month")?;
    let key = mapping(PLAIN).replace("\"partner\"", "\"serial\"");
    bench
        .csv("n,t\n1,2022", &key, &[])?
        .failed_saying("line 9, record.key: \"serial\" is not a field that can be part of a key")?;
    let data = bench.ask("{ datasets { totalCount } }").await?;
    ensure(data, json!({ "datasets": { "totalCount": 0 } }))
}

async fn files(backend: Backend) -> Result<(), Failed> {
    let bench = Bench::new(&backend).await?;
    let mapping = mapping(&format!(
        "{PLAIN}value = {{ columns = [\"Value (USD)\", \"v\"] }}\ndeclared_description = \"d\"\n"
    ))
    .replace("[dataset]", "[file]\noptional = [\"d\"]\n\n[dataset]");
    let text = "\u{feff}N,T,Value_(usd),d\n1,2022,5,\"two\nlines\"\n";
    ensure(
        bench.csv(text, &mapping, &[])?.succeeded()?.report()?,
        [1, 1, 0, 0],
    )?;
    // The other name of the column, and one that a file may lack.
    ensure(
        bench
            .csv("n,t,v\n2,2022,6", &mapping, &[])?
            .succeeded()?
            .report()?,
        [1, 1, 0, 0],
    )?;
    let json = r#"{ "data": [{ "n": 2, "t": "2022", "v": 7.250 }] }"#;
    ensure(
        bench
            .csv(json, &mapping, &["--dry-run"])?
            .succeeded()?
            .report()?,
        [1, 1, 0, 0],
    )?;
    ensure(
        bench.csv(json, &mapping, &[])?.succeeded()?.report()?,
        [1, 1, 0, 0],
    )?;
    bench
        .csv("n,t\n1,2022", &mapping, &[])?
        .failed_saying("it has no column Value (USD) or v")?;
    bench
        .csv("n,t,v\n3,2022,x", &mapping, &["--strict"])?
        .failed_saying("1 of 1 rows were refused")?;
    bench
        .csv(text, &mapping.replace("STATISTIC", "CONSIGNMENT"), &[])?
        .failed_saying(
            "the dataset tried holds statistics, and a row of this file is a single consignment",
        )?;
    bench
        .csv(text, &mapping.replace("USD", "EUR"), &[])?
        .failed_saying("the dataset tried is in USD, and this file in EUR")?;
    let found = shown(bench, "value declaredDescription version").await?;
    let expected = vec![
        json!({ "value": "5", "declaredDescription": "two\nlines", "version": 1 }),
        json!({ "value": "7.25", "declaredDescription": null, "version": 2 }),
    ];
    ensure(found, expected)
}

async fn shipped(backend: Backend) -> Result<(), Failed> {
    let bench = Bench::new(&backend).await?;
    let url = &bench.database.url;
    let listed = waybill(url, &["import", "mappings"])?.succeeded()?.stdout;
    for name in ["comtrade", "wits", "baci", "comext", "korea-customs"] {
        ensure(listed.lines().any(|line| line.starts_with(name)), true)?;
        // What is printed can be used as it is.
        let printed = waybill(url, &["import", "mappings", name])?
            .succeeded()?
            .stdout;
        let outcome = bench.csv(
            "a\n1",
            &printed,
            if name == "baci" {
                &["--edition", "HS2017"]
            } else {
                &[]
            },
        )?;
        outcome.failed_saying("it has no column")?;
    }
    waybill(url, &["import", "mappings", "comtrad"])?
        .failed_saying("there is no mapping comtrad")?;
    let file = [
        "import",
        "csv",
        "/no/file",
        "--mapping",
        "comtrad",
        "--dataset",
        "x",
    ];
    waybill(url, &file)?.failed_saying("there is no file and no shipped mapping comtrad")
}

async fn comext(backend: Backend) -> Result<(), Failed> {
    let bench = Bench::new(&backend).await?;
    let text = "REPORTER,PARTNER,PRODUCT_NC,FLOW,STAT_PROCEDURE,SUPPL_UNIT,PERIOD,VALUE_EUR,QUANTITY_KG,QUANTITY_SUPPL_UNIT\n\
                DE,CN,85258900,1,1,P/ST,202305,1000,12.5,3\n\
                DE,CN,85258900,1,2,P/ST,202305,10,0,0\n\
                GR,XS,1012100,2,1,NO_SU,202252,7,1,0\n\
                DE,CN,TOTAL,1,1,NO_SU,202305,1010,0,0\n\
                DE,CN,85SSSSSS,1,1,NO_SU,202305,1,0,0";
    let outcome = bench.shipped(text, "comext", &[])?.succeeded()?;
    ensure(outcome.report()?, [5, 3, 0, 1])?;
    let found = shown(bench, "key period valuation currency value netMass quantity quantityUnit exporter { m49 } importer { m49 } product { code level edition { code } }").await?;
    let expected = vec![
        json!({ "key": "2022:300:X:688:H6:01012100:1", "period": "2022", "valuation": "FOB", "currency": "EUR", "value": "7", "netMass": "1", "quantity": null, "quantityUnit": null, "exporter": { "m49": "300" }, "importer": { "m49": "688" }, "product": { "code": "01012100", "level": "NATIONAL", "edition": { "code": "HS2022" } } }),
        json!({ "key": "2023-05:276:M:156:H6:85258900:1", "period": "2023-05", "valuation": "CIF", "currency": "EUR", "value": "1000", "netMass": "12.5", "quantity": "3", "quantityUnit": "P/ST", "exporter": { "m49": "156" }, "importer": { "m49": "276" }, "product": { "code": "85258900", "level": "NATIONAL", "edition": { "code": "HS2022" } } }),
        json!({ "key": "2023-05:276:M:156:H6:85258900:2", "period": "2023-05", "valuation": "CIF", "currency": "EUR", "value": "10", "netMass": null, "quantity": null, "quantityUnit": null, "exporter": { "m49": "156" }, "importer": { "m49": "276" }, "product": { "code": "85258900", "level": "NATIONAL", "edition": { "code": "HS2022" } } }),
    ];
    ensure(found, expected)
}

async fn baci_and_wits(backend: Backend) -> Result<(), Failed> {
    let bench = Bench::new(&backend).await?;
    let baci = "t,i,j,k,v,q\n2017,156,842,71080,12.345,  0.250\n2017,757,490,010121,0.001,  NA";
    bench
        .shipped(baci, "baci", &[])?
        .failed_saying("leaves the edition of the HS open: name it with --edition")?;
    ensure(
        bench
            .shipped(baci, "baci", &["--edition", "HS17"])?
            .status
            .success(),
        false,
    )?;
    let outcome = bench
        .shipped(baci, "baci", &["--edition", "HS2017"])?
        .succeeded()?;
    ensure(outcome.report()?, [2, 2, 0, 0])?;
    let wits = "Nomenclature,ReporterISO3,ProductCode,ReporterName,PartnerISO3,PartnerName,Year,TradeFlowName,TradeFlowCode,TradeValue in 1000 USD\n\
                H5,CHN,71080,China,RUS,Russia,2017,Export,6,1.5\n\
                H5,RUS,TOTAL,Russia,WLD,World,2017,Gross Imp.,1,2.0005\n\
                S3,RUS,999,Russia,WLD,World,2017,Import,1,2";
    let outcome = bench.shipped(wits, "wits", &[])?.succeeded()?;
    ensure(outcome.report()?, [3, 2, 0, 1])?;
    let found = shown(bench, "key reportedBy flow valuation value netMass exporter { m49 } importer { m49 } product { code }").await?;
    let expected = vec![
        json!({ "key": "2017:156:840:H5:071080", "reportedBy": "THIRD_PARTY", "flow": "EXPORT", "valuation": "FOB", "value": "12345", "netMass": "250", "exporter": { "m49": "156" }, "importer": { "m49": "840" }, "product": { "code": "071080" } }),
        json!({ "key": "2017:156:X:643:H5:071080", "reportedBy": "EXPORTER", "flow": "EXPORT", "valuation": "FOB", "value": "1500", "netMass": null, "exporter": { "m49": "156" }, "importer": { "m49": "643" }, "product": { "code": "071080" } }),
        json!({ "key": "2017:643:M:000:H5:TOTAL", "reportedBy": "IMPORTER", "flow": "IMPORT", "valuation": "CIF", "value": "2000.5", "netMass": null, "exporter": { "m49": "000" }, "importer": { "m49": "643" }, "product": { "code": "TOTAL" } }),
        json!({ "key": "2017:756:490:H5:010121", "reportedBy": "THIRD_PARTY", "flow": "EXPORT", "valuation": "FOB", "value": "1", "netMass": null, "exporter": { "m49": "756" }, "importer": { "m49": "490" }, "product": { "code": "010121" } }),
    ];
    ensure(found, expected)
}

async fn declarations(backend: Backend) -> Result<(), Failed> {
    let bench = Bench::new(&backend).await?;
    let header = "Declaration ID,Date,Office ID,Process Type,Import Type,Import Use,Payment Type,Mode of Transport,Declarant ID,Importer ID,Seller ID,Courier ID,HS6 Code,Country of Departure,Country of Origin,Tax Rate,Tax Type,Country of Origin Indicator,Net Mass,Item Price,Fraud,Critical Fraud";
    let row = |id: &str,
               mode: &str,
               code: &str,
               from: &str,
               origin: &str,
               mass: &str,
               price: &str| {
        format!(
            "{id},2020-02-03,40,B,11,21,11,{mode},AAA,BBB,CCC,,{code},{from},{origin},8.0,A,Y,{mass},{price},0,0"
        )
    };
    let text = [
        header.to_owned(),
        row(
            "1",
            "40",
            "071080",
            "HK",
            "CN",
            "12.5",
            "241.58000000000004",
        ),
        row("2", "10", "71080", "CN", "ZZ", "0.0", "0.0"),
        row("3", "60", "071080", "CN", "CN", "1", "1"),
    ]
    .join("\n");
    let outcome = bench.shipped(&text, "korea-customs", &[])?.succeeded()?;
    ensure(outcome.report()?, [3, 2, 0, 1])?;
    ensure(
        outcome
            .stderr
            .contains("line 4, column Mode of Transport: \"60\" is not a mode of transport"),
        true,
    )?;
    let query = "{ dataset(slug: \"tried\") { grain currency licence shipments(orderBy: { field: KEY }) { nodes {
        key declarationNumber period reportedBy flow value currency netMass modeOfTransport declaredCode consignor { name } consignee { name }
        exporter { alpha2 } importer { alpha2 } dispatch: countryOfDispatch { alpha2 } origin: countryOfOrigin { m49 } product { code edition { code } }
    } } } parties { totalCount } }";
    let data = bench.ask(query).await?;
    let record = |key: &str,
                  value: Value,
                  mass: Value,
                  mode: &str,
                  declared: &str,
                  from: &str,
                  origin: &str| {
        let currency = if value.is_null() {
            Value::Null
        } else {
            json!("KRW")
        };
        json!({
            "key": key, "declarationNumber": key, "period": "2020-02-03", "reportedBy": "IMPORTER", "flow": "IMPORT",
            "value": value, "currency": currency, "netMass": mass, "modeOfTransport": mode, "declaredCode": declared,
            "consignor": null, "consignee": null, "exporter": { "alpha2": from }, "importer": { "alpha2": "KR" },
            "dispatch": { "alpha2": from }, "origin": { "m49": origin }, "product": { "code": "071080", "edition": { "code": "HS2017" } },
        })
    };
    let expected = json!({
        "dataset": { "grain": "CONSIGNMENT", "currency": "KRW", "licence": "MIT", "shipments": { "nodes": [
            record("1", json!("241.58"), json!("12.5"), "AIR", "071080", "HK", "156"),
            record("2", Value::Null, Value::Null, "SEA", "71080", "CN", "899"),
        ] } },
        "parties": { "totalCount": 0 },
    });
    ensure(data, expected)
}
