//! Tokens of an identity provider: whose, with which role, and by which keys.
use entity::curator::{self, Role};
use jsonwebtoken::Header;
use libtest_mimic::{Failed, Trial};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::{
    PASSWORD, done,
    issuer::{Issuer, Key},
    payload, refused, viewer,
};
use crate::harness::{App, Backend, Template, ensure, trial, waybill};

pub fn trials(backend: &Backend) -> Vec<Trial> {
    vec![
        trial(backend, "auth::provider::vouches_for_curators", vouches),
        trial(
            backend,
            "auth::provider::bad_tokens_are_refused",
            bad_tokens,
        ),
        trial(
            backend,
            "auth::provider::keys_are_fetched_when_needed",
            keys,
        ),
        trial(
            backend,
            "auth::provider::addresses_must_be_verified",
            addresses,
        ),
        trial(backend, "auth::provider::roles_follow_newer_tokens", roles),
        trial(backend, "auth::provider::discovery_is_checked", discovery),
        trial(backend, "auth::provider::settings_are_checked", settings),
    ]
}

async fn start(backend: &Backend, key: &Key) -> Result<(App, Issuer), Failed> {
    let issuer = Issuer::start(&[key]).await?;
    let database = backend.database(Template::Empty).await?;
    let app = App::trusting(database, Some(issuer.provider()?)).await?;
    Ok((app, issuer))
}

async fn vouches(backend: Backend) -> Result<(), Failed> {
    let key = Key::new("one")?;
    let (app, issuer) = start(&backend, &key).await?;
    let token = key.sign(&issuer.claims("ada", "curator"))?;
    // Several requests at once, on first sight: one curator.
    let query = "{ viewer { curator { id } } }";
    let (one, other, third) = tokio::try_join!(
        app.ask(&token, query, json!({})),
        app.ask(&token, query, json!({})),
        app.ask(&token, query, json!({})),
    )?;
    ensure((&one, &other), (&third, &third))?;
    let seen = viewer(&app, &token).await?;
    ensure(&seen["scopes"], &json!(["READ", "DRAFTS", "WRITE"]))?;
    let expected = json!(["Ada", "ada@example.org"]);
    ensure(
        json!([seen["curator"]["name"], seen["curator"]["email"]]),
        expected,
    )?;
    let entered = entity::revision::Entity::find().one(&app.db.read).await?;
    let entered = entered.ok_or("no revision")?;
    let row = curator::Entity::find().one(&app.db.read).await?;
    ensure(entered.curator_id, row.map(|row| row.id))?;
    // The subject is who it is, whatever the address.
    let mut claims = issuer.claims("ada", "CURATOR");
    claims["email"] = json!("lovelace@example.org");
    let again = viewer(&app, &key.sign(&claims)?).await?;
    ensure(&again["curator"], &seen["curator"])?;
    let listed = json!(["other", "ADMIN"]);
    let mut claims = issuer.claims("grace", "");
    claims["waybill_role"] = listed;
    ensure(
        &viewer(&app, &key.sign(&claims)?).await?["scopes"][3],
        &json!("ADMIN"),
    )?;

    // Disabled here is disabled, whatever the provider says.
    let admin = app.as_admin().await?;
    let disable = "mutation ($id: ID!) {
        disableCurator(input: { id: $id, version: 1 }) { userErrors { message } }
    }";
    done(
        &payload(
            &app,
            &admin,
            disable,
            json!({ "id": seen["curator"]["id"] }),
        )
        .await?,
    )?;
    refused(&app, "disabled here", &token).await?;
    // Our own sessions go on beside it.
    viewer(&app, &admin).await?;
    let answer = app.sign_in("ada@example.org", PASSWORD).await?;
    ensure(&answer["data"]["signIn"]["session"], &Value::Null)
}

