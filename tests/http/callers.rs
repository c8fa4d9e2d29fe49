//! Who may ask, from where, and how much.
use libtest_mimic::{Failed, Trial};
use reqwest::{Method, Response, header};
use serde_json::{Value, json};

use super::GRAPHQL;
use crate::harness::{App, Backend, Template, ensure, trial, waybill};

pub fn trials(backend: &Backend) -> Vec<Trial> {
    vec![
        trial(backend, "http::rates", rates),
        trial(backend, "http::rates_of_each", each),
        trial(backend, "http::dry_runs", dry_runs),
        trial(backend, "http::cost", cost),
        trial(backend, "http::proxies", proxies),
        trial(backend, "http::cors", cors),
        trial(backend, "http::security_headers", security),
        trial(backend, "http::one_credential", one_credential),
    ]
}

/// Costs 61 points: one, and one for each record.
const SIXTY: &str = "{ countries(first: 60) { nodes { id } } }";

/// A query with these headers.
async fn ask(app: &App, query: &str, headers: &[(&str, &str)]) -> Result<Response, Failed> {
    let request = app
        .request(Method::POST, "/graphql")
        .header(header::ACCEPT, GRAPHQL);
    let request = headers.iter().fold(request, |request, (name, value)| {
        request.header(*name, *value)
    });
    Ok(request
        .json(&json!({ "query": query, "extensions": { "cost": true } }))
        .send()
        .await?)
}

fn value<'r>(response: &'r Response, name: &str) -> &'r str {
    let value = response.headers().get(name);
    value
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

async fn rates(backend: Backend) -> Result<(), Failed> {
    let app = App::started(&backend, Template::Empty, &["--rate-anonymous=100"]).await?;
    let first = ask(&app, SIXTY, &[]).await?;
    ensure(first.status().as_u16(), 200)?;
    ensure(value(&first, "ratelimit-policy"), "\"points\";q=100;w=60")?;
    let left = value(&first, "ratelimit");
    ensure(left.starts_with("\"points\";r=39;t=3"), true)?;
    let answer: Value = first.json().await?;
    let told = &answer["extensions"]["cost"];
    ensure(
        (&told["points"], &told["limit"], &told["remaining"]),
        (&json!(61), &json!(100), &json!(39)),
    )?;
    let second = ask(&app, SIXTY, &[]).await?;
    ensure(second.status().as_u16(), 429)?;
    let wait: u64 = value(&second, "retry-after").parse()?;
    ensure((1..=60).contains(&wait), true)?;
    let answer: Value = second.json().await?;
    let error = &answer["errors"][0]["extensions"];
    ensure(
        (&error["code"], &error["retryAfter"]),
        (&json!("RATE_LIMITED"), &json!(wait)),
    )?;
    ensure(answer.get("data"), None)?;
    // What is refused takes no points; less is still to be had.
    ensure(
        ask(&app, "{ __typename }", &[]).await?.status().as_u16(),
        200,
    )?;
    // More than a minute's points are never there.
    let large = ask(&app, "{ countries(first: 200) { nodes { id } } }", &[]).await?;
    ensure(
        (large.status().as_u16(), value(&large, "retry-after")),
        (429, "60"),
    )
}

async fn each(backend: Backend) -> Result<(), Failed> {
    let options = ["--rate-anonymous=100", "--rate-signed-in=100"];
    let app = App::started(&backend, Template::Empty, &options).await?;
    let [one, other] = [app.as_curator().await?, app.as_curator().await?];
    let make = "mutation { createApiKey(input: { name: \"reader\", scopes: [READ] }) { secret } }";
    let made = app.ask(&one, make, json!({})).await?;
    let key = made["data"]["createApiKey"]["secret"]
        .as_str()
        .ok_or("no key")?
        .to_owned();
    // Each has points of their own, a curator and their key as well.
    for token in [&one, &other, &key] {
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str())];
        ensure(ask(&app, SIXTY, &headers).await?.status().as_u16(), 200)?;
        ensure(ask(&app, SIXTY, &headers).await?.status().as_u16(), 429)?;
    }
    ensure(ask(&app, SIXTY, &[]).await?.status().as_u16(), 200)?;
    ensure(ask(&app, SIXTY, &[]).await?.status().as_u16(), 429)
}

