//! How often somebody may try.
use entity::curator::Role;
use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};

use super::{PASSWORD, code};
use crate::harness::{App, Backend, Template, ensure, trial};

pub fn trials(backend: &Backend) -> Vec<Trial> {
    vec![
        trial(backend, "auth::throttle::an_account", account),
        trial(backend, "auth::throttle::a_remote_address", remote),
        trial(backend, "auth::throttle::many_at_once_are_many", at_once),
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
