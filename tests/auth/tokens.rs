//! Access tokens: whatever is wrong with one, it is refused; and how keys are kept and rotated.
use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use entity::curator::Role;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use libtest_mimic::{Failed, Trial};
use reqwest::Method;
use serde_json::{Value, json};
use waybill::auth::{Auth, keys};

use super::{refused, viewer};
use crate::harness::{App, Backend, Running, Template, ensure, trial, waybill};

pub fn trials(backend: &Backend) -> Vec<Trial> {
    vec![
        trial(backend, "auth::tokens::bad_ones_are_refused", bad_ones),
        trial(backend, "auth::tokens::keys_rotate", rotate),
        trial(backend, "auth::tokens::keys_are_kept_beside_sqlite", kept),
        trial(backend, "auth::tokens::weak_keys_are_refused", weak),
        trial(
            backend,
            "auth::tokens::without_keys_nobody_signs_in",
            keyless,
        ),
    ]
}

pub(super) fn read(file: &Path) -> Result<Value, Failed> {
    Ok(serde_json::from_slice(&fs::read(file)?)?)
}

fn write(file: &Path, keys: &Value, mode: u32) -> Result<(), Failed> {
    fs::write(file, keys.to_string())?;
    Ok(fs::set_permissions(file, fs::Permissions::from_mode(mode))?)
}

/// A server with the keys of a file.
pub(super) async fn with_keys(backend: &Backend, file: &Path) -> Result<App, Failed> {
    let auth = Auth::new(Some(keys::open(file)?), "waybill", None);
    App::with(backend.database(Template::Empty).await?, auth).await
}

/// The private half of an Ed25519 key in a file, as the library takes it (RFC 8410).
pub(super) fn signing_key(key: &Value) -> Result<EncodingKey, Failed> {
    let seed = BASE64.decode(key["d"].as_str().ok_or("no d")?)?;
    let mut der = vec![
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04,
        0x20,
    ];
    der.extend(seed);
    Ok(EncodingKey::from_ed_der(&der))
}

pub(super) fn header(algorithm: Algorithm, kid: &Value) -> Header {
    Header {
        typ: Some("at+jwt".to_owned()),
        kid: kid.as_str().map(str::to_owned),
        ..Header::new(algorithm)
    }
}

