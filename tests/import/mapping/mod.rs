//! Any file by a mapping: each mistake in one, which rows are taken, and files as a whole.
use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};

use super::Bench;
use crate::harness::{App, Backend, ensure, trial};

mod fields;
mod shipped;

pub fn trials(backend: &Backend) -> Vec<Trial> {
    vec![
        trial(backend, "import::mapping_periods", fields::periods),
        trial(backend, "import::mapping_amounts", fields::amounts),
        trial(backend, "import::mapping_countries", fields::countries),
        trial(backend, "import::mapping_goods", fields::goods),
        trial(backend, "import::mapping_rows", rows),
        trial(backend, "import::mapping_parties", parties),
        trial(backend, "import::mapping_mistakes", mistakes),
        trial(backend, "import::mapping_files", files),
        trial(backend, "import::mappings_shipped", shipped::shipped),
        trial(
            backend,
            "import::mapping_of_the_documentation",
            shipped::documented,
        ),
        trial(backend, "import::mapping_comext", shipped::comext),
        trial(
            backend,
            "import::mapping_baci_and_wits",
            shipped::baci_and_wits,
        ),
        trial(
            backend,
            "import::mapping_declarations",
            shipped::declarations,
        ),
    ]
}

/// A mapping of statistics with these fields, besides the key.
fn mapping(fields: &str) -> String {
    format!(
        "title = \"Invented\"\n\n[dataset]\ntitle = \"Invented: {{slug}}\"\ngrain = \"STATISTIC\"\ncurrency = \"USD\"\n\n\
         [record]\nkey = [\"period\", \"reporter\", \"flow\", \"partner\", {{ column = \"n\" }}]\n{fields}"
    )
}

/// What China exports to Russia.
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
    let app = App::over(bench.database).await?;
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
        (false, expected.len() + 1),
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
    let strict = bench.csv("n,t,v\n3,2022,x", &mapping, &["--strict"])?;
    let told = "1 of 1 rows were refused";
    ensure(
        (strict.status.success(), strict.stderr.contains(told)),
        (false, true),
    )?;
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