async fn dry_runs(backend: Backend) -> Result<(), Failed> {
    let app = App::started(&backend, Template::Empty, &["--rate-anonymous=100"]).await?;
    for query in [
        "{ rateLimit(dryRun: true) { cost remaining } countries(first: 200) { nodes { id } } }",
        "{ ...f } fragment f on Query { countries(first: 200) { nodes { id } } rateLimit(dryRun: true) { cost remaining } }",
        "query($dry: Boolean! = true) { rateLimit(dryRun: $dry) { cost remaining } countries(first: 200) { nodes { id } } }",
        "{ node(id: \"x\") { id } rateLimit(dryRun: true) { cost remaining } countries(first: 200) { nodes { id } } }",
    ]
    .iter()
    .zip((96..=99).rev())
    {
        let (query, remaining) = query;
        let answer: Value = ask(&app, query, &[]).await?.json().await?;
        let found = &answer["data"]["rateLimit"];
        let cost = found["cost"].as_u64().unwrap_or_default();
        if !(201..=203).contains(&cost) || found["remaining"] != remaining {
            return Err(format!("{query} answered {answer}").into());
        }
        ensure(answer["data"].as_object().map(serde_json::Map::len), Some(1))?;
        ensure(answer.get("errors"), None)?;
    }
    // One that is not meant runs, and is charged.
    let query = "{ rateLimit(dryRun: false) { cost } countries(first: 200) { nodes { id } } }";
    ensure(ask(&app, query, &[]).await?.status().as_u16(), 429)
}

/// Whichever way it is asked for, what may be read costs the same.
async fn cost(backend: Backend) -> Result<(), Failed> {
    let app = App::started(&backend, Template::Empty, &["--max-cost=1000"]).await?;
    let points = async |query: &str| -> Result<u64, Failed> {
        let answer: Value = ask(&app, query, &[]).await?.json().await?;
        let points = answer["extensions"]["cost"]["points"].as_u64();
        points.ok_or_else(|| format!("{query} answered {answer}").into())
    };
    let plain =
        points("{ countries(first: 10) { nodes { exports(first: 5) { nodes { id } } } } }").await?;
    ensure(plain, 61)?;
    for same in [
        "{ countries(first: 10) { edges { node { exports(last: 5) { nodes { id } } } } } }",
        "{ countries(first: 10) { ...f ...f } } fragment f on CountryConnection { nodes { ... on Node { ... on Country { exports(first: 5) { nodes { id } } } } } }",
        "query($n: Int = 5) { countries(first: 10) { nodes { exports(first: $n) { nodes { id } } } } }",
        "{ countries(first: 10) { nodes { exports(first: 5) { nodes { id id } nodes { key } } } } }",
        "{ countries(first: 10) { nodes { exports(first: 5) { nodes { id } } } } more: countries(first: 10) @skip(if: true) { nodes { id } } }",
    ] {
        ensure((same, points(same).await?), (same, plain))?;
    }
    for (query, expected) in [
        // The usual size of a page.
        ("{ countries { nodes { id } } }", 26),
        ("{ countries(first: null) { nodes { id } } }", 26),
        (
            "query($n: Int) { countries(first: $n) { nodes { id } } }",
            26,
        ),
        (
            "{ countries(first: 10) { nodes { id } edges { node { id } } } }",
            21,
        ),
        (
            "{ a: countries(first: 10) { nodes { id } } b: countries(first: 10) { nodes { id } } }",
            21,
        ),
        (
            "{ countries(first: 10) { nodes { exports(first: 0) { totalCount } } } }",
            111,
        ),
        ("{ nodes(ids: [\"a\", \"b\", \"c\"]) { id } }", 4),
        (
            "{ nodes(ids: [\"a\", \"b\", \"c\"]) { ... on Country { exports(first: 5) { nodes { id } } } } }",
            19,
        ),
        ("{ node(id: \"a\") { id } }", 2),
        // Each mutation, wherever it stands.
        (
            "mutation { a: signOut(input: { refreshToken: \"x\" }) { userErrors { code } } b: signOut(input: { refreshToken: \"x\" }) { userErrors { code } } }",
            21,
        ),
        (
            "mutation { ...f } fragment f on Mutation { a: signOut(input: { refreshToken: \"x\" }) { userErrors { code } } b: signOut(input: { refreshToken: \"x\" }) { userErrors { code } } }",
            21,
        ),
    ] {
        ensure((query, points(query).await?), (query, expected))?;
    }
    for too_much in [
        "{ countries(first: 200) { nodes { exports(first: 200) { nodes { id } } } } }",
        "{ countries(first: 200) { nodes { ...a ...b } } } fragment a on Country { exports(first: 3) { nodes { id } } } fragment b on Country { imports(first: 3) { edges { node { id } } } }",
        "{ countries(first: 200) { nodes { exports(first: 0) { totalCount } } } }",
    ] {
        let answer: Value = ask(&app, too_much, &[]).await?.json().await?;
        ensure(
            &answer["errors"][0]["extensions"]["limit"],
            &json!("max-cost"),
        )?;
    }
    Ok(())
}

