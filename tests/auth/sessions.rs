//! Sessions: begun, refreshed, ended, and misused.
use entity::curator::Role;
use libtest_mimic::{Failed, Trial};
use sea_orm::{ConnectionTrait, EntityTrait};
use serde_json::{Value, json};

use super::{PASSWORD, done, payload, refused, text, viewer};
use crate::harness::{App, Backend, Template, ensure, trial};

pub fn trials(backend: &Backend) -> Vec<Trial> {
    vec![
        trial(backend, "auth::sessions::come_and_go", come_and_go),
        trial(backend, "auth::sessions::end_when_a_token_is_reused", reuse),
        trial(
            backend,
            "auth::sessions::end_when_two_refresh_at_once",
            at_once,
        ),
        trial(backend, "auth::sessions::end_after_thirty_days", expire),
        trial(
            backend,
            "auth::sessions::one_answer_for_all_failures",
            failures,
        ),
        trial(backend, "auth::sessions::passwords_change", change_password),
    ]
}

const REFRESH: &str = "mutation ($token: String!) {
    refreshSession(input: { refreshToken: $token }) {
        session { accessToken refreshToken expiresAt }
        userErrors { message }
    }
}";

async fn refresh(app: &App, token: &Value) -> Result<Value, Failed> {
    payload(app, "", REFRESH, json!({ "token": token })).await
}

async fn session(app: &App, email: &str) -> Result<Value, Failed> {
    let mut answer = app.sign_in(email, PASSWORD).await?;
    let session = answer["data"]["signIn"]["session"].take();
    match session.is_object() {
        true => Ok(session),
        false => Err(format!("nobody signed in: {answer}").into()),
    }
}

async fn come_and_go(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    ensure(viewer(&app, "").await?, Value::Null)?;
    let curator = app.enter(Role::Curator, Some(PASSWORD)).await?;
    let shouted = curator.email.to_uppercase();
    let first = session(&app, &shouted).await?;
    let token = text(&first["accessToken"])?;
    let seen = viewer(&app, &token).await?;
    ensure(&seen["scopes"], &json!(["READ", "DRAFTS", "WRITE"]))?;
    ensure(&seen["curator"]["email"], &json!(curator.email))?;
    ensure(&seen["curator"]["role"], &json!("CURATOR"))?;

    let second = refresh(&app, &first["refreshToken"]).await?;
    done(&second)?;
    let second = &second["session"];
    ensure(second["refreshToken"] == first["refreshToken"], false)?;
    ensure(&second["expiresAt"], &first["expiresAt"])?;
    viewer(&app, &text(&second["accessToken"])?).await?;

    let query = "mutation ($token: String!) {
        signOut(input: { refreshToken: $token }) { userErrors { message } }
    }";
    let variables = json!({ "token": second["refreshToken"] });
    done(&payload(&app, "", query, variables).await?)?;
    for token in [&first["accessToken"], &second["accessToken"]] {
        refused(&app, "after signing out", &text(token)?).await?;
    }
    let late = refresh(&app, &second["refreshToken"]).await?;
    ensure(&late["session"], &Value::Null)
}

async fn reuse(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let curator = app.enter(Role::Curator, Some(PASSWORD)).await?;
    let first = session(&app, &curator.email).await?;
    let other = session(&app, &curator.email).await?;
    let second = refresh(&app, &first["refreshToken"]).await?;
    let again = refresh(&app, &first["refreshToken"]).await?;
    ensure(&again["session"], &Value::Null)?;
    let message = "the session has ended; sign in again";
    ensure(&again["userErrors"][0]["message"], &json!(message))?;
    let newest = &second["session"];
    refused(
        &app,
        "the session of a thief",
        &text(&newest["accessToken"])?,
    )
    .await?;
    let newest = refresh(&app, &newest["refreshToken"]).await?;
    ensure(&newest["session"], &Value::Null)?;
    // Another session of the same curator goes on.
    viewer(&app, &text(&other["accessToken"])?).await?;
    let stranger = refresh(&app, &json!("made-up")).await?;
    ensure(&stranger["session"], &Value::Null)
}

async fn at_once(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let curator = app.enter(Role::Curator, Some(PASSWORD)).await?;
    let first = session(&app, &curator.email).await?;
    let token = &first["refreshToken"];
    let (one, other) = tokio::try_join!(refresh(&app, token), refresh(&app, token))?;
    let won = [one, other]
        .iter()
        .filter(|payload| payload["session"].is_object())
        .count();
    ensure(won, 1)?;
    refused(
        &app,
        "after two refreshed at once",
        &text(&first["accessToken"])?,
    )
    .await
    .map(drop)
}

