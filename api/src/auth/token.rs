//! Access tokens: short-lived JWTs, signed by one key and verified by any of ours.
use chrono::{DateTime, TimeDelta, Utc};
use entity::value::Timestamp;
use jsonwebtoken::{Header, Validation};
use sea_orm::prelude::Uuid;
use serde::{Deserialize, Serialize};

use super::{Auth, Secret, keys::Keyring};
use crate::kit::error::{Error, Result};

const LIFETIME: TimeDelta = TimeDelta::minutes(10);
/// Between clocks, in seconds.
pub const LEEWAY: u64 = 5;
const AUDIENCE: &str = "waybill-api";
/// What tells an access token from other JWTs under the same keys (RFC 9068).
const TYPE: &str = "at+jwt";

#[derive(Serialize, Deserialize)]
pub struct Claims {
    iss: String,
    aud: String,
    pub exp: i64,
    iat: i64,
    /// The curator.
    pub sub: Uuid,
    /// The session: when it ends, so do its tokens.
    pub sid: Uuid,
}

/// When a token is taken no more that expires then, in seconds since 1970.
pub fn good_until(expires: i64) -> Timestamp {
    let seconds = expires.saturating_add(LEEWAY.cast_signed());
    Timestamp::from_microseconds(seconds.saturating_mul(1_000_000))
}

/// Why a token is refused, to tell its bearer.
pub enum Fault {
    Expired,
    Invalid,
}

impl Auth {
    pub fn keys(&self) -> Result<&Keyring> {
        self.keys.as_ref().ok_or_else(|| {
            let message = "nobody can sign in with a password here: the server's operator must give it keys, by --signing-keys";
            Error::Forbidden(message.to_owned())
        })
    }

    /// A token for this session, and until when it is good.
    pub(super) fn mint(
        &self,
        sub: Uuid,
        sid: Uuid,
        now: DateTime<Utc>,
    ) -> Result<(Secret, DateTime<Utc>)> {
        let keys = self.keys()?.newest();
        let signing = keys.signing();
        let expires = now + LIFETIME;
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: AUDIENCE.to_owned(),
            exp: expires.timestamp(),
            iat: now.timestamp(),
            sub,
            sid,
        };
        let header = Header {
            typ: Some(TYPE.to_owned()),
            kid: Some(signing.id.clone()),
            ..Header::new(signing.algorithm)
        };
        let token =
            jsonwebtoken::encode(&header, &claims, &signing.key).map_err(Error::internal)?;
        Ok((Secret::new(token), expires))
    }

    /// What a token of ours says, once its signature, issuer, audience and time are right.
    pub(super) fn verify(&self, token: &str) -> Result<Claims, Fault> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| Fault::Invalid)?;
        // What a header calls critical must be understood (RFC 7515); none of it is.
        if header.typ.as_deref() != Some(TYPE) || header.crit.is_some() {
            return Err(Fault::Invalid);
        }
        let keys = self.keys.as_ref().ok_or(Fault::Invalid)?;
        let id = header.kid.ok_or(Fault::Invalid)?;
        let keys = keys.with(&id);
        let key = keys.verifying(&id).ok_or(Fault::Invalid)?;
        // The key says which algorithm; the token only may not say another.
        let mut validation = Validation::new(key.algorithm);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[AUDIENCE]);
        validation.leeway = LEEWAY;
        let claims = jsonwebtoken::decode::<Claims>(token, &key.key, &validation);
        let claims = claims.map_err(Fault::from)?.claims;
        let issued_later = claims.iat > Utc::now().timestamp() + LEEWAY.cast_signed();
        (!issued_later).then_some(claims).ok_or(Fault::Invalid)
    }
}

impl From<jsonwebtoken::errors::Error> for Fault {
    fn from(error: jsonwebtoken::errors::Error) -> Self {
        match error.kind() {
            jsonwebtoken::errors::ErrorKind::ExpiredSignature => Self::Expired,
            _ => Self::Invalid,
        }
    }
}
