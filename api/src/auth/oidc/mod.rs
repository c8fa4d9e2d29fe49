//! Tokens of an identity provider that the operator trusts (OpenID Connect).
use jsonwebtoken::Validation;
use serde::Deserialize;
use serde_json::{Map, Value as Json};

mod curator;
mod document;
mod jwks;

use super::{
    identify::Refusal,
    token::{LEEWAY, good_until},
};
use entity::{curator::Role, value::Timestamp};
use jwks::Jwks;

/// What the operator says of the provider.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Just as the provider spells it in `iss`.
    pub issuer: String,
    /// What must stand in `aud`.
    pub audience: String,
    /// The claim that grants a role: `CURATOR` or `ADMIN`.
    pub role_claim: String,
    /// The claim with the address, of which `email_verified` must say that it was verified.
    pub email_claim: String,
}

pub struct Provider {
    settings: Settings,
    jwks: Jwks,
}

/// Whom the provider vouches for.
pub struct Identity {
    /// Issuer and subject: who it is, whatever becomes of the address.
    subject: String,
    role: Role,
    /// Only when the provider has verified it.
    email: Option<String>,
    name: Option<String>,
    /// In seconds since 1970.
    issued_at: i64,
    /// The same.
    expires_at: i64,
}

impl Identity {
    /// When the token is taken no more that vouched for it.
    pub fn until(&self) -> Timestamp {
        good_until(self.expires_at)
    }
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    iat: i64,
    exp: i64,
    #[serde(flatten)]
    others: Map<String, Json>,
}

#[derive(Deserialize)]
struct Issuer {
    iss: String,
}

impl Provider {
    pub fn new(settings: Settings) -> Result<Self, String> {
        let jwks = Jwks::new(&settings.issuer)?;
        Ok(Self { settings, jwks })
    }

    /// Whether a token says that it comes from there: to know whose keys to verify it by.
    pub fn issued(&self, token: &str) -> bool {
        jsonwebtoken::dangerous::insecure_decode_claims::<Issuer>(token)
            .is_ok_and(|claims| claims.iss == self.settings.issuer)
    }

    pub async fn verify(&self, token: &str) -> Result<Identity, Refusal> {
        let invalid = || bad("the identity provider's token is not valid");
        // Of the header, the key's id alone is heeded: never a key or URL that came with the token.
        let header = jsonwebtoken::decode_header(token).map_err(|_| invalid())?;
        if header.crit.is_some() {
            return Err(invalid());
        }
        let id = header.kid.ok_or_else(invalid)?;
        let key = self.jwks.key(&id).await?.ok_or_else(invalid)?;
        let mut validation = Validation::new(key.algorithm);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.set_issuer(&[&self.settings.issuer]);
        validation.set_audience(&[&self.settings.audience]);
        validation.validate_nbf = true;
        validation.leeway = LEEWAY;
        let decoded = jsonwebtoken::decode::<Claims>(token, &key.key, &validation);
        let claims = decoded.map_err(|error| match error.kind() {
            jsonwebtoken::errors::ErrorKind::ExpiredSignature => {
                bad("the identity provider's token has expired")
            }
            jsonwebtoken::errors::ErrorKind::InvalidAudience => bad(&format!(
                "the identity provider's token is not for {:?}",
                self.settings.audience
            )),
            _ => invalid(),
        })?;
        self.identity(claims.claims)
    }

    fn identity(&self, claims: Claims) -> Result<Identity, Refusal> {
        let text = |name: &str| claims.others.get(name).and_then(Json::as_str);
        let granted = claims.others.get(&self.settings.role_claim);
        let role = role(granted).ok_or_else(|| {
            bad(&format!(
                "the identity provider grants this account no role here: the claim {} must be CURATOR or ADMIN",
                self.settings.role_claim
            ))
        })?;
        let verified = claims.others.get("email_verified") == Some(&Json::Bool(true));
        Ok(Identity {
            subject: format!("{} {}", claims.iss, claims.sub),
            role,
            email: text(&self.settings.email_claim)
                .filter(|_| verified)
                .map(str::to_owned),
            name: text("name").map(str::to_owned),
            issued_at: claims.iat,
            expires_at: claims.exp,
        })
    }
}

/// The greatest role that the claim names, in itself or in a list.
fn role(claim: Option<&Json>) -> Option<Role> {
    let names: Vec<&str> = match claim? {
        Json::String(name) => vec![name],
        Json::Array(names) => names.iter().filter_map(Json::as_str).collect(),
        _ => Vec::new(),
    };
    let has = |role: &str| names.iter().any(|name| name.eq_ignore_ascii_case(role));
    if has("ADMIN") {
        Some(Role::Admin)
    } else {
        has("CURATOR").then_some(Role::Curator)
    }
}

fn bad(why: &str) -> Refusal {
    Refusal::Bad(why.to_owned())
}
