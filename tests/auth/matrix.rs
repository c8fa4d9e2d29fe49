//! Who may do what: every mutation that the schema has, with every credential that must not do.
use std::collections::HashMap;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use entity::curator::Role;
use jsonwebtoken::{Algorithm, EncodingKey};
use libtest_mimic::{Failed, Trial};
use reqwest::Method;
use serde_json::{Map, Value, json};
use waybill::auth::keys;

use super::{
    code,
    tokens::{header, read, signing_key, with_keys},
};
use crate::harness::{App, Backend, ensure, trial};

pub fn trials(backend: &Backend) -> Vec<Trial> {
    vec![trial(
        backend,
        "auth::matrix::every_mutation",
        every_mutation,
    )]
}

/// How one comes by a credential, and gives it up: nobody is signed in yet.
const FOR_ALL: [&str; 3] = ["signIn", "refreshSession", "signOut"];
/// All others are for curators.
const FOR_ADMINS: [&str; 5] = [
    "createCurator",
    "setCuratorRole",
    "disableCurator",
    "enableCurator",
    "setCuratorPassword",
];
const INTROSPECTION: &str = "{ __schema { mutationType { fields { name args { name type { ...type } } } }
    types { name kind isOneOf inputFields { name defaultValue type { ...type } } enumValues { name } } } }
    fragment type on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";

/// What a schema says of its inputs.
struct Inputs(HashMap<String, Value>);

impl Inputs {
    /// A value that passes validation, as small as can be: whether it makes sense does not matter.
    fn value(&self, ty: &Value) -> Result<Value, Failed> {
        let name = ty["name"].as_str().unwrap_or_default();
        match ty["kind"].as_str().unwrap_or_default() {
            "NON_NULL" => self.value(&ty["ofType"]),
            "LIST" => Ok(json!([])),
            "ENUM" => Ok(self.0[name]["enumValues"][0]["name"].clone()),
            "INPUT_OBJECT" => self.object(name),
            _ => Ok(match name {
                "Int" => json!(1),
                "Boolean" => json!(false),
                "Decimal" => json!("1"),
                "Date" => json!("2023-01-01"),
                "PartialDate" | "Period" => json!("2023"),
                "DateTime" => json!("2023-01-01T00:00:00Z"),
                "URL" => json!("https://example.org/"),
                "ID" | "String" => json!("x"),
                other => return Err(format!("no value for the type {other}").into()),
            }),
        }
    }

    fn object(&self, name: &str) -> Result<Value, Failed> {
        let ty = &self.0[name];
        let fields = ty["inputFields"].as_array().ok_or("no fields")?;
        let one_of = ty["isOneOf"] == true;
        let mut object = Map::new();
        for field in fields {
            let required = field["type"]["kind"] == "NON_NULL" && field["defaultValue"].is_null();
            if required || (one_of && object.is_empty()) {
                let name = field["name"].as_str().unwrap_or_default().to_owned();
                object.insert(name, self.value(&field["type"])?);
            }
        }
        Ok(object.into())
    }
}

/// Each mutation as a document, with variables for it.
async fn mutations(app: &App) -> Result<Vec<(String, String, Value)>, Failed> {
    let schema = app.data(INTROSPECTION, json!({})).await?;
    let types = schema["__schema"]["types"].as_array().ok_or("no types")?;
    let named = |ty: &Value| {
        (
            ty["name"].as_str().unwrap_or_default().to_owned(),
            ty.clone(),
        )
    };
    let inputs = Inputs(types.iter().map(named).collect());
    let fields = &schema["__schema"]["mutationType"]["fields"];
    let mut found = Vec::new();
    for field in fields.as_array().ok_or("no mutations")? {
        let name = field["name"].as_str().unwrap_or_default().to_owned();
        let argument = &field["args"][0];
        let input_type = argument["type"]["ofType"]["name"]
            .as_str()
            .unwrap_or_default();
        let one_input =
            field["args"].as_array().map(Vec::len) == Some(1) && argument["name"] == "input";
        ensure((&name, one_input), (&name, true))?;
        let query = format!(
            "mutation ($input: {input_type}!) {{ done: {name}(input: $input) {{ __typename }} }}"
        );
        let variables = json!({ "input": inputs.object(input_type)? });
        found.push((name, query, variables));
    }
    Ok(found)
}

