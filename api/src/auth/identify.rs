//! Who stands behind a request's `Authorization`: a session's token, a key, or a provider's token.
use async_graphql::Context;
use chrono::Utc;
use entity::{
    api_key,
    api_key::ApiKeyScope,
    curator,
    curator::Role,
    value::{Texts, Timestamp},
};
use sea_orm::{
    ActiveEnum, ColumnTrait, DbErr, EntityTrait, JoinType, QueryFilter, QuerySelect, prelude::Uuid,
};

use super::{
    Auth,
    secret::{API_KEY_PREFIX, digest},
    sessions::standing,
    token::{Fault, good_until},
};
use crate::kit::{
    access::{Grant, Viewer},
    db::Db,
    error::Error,
};

/// What a request proved itself with. Beside the `Viewer`, for what only a person may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential {
    None,
    Session,
    Provider,
    ApiKey(Uuid),
}

/// Why a request is not even begun.
#[derive(Debug)]
pub enum Refusal {
    /// The credential is bad; why, in words for its bearer.
    Bad(String),
    /// The identity provider, without which nothing can be said of it, does not answer.
    Unavailable(String),
    /// Ours.
    Failed(Error),
}

/// The least first.
pub const ALL_SCOPES: [ApiKeyScope; 4] = [
    ApiKeyScope::Read,
    ApiKeyScope::Drafts,
    ApiKeyScope::Write,
    ApiKeyScope::Admin,
];

/// What a role may do.
pub fn scopes_of(role: Role) -> Vec<ApiKeyScope> {
    let mut scopes = ALL_SCOPES.to_vec();
    scopes.retain(|scope| role == Role::Admin || *scope != ApiKeyScope::Admin);
    scopes
}

impl Credential {
    pub fn of(ctx: &Context<'_>) -> Self {
        *ctx.data_unchecked::<Self>()
    }
}

impl Auth {
    /// `authorization` is the header's value. Role and standing are read anew each time, so that
    /// what an admin changes holds at once.
    pub async fn identify(
        &self,
        db: &Db,
        authorization: Option<&str>,
    ) -> Result<(Viewer, Credential), Refusal> {
        let Some(value) = authorization else {
            return Ok((Viewer::default(), Credential::None));
        };
        let token = match value.trim().split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
            _ => return Err(bad("Authorization must be Bearer and a token or API key")),
        };
        if token.starts_with(API_KEY_PREFIX) {
            return self.by_key(db, token).await;
        }
        let (curator_id, role, credential, until) = match &self.provider {
            Some(provider) if provider.issued(token) => {
                let identity = provider.verify(token).await?;
                let until = identity.until();
                let (id, role) = provider.curator(db, identity).await?;
                (id, role, Credential::Provider, until)
            }
            _ => {
                let (curator, until) = self.by_session(db, token).await?;
                (curator.id, curator.role, Credential::Session, until)
            }
        };
        let scopes = scopes_of(role);
        let grant = Grant {
            curator_id,
            scopes,
            until: Some(until),
        };
        Ok((Viewer::new(grant), credential))
    }

    async fn by_session(
        &self,
        db: &Db,
        token: &str,
    ) -> Result<(curator::Model, Timestamp), Refusal> {
        let claims = self.verify(token).map_err(|fault| match fault {
            Fault::Expired => bad("the access token has expired; refreshSession gives a new one"),
            Fault::Invalid => bad("the access token is not valid; signIn gives one"),
        })?;
        let found = standing(&db.read, claims.sid).await?;
        let curator = found.map(|(_, curator)| curator);
        let curator = curator.filter(|curator| curator.id == claims.sub);
        curator
            .map(|curator| (curator, good_until(claims.exp)))
            .ok_or_else(|| bad("the session has ended; sign in again"))
    }

    async fn by_key(&self, db: &Db, key: &str) -> Result<(Viewer, Credential), Refusal> {
        let of_curator = api_key::Entity::belongs_to(curator::Entity)
            .from(api_key::Column::CuratorId)
            .to(curator::Column::Id);
        let found = api_key::Entity::find()
            .filter(api_key::Column::SecretHash.eq(digest(key)))
            .join(JoinType::InnerJoin, of_curator.into())
            .select_also(curator::Entity)
            .one(&db.read)
            .await?;
        let Some((key, Some(curator))) = found else {
            return Err(bad("there is no such API key; createApiKey makes one"));
        };
        let now = Timestamp::from(Utc::now());
        if key.revoked_at.is_some() || curator.disabled_at.is_some() {
            return Err(bad("the API key is revoked, or its curator disabled"));
        }
        if key.expires_at.is_some_and(|expires| expires <= now) {
            return Err(bad("the API key has expired; createApiKey makes another"));
        }
        self.uses.note(db, key.id);
        let mut scopes = scopes_of(curator.role);
        let named = scopes_named(&key.scopes);
        scopes.retain(|scope| named.contains(scope));
        let grant = Grant {
            curator_id: curator.id,
            scopes,
            until: key.expires_at,
        };
        Ok((Viewer::new(grant), Credential::ApiKey(key.id)))
    }
}

/// The scopes that a key's row lists.
pub fn scopes_named(names: &Texts) -> Vec<ApiKeyScope> {
    let mut scopes = ALL_SCOPES.to_vec();
    scopes.retain(|scope| names.0.contains(&scope.to_value()));
    scopes
}

fn bad(why: &str) -> Refusal {
    Refusal::Bad(why.to_owned())
}

impl From<DbErr> for Refusal {
    fn from(error: DbErr) -> Self {
        Self::Failed(error.into())
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}