async fn expire(backend: Backend) -> Result<(), Failed> {
    let database = backend.database(Template::Empty).await?;
    let url = database.url.clone();
    let app = App::over(database).await?;
    let curator = app.enter(Role::Curator, Some(PASSWORD)).await?;
    let old = session(&app, &curator.email).await?;
    let clock = sea_orm::Database::connect(&url).await?;
    clock
        .execute_unprepared("UPDATE session SET created_at = 0, expires_at = 1")
        .await?;
    clock.close().await?;
    refused(&app, "after thirty days", &text(&old["accessToken"])?).await?;
    let late = refresh(&app, &old["refreshToken"]).await?;
    ensure(&late["session"], &Value::Null)?;
    // Whoever signs in next sweeps it away, with its tokens.
    session(&app, &curator.email).await?;
    let sessions = entity::session::Entity::find().all(&app.db.read).await?;
    let tokens = entity::refresh_token::Entity::find()
        .all(&app.db.read)
        .await?;
    ensure((sessions.len(), tokens.len()), (1, 1))
}

/// Who there is cannot be told from the answer, nor from the work that it takes.
async fn failures(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let known = app.enter(Role::Curator, Some(PASSWORD)).await?;
    let elsewhere = app.enter(Role::Curator, None).await?;
    let disabled = app.enter(Role::Curator, Some(PASSWORD)).await?;
    let mut edit =
        waybill::kit::edit::Edit::begin(&app.db, waybill::kit::edit::Author::Command, "test")
            .await?;
    let after = entity::curator::Model {
        disabled_at: Some(edit.now),
        ..disabled.clone()
    };
    edit.update::<entity::curator::Entity>(&disabled, after)
        .await?;
    edit.commit().await?;
    let expected = json!({ "data": { "signIn": {
        "session": null,
        "userErrors": [{
            "code": "INVALID", "message": "the address or the password is wrong", "path": [],
        }],
    } } });
    let rows = [
        (
            "a wrong password",
            known.email.as_str(),
            "wrong horse battery",
        ),
        ("no password", &known.email, ""),
        ("an unknown address", "nobody@example.org", PASSWORD),
        ("no address", "nobody", PASSWORD),
        (
            "somebody who signs in elsewhere",
            &elsewhere.email,
            PASSWORD,
        ),
        ("somebody disabled", &disabled.email, PASSWORD),
    ];
    for (what, email, password) in rows {
        let before = app.auth.passwords_hashed();
        let answer = app.sign_in(email, password).await?;
        if answer != expected {
            return Err(format!("{what}: {answer}").into());
        }
        ensure((what, app.auth.passwords_hashed() - before), (what, 1))?;
    }
    session(&app, &known.email).await.map(drop)
}

async fn change_password(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let curator = app.enter(Role::Curator, Some(PASSWORD)).await?;
    let query = "mutation ($old: String!, $new: String!) {
        changePassword(input: { currentPassword: $old, newPassword: $new }) {
            curator { version }
            userErrors { path message }
        }
    }";
    let anonymous = app
        .anonymous(query, json!({ "old": PASSWORD, "new": PASSWORD }))
        .await?;
    ensure(super::code(&anonymous), "UNAUTHENTICATED")?;
    let token = text(&session(&app, &curator.email).await?["accessToken"])?;
    let new = "a sentence of my own";
    let rows = [
        (PASSWORD, "short", "newPassword"),
        (PASSWORD, curator.email.as_str(), "newPassword"),
        ("wrong", new, "currentPassword"),
    ];
    for (old, new, field) in rows {
        let refusal = payload(&app, &token, query, json!({ "old": old, "new": new })).await?;
        ensure(&refusal["userErrors"][0]["path"], &json!([field]))?;
    }
    let changed = payload(&app, &token, query, json!({ "old": PASSWORD, "new": new })).await?;
    done(&changed)?;
    ensure(&changed["curator"]["version"], &json!(2))?;
    refused(&app, "after the password changed", &token).await?;
    let old = app.sign_in(&curator.email, PASSWORD).await?;
    ensure(&old["data"]["signIn"]["session"], &Value::Null)?;
    let answer = app.sign_in(&curator.email, new).await?;
    ensure(answer["data"]["signIn"]["session"].is_object(), true)
}