async fn every_mutation(backend: Backend) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("keys.json");
    keys::create(&file)?;
    let app = with_keys(&backend, &file).await?;
    let (_, admin) = app.signed_in(Role::Admin).await?;
    let (_, curator) = app.signed_in(Role::Curator).await?;
    let forged = forged(&file, &curator)?;
    let disabled = disabled(&app, &admin).await?;
    let reader = reader(&app, &curator).await?;
    let history = "{ revisions { totalCount } }";
    let before = app.ask(&admin, history, json!({})).await?;

    let mut written = 0;
    let mutations = mutations(&app).await?;
    ensure(mutations.len() > 50, true)?;
    for (name, query, variables) in &mutations {
        if FOR_ALL.contains(&name.as_str()) {
            continue;
        }
        let anonymous = app.ask("", query, variables.clone()).await?;
        ensure((name, code(&anonymous)), (name, "UNAUTHENTICATED"))?;
        ensure(anonymous["data"]["done"].is_null(), true)?;
        let read_only = app.ask(&reader, query, variables.clone()).await?;
        ensure((name, code(&read_only)), (name, "FORBIDDEN"))?;
        for (what, token) in forged
            .iter()
            .chain([&("a disabled curator", disabled.clone())])
        {
            let request = app.request(Method::POST, "/graphql").bearer_auth(token);
            let body = json!({ "query": query, "variables": variables });
            let response = request.json(&body).send().await?;
            ensure((name, what, response.status().as_u16()), (name, what, 401))?;
        }
        let refused = app.ask(&admin, history, json!({})).await?;
        ensure((name, count(&refused) - count(&before)), (name, written))?;
        let by_curator = app.ask(&curator, query, variables.clone()).await?;
        let allowed = app.ask(&admin, history, json!({})).await?;
        written = count(&allowed) - count(&before);
        let forbidden = code(&by_curator) == "FORBIDDEN";
        ensure(
            (name, forbidden),
            (name, FOR_ADMINS.contains(&name.as_str())),
        )?;
    }
    // What was refused left no trace: only what the curator did is there.
    let after = app.ask(&admin, history, json!({})).await?;
    ensure(count(&after) - count(&before), written)
}

fn count(answer: &Value) -> i64 {
    let count = &answer["data"]["revisions"]["totalCount"];
    count.as_i64().unwrap_or_default()
}

/// Tokens that somebody made from a good one.
fn forged(file: &std::path::Path, good: &str) -> Result<Vec<(&'static str, String)>, Failed> {
    let key = &read(file)?["keys"][0];
    let private = signing_key(key)?;
    let parts: Vec<&str> = good.split('.').collect();
    let claims: Value = serde_json::from_slice(&BASE64.decode(parts[1])?)?;
    let with = |name: &str, value: Value| {
        let mut changed = claims.clone();
        changed[name] = value;
        changed
    };
    let right = header(Algorithm::EdDSA, &key["kid"]);
    let now = claims["iat"].as_i64().ok_or("no iat")?;
    let public = BASE64.decode(key["x"].as_str().ok_or("no x")?)?;
    let by_public = EncodingKey::from_secret(&public);
    let elsewhere = with("sub", json!(uuid::Uuid::nil())).to_string();
    let unsigned = json!({ "alg": "none", "typ": "at+jwt", "kid": key["kid"] }).to_string();
    Ok(vec![
        (
            "expired",
            jsonwebtoken::encode(&right, &with("exp", json!(now - 10)), &private)?,
        ),
        (
            "another audience",
            jsonwebtoken::encode(&right, &with("aud", json!("x")), &private)?,
        ),
        (
            "HS256 by the public key",
            jsonwebtoken::encode(&header(Algorithm::HS256, &key["kid"]), &claims, &by_public)?,
        ),
        (
            "tampered",
            format!("{}.{}.{}", parts[0], BASE64.encode(elsewhere), parts[2]),
        ),
        (
            "alg none",
            format!("{}.{}.", BASE64.encode(unsigned), parts[1]),
        ),
    ])
}

/// The token of a curator who was disabled since.
async fn disabled(app: &App, admin: &str) -> Result<String, Failed> {
    let (row, token) = app.signed_in(Role::Curator).await?;
    let id = waybill::kit::id::encode("Curator", row.id);
    let disable = "mutation ($id: ID!) { disableCurator(input: { id: $id, version: 1 }) { userErrors { message } } }";
    let answer = app.ask(admin, disable, json!({ "id": id })).await?;
    ensure(
        answer["data"]["disableCurator"]["userErrors"].clone(),
        json!([]),
    )?;
    Ok(token)
}

/// A key that may read, drafts among it, and no more.
async fn reader(app: &App, curator: &str) -> Result<String, Failed> {
    let create =
        "mutation { createApiKey(input: { name: \"reader\", scopes: [READ, DRAFTS] }) { secret } }";
    let answer = app.ask(curator, create, json!({})).await?;
    let secret = answer["data"]["createApiKey"]["secret"].as_str();
    Ok(secret.ok_or("no key")?.to_owned())
}