async fn bad_tokens(backend: Backend) -> Result<(), Failed> {
    let key = Key::new("one")?;
    let (app, issuer) = start(&backend, &key).await?;
    let good = issuer.claims("ada", "CURATOR");
    let now = good["iat"].as_i64().ok_or("no iat")?;
    let with = |name: &str, value: Value| {
        let mut changed = good.clone();
        changed[name] = value;
        changed
    };
    let changes = [
        ("expired", with("exp", json!(now - 10))),
        ("not yet", with("nbf", json!(now + 60))),
        ("for someone else", with("aud", json!("someone"))),
        ("another issuer", with("iss", json!("http://127.0.0.1:1"))),
        ("no role", with("waybill_role", Value::Null)),
        ("another role", with("waybill_role", json!("OWNER"))),
        ("no subject", with("sub", Value::Null)),
        ("no issue", with("iat", Value::Null)),
        ("no expiry", with("exp", Value::Null)),
        ("no audience", with("aud", Value::Null)),
    ];
    for (what, claims) in changes {
        refused(&app, what, &key.sign(&claims)?).await?;
    }
    // A key or URL that comes with the token is not even looked at.
    let stranger = Key::new("one")?;
    let hole = Some(format!("{}/hole", issuer.url));
    let headers = [
        (
            "jku",
            Header {
                jku: hole.clone(),
                ..stranger.header()
            },
        ),
        (
            "x5u",
            Header {
                x5u: hole,
                ..stranger.header()
            },
        ),
        (
            "jwk",
            Header {
                jwk: Some(serde_json::from_value(stranger.public.clone())?),
                ..stranger.header()
            },
        ),
        (
            "no kid",
            Header {
                kid: None,
                ..stranger.header()
            },
        ),
    ];
    for (what, header) in headers {
        refused(&app, what, &stranger.sign_with(&header, &good)?).await?;
    }
    ensure(issuer.strays(), 0)?;
    // The provider's public key is no secret to sign by.
    let point = key.public["x"].as_str().unwrap_or_default();
    let secret = jsonwebtoken::EncodingKey::from_secret(point.as_bytes());
    let header = Header {
        kid: Some("one".to_owned()),
        ..Header::new(jsonwebtoken::Algorithm::HS256)
    };
    let forged = jsonwebtoken::encode(&header, &good, &secret)?;
    refused(&app, "HS256 by the public key", &forged).await?;
    ensure(curator::Entity::find().all(&app.db.read).await?.len(), 0)?;
    viewer(&app, &key.sign(&good)?).await.map(drop)
}

async fn keys(backend: Backend) -> Result<(), Failed> {
    let (one, two, three) = (Key::new("one")?, Key::new("two")?, Key::new("three")?);
    let (app, issuer) = start(&backend, &one).await?;
    ensure(issuer.fetches(), 0)?;
    for _ in 0..3 {
        viewer(&app, &one.sign(&issuer.claims("ada", "CURATOR"))?).await?;
    }
    ensure(issuer.fetches(), 1)?;
    // A new key shows, and is fetched for; the one before stays while it is published.
    issuer.publish(&[&two, &one]);
    viewer(&app, &two.sign(&issuer.claims("ada", "CURATOR"))?).await?;
    viewer(&app, &one.sign(&issuer.claims("ada", "CURATOR"))?).await?;
    ensure(issuer.fetches(), 2)?;
    // Who makes up keys does not make us fetch again and again.
    for _ in 0..3 {
        let made_up = three.sign(&issuer.claims("ada", "CURATOR"))?;
        refused(&app, "an unknown kid", &made_up).await?;
    }
    ensure(issuer.fetches(), 2)
}

async fn addresses(backend: Backend) -> Result<(), Failed> {
    let key = Key::new("one")?;
    let (app, issuer) = start(&backend, &key).await?;
    let known = app.enter(Role::Curator, Some(PASSWORD)).await?;
    let mut claims = issuer.claims("mallory", "ADMIN");
    claims["email"] = json!(known.email);
    for verified in [json!(false), json!("true"), Value::Null] {
        claims["email_verified"] = verified;
        let why = refused(&app, "an address not verified", &key.sign(&claims)?).await?;
        ensure(why.contains("verified"), true)?;
    }
    claims["email_verified"] = json!(true);
    claims["sub"] = json!("owner");
    claims["waybill_role"] = json!("CURATOR");
    let linked = viewer(&app, &key.sign(&claims)?).await?;
    ensure(&linked["curator"]["email"], &json!(known.email))?;
    // Once linked, nobody else is linked, whatever address they have.
    claims["sub"] = json!("mallory");
    refused(&app, "an address that is another's", &key.sign(&claims)?).await?;
    ensure(curator::Entity::find().all(&app.db.read).await?.len(), 1)
}

