//! The 54,000 import declarations: what the database counts is what the files say.
use std::collections::BTreeMap;

use libtest_mimic::Failed;
use waybill::kit::db::Db;

use super::{absent, answers};
use crate::harness::{Backend, Template, ensure, real_data, waybill};

/// Departure, origin, HS6 and mode of transport.
type Group = [String; 4];

const FILES: [(&str, u64); 3] = [
    ("df_syn_train_eng.csv", 37_385),
    ("df_syn_valid_eng.csv", 8_134),
    ("df_syn_test_eng.csv", 8_481),
];

/// What the files say, read without any of the importer's code.
#[derive(Default)]
struct Counted {
    groups: BTreeMap<Group, i64>,
    free_of_charge: i64,
    without_mass: i64,
    /// In tenths of a kilogram: the files have one decimal place.
    mass: i64,
}

impl Counted {
    fn add(&mut self, text: &str) -> Result<(), Failed> {
        let mut lines = text.lines();
        let header: Vec<_> = lines.next().unwrap_or_default().split(',').collect();
        let place = |name: &str| header.iter().position(|column| *column == name);
        let columns = [
            "Country of Departure",
            "Country of Origin",
            "HS6 Code",
            "Mode of Transport",
            "Item Price",
            "Net Mass",
        ];
        let places: Option<Vec<_>> = columns.iter().map(|name| place(name)).collect();
        let places = places.ok_or("a column is missing")?;
        for line in lines {
            let fields: Vec<_> = line.split(',').collect();
            let field = |column: usize| fields[places[column]].to_owned();
            let mode = match field(3).as_str() {
                "10" => "SEA",
                "20" => "RAIL",
                "30" => "ROAD",
                "40" => "AIR",
                "50" => "POSTAL",
                _ => "OTHER",
            };
            let group = [
                field(0),
                field(1),
                format!("{:0>6}", field(2)),
                mode.to_owned(),
            ];
            *self.groups.entry(group).or_default() += 1;
            self.free_of_charge += i64::from(field(4).parse::<f64>()? == 0.0);
            let mass: i64 = field(5).replace('.', "").parse()?;
            self.without_mass += i64::from(mass == 0);
            self.mass += mass;
        }
        Ok(())
    }
}

pub async fn declarations(backend: Backend) -> Result<(), Failed> {
    let Some(data) = real_data() else {
        return absent();
    };
    let database = backend.database(Template::Empty).await?;
    let nomenclature = data.join("hs/comtrade-h5.csv").display().to_string();
    let hs = ["import", "hs", &nomenclature, "--edition", "HS2017"];
    waybill(&database.url, &hs)?.succeeded()?;
    let mut counted = Counted::default();
    for (name, rows) in FILES {
        let path = data.join("customs-declarations").join(name);
        counted.add(&std::fs::read_to_string(&path)?)?;
        let file = path.display().to_string();
        let import = || {
            let arguments = [
                "import",
                "csv",
                &file,
                "--mapping",
                "korea-customs",
                "--dataset",
                "korea",
            ];
            waybill(&database.url, &arguments)?.succeeded()?.report()
        };
        ensure(import()?, [rows, rows, 0, 0])?;
        if rows < 10_000 {
            ensure(import()?, [rows, 0, rows, 0])?;
        }
    }
    let db = Db::open(&database.url).await?;
    let groups = answers(
        &db,
        "SELECT CASE d.m49 WHEN '899' THEN 'ZZ' ELSE d.alpha2 END, CASE o.m49 WHEN '899' THEN 'ZZ' ELSE o.alpha2 END, \
         p.code, s.mode_of_transport, CAST(count(*) AS TEXT) FROM shipment s JOIN country d ON d.id = s.dispatch_id \
         JOIN country o ON o.id = s.origin_id JOIN product p ON p.id = s.product_id GROUP BY 1, 2, 3, 4",
    )
    .await?;
    let groups = groups
        .into_iter()
        .map(|row| match <[String; 5]>::try_from(row) {
            Ok([departure, origin, code, mode, count]) => {
                Ok(([departure, origin, code, mode], count.parse()?))
            }
            Err(row) => Err(Failed::from(format!("{row:?} has other columns"))),
        });
    let groups: BTreeMap<Group, i64> = groups.collect::<Result<_, _>>()?;
    ensure(groups.values().sum::<i64>(), 54_000)?;
    ensure(groups.len(), counted.groups.len())?;
    ensure(groups == counted.groups, true)?;
    let keeps_its_zero = groups.keys().any(|[_, _, code, _]| code == "071080");
    ensure(keeps_its_zero, true)?;
    let figures = answers(
        &db,
        "SELECT CAST(sum(CASE WHEN value IS NULL THEN 1 ELSE 0 END) AS TEXT), \
         CAST(sum(CASE WHEN net_mass IS NULL THEN 1 ELSE 0 END) AS TEXT), CAST(sum(net_mass) AS TEXT) FROM shipment",
    )
    .await?;
    let expected = [506, counted.without_mass, counted.mass * 100];
    ensure(counted.free_of_charge, 506)?;
    ensure(
        figures,
        vec![expected.map(|figure| figure.to_string()).to_vec()],
    )?;
    db.close().await?;
    Ok(())
}
