//! The mappings that come with Waybill, on invented rows.
use libtest_mimic::Failed;
use serde_json::{Value, json};

use super::shown;
use crate::{
    harness::{Backend, ensure, tests, waybill},
    import::Bench,
};

pub async fn shipped(backend: Backend) -> Result<(), Failed> {
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

/// The example that people learn from does what it says.
pub async fn documented(backend: Backend) -> Result<(), Failed> {
    let text = std::fs::read_to_string(tests().join("../docs/imports.md"))?;
    let block = |language: &str| -> Result<String, Failed> {
        let begin = format!("```{language}\n");
        let (_, rest) = text.split_once(&begin).ok_or("the example is gone")?;
        let (block, _) = rest.split_once("```").ok_or("the example has no end")?;
        Ok(block.to_owned())
    };
    let bench = Bench::new(&backend).await?;
    let mapping = block("toml")?;
    let outcome = bench.csv(block("csv")?, &mapping, &[])?.succeeded()?;
    ensure(outcome.report()?, [2, 1, 0, 0])?;
    let wrong = mapping.replace("unit = \"t\"", "unit = \"to\"");
    let line = text
        .lines()
        .find(|line| line.starts_with("exports.toml, line "));
    let told = line
        .unwrap_or_default()
        .replace("exports.toml", "mapping.toml");
    bench
        .csv(block("csv")?, &wrong, &[])?
        .failed_saying(&told)?;
    let found = shown(
        bench,
        "key value currency valuation netMass declaredDescription product { code edition { code } }",
    )
    .await?;
    let expected = json!({
        "key": "2023-05:276:X:792:H6:071080", "value": "1234500", "currency": "EUR", "valuation": "FOB", "netMass": "12250",
        "declaredDescription": "Gemüse", "product": { "code": "071080", "edition": { "code": "HS2022" } },
    });
    ensure(found, vec![expected])
}

pub async fn comext(backend: Backend) -> Result<(), Failed> {
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

pub async fn baci_and_wits(backend: Backend) -> Result<(), Failed> {
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

pub async fn declarations(backend: Backend) -> Result<(), Failed> {
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