async fn roles(backend: Backend) -> Result<(), Failed> {
    let key = Key::new("one")?;
    let (app, issuer) = start(&backend, &key).await?;
    let admin = app.as_admin().await?;
    let later = |role: &str, seconds: i64| {
        let mut claims = issuer.claims("ada", role);
        claims["iat"] = json!(claims["iat"].as_i64().unwrap_or_default() + seconds);
        key.sign(&claims)
    };
    let version = async |token: &str| {
        let seen = viewer(&app, token).await?;
        let scopes = seen["scopes"].as_array().map(Vec::len);
        Ok::<_, Failed>((seen["curator"]["version"].as_i64(), scopes))
    };
    let before = later("ADMIN", -60)?;
    ensure(version(&later("CURATOR", 0)?).await?, (Some(1), Some(3)))?;
    // An older token cannot grant what was granted before.
    ensure(version(&before).await?, (Some(1), Some(3)))?;
    // A newer one can, and it is on record.
    ensure(version(&later("ADMIN", 2)?).await?, (Some(2), Some(4)))?;
    // What an admin takes away here, a token from before does not give back; nor is it written anew.
    let id = viewer(&app, &before).await?["curator"]["id"].take();
    let demote = "mutation ($id: ID!) {
        setCuratorRole(input: { id: $id, version: 2, role: CURATOR }) { userErrors { message } }
    }";
    done(&payload(&app, &admin, demote, json!({ "id": id })).await?)?;
    ensure(version(&before).await?, (Some(3), Some(3)))?;
    // The last admin stays one on record, but a lesser token does no more than it says.
    ensure(version(&later("ADMIN", 3)?).await?, (Some(4), Some(4)))
}

async fn discovery(backend: Backend) -> Result<(), Failed> {
    let key = Key::new("one")?;
    let documents = |issuer: &Issuer| {
        let keys = format!("{}/keys", issuer.url);
        [
            (
                "another issuer",
                json!({ "issuer": "http://127.0.0.1:1", "jwks_uri": keys }),
            ),
            (
                "a slash more",
                json!({ "issuer": format!("{}/", issuer.url), "jwks_uri": keys }),
            ),
            ("no keys", json!({ "issuer": issuer.url })),
            (
                "plain HTTP elsewhere",
                json!({ "issuer": issuer.url, "jwks_uri": "http://keys.example.org/keys" }),
            ),
            (
                "a redirect",
                json!({ "issuer": issuer.url, "jwks_uri": format!("{}/moved", issuer.url) }),
            ),
        ]
    };
    for number in 0..5 {
        let (app, issuer) = start(&backend, &key).await?;
        let (what, document) = documents(&issuer)[number].clone();
        issuer.discover(document);
        let token = key.sign(&issuer.claims("ada", "CURATOR"))?;
        let request = app
            .request(reqwest::Method::POST, "/graphql")
            .bearer_auth(&token)
            .json(&json!({ "query": "{ viewer { scopes } }" }));
        let status = request.send().await?.status().as_u16();
        ensure((what, status), (what, 503))?;
        ensure((what, issuer.fetches(), issuer.strays()), (what, 0, 0))?;
        // What does not need the provider is served meanwhile.
        viewer(&app, &app.as_curator().await?).await?;
    }
    Ok(())
}

async fn settings(backend: Backend) -> Result<(), Failed> {
    let database = backend.database(Template::Empty).await?;
    let rows: [(&[&str], &str); 3] = [
        (
            &["--oidc-issuer", "https://id.example.org"],
            "--oidc-audience",
        ),
        (
            &[
                "--oidc-issuer",
                "http://id.example.org",
                "--oidc-audience",
                "x",
            ],
            "https://",
        ),
        (
            &[
                "--oidc-issuer",
                "https://x",
                "--oidc-audience",
                "x",
                "--token-issuer",
                "https://x",
            ],
            "must differ",
        ),
    ];
    for (options, words) in rows {
        let serve = [&["serve", "--listen", "127.0.0.1:0"], options].concat();
        waybill(&database.url, &serve)?.failed_saying(words)?;
    }
    Ok(())
}