async fn bad_ones(backend: Backend) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("keys.json");
    keys::create(&file)?;
    let app = with_keys(&backend, &file).await?;
    let (_, good) = app.signed_in(Role::Admin).await?;
    viewer(&app, &good).await?;

    let key = &read(&file)?["keys"][0];
    let private = signing_key(key)?;
    let parts: Vec<&str> = good.split('.').collect();
    let claims: Value = serde_json::from_slice(&BASE64.decode(parts[1])?)?;
    let right = header(Algorithm::EdDSA, &key["kid"]);
    let signed = |claims: &Value| jsonwebtoken::encode(&right, claims, &private);
    // The same claims under the same key are good: what follows is refused for what it changes.
    viewer(&app, &signed(&claims)?).await?;

    let now = claims["iat"].as_i64().ok_or("no iat")?;
    let with = |name: &str, value: Value| {
        let mut changed = claims.clone();
        changed[name] = value;
        changed
    };
    let changes = [
        ("expired", with("exp", json!(now - 10))),
        ("issued in the future", with("iat", json!(now + 60))),
        ("another issuer", with("iss", json!("someone"))),
        ("issuers", with("iss", json!(["waybill", "someone"]))),
        ("another audience", with("aud", json!("someone"))),
        ("another curator", with("sub", json!(uuid::Uuid::now_v7()))),
        ("no curator at all", with("sub", json!("admin"))),
        ("another session", with("sid", json!(uuid::Uuid::now_v7()))),
    ];
    for (what, claims) in changes {
        refused(&app, what, &signed(&claims)?).await?;
    }
    for name in ["iss", "aud", "exp", "iat", "sub", "sid"] {
        let mut without = claims.clone();
        without.as_object_mut().ok_or("no claims")?.remove(name);
        refused(&app, name, &signed(&without)?).await?;
    }

    let forged =
        |header: &Header, secret: &EncodingKey| jsonwebtoken::encode(header, &claims, secret);
    let public = BASE64.decode(key["x"].as_str().ok_or("no x")?)?;
    let by_public = EncodingKey::from_secret(&public);
    let hmac = header(Algorithm::HS256, &key["kid"]);
    let by_text = EncodingKey::from_secret(key["x"].as_str().unwrap_or_default().as_bytes());
    let (unknown, none) = (json!("unknown"), Value::Null);
    let other = folder.path().join("other.json");
    keys::create(&other)?;
    let stranger = signing_key(&read(&other)?["keys"][0])?;
    let plain = Header {
        typ: Some("JWT".to_owned()),
        ..right.clone()
    };
    let critical = Header {
        crit: Some(vec!["b64".to_owned()]),
        ..right.clone()
    };
    let tokens = [
        ("HS256 by the public key", forged(&hmac, &by_public)?),
        ("HS256 by the public key's text", forged(&hmac, &by_text)?),
        (
            "an unknown kid",
            forged(&header(Algorithm::EdDSA, &unknown), &private)?,
        ),
        (
            "no kid",
            forged(&header(Algorithm::EdDSA, &none), &private)?,
        ),
        ("a stranger's key", forged(&right, &stranger)?),
        ("another type", forged(&plain, &private)?),
        ("something critical", forged(&critical, &private)?),
    ];
    for (what, token) in tokens {
        refused(&app, what, &token).await?;
    }
    let unsigned = |algorithm: &str| {
        let header = json!({ "alg": algorithm, "typ": "at+jwt", "kid": key["kid"] });
        format!("{}.{}.", BASE64.encode(header.to_string()), parts[1])
    };
    let elevated = BASE64.encode(with("sub", json!(uuid::Uuid::nil())).to_string());
    let texts = [
        ("alg none", unsigned("none")),
        ("alg None", unsigned("None")),
        ("no signature", unsigned("EdDSA")),
        (
            "tampered claims",
            format!("{}.{elevated}.{}", parts[0], parts[2]),
        ),
        ("cut off", good[..good.len() - 4].to_owned()),
        ("no token", "x".to_owned()),
        ("two parts", "a.b".to_owned()),
        ("an unknown API key", format!("waybill_{}", "A".repeat(43))),
    ];
    for (what, token) in texts {
        refused(&app, what, &token).await?;
    }
    for value in ["Basic eDp5", "Bearer", "", &good] {
        let request = app
            .request(Method::GET, "/graphql?query=%7B__typename%7D")
            .header("Authorization", value);
        ensure(
            (value, request.send().await?.status().as_u16()),
            (value, 401),
        )?;
    }
    let twice = app
        .request(Method::GET, "/graphql?query=%7B__typename%7D")
        .bearer_auth(&good)
        .bearer_auth(&good);
    ensure(twice.send().await?.status().as_u16(), 401)?;
    let by_get = app
        .request(Method::GET, "/graphql?query=%7Bviewer%7Bscopes%7D%7D")
        .header("Authorization", format!("bearer {good}"));
    let answer: Value = by_get.send().await?.json().await?;
    ensure(
        answer["data"]["viewer"]["scopes"][3].as_str(),
        Some("ADMIN"),
    )
}

async fn rotate(backend: Backend) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("keys.json");
    let name = file.display().to_string();
    let database = backend.database(Template::Empty).await?;
    let url = database.url.clone();
    waybill(&url, &["keys", "new", &name])?.succeeded()?;
    waybill(&url, &["keys", "new", &name])?.failed_saying("keys rotate")?;
    ensure(fs::metadata(&file)?.permissions().mode() & 0o777, 0o600)?;

    let app = App::with(
        database,
        Auth::new(Some(keys::open(&file)?), "waybill", None),
    )
    .await?;
    let (_, old) = app.signed_in(Role::Curator).await?;
    waybill(&url, &["keys", "rotate", &name])?.succeeded()?;
    ensure(fs::metadata(&file)?.permissions().mode() & 0o777, 0o600)?;
    ensure(fs::read_dir(folder.path())?.count(), 1)?;

    // The server that starts next takes old tokens, and signs with the new key.
    let next = Running::serve(&url, &["--signing-keys", &name])?;
    let published: Value = reqwest::get(format!("{}/.well-known/jwks.json", next.url))
        .await?
        .json()
        .await?;
    let keys = published["keys"].as_array().ok_or("no keys")?;
    ensure(keys.len(), 2)?;
    for key in keys {
        ensure((key.get("d"), key.get("k")), (None, None))?;
        ensure(key["alg"].as_str(), Some("EdDSA"))?;
    }
    let asked = reqwest::Client::new()
        .post(format!("{}/graphql", next.url))
        .bearer_auth(&old)
        .json(&json!({ "query": "{ viewer { scopes } }" }));
    let answer: Value = asked.send().await?.json().await?;
    ensure(answer["data"]["viewer"]["scopes"].is_array(), true)?;
    let rotated = Auth::new(Some(waybill::auth::keys::open(&file)?), "waybill", None);
    let newest = rotated
        .begin_session(&app.db, app.enter(Role::Curator, None).await?)
        .await
        .map_err(|error| format!("{error:?}"))?;
    let header = jsonwebtoken::decode_header(newest.access.expose())?;
    let first = read(&file)?["keys"][0]["kid"].take();
    ensure(header.kid.map(Value::from), Some(first))?;
    // The server that runs already meets the new key, and signs with it from now on.
    viewer(&app, newest.access.expose()).await?;
    let (_, token) = app.signed_in(Role::Curator).await?;
    let header = jsonwebtoken::decode_header(&token)?;
    ensure(
        header.kid.map(Value::from),
        Some(read(&file)?["keys"][0]["kid"].take()),
    )?;
    // A file that is spoilt changes nothing.
    write(&file, &json!({}), 0o600)?;
    viewer(&app, &app.as_curator().await?).await?;
    viewer(&app, &old).await.map(drop)
}

