//! Filters mean what logic means: each record matches a filter or its `not`, on both databases.
use entity::{shipment, value::Decimal};
use libtest_mimic::{Failed, Trial};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::harness::{App, Backend, Template, dataset, generate, publish, runner, shipment, trial};

pub fn trials(backend: &Backend) -> Vec<Trial> {
    vec![
        trial(backend, "filters::agree_with_logic", agree_with_logic),
        trial(backend, "filters::are_bounded", are_bounded),
    ]
}

/// Of each record, the value in thousandths and the declared code.
type Row = (Option<i64>, Option<String>);

/// A filter, and whether a row matches it.
#[derive(Clone, Debug)]
enum Filter {
    Value(&'static str, i64),
    ValueIn(&'static str, Vec<i64>),
    ValueIsNull(bool),
    Code(&'static str, String),
    And(Vec<Filter>),
    Or(Vec<Filter>),
    Not(Box<Filter>),
}

impl Filter {
    fn input(&self) -> Value {
        let inputs = |filters: &[Filter]| filters.iter().map(Filter::input).collect::<Vec<_>>();
        let decimal = |value: &i64| Decimal::from_thousandths(*value).to_string();
        match self {
            Self::Value(operator, value) => json!({ "value": { *operator: decimal(value) } }),
            Self::ValueIn(operator, values) => {
                json!({ "value": { *operator: values.iter().map(decimal).collect::<Vec<_>>() } })
            }
            Self::ValueIsNull(is_null) => json!({ "value": { "isNull": is_null } }),
            Self::Code(operator, code) => json!({ "declaredDescription": { *operator: code } }),
            Self::And(filters) => json!({ "and": inputs(filters) }),
            Self::Or(filters) => json!({ "or": inputs(filters) }),
            Self::Not(filter) => json!({ "not": filter.input() }),
        }
    }

    fn matches(&self, row: &Row) -> bool {
        let (value, code) = row;
        match self {
            Self::Value("eq", wanted) => value.is_some_and(|value| value == *wanted),
            Self::Value("ne", wanted) => value.is_none_or(|value| value != *wanted),
            Self::Value("lt", wanted) => value.is_some_and(|value| value < *wanted),
            Self::Value("lte", wanted) => value.is_some_and(|value| value <= *wanted),
            Self::Value("gt", wanted) => value.is_some_and(|value| value > *wanted),
            Self::Value(_, wanted) => value.is_some_and(|value| value >= *wanted),
            Self::ValueIn("in", wanted) => value.is_some_and(|value| wanted.contains(&value)),
            Self::ValueIn(_, wanted) => value.is_none_or(|value| !wanted.contains(&value)),
            Self::ValueIsNull(is_null) => value.is_none() == *is_null,
            Self::Code(operator, wanted) => {
                let (lower, folded) = (|text: &str| text.to_ascii_lowercase(), code.as_deref());
                let Some(code) = folded else {
                    return *operator == "ne";
                };
                match *operator {
                    "eq" => code == wanted,
                    "ne" => code != wanted,
                    "contains" => lower(code).contains(&lower(wanted)),
                    _ => lower(code).starts_with(&lower(wanted)),
                }
            }
            Self::And(filters) => filters.iter().all(|filter| filter.matches(row)),
            Self::Or(filters) => filters.iter().any(|filter| filter.matches(row)),
            Self::Not(filter) => !filter.matches(row),
        }
    }
}

/// Letters that databases like to treat in ways of their own.
const TEXT: &str = r"[aAzß%_\\Дд]{1,3}";

fn filter() -> impl Strategy<Value = Filter> {
    let order = proptest::sample::select(vec!["eq", "ne", "lt", "lte", "gt", "gte"]);
    let text = proptest::sample::select(vec!["eq", "ne", "contains", "startsWith"]);
    let leaf = prop_oneof![
        (order, 0i64..4).prop_map(|(operator, value)| Filter::Value(operator, value)),
        (
            proptest::sample::select(vec!["in", "notIn"]),
            proptest::collection::vec(0i64..4, 0..3)
        )
            .prop_map(|(operator, values)| Filter::ValueIn(operator, values)),
        any::<bool>().prop_map(Filter::ValueIsNull),
        (text, TEXT).prop_map(|(operator, text)| Filter::Code(operator, text)),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 1..3).prop_map(Filter::And),
            proptest::collection::vec(inner.clone(), 1..3).prop_map(Filter::Or),
            inner.prop_map(|filter| Filter::Not(Box::new(filter))),
        ]
    })
}

async fn agree_with_logic(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let mut runner = runner();
    let rows = proptest::collection::vec(
        (proptest::option::of(0i64..4), proptest::option::of(TEXT)),
        60,
    );
    let rows: Vec<Row> = generate(&mut runner, &rows)?;
    let dataset = dataset("filters");
    let shipments = rows
        .iter()
        .enumerate()
        .map(|(place, (value, text))| shipment::Model {
            value: value.map(Decimal::from_thousandths),
            currency: value.map(|_| "USD".to_owned()),
            declared_description: text.clone(),
            ..shipment(&dataset, &format!("{place:03}"))
        });
    let shipments = shipments.collect();
    publish(&app.db, dataset, shipments).await?;

    let query = "query ($filter: ShipmentFilter) { shipments(first: 200, filter: $filter, orderBy: { field: KEY }) { nodes { key } } }";
    for _ in 0..150 {
        let filter = generate(&mut runner, &filter())?;
        let data = app.data(query, json!({ "filter": filter.input() })).await?;
        let nodes = data["shipments"]["nodes"].as_array().ok_or("no nodes")?;
        let found: Vec<_> = nodes
            .iter()
            .filter_map(|node| node["key"].as_str())
            .collect();
        let matching = rows
            .iter()
            .enumerate()
            .filter(|(_, row)| filter.matches(row));
        let expected: Vec<_> = matching.map(|(place, _)| format!("{place:03}")).collect();
        if found != expected {
            return Err(format!(
                "{}: {found:?}, not {expected:?}, of {rows:?}",
                filter.input()
            )
            .into());
        }
    }
    Ok(())
}

async fn are_bounded(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let mut deep = json!({ "key": { "eq": "x" } });
    for _ in 0..20 {
        deep = json!({ "not": deep });
    }
    let rows = [
        deep,
        json!({ "or": [] }),
        json!({ "or": vec![json!({}); 51] }),
        json!({ "key": { "in": vec!["x"; 1001] } }),
        json!({ "key": {} }),
        json!({ "key": { "eq": null } }),
        json!({ "key": { "eq": "\0" } }),
        json!({ "value": { "between": { "from": "2", "to": "1" } } }),
        json!({ "value": { "eq": "1.0001" } }),
        json!({ "id": { "eq": "country_Y291bnRygACAAAAAAAABVg" } }),
    ];
    let query = "query ($filter: ShipmentFilter) { shipments(filter: $filter) { totalCount } }";
    for filter in rows {
        let answer = app.anonymous(query, json!({ "filter": filter })).await?;
        if answer["errors"][0]["extensions"]["code"] != "BAD_USER_INPUT" {
            return Err(format!("{filter} was answered with {answer}").into());
        }
    }
    Ok(())
}
