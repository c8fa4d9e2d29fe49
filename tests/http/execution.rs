//! What a request comes to: what fails, in which order answers stand, and what runs once.
use libtest_mimic::{Failed, Trial};
use reqwest::Method;
use serde_json::{Value, json};

use super::graphql;
use crate::harness::{App, Backend, Template, ensure, trial};

pub fn trials(backend: &Backend) -> Vec<Trial> {
    vec![
        trial(backend, "http::what_fails_leaves_the_rest", failing),
        trial(backend, "http::keys_stand_as_asked_for", order),
        trial(backend, "http::selections_of_one_key_are_one", merged),
        trial(backend, "http::mutations_stand_by_themselves", mutations),
        trial(backend, "http::wrong_values_are_all_told", values),
    ]
}

async fn ids(app: &App) -> Result<[Value; 2], Failed> {
    let data = app
        .data(
            "{ a: country(code: \"cn\") { id } b: country(code: \"ru\") { id } }",
            json!({}),
        )
        .await?;
    Ok([data["a"]["id"].clone(), data["b"]["id"].clone()])
}

async fn failing(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let [china, russia] = ids(&app).await?;
    let query = "query($ids: [ID!]!) { a: __typename
        b: node(id: \"x\") { id }
        c: country(code: \"cn\") { name exports(first: -1) { totalCount } }
        d: country(code: \"cn\") { name }
        nodes(ids: $ids) { ... on Country { name exports(last: 999) { totalCount } } }
        e: nodes(ids: $ids) { ... on Country { name } } }";
    let variables = json!({ "ids": [china, "x", russia] });
    let (status, answer) =
        graphql(&app, &json!({ "query": query, "variables": variables })).await?;
    ensure(status, 200)?;
    let china = json!({ "name": "China" });
    let expected = json!({
        "a": "Query",
        // It may be null, and is.
        "b": null,
        // `exports` may not be null: what it belongs to is.
        "c": null,
        "d": china,
        "nodes": [null, null, null],
        "e": [china, null, answer["data"]["e"][2]],
    });
    ensure(&answer["data"], &expected)?;
    ensure(answer["data"]["e"][2]["name"].is_string(), true)?;
    let errors = answer["errors"].as_array().ok_or("no errors")?;
    let mut paths: Vec<_> = errors
        .iter()
        .map(|error| error["path"].to_string())
        .collect();
    paths.sort_unstable();
    let expected = [
        r#"["b"]"#,
        r#"["c","exports"]"#,
        r#"["e",1]"#,
        r#"["nodes",0,"exports"]"#,
        r#"["nodes",1]"#,
        r#"["nodes",2,"exports"]"#,
    ];
    ensure(paths, expected.map(str::to_owned).to_vec())?;
    // Nothing above may be null: all is.
    let (status, answer) = graphql(
        &app,
        &json!({ "query": "{ a: __typename parties(first: -1) { totalCount } }" }),
    )
    .await?;
    ensure((status, answer.get("data")), (200, Some(&Value::Null)))
}

async fn order(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let [china, _] = ids(&app).await?;
    let query = "query($id: ID!) { z: __typename ...q a: __typename node(id: $id) {
            __typename ...n c: id ... on Country { b: name } ... on Party { never: name } ... on Node { a: id } ... on Country { y: alpha2 } } }
        fragment q on Query { m: __typename z: __typename b: __typename }
        fragment n on Country { x: name c: id k: kind }";
    // As text: objects of the test have no order.
    let request = app.request(Method::POST, "/graphql");
    let request = request.json(&json!({ "query": query, "variables": { "id": china } }));
    let text = request.send().await?.text().await?;
    let expected = format!(
        r#"{{"data":{{"z":"Query","m":"Query","b":"Query","a":"Query","node":{{"__typename":"Country","x":"China","c":{china},"k":"COUNTRY","b":"China","a":{china},"y":"CN"}}}}}}"#
    );
    ensure(text, expected)
}