async fn proxies(backend: Backend) -> Result<(), Failed> {
    let told = [
        "--rate-anonymous=100",
        "--trusted-proxies=127.0.0.0/8,10.0.0.0/8",
    ];
    let app = App::started(&backend, Template::Empty, &told).await?;
    let status = async |app: &App, from: &[&str]| -> Result<u16, Failed> {
        let headers: Vec<_> = from.iter().map(|from| ("x-forwarded-for", *from)).collect();
        Ok(ask(app, SIXTY, &headers).await?.status().as_u16())
    };
    // Each has points for one.
    for (from, expected) in [
        (&["1.2.3.4"][..], 200),
        (&["1.2.3.4"], 429),
        // What stands left of it may be made up.
        (&["9.9.9.9, 1.2.3.4"], 429),
        (&["9.9.9.8", "1.2.3.4, 10.1.1.1"], 429),
        (&["::ffff:1.2.3.4"], 429),
        (&["1.2.3.5,10.2.2.2,10.1.1.1"], 200),
        (&["1.2.3.5"], 429),
        (&["2001:db8::1"], 200),
        // A network of IPv6 is one caller's.
        (&["2001:db8::2"], 429),
        (&["2001:db8:0:1::2"], 200),
        // No address: the proxy's own.
        (&["unknown"], 200),
        (&["1.2.3.9, unknown"], 429),
        (&[], 429),
    ] {
        ensure((from, status(&app, from).await?), (from, expected))?;
    }
    // Nobody else is believed.
    let app = App::started(&backend, Template::Empty, &["--rate-anonymous=100"]).await?;
    ensure(status(&app, &["1.2.3.4"]).await?, 200)?;
    ensure(status(&app, &["1.2.3.5"]).await?, 429)
}

