//! With which keys, and whose tokens besides, `serve` lets people sign in.
use std::{path::PathBuf, sync::Arc};

use clap::Args;

use super::Failure;
use crate::auth::{
    Auth, keys,
    keys::Keyring,
    oidc::{Provider, Settings},
};

#[derive(Args)]
pub struct Signing {
    /// Keys to sign access tokens with, as `waybill keys new` makes them. Without it, an embedded
    /// database has its keys in a file beside it, made on the first start.
    #[arg(long, env = "WAYBILL_SIGNING_KEYS", value_name = "FILE")]
    signing_keys: Option<PathBuf>,

    /// What our access tokens say in `iss`: another name for each installation that shares keys.
    #[arg(long, env = "WAYBILL_TOKEN_ISSUER", default_value = "waybill")]
    token_issuer: String,

    /// Identity provider whose tokens are taken as well: its issuer, as its tokens spell it.
    #[arg(
        long,
        env = "WAYBILL_OIDC_ISSUER",
        value_name = "URL",
        requires = "oidc_audience"
    )]
    oidc_issuer: Option<String>,

    /// What must stand in `aud` of the provider's tokens.
    #[arg(long, env = "WAYBILL_OIDC_AUDIENCE", value_name = "NAME")]
    oidc_audience: Option<String>,

    /// Claim that grants a role, CURATOR or ADMIN, in itself or in a list.
    #[arg(
        long,
        env = "WAYBILL_OIDC_ROLE_CLAIM",
        value_name = "CLAIM",
        default_value = "waybill_role"
    )]
    oidc_role_claim: String,

    /// Claim with the address, of which `email_verified` must say true.
    #[arg(
        long,
        env = "WAYBILL_OIDC_EMAIL_CLAIM",
        value_name = "CLAIM",
        default_value = "email"
    )]
    oidc_email_claim: String,
}

impl Signing {
    pub fn auth(&self, database_url: &str) -> Result<Arc<Auth>, Failure> {
        let keys = self.keys(database_url).map_err(Failure::new)?;
        let provider = self.provider()?;
        Ok(Auth::new(keys, &self.token_issuer, provider))
    }

    fn keys(&self, database_url: &str) -> Result<Option<Keyring>, String> {
        if let Some(file) = &self.signing_keys {
            return keys::open(file).map(Some);
        }
        let Some(file) = keys::beside(database_url) else {
            return Ok(None);
        };
        if file.exists() {
            return keys::open(&file).map(Some);
        }
        let made = keys::create(&file)?;
        tracing::info!(file = %file.display(), "made the keys to sign access tokens with");
        Ok(Some(made))
    }

    fn provider(&self) -> Result<Option<Provider>, Failure> {
        let (Some(issuer), Some(audience)) = (&self.oidc_issuer, &self.oidc_audience) else {
            if self.oidc_issuer.is_some() {
                return Err(Failure::new(
                    "--oidc-issuer needs --oidc-audience: what must stand in aud of its tokens",
                ));
            }
            return Ok(None);
        };
        if *issuer == self.token_issuer {
            return Err(Failure::new(
                "--oidc-issuer and --token-issuer must differ: the issuer tells whose token it is",
            ));
        }
        let settings = Settings {
            issuer: issuer.clone(),
            audience: audience.clone(),
            role_claim: self.oidc_role_claim.clone(),
            email_claim: self.oidc_email_claim.clone(),
        };
        Provider::new(settings)
            .map(Some)
            .map_err(|why| Failure::new(format!("--oidc-issuer cannot be used: {why}")))
    }
}
