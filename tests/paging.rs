//! Paging loses no row and repeats none: forwards and backwards, in any order, through ties and
//! nulls, at the root and below a parent.
use std::cmp::Ordering;

use entity::{
    shipment,
    value::{Date, Decimal},
};
use libtest_mimic::{Failed, Trial};
use proptest::prelude::*;
use sea_orm::prelude::ChronoDate;
use serde_json::{Value, json};

use crate::harness::{App, Backend, Template, dataset, generate, publish, runner, shipment, trial};

pub fn trials(backend: &Backend) -> Vec<Trial> {
    vec![
        trial(backend, "paging::every_row_exactly_once", every_row_once),
        trial(backend, "paging::cursors_are_checked", cursors_are_checked),
    ]
}

/// What the orders look at; few values, so that there are ties and nulls among them.
#[derive(Clone, Debug)]
struct Row {
    value: Option<i64>,
    code: Option<String>,
    day: u32,
}

#[derive(Clone, Copy, Debug)]
enum Field {
    Value,
    DeclaredCode,
    PeriodStart,
}

#[derive(Clone, Copy, Debug)]
struct Key {
    field: Field,
    descends: bool,
    nulls_first: bool,
}

impl Key {
    fn input(self) -> Value {
        let field = match self.field {
            Field::Value => "VALUE",
            Field::DeclaredCode => "DECLARED_CODE",
            Field::PeriodStart => "PERIOD_START",
        };
        let direction = if self.descends { "DESC" } else { "ASC" };
        let nulls = if self.nulls_first { "FIRST" } else { "LAST" };
        json!({ "field": field, "direction": direction, "nulls": nulls })
    }

    fn compare(self, one: &Row, other: &Row) -> Ordering {
        match self.field {
            Field::Value => self.place(&one.value, &other.value),
            Field::DeclaredCode => self.place(&one.code, &other.code),
            Field::PeriodStart => self.place(&Some(one.day), &Some(other.day)),
        }
    }

    fn place<T: Ord>(self, one: &Option<T>, other: &Option<T>) -> Ordering {
        let null = if self.nulls_first {
            Ordering::Less
        } else {
            Ordering::Greater
        };
        match (one, other) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => null,
            (Some(_), None) => null.reverse(),
            (Some(one), Some(other)) if self.descends => other.cmp(one),
            (Some(one), Some(other)) => one.cmp(other),
        }
    }
}

fn row() -> impl Strategy<Value = Row> {
    let code = proptest::option::of("[08]{1,2}|é|Z|z");
    (proptest::option::of(0i64..4), code, 1u32..4).prop_map(|(value, code, day)| Row {
        value,
        code,
        day,
    })
}

fn key() -> impl Strategy<Value = Key> {
    let field = prop_oneof![
        Just(Field::Value),
        Just(Field::DeclaredCode),
        Just(Field::PeriodStart)
    ];
    (field, any::<bool>(), any::<bool>()).prop_map(|(field, descends, nulls_first)| Key {
        field,
        descends,
        nulls_first,
    })
}

async fn every_row_once(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let mut runner = runner();
    let strategy = (
        proptest::collection::vec(row(), 0..40),
        proptest::collection::vec(key(), 0..4),
        1usize..9,
    );
    for number in 0..30 {
        let case = generate(&mut runner, &strategy)?;
        let (rows, keys, size) = &case;
        let slug = format!("paging-{number}");
        enter(&app, &slug, rows).await?;
        let mut expected: Vec<usize> = (0..rows.len()).collect();
        // A stable sort: equals stay in the order of entry, as ids have it.
        expected.sort_by(|one, other| {
            let orders = keys
                .iter()
                .map(|key| key.compare(&rows[*one], &rows[*other]));
            orders.fold(Ordering::Equal, Ordering::then)
        });
        for nested in [false, true] {
            for forward in [true, false] {
                let found = walk(&app, &slug, keys, *size, forward, nested).await?;
                if found != expected {
                    let way = (nested, forward);
                    return Err(format!("{way:?} of {case:?}: {found:?}, not {expected:?}").into());
                }
            }
        }
    }
    Ok(())
}