async fn cors(backend: Backend) -> Result<(), Failed> {
    let preflight =
        async |app: &App, origin: &str, method: &str, headers: &str| -> Result<Response, Failed> {
            let request = app
                .request(Method::OPTIONS, "/graphql")
                .header("origin", origin);
            let request = request.header("access-control-request-method", method);
            Ok(request
                .header("access-control-request-headers", headers)
                .send()
                .await?)
        };
    let allowed = "https://app.example.org";
    let options = ["--cors-origins=https://app.example.org,http://localhost:3000"];
    let app = App::started(&backend, Template::Empty, &options).await?;
    let answer = preflight(
        &app,
        allowed,
        "POST",
        "content-type, authorization, idempotency-key",
    )
    .await?;
    ensure(
        (
            answer.status().as_u16(),
            value(&answer, "access-control-allow-origin"),
        ),
        (200, allowed),
    )?;
    ensure(
        value(&answer, "access-control-allow-methods").contains("POST"),
        true,
    )?;
    ensure(
        value(&answer, "access-control-allow-headers").contains("idempotency-key"),
        true,
    )?;
    ensure(value(&answer, "access-control-max-age"), "3600")?;
    ensure(value(&answer, "access-control-allow-credentials"), "")?;
    for (origin, method, headers) in [
        ("https://evil.example.org", "POST", "content-type"),
        ("https://app.example.org.evil.org", "POST", "content-type"),
        ("http://app.example.org", "POST", "content-type"),
        ("null", "POST", "content-type"),
        (allowed, "DELETE", "content-type"),
        (allowed, "POST", "x-other"),
    ] {
        let answer = preflight(&app, origin, method, headers).await?;
        ensure(
            (
                origin,
                answer.status().as_u16(),
                value(&answer, "access-control-allow-origin"),
            ),
            (origin, 400, ""),
        )?;
    }
    for (origin, expected) in [(allowed, allowed), ("https://evil.example.org", "")] {
        let answer = ask(&app, "{ __typename }", &[("origin", origin)]).await?;
        ensure(
            (
                answer.status().as_u16(),
                value(&answer, "access-control-allow-origin"),
            ),
            (200, expected),
        )?;
        ensure(value(&answer, "vary").contains("Origin"), true)?;
    }
    // An error can be read by the page that caused it, too.
    let answer = ask(&app, "{", &[("origin", allowed)]).await?;
    ensure(
        (
            answer.status().as_u16(),
            value(&answer, "access-control-allow-origin"),
        ),
        (400, allowed),
    )?;
    let app = App::started(&backend, Template::Empty, &["--cors-origins=*"]).await?;
    let answer = preflight(&app, "https://any.example.org", "GET", "accept").await?;
    ensure(
        (
            answer.status().as_u16(),
            value(&answer, "access-control-allow-origin"),
        ),
        (200, "*"),
    )?;
    // By default no other page may ask; one of our own sends its origin as well.
    let app = App::start(&backend, Template::Empty).await?;
    let answer = ask(&app, "{ __typename }", &[("origin", &app.url)]).await?;
    ensure(
        (
            answer.status().as_u16(),
            value(&answer, "access-control-allow-origin"),
        ),
        (200, ""),
    )?;
    for wrong in [
        "example.org",
        "https://",
        "https://example.org/",
        "https://*.example.org",
        "ftp://example.org",
    ] {
        let arguments = ["serve", "--listen", "127.0.0.1:0", "--cors-origins", wrong];
        waybill(&app.database_url, &arguments)?.failed_saying("--cors-origins")?;
    }
    Ok(())
}

async fn security(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    for (method, path) in [
        (Method::GET, "/"),
        (Method::GET, "/nowhere"),
        (Method::GET, "/health/live"),
        (Method::GET, "/health/ready"),
        (Method::GET, "/schema.graphql"),
        (Method::GET, "/.well-known/jwks.json"),
        (Method::GET, "/graphql"),
        (Method::GET, "/graphql?query=%7B__typename%7D"),
        (Method::POST, "/graphql"),
        (Method::PUT, "/graphql"),
        (Method::OPTIONS, "/graphql"),
    ] {
        for coding in ["identity", "gzip", "identity;q=0"] {
            let request = app
                .request(method.clone(), path)
                .header("accept-encoding", coding);
            let answer = request.send().await?;
            let policy = value(&answer, "content-security-policy");
            for (found, expected) in [
                (value(&answer, "x-content-type-options"), "nosniff"),
                (value(&answer, "x-frame-options"), "DENY"),
                (value(&answer, "referrer-policy"), "no-referrer"),
            ] {
                ensure((path, coding, found), (path, coding, expected))?;
            }
            let is_strict = policy.contains("default-src 'none'") && !policy.contains("unsafe");
            ensure((path, policy, is_strict), (path, policy, true))?;
        }
    }
    Ok(())
}

async fn one_credential(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let bearer = format!("Bearer {}", app.as_curator().await?);
    for (first, second) in [(&*bearer, &*bearer), (&bearer, "Bearer x"), ("", &bearer)] {
        let headers = [("authorization", first), ("authorization", second)];
        let answer = ask(&app, "{ __typename }", &headers).await?;
        ensure(
            (answer.status().as_u16(), value(&answer, "www-authenticate")),
            (401, "Bearer error=\"invalid_token\""),
        )?;
    }
    let answer = ask(&app, "{ __typename }", &[("authorization", &bearer)]).await?;
    ensure(answer.status().as_u16(), 200)
}
