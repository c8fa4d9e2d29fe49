//! How API keys are made and revoked.
use async_graphql::{Context, ID, InputObject, SimpleObject};
use entity::{
    api_key,
    api_key::ApiKeyScope,
    value::{Texts, Timestamp},
};
use sea_orm::{ActiveEnum, ColumnTrait, EntityTrait, QueryFilter, QuerySelect, prelude::Uuid};

use super::ApiKey;
use crate::{
    auth::{self, Credential},
    kit::{
        access::{self, Curating, Permission, permission},
        check::{Check, UserError, UserErrorCode},
        db::Db,
        edit::{Author, Edit},
        error::{Error, Result},
        fields::fields,
        id,
        operators::plain,
        record::Record,
        rows,
    },
};

const LONGEST_NAME: usize = 100;

/// A key to be.
#[derive(InputObject)]
pub struct CreateApiKeyInput {
    /// What the key is for: from 1 to 100 characters.
    name: String,
    /// What it may do: at least one scope, and none that you do not have.
    scopes: Vec<ApiKeyScope>,
    /// Until when it is good; a key without it does not expire.
    expires_at: Option<Timestamp>,
}

/// A key that shall no longer be good.
#[derive(InputObject)]
pub struct RevokeApiKeyInput {
    /// Which key.
    id: ID,
    /// Why; stands beside the revision.
    comment: Option<String>,
}

/// What came of making a key.
#[derive(SimpleObject, Default)]
pub struct CreateApiKeyPayload {
    /// The key as it is listed; null when it was not made.
    api_key: Option<ApiKey>,
    /// The key itself, to send as `Authorization: Bearer …`. It is shown this once, and kept
    /// nowhere; null when it was not made.
    secret: Option<String>,
    /// What was wrong; empty when it was made.
    user_errors: Vec<UserError>,
}

/// What came of revoking a key.
#[derive(SimpleObject)]
pub struct RevokeApiKeyPayload {
    /// The key as it now stands; null when there is none that you may revoke.
    api_key: Option<ApiKey>,
    /// What was wrong; empty when it is revoked.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct ApiKeyMutation;

fields! {
    #[Object]
    impl ApiKeyMutation {
        mutations;

        /// Makes an API key for oneself. It takes the scope WRITE, and a person: a key cannot make
        /// keys, which would outlive it.
        async fn create_api_key(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "The key to be.")] input: CreateApiKeyInput,
        ) -> Result<CreateApiKeyPayload> {
            let curator_id = permission::<Curating>(ctx)?.curator_id();
            if matches!(Credential::of(ctx), Credential::ApiKey(_)) {
                let message = "an API key cannot make API keys: sign in with your password";
                return Err(Error::Forbidden(message.to_owned()));
            }
            let db = ctx.data_unchecked::<Db>();
            let mut edit = Edit::begin(db, Author::Curator(curator_id), "an API key made").await?;
            let name = plain(input.name.trim().to_owned())?;
            let mut check = Check::default();
            let length = name.chars().count();
            check.require(
                (1..=LONGEST_NAME).contains(&length),
                "name",
                "a name has from 1 to 100 characters",
            );
            check.require(
                !input.scopes.is_empty(),
                "scopes",
                "a key needs at least one scope, such as READ",
            );
            let own = access::viewer(ctx).scopes();
            check.require(
                input.scopes.iter().all(|scope| own.contains(scope)),
                "scopes",
                "a key cannot have a scope that you do not have",
            );
            check.require(
                input.expires_at.is_none_or(|expires| expires > edit.now),
                "expiresAt",
                "the key would have expired already; choose an instant to come",
            );
            if !check.is_clean() {
                return Ok(CreateApiKeyPayload {
                    user_errors: check.into_errors(),
                    ..CreateApiKeyPayload::default()
                });
            }
            let secret = auth::api_key()?;
            let all = auth::ALL_SCOPES.into_iter();
            let scopes = all.filter(|scope| input.scopes.contains(scope));
            let row = api_key::Model {
                id: Uuid::now_v7(),
                curator_id,
                name,
                scopes: Texts(scopes.map(|scope| scope.to_value()).collect()),
                secret_hash: auth::digest(secret.expose()),
                expires_at: input.expires_at,
                revoked_at: None,
                last_used_at: None,
                created_at: edit.now,
            };
            let row = edit.insert::<api_key::Entity>(row).await?;
            edit.commit().await?;
            Ok(CreateApiKeyPayload {
                api_key: Some(row.into()),
                secret: Some(secret.expose().to_owned()),
                user_errors: Vec::new(),
            })
        }

        /// Makes a key useless, at once and for good: one of one's own, or anybody's for admins.
        async fn revoke_api_key(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "Which key.")] input: RevokeApiKeyInput,
        ) -> Result<RevokeApiKeyPayload> {
            let author = Author::from(&permission::<Curating>(ctx)?);
            let mine = api_key::Entity::visible(rows::view(ctx));
            let key = id::key(&input.id, api_key::Entity::NAME)?;
            let comment = input.comment.filter(|comment| !comment.trim().is_empty());
            let comment = comment.unwrap_or_else(|| "an API key revoked".to_owned());
            let db = ctx.data_unchecked::<Db>();
            let mut edit = Edit::begin(db, author, plain(comment)?).await?;
            let row = api_key::Entity::find()
                .filter(api_key::Column::Id.eq(key))
                .filter(mine)
                .lock_exclusive()
                .one(edit.connection())
                .await?;
            let mut check = Check::default();
            let Some(row) = row else {
                check.refuse("id", UserErrorCode::NotFound, "you have no such API key");
                return Ok(RevokeApiKeyPayload {
                    api_key: None,
                    user_errors: check.into_errors(),
                });
            };
            // Revoked twice is revoked: the first instant stands, and there is no second revision.
            let row = match row.revoked_at {
                Some(_) => row,
                None => {
                    let after = api_key::Model {
                        revoked_at: Some(edit.now),
                        ..row.clone()
                    };
                    let row = edit.update::<api_key::Entity>(&row, after).await?;
                    edit.commit().await?;
                    row
                }
            };
            Ok(RevokeApiKeyPayload {
                api_key: Some(row.into()),
                user_errors: Vec::new(),
            })
        }
    }
}