async fn merged(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let [china, _] = ids(&app).await?;
    let query = "query($id: ID!, $yes: Boolean!, $no: Boolean = false, $absent: Boolean! = true) {
            c: country(code: \"cn\") { edges: exports(first: 1) { totalCount } name }
            ... @include(if: $yes) { c: country(code: \"cn\") { alpha2 edges: exports(first: 1) { nodes { id } } } }
            ... @skip(if: $yes) { c: country(code: \"cn\") { alpha3 } }
            ... @include(if: $no) { c: country(code: \"cn\") { kind } }
            c: country(code: \"cn\") @skip(if: $absent) { version }
            c: country(code: \"cn\") @include(if: $absent) @skip(if: $no) { m49 @include(if: true) status @skip(if: true) }
            node(id: $id) { ...a ...b ... on Country { exports(first: 1) { pageInfo { hasNextPage } } } }
        }
        fragment a on Country { exports(first: 1) { totalCount } }
        fragment b on Node { ... on Country { exports(first: 1) { nodes { key } } } ... on Party { exports: name } }";
    let variables = json!({ "id": china, "yes": true });
    let answer = app.data(query, variables).await?;
    let expected = json!({
        "c": { "edges": { "totalCount": 0, "nodes": [] }, "name": "China", "alpha2": "CN", "m49": "156" },
        "node": { "exports": { "totalCount": 0, "nodes": [], "pageInfo": { "hasNextPage": false } } },
    });
    ensure(answer, expected)
}

const FIRST: &str = "first: createParty(input: { name: \"First\", kind: PERSON, publish: true }) { party { name } }";

async fn parties(app: &App) -> Result<Value, Failed> {
    let data = app
        .data("{ parties { nodes { name } } }", json!({}))
        .await?;
    Ok(data["parties"]["nodes"].clone())
}

async fn mutations(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let token = app.as_curator().await?;
    let query = format!(
        "mutation {{ {FIRST} second: createCurator(input: {{ email: \"a@example.org\", name: \"A\", role: ADMIN }}) {{ curator {{ id }} }} }}"
    );
    let answer = app.ask(&token, &query, json!({})).await?;
    let first = json!({ "first": { "party": { "name": "First" } }, "second": null });
    ensure(&answer["data"], &first)?;
    ensure(&answer["errors"][0]["path"], &json!(["second"]))?;
    ensure(parties(&app).await?, json!([{ "name": "First" }]))?;
    // A value that is none is found before the first of them runs.
    let query = format!(
        "mutation($date: PartialDate) {{ {FIRST} second: createSource(input: {{ kind: ARTICLE, title: \"x\", publishedOn: $date }}) {{ found }} }}"
    );
    for (query, date) in [
        (query.clone(), json!("soon")),
        (
            query
                .replace("($date: PartialDate)", "")
                .replace("$date", "\"soon\""),
            json!(null),
        ),
        (query.replace("PartialDate", "String"), json!("2023")),
    ] {
        let answer = app.ask(&token, &query, json!({ "date": date })).await?;
        ensure(
            (answer.get("data"), answer["errors"].is_array()),
            (None, true),
        )?;
    }
    ensure(parties(&app).await?, json!([{ "name": "First" }]))
}

/// Each error's place, as `extensions.value` has it.
fn places(answer: &Value) -> Vec<String> {
    let errors = answer["errors"].as_array().into_iter().flatten();
    let place = |error: &Value| {
        let steps = error["extensions"]["value"]
            .as_array()
            .into_iter()
            .flatten();
        let steps: Vec<_> = steps.filter_map(Value::as_str).collect();
        steps.join(".")
    };
    let mut places: Vec<_> = errors.map(place).collect();
    places.sort_unstable();
    places
}

async fn values(backend: Backend) -> Result<(), Failed> {
    let app = App::started(&backend, Template::Empty, &["--max-errors=9"]).await?;
    let ask = async |query: &str, variables: Value| -> Result<Value, Failed> {
        let request = json!({ "query": query, "variables": variables });
        let (status, answer) = graphql(&app, &request).await?;
        ensure((status, answer.get("data")), (400, None))?;
        Ok(answer)
    };
    let query = "query($first: Int!, $f: ShipmentFilter, $ids: [ID!]!, $code: String!) {
        shipments(first: $first, filter: $f) { totalCount } nodes(ids: $ids) { id } country(code: $code) { id } }";
    let variables = json!({
        "first": 1.5,
        "f": { "flow": { "in": ["EXPORT", "SMUGGLING"] }, "periodStart": { "gte": "2023-02-30" }, "value": { "gt": "much" }, "nothing": 1 },
        "ids": ["a", null, { "b": 1 }],
    });
    let answer = ask(query, variables).await?;
    let expected = [
        "$code",
        "$f.flow.in.1",
        "$f.nothing",
        "$f.periodStart.gte",
        "$f.value.gt",
        "$first",
        "$ids.1",
        "$ids.2",
    ];
    ensure(places(&answer), expected.map(str::to_owned).to_vec())?;
    let literal = "{ shipments(first: \"x\", filter: { flow: { in: [EXPORT, SMUGGLING] }, periodStart: { gte: \"2023-02-30\" }, aggregated: { eq: 1 } }) { totalCount } }";
    let answer = ask(literal, json!({})).await?;
    let expected = [
        "shipments.filter.aggregated.eq",
        "shipments.filter.flow.in.1",
        "shipments.filter.periodStart.gte",
        "shipments.first",
    ];
    ensure(places(&answer), expected.map(str::to_owned).to_vec())?;
    // Exactly one, and not null, whether it stands there or comes by a variable.
    let token = app.as_curator().await?;
    for (defined, given, sent) in [
        ("($c: CountryReference)", "$c", json!({ "c": {} })),
        (
            "($c: CountryReference)",
            "$c",
            json!({ "c": { "code": "cn", "id": "x" } }),
        ),
        (
            "($c: CountryReference)",
            "$c",
            json!({ "c": { "code": null } }),
        ),
        (
            "($v: String!)",
            "{ code: $v, id: \"x\" }",
            json!({ "v": "cn" }),
        ),
        ("($v: String)", "{ code: $v }", json!({ "v": null })),
        ("($v: String)", "{ code: $v }", json!({})),
        ("", "{ code: null }", json!({})),
        ("", "{}", json!({})),
    ] {
        let query = format!(
            "mutation{defined} {{ createParty(input: {{ name: \"x\", kind: PERSON, country: {given} }}) {{ found }} }}"
        );
        let answer = app.ask(&token, &query, sent).await?;
        if answer.get("data").is_some() {
            return Err(format!("{query} answered {answer}").into());
        }
    }
    // Of too many, as many as are reported, and how many more there are.
    let ids: Vec<_> = (0..30).map(|_| Value::Null).collect();
    let answer = ask(
        "query($ids: [ID!]!) { nodes(ids: $ids) { id } }",
        json!({ "ids": ids }),
    )
    .await?;
    let errors = answer["errors"].as_array().ok_or("no errors")?;
    ensure(errors.len(), 10)?;
    let last = errors[9]["message"].as_str().unwrap_or_default();
    ensure(last.contains("21 errors more"), true)?;
    // What executes is cut as well.
    let ids: Vec<_> = (0..30).map(|number| format!("x{number}")).collect();
    let request = json!({ "query": "query($ids: [ID!]!) { nodes(ids: $ids) { id } }", "variables": { "ids": ids } });
    let (status, answer) = graphql(&app, &request).await?;
    let errors = answer["errors"].as_array().ok_or("no errors")?;
    ensure((status, errors.len()), (200, 10))?;
    ensure(answer["data"]["nodes"].as_array().map(Vec::len), Some(30))
}
