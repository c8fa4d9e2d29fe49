//! Records of UN Comtrade, trap by trap.
use libtest_mimic::{Failed, Trial};
use serde_json::json;

use super::{Bench, csv};
use crate::harness::{Backend, ensure, trial};

pub fn trials(backend: &Backend) -> Vec<Trial> {
    vec![
        trial(backend, "import::comtrade_takes_all_spellings", spellings),
        trial(
            backend,
            "import::comtrade_refuses_bad_rows_one_by_one",
            bad_rows,
        ),
        trial(backend, "import::comtrade_zero_is_unknown", zeros),
        trial(
            backend,
            "import::comtrade_codes_get_their_zeros_back",
            leading_zeros,
        ),
        trial(
            backend,
            "import::comtrade_keeps_levels_and_breakdowns_apart",
            breakdowns,
        ),
        trial(backend, "import::comtrade_areas", areas),
        trial(backend, "import::comtrade_periods", periods),
        trial(backend, "import::comtrade_corrected_release", corrected),
        trial(backend, "import::comtrade_same_record_twice", twice),
        trial(
            backend,
            "import::comtrade_unknown_code_of_a_known_edition",
            unknown_code,
        ),
    ]
}

async fn spellings(backend: Backend) -> Result<(), Failed> {
    let bench = Bench::new(&backend).await?;
    let camel = csv(&[&[]]);
    let (header, row) = camel.split_once('\n').unwrap_or_default();
    let mut snake = String::new();
    for c in header.chars() {
        if c.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    let pascal: Vec<_> = header
        .split(',')
        .map(|name| format!("{}{}", name[..1].to_uppercase(), &name[1..]))
        .collect();
    ensure(
        bench.comtrade(&camel, &[])?.succeeded()?.report()?,
        [1, 1, 0, 0],
    )?;
    for other in [snake, pascal.join(","), format!("\u{feff}{header}")] {
        let outcome = bench
            .comtrade(format!("{other}\n{row}"), &[])?
            .succeeded()?;
        ensure(outcome.report()?, [1, 0, 1, 0])?;
    }
    Ok(())
}

async fn bad_rows(backend: Backend) -> Result<(), Failed> {
    let bench = Bench::new(&backend).await?;
    let rows: [(&[(&str, &str)], &str); 13] = [
        (
            &[("period", "202213"), ("freqCode", "M")],
            "line 2, column period",
        ),
        (&[("freqCode", "W")], "line 3, column freqCode"),
        (&[("reporterCode", "12345")], "line 4, column reporterCode"),
        (&[("partnerCode", "")], "line 5, column partnerCode"),
        (&[("flowCode", "Q")], "line 6, column flowCode"),
        (
            &[("classificationCode", "S3")],
            "line 7, column classificationCode",
        ),
        (&[("cmdCode", "ABC")], "line 8, column cmdCode"),
        (&[("primaryValue", "-1")], "line 9, column primaryValue"),
        (
            &[("primaryValue", "1.23456")],
            "line 10, column primaryValue",
        ),
        (&[("motCode", "7")], "line 11, column motCode"),
        (&[("netWgt", "heavy")], "line 12, column netWgt"),
        (
            &[("cmdCode", "4401"), ("aggrLevel", "6")],
            "line 13, column cmdCode",
        ),
        (&[("typeCode", "S")], "line 14, column typeCode"),
    ];
    let mut given: Vec<&[(&str, &str)]> = rows.iter().map(|(row, _)| *row).collect();
    given.push(&[]);
    let mut text = csv(&given);
    text.push_str("\nonly,three,fields");
    let outcome = bench.comtrade(&text, &[])?.succeeded()?;
    ensure(outcome.report()?, [15, 1, 0, 14])?;
    for (_, place) in rows {
        if !outcome.stderr.contains(place) {
            return Err(format!("no {place:?} in {}", outcome.stderr).into());
        }
    }
    ensure(outcome.stderr.contains("line 16: has 3 fields"), true)
}

async fn zeros(backend: Backend) -> Result<(), Failed> {
    let bench = Bench::new(&backend).await?;
    let rows: [&[(&str, &str)]; 2] = [
        &[
            ("qtyUnitCode", "-1"),
            ("qty", "0.0"),
            ("isQtyEstimated", "True"),
            ("netWgt", "0.0"),
            ("FOBValue", "0.0"),
            ("CIFValue", "100"),
        ],
        &[
            ("partnerCode", "0"),
            ("qtyUnitCode", "8"),
            ("qty", "12.5"),
            ("isQtyEstimated", "0"),
            ("netWgt", "12.5"),
            ("FOBValue", "100"),
            ("primaryValue", "100"),
        ],
    ];
    bench.comtrade(csv(&rows), &[])?.succeeded()?;
    let query = "{ shipments(orderBy: { field: KEY, direction: DESC }) { nodes { quantity quantityUnit quantityEstimated netMass value valuation cifValue fobValue } } }";
    let data = bench.ask(query).await?;
    let expected = json!([
        { "quantity": null, "quantityUnit": null, "quantityEstimated": true, "netMass": null, "value": "100", "valuation": "CIF", "cifValue": "100", "fobValue": null },
        { "quantity": "12.5", "quantityUnit": "kg", "quantityEstimated": false, "netMass": "12.5", "value": "100", "valuation": "FOB", "cifValue": null, "fobValue": "100" },
    ]);
    ensure(&data["shipments"]["nodes"], &expected)
}

async fn leading_zeros(backend: Backend) -> Result<(), Failed> {
    let bench = Bench::new(&backend).await?;
    let rows: [&[(&str, &str)]; 4] = [
        &[("cmdCode", "71080")],
        &[("cmdCode", "101")],
        &[("cmdCode", "1")],
        &[("cmdCode", "010121"), ("aggrLevel", "6")],
    ];
    ensure(
        bench.comtrade(csv(&rows), &[])?.succeeded()?.report()?,
        [4, 4, 0, 0],
    )?;
    let query =
        "{ shipments(orderBy: { field: KEY }) { nodes { declaredCode product { code level } } } }";
    let data = bench.ask(query).await?;
    let expected = json!([
        { "declaredCode": "1", "product": { "code": "01", "level": "CHAPTER" } },
        { "declaredCode": "101", "product": { "code": "0101", "level": "HEADING" } },
        { "declaredCode": "010121", "product": { "code": "010121", "level": "SUBHEADING" } },
        { "declaredCode": "71080", "product": { "code": "071080", "level": "SUBHEADING" } },
    ]);
    ensure(&data["shipments"]["nodes"], &expected)
}

async fn breakdowns(backend: Backend) -> Result<(), Failed> {
    let bench = Bench::new(&backend).await?;
    let rows: [&[(&str, &str)]; 8] = [
        &[("cmdCode", "TOTAL")],
        &[("cmdCode", "44")],
        &[("cmdCode", "4401")],
        &[],
        &[("partner2Code", "276")],
        &[("customsCode", "C06")],
        &[("motCode", "2100")],
        &[("partnerCode", "0")],
    ];
    ensure(
        bench.comtrade(csv(&rows), &[])?.succeeded()?.report()?,
        [8, 8, 0, 0],
    )?;
    let query = "{
        leaves: shipments(filter: {
            product: { level: { eq: SUBHEADING } }, hasSecondPartner: false, customsProcedure: { isNull: true },
            modeOfTransport: { isNull: true }, importer: { kind: { ne: GROUP } }
        }) { totalCount }
        partner2: shipments(filter: { secondPartner: { alpha3: { eq: \"DEU\" } } }) { totalCount }
        customs: shipments(filter: { customsProcedure: { eq: \"C06\" } }) { totalCount }
        sea: shipments(filter: { modeOfTransport: { eq: SEA } }) { totalCount }
        levels: shipments(filter: { product: { level: { in: [TOTAL, CHAPTER, HEADING] } } }) { totalCount }
    }";
    let data = bench.ask(query).await?;
    let counts = ["leaves", "partner2", "customs", "sea", "levels"]
        .map(|name| data[name]["totalCount"].as_i64());
    ensure(counts, [1, 1, 1, 1, 3].map(Some))
}

async fn areas(backend: Backend) -> Result<(), Failed> {
    let bench = Bench::new(&backend).await?;
    let partners = [
        "842", "841", "490", "899", "999", "0", "156", "280", "276", "251", "97", "975", "736",
        "729",
    ];
    let rows: Vec<_> = partners
        .iter()
        .enumerate()
        .map(|(place, partner)| {
            // A year each: 841 and 842 are the same country at different times.
            (*partner, (1990 + place).to_string())
        })
        .collect();
    let rows: Vec<_> = rows
        .iter()
        .map(|(partner, year)| [("partnerCode", *partner), ("period", year.as_str())])
        .collect();
    let rows: Vec<&[(&str, &str)]> = rows.iter().map(<[_; 2]>::as_slice).collect();
    ensure(
        bench.comtrade(csv(&rows), &[])?.succeeded()?.report()?,
        [14, 14, 0, 0],
    )?;
    let query = "{ shipments(orderBy: { field: PERIOD_START }) { nodes { importer { m49 kind } } } deu: country(code: \"DEU\") { m49 } all: countries(filter: { alpha3: { eq: \"DEU\" } }) { totalCount } }";
    let data = bench.ask(query).await?;
    let nodes = data["shipments"]["nodes"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let found: Vec<_> = nodes
        .iter()
        .map(|node| node["importer"]["m49"].as_str().unwrap_or_default())
        .collect();
    ensure(
        found,
        vec![
            "840", "840", "490", "899", "899", "000", "156", "280", "276", "250", "097", "975",
            "736", "729",
        ],
    )?;
    let groups = nodes
        .iter()
        .filter(|node| node["importer"]["kind"] == "GROUP")
        .count();
    ensure(groups, 3)?;
    ensure(&data["deu"], &json!({ "m49": "276" }))?;
    ensure(&data["all"], &json!({ "totalCount": 2 }))
}

async fn periods(backend: Backend) -> Result<(), Failed> {
    let bench = Bench::new(&backend).await?;
    let rows: [&[(&str, &str)]; 6] = [
        &[("period", "2022")],
        &[("period", "201952")],
        &[("period", "202205"), ("freqCode", "M")],
        &[
            ("period", "202205"),
            ("freqCode", "A"),
            ("partnerCode", "0"),
        ],
        &[("period", "2022"), ("freqCode", "M"), ("partnerCode", "0")],
        &[("period", "May 2022"), ("freqCode", "M")],
    ];
    ensure(
        bench.comtrade(csv(&rows), &[])?.succeeded()?.report()?,
        [6, 3, 0, 3],
    )?;
    let query = "{ shipments(orderBy: { field: PERIOD_START }) { nodes { period frequency periodStart periodEnd } } may: shipments(filter: { during: \"2022-05/2022-06\" }) { totalCount } }";
    let data = bench.ask(query).await?;
    let expected = json!([
        { "period": "2019", "frequency": "YEAR", "periodStart": "2019-01-01", "periodEnd": "2019-12-31" },
        { "period": "2022", "frequency": "YEAR", "periodStart": "2022-01-01", "periodEnd": "2022-12-31" },
        { "period": "2022-05", "frequency": "MONTH", "periodStart": "2022-05-01", "periodEnd": "2022-05-31" },
    ]);
    ensure(&data["shipments"]["nodes"], &expected)?;
    ensure(&data["may"]["totalCount"], &json!(1))
}

async fn corrected(backend: Backend) -> Result<(), Failed> {
    let bench = Bench::new(&backend).await?;
    let first = csv(&[&[], &[("partnerCode", "0")]]);
    let second = csv(&[&[("primaryValue", "101")], &[("partnerCode", "0")]]);
    ensure(
        bench.comtrade(&first, &[])?.succeeded()?.report()?,
        [2, 2, 0, 0],
    )?;
    let outcome = bench.comtrade(&second, &[])?.succeeded()?;
    ensure(outcome.report()?, [2, 1, 1, 0])?;
    ensure(outcome.stdout.contains("(0 new, 1 changed)"), true)?;
    let data = bench
        .ask("{ shipments(orderBy: { field: KEY }) { nodes { value version } } }")
        .await?;
    let expected = json!([{ "value": "100", "version": 1 }, { "value": "101", "version": 2 }]);
    ensure(&data["shipments"]["nodes"], &expected)
}

async fn twice(backend: Backend) -> Result<(), Failed> {
    let bench = Bench::new(&backend).await?;
    // Far enough apart to come in different batches.
    let years: Vec<String> = (0..2_100)
        .map(|number| format!("{:04}", number % 1_800))
        .collect();
    let mut rows: Vec<Vec<(&str, &str)>> = vec![vec![], vec![], vec![("primaryValue", "7")]];
    rows.extend(
        years
            .iter()
            .map(|period| vec![("period", period.as_str()), ("partnerCode", "0")]),
    );
    rows.push(vec![]);
    rows.push(vec![("primaryValue", "8")]);
    let rows: Vec<&[(&str, &str)]> = rows.iter().map(Vec::as_slice).collect();
    let outcome = bench.comtrade(csv(&rows), &[])?.succeeded()?;
    // Years before 1900 are mistakes: all of them are refused, besides the two that contradict.
    ensure(outcome.report()?, [2_105, 1, 2, 2_102])?;
    ensure(
        outcome
            .stderr
            .contains("line 4: the record 2022:156:X:643:H6:440111 stands further up"),
        true,
    )
}

async fn unknown_code(backend: Backend) -> Result<(), Failed> {
    let bench = Bench::new(&backend).await?;
    bench.hs("hscode,description,parent,level\n44,Wood,TOTAL,2\n4401,Fuel wood,44,4\n440111,Logs,4401,6", "2022")?.succeeded()?;
    let rows: [&[(&str, &str)]; 4] = [
        &[],
        &[("cmdCode", "440199")],
        &[("cmdCode", "44011100")],
        &[("cmdCode", "440199"), ("classificationCode", "H5")],
    ];
    let outcome = bench.comtrade(csv(&rows), &[])?.succeeded()?;
    ensure(outcome.report()?, [4, 3, 0, 1])?;
    ensure(
        outcome
            .stderr
            .contains("line 3, column cmdCode: HS2022 has no code 440199"),
        true,
    )
}