async fn enter(app: &App, slug: &str, rows: &[Row]) -> Result<(), Failed> {
    let dataset = dataset(slug);
    let rows = rows.iter().enumerate().map(|(place, row)| {
        let day = Date(ChronoDate::from_ymd_opt(2023, 1, row.day).unwrap_or_default());
        shipment::Model {
            value: row.value.map(Decimal::from_thousandths),
            currency: row.value.map(|_| "USD".to_owned()),
            declared_code: row.code.clone(),
            period_start: day,
            period_end: day,
            ..shipment(&dataset, &place.to_string())
        }
    });
    let rows = rows.collect();
    publish(&app.db, dataset, rows).await
}

/// The places of all rows, page by page.
async fn walk(
    app: &App,
    slug: &str,
    keys: &[Key],
    size: usize,
    forward: bool,
    nested: bool,
) -> Result<Vec<usize>, Failed> {
    let (count, cursor) = if forward {
        ("first", "after")
    } else {
        ("last", "before")
    };
    let page = "{ nodes { key } totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }";
    let arguments = format!("{count}: $size, {cursor}: $cursor, orderBy: $order");
    let query = if nested {
        format!(
            "query ($slug: String!, $size: Int, $cursor: String, $order: [ShipmentOrder!]) {{ dataset(slug: $slug) {{ shipments({arguments}) {page} }} }}"
        )
    } else {
        format!(
            "query ($slug: String!, $size: Int, $cursor: String, $order: [ShipmentOrder!]) {{ shipments(filter: {{ dataset: {{ slug: {{ eq: $slug }} }} }}, {arguments}) {page} }}"
        )
    };
    let order: Vec<_> = keys.iter().map(|key| key.input()).collect();
    let mut found = Vec::new();
    let mut at = Value::Null;
    loop {
        let variables = json!({ "slug": slug, "size": size, "cursor": at, "order": order });
        let data = app.data(&query, variables).await?;
        let page = if nested {
            &data["dataset"]["shipments"]
        } else {
            &data["shipments"]
        };
        let keys = page["nodes"].as_array().ok_or("no nodes")?;
        let mut places = Vec::with_capacity(keys.len());
        for key in keys {
            places.push(key["key"].as_str().ok_or("no key")?.parse::<usize>()?);
        }
        let info = &page["pageInfo"];
        let more = if forward {
            found.extend(places);
            at = info["endCursor"].clone();
            &info["hasNextPage"]
        } else {
            found.splice(0..0, places);
            at = info["startCursor"].clone();
            &info["hasPreviousPage"]
        };
        if *more == json!(false) {
            if page["totalCount"] != json!(found.len()) {
                return Err(format!("totalCount {} of {}", page["totalCount"], found.len()).into());
            }
            return Ok(found);
        }
    }
}

async fn cursors_are_checked(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let by_name = "{ countries(first: 1, orderBy: { field: NAME }) { pageInfo { endCursor } } }";
    let data = app.data(by_name, json!({})).await?;
    let cursor = &data["countries"]["pageInfo"]["endCursor"];
    // `["name+",1,"x"]` and `["name+","a"]`: of the right order, with values that are not.
    let forged = [
        "WyJuYW1lKyIsMSwieCJd",
        "WyJuYW1lKyIsImEiXQ",
        "W10",
        "e30",
        "",
        "🚢",
    ];
    let wrong_order =
        "query ($c: String) { countries(after: $c, orderBy: { field: M49 }) { totalCount } }";
    let right_order =
        "query ($c: String) { countries(after: $c, orderBy: { field: NAME }) { totalCount } }";
    let mut rows = vec![(wrong_order, cursor.clone())];
    rows.extend(forged.map(|cursor| (right_order, json!(cursor))));
    for (query, cursor) in rows {
        let answer = app.anonymous(query, json!({ "c": cursor })).await?;
        if answer["errors"][0]["extensions"]["code"] != "BAD_USER_INPUT" {
            return Err(format!("{cursor} was answered with {answer}").into());
        }
    }
    Ok(())
}
