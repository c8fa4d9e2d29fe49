//! How often somebody may try.
use std::{
    net::IpAddr,
    time::{Duration, Instant},
};

use entity::curator::Role;
use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};

use waybill::{
    auth::throttle::{MOST, Remote, Throttle},
    kit::error::{Error, Result},
};

use super::{PASSWORD, code};
use crate::harness::{App, Backend, Template, ensure, trial};

pub fn trials(backend: &Backend) -> Vec<Trial> {
    vec![
        trial(backend, "auth::throttle::an_account", account),
        trial(backend, "auth::throttle::a_remote_address", remote),
        trial(backend, "auth::throttle::many_at_once_are_many", at_once),
        trial(
            backend,
            "auth::throttle::waits_double_and_end",
            waits_double,
        ),
        trial(backend, "auth::throttle::remembers_so_many", bounded),
    ]
}

fn waits(answer: &Value) -> Result<(), Failed> {
    ensure(code(answer), "RATE_LIMITED")?;
    let seconds = answer["errors"][0]["extensions"]["retryAfter"].as_u64();
    ensure(
        seconds.is_some_and(|seconds| (1..=900).contains(&seconds)),
        true,
    )
}

async fn account(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let known = app.enter(Role::Curator, Some(PASSWORD)).await?;
    let other = app.enter(Role::Curator, Some(PASSWORD)).await?;
    for email in [known.email.as_str(), "nobody@example.org", "no address"] {
        for _ in 0..5 {
            let answer = app.sign_in(email, "wrong horse battery").await?;
            ensure(answer.get("errors"), None)?;
        }
        let before = app.auth.passwords_hashed();
        waits(&app.sign_in(email, "wrong horse battery").await?)?;
        // Even the right one, however it is spelled; and nothing is hashed for it.
        waits(&app.sign_in(&email.to_uppercase(), PASSWORD).await?)?;
        ensure(app.auth.passwords_hashed(), before)?;
    }
    let answer = app.sign_in(&other.email, PASSWORD).await?;
    ensure(answer["data"]["signIn"]["session"].is_object(), true)?;
    // Who signs in now and then fails in between is not kept waiting.
    for _ in 0..3 {
        for password in ["wrong", "wrong", "wrong", PASSWORD] {
            let answer = app.sign_in(&other.email, password).await?;
            ensure(answer.get("errors"), None)?;
        }
    }
    Ok(())
}

async fn remote(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let known = app.enter(Role::Curator, Some(PASSWORD)).await?;
    for number in 0..50 {
        let answer = app
            .sign_in(&format!("{number}@example.org"), "wrong")
            .await?;
        ensure(answer.get("errors"), None)?;
    }
    waits(&app.sign_in(&known.email, PASSWORD).await?)
}

async fn at_once(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let known = app.enter(Role::Curator, Some(PASSWORD)).await?;
    let attempts: String = (0..20)
        .map(|number| {
            format!(
                r#"a{number}: signIn(input: {{ email: "{}", password: "wrong" }}) {{ userErrors {{ code }} }} "#,
                known.email
            )
        })
        .collect();
    let one = format!("mutation {{ {attempts} }}");
    let (one, other) = tokio::try_join!(
        app.anonymous(&one, json!({})),
        app.anonymous(&one, json!({}))
    )?;
    ensure((code(&one), code(&other)), ("RATE_LIMITED", "RATE_LIMITED"))?;
    ensure(app.auth.passwords_hashed(), 5)
}

fn remote_of(address: &str) -> Result<Remote, Failed> {
    Ok(Remote::new(address.parse::<IpAddr>()?))
}

/// The seconds to wait; 0 for an attempt that is taken.
fn seconds(attempt: Result<()>) -> u64 {
    match attempt {
        Err(Error::RateLimited { retry_after, .. }) => retry_after,
        _ => 0,
    }
}

async fn waits_double(_: Backend) -> Result<(), Failed> {
    let throttle = Throttle::default();
    let mut now = Instant::now();
    let from = |network: u32| remote_of(&format!("2001:db8:0:{network:x}::1"));
    let mut found = Vec::new();
    for number in 0..12 {
        let remote = from(number)?;
        ensure(seconds(throttle.attempt("a@example.org", remote, now)), 0)?;
        let wait = seconds(throttle.attempt("a@example.org", remote, now));
        // The next attempt was taken where there was no wait: it counts as well.
        found.push(wait);
        now += Duration::from_secs(wait);
    }
    ensure(
        found,
        vec![0, 0, 60, 120, 240, 480, 900, 900, 900, 900, 900, 900],
    )?;
    now += Duration::from_secs(2 * 60 * 60);
    for _ in 0..5 {
        ensure(
            seconds(throttle.attempt("a@example.org", from(99)?, now)),
            0,
        )?;
    }
    ensure(
        seconds(throttle.attempt("a@example.org", from(99)?, now)),
        60,
    )?;
    // A whole /64 is one; an address of IPv4 is the same in the clothes of IPv6.
    ensure(remote_of("2001:db8::1")?, remote_of("2001:db8::2")?)?;
    ensure(remote_of("::ffff:192.0.2.1")?, remote_of("192.0.2.1")?)?;
    ensure(remote_of("192.0.2.1")? == remote_of("192.0.2.2")?, false)
}

async fn bounded(_: Backend) -> Result<(), Failed> {
    let throttle = Throttle::default();
    let mut now = Instant::now();
    let busy = remote_of("192.0.2.1")?;
    for _ in 0..5 {
        throttle
            .attempt("a@example.org", busy, now)
            .map_err(|_| "refused")?;
    }
    for number in 0..3 * MOST {
        now += Duration::from_micros(1);
        let remote = Remote::new(IpAddr::from(u32::try_from(number)?.to_be_bytes()));
        ensure(
            seconds(throttle.attempt(&format!("{number}"), remote, now)),
            0,
        )?;
    }
    ensure(throttle.remembered() <= MOST, true)?;
    // Whoever waits still waits, however many came meanwhile.
    ensure(
        seconds(throttle.attempt("a@example.org", busy, now)) > 0,
        true,
    )
}
