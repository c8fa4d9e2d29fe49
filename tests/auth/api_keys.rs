//! API keys: shown once, never in the history, and good for no more than they say.
use entity::{api_key, curator::Role, revision_change};
use libtest_mimic::{Failed, Trial};
use sea_orm::{ConnectionTrait, EntityTrait};
use serde_json::{Value, json};

use super::{code, done, payload, refused, text, viewer};
use crate::harness::{App, Backend, Template, ensure, trial};

pub fn trials(backend: &Backend) -> Vec<Trial> {
    vec![
        trial(backend, "auth::api_keys::are_good_for_their_scopes", scopes),
        trial(backend, "auth::api_keys::are_shown_once", once),
        trial(backend, "auth::api_keys::expire_and_are_revoked", end),
        trial(backend, "auth::api_keys::belong_to_somebody", belong),
        trial(backend, "auth::api_keys::inputs_are_checked", checked),
    ]
}

const CREATE: &str = "mutation ($input: CreateApiKeyInput!) {
    createApiKey(input: $input) {
        secret apiKey { id name scopes expiresAt revokedAt lastUsedAt curator { name } }
        userErrors { path message }
    }
}";
const REVOKE: &str = "mutation ($id: ID!) {
    revokeApiKey(input: { id: $id }) { apiKey { revokedAt } userErrors { code } }
}";
const LIST: &str = "{ apiKeys { nodes { id name lastUsedAt curator { email } } totalCount } }";

async fn create(app: &App, token: &str, input: Value) -> Result<Value, Failed> {
    let created = payload(app, token, CREATE, json!({ "input": input })).await?;
    done(&created)?;
    Ok(created)
}

async fn scopes(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let (admin, token) = app.signed_in(Role::Admin).await?;
    let all = json!({ "name": "all", "scopes": ["ADMIN", "WRITE", "DRAFTS", "READ", "READ"] });
    let all = create(&app, &token, all).await?;
    ensure(
        &all["apiKey"]["scopes"],
        &json!(["READ", "DRAFTS", "WRITE", "ADMIN"]),
    )?;
    let all = text(&all["secret"])?;
    let some = json!({ "name": "some", "scopes": ["READ", "DRAFTS"] });
    let some = text(&create(&app, &token, some).await?["secret"])?;
    ensure(all.starts_with("waybill_") && all.len() == 51, true)?;
    let seen = viewer(&app, &some).await?;
    ensure(&seen["scopes"], &json!(["READ", "DRAFTS"]))?;
    ensure(&seen["curator"]["name"], &json!(admin.name))?;
    let denied = app.ask(&some, LIST, json!({})).await?;
    ensure(code(&denied), "FORBIDDEN")?;
    let denied = app
        .ask(&some, "{ curators { totalCount } }", json!({}))
        .await?;
    ensure(code(&denied), "FORBIDDEN")?;

    // A key does no more than its curator may, from the moment that they may less.
    app.enter(Role::Admin, None).await?;
    ensure(&viewer(&app, &all).await?["scopes"][3], &json!("ADMIN"))?;
    let demote = "mutation ($id: ID!) {
        setCuratorRole(input: { id: $id, version: 1, role: CURATOR }) { userErrors { message } }
    }";
    let id = viewer(&app, &token).await?["curator"]["id"].take();
    done(&payload(&app, &token, demote, json!({ "id": id })).await?)?;
    ensure(
        &viewer(&app, &all).await?["scopes"],
        &json!(["READ", "DRAFTS", "WRITE"]),
    )?;

    // A key that makes keys would outlive itself.
    let input = json!({ "input": { "name": "more", "scopes": ["READ"] } });
    ensure(code(&app.ask(&all, CREATE, input).await?), "FORBIDDEN")
}

async fn once(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let (_, token) = app.signed_in(Role::Curator).await?;
    let input = json!({ "name": "loader", "scopes": ["READ", "WRITE"] });
    let created = create(&app, &token, input).await?;
    let secret = text(&created["secret"])?;
    payload(
        &app,
        &token,
        REVOKE,
        json!({ "id": created["apiKey"]["id"] }),
    )
    .await?;
    let row = api_key::Entity::find()
        .one(&app.db.read)
        .await?
        .ok_or("no key")?;
    let changes = revision_change::Entity::find().all(&app.db.read).await?;
    let told = format!(
        "{} {:?}",
        app.ask(&token, LIST, json!({})).await?,
        changes
            .iter()
            .map(|change| (&change.before, &change.after))
            .collect::<Vec<_>>(),
    );
    ensure(told.contains("loader"), true)?;
    for hidden in [
        secret.as_str(),
        &row.secret_hash,
        "secret_hash",
        "password_hash",
    ] {
        ensure((hidden, told.contains(hidden)), (hidden, false))?;
    }
    ensure(row.secret_hash.contains(&secret), false)
}