async fn kept(backend: Backend) -> Result<(), Failed> {
    let database = backend.database(Template::Empty).await?;
    let Some(file) = keys::beside(&database.url) else {
        return ensure(matches!(backend, Backend::Postgres(_)), true);
    };
    let first = Running::serve(&database.url, &[])?;
    ensure(fs::metadata(&file)?.permissions().mode() & 0o777, 0o600)?;
    let made = read(&file)?;
    drop(first);
    drop(Running::serve(&database.url, &[])?);
    ensure(read(&file)?, made)?;
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640))?;
    waybill(&database.url, &["serve", "--listen", "127.0.0.1:0"])?.failed_saying("chmod 600")
}

async fn weak(backend: Backend) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("keys.json");
    keys::create(&file)?;
    let pair = read(&file)?["keys"][0].take();
    let other = folder.path().join("other.json");
    keys::create(&other)?;
    let mut mixed = pair.clone();
    mixed["x"] = read(&other)?["keys"][0]["x"].take();
    let mut public = pair.clone();
    public.as_object_mut().ok_or("no key")?.remove("d");
    let secret = |bytes: usize, algorithm: &str| json!({ "kty": "oct", "kid": "s", "alg": algorithm, "k": BASE64.encode(vec![7; bytes]) });
    let rows = [
        (json!({ "keys": [secret(31, "HS256")] }), "at least 32"),
        (json!({ "keys": [secret(32, "none")] }), "waybill keys new"),
        (json!({ "keys": [] }), "no key"),
        (
            json!({ "keys": [pair.clone(), pair.clone()] }),
            "two of its keys",
        ),
        (json!({ "keys": [mixed] }), "no Ed25519 pair"),
        (json!({ "keys": [public.clone()] }), "cannot sign"),
        (json!({}), "waybill keys new"),
    ];
    for (keys, words) in rows {
        write(&file, &keys, 0o600)?;
        let why = keys::open(&file).err().unwrap_or_default();
        ensure((why.contains(words), &why), (true, &why))?;
    }
    let missing = folder.path().join("missing.json").display().to_string();
    let database = backend.database(Template::Empty).await?;
    waybill(&database.url, &["serve", "--signing-keys", &missing])?
        .failed_saying("missing.json")?;

    // A secret of the right length signs and verifies, and is not published; a public half verifies.
    write(
        &file,
        &json!({ "keys": [secret(32, "HS256"), public] }),
        0o600,
    )?;
    let app = with_keys(&backend, &file).await?;
    viewer(&app, &app.as_curator().await?).await?;
    let published = app
        .request(Method::GET, "/.well-known/jwks.json")
        .send()
        .await?;
    let published: Value = published.json().await?;
    ensure(&published["keys"][0]["kid"], &pair["kid"])?;
    ensure(published["keys"].as_array().map(Vec::len), Some(1))
}

async fn keyless(backend: Backend) -> Result<(), Failed> {
    let database = backend.database(Template::Empty).await?;
    let app = App::with(database, Auth::new(None, "waybill", None)).await?;
    let curator = app.enter(Role::Curator, Some(super::PASSWORD)).await?;
    let answer = app.sign_in(&curator.email, super::PASSWORD).await?;
    ensure(super::code(&answer), "FORBIDDEN")?;
    ensure(answer.to_string().contains("--signing-keys"), true)?;
    refused(&app, "any token", "a.b.c").await?;
    ensure(viewer(&app, "").await?, Value::Null)
}