async fn end(backend: Backend) -> Result<(), Failed> {
    let database = backend.database(Template::Empty).await?;
    let url = database.url.clone();
    let app = App::over(database).await?;
    let (_, token) = app.signed_in(Role::Curator).await?;
    let later = chrono::Utc::now() + chrono::TimeDelta::hours(1);
    let input = json!({ "name": "short", "scopes": ["READ"], "expiresAt": later.to_rfc3339() });
    let short = create(&app, &token, input).await?;
    let input = json!({ "name": "long", "scopes": ["READ"] });
    let long = create(&app, &token, input).await?;
    let (short, secret) = (text(&short["secret"])?, text(&long["secret"])?);
    viewer(&app, &short).await?;
    viewer(&app, &secret).await?;
    let clock = sea_orm::Database::connect(&url).await?;
    clock
        .execute_unprepared("UPDATE api_key SET expires_at = 1 WHERE expires_at IS NOT NULL")
        .await?;
    clock.close().await?;
    let why = refused(&app, "an expired key", &short).await?;
    ensure(why.contains("expired"), true)?;

    // Its use was written meanwhile, beside the request.
    let used = async || {
        let list = app.ask(&token, LIST, json!({})).await?;
        Ok::<_, Failed>(list["data"]["apiKeys"]["nodes"][1]["lastUsedAt"].is_string())
    };
    for _ in 0..100 {
        if used().await? {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    ensure(used().await?, true)?;

    let id = json!({ "id": long["apiKey"]["id"] });
    let revoked = payload(&app, &token, REVOKE, id.clone()).await?;
    done(&revoked)?;
    refused(&app, "a revoked key", &secret).await?;
    let again = payload(&app, &token, REVOKE, id).await?;
    ensure(&again, &revoked)
}

async fn belong(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let (_, own) = app.signed_in(Role::Curator).await?;
    let (_, other) = app.signed_in(Role::Curator).await?;
    let admin = app.as_admin().await?;
    let input = json!({ "name": "mine", "scopes": ["READ"] });
    let created = create(&app, &own, input.clone()).await?;
    create(&app, &other, input).await?;
    let id = json!({ "id": created["apiKey"]["id"] });
    let denied = payload(&app, &other, REVOKE, id.clone()).await?;
    ensure(&denied["userErrors"][0]["code"], &json!("NOT_FOUND"))?;
    for (token, count) in [(&own, 1), (&other, 1), (&admin, 2)] {
        let list = app.ask(token, LIST, json!({})).await?;
        ensure(&list["data"]["apiKeys"]["totalCount"], &json!(count))?;
    }
    ensure(
        code(&app.anonymous(LIST, json!({})).await?),
        "UNAUTHENTICATED",
    )?;
    let node = app
        .ask(
            &admin,
            "query ($id: ID!) { node(id: $id) { id } }",
            id.clone(),
        )
        .await?;
    ensure(&node["data"]["node"], &Value::Null)?;
    done(&payload(&app, &admin, REVOKE, id).await?)
}

async fn checked(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let token = app.as_curator().await?;
    let rows = [
        (json!({ "name": " ", "scopes": ["READ"] }), "name"),
        (
            json!({ "name": "x".repeat(101), "scopes": ["READ"] }),
            "name",
        ),
        (json!({ "name": "x", "scopes": [] }), "scopes"),
        (json!({ "name": "x", "scopes": ["ADMIN"] }), "scopes"),
        (
            json!({ "name": "x", "scopes": ["READ"], "expiresAt": "2020-01-01T00:00:00Z" }),
            "expiresAt",
        ),
    ];
    for (input, field) in rows {
        let refusal = payload(&app, &token, CREATE, json!({ "input": input })).await?;
        ensure(&refusal["secret"], &Value::Null)?;
        ensure(&refusal["userErrors"][0]["path"], &json!([field]))?;
    }
    ensure(api_key::Entity::find().all(&app.db.read).await?.len(), 0)?;
    let anonymous = json!({ "input": { "name": "x", "scopes": ["READ"] } });
    ensure(
        code(&app.anonymous(CREATE, anonymous).await?),
        "UNAUTHENTICATED",
    )
}
