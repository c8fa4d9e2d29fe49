//! Signing in and out, and who is signed in.
use std::{sync::Arc, time::Instant};

use async_graphql::{Context, InputObject, Object, SimpleObject};
use entity::{api_key::ApiKeyScope, curator, value::Timestamp};

use crate::{
    auth::{Auth, Remote, Secret, Tokens},
    curator::{Curator, change, email},
    kit::{
        access,
        check::{Check, UserError, UserErrorCode},
        db::Db,
        error::Result,
        fields::fields,
        rows,
    },
};

/// The one who asks.
#[derive(SimpleObject)]
#[graphql(name = "Viewer")]
pub struct SignedIn {
    /// The curator who signed in, or whose API key this is.
    curator: Curator,
    /// What they may do: what their role allows, and no more than the API key's scopes.
    scopes: Vec<ApiKeyScope>,
}

/// What somebody who signed in goes on with.
#[derive(SimpleObject)]
pub struct Session {
    /// Send it with each request, as `Authorization: Bearer …`.
    access_token: String,
    /// Until when the access token is good: ten minutes.
    access_token_expires_at: Timestamp,
    /// Good once: `refreshSession` gives a new pair. To use one twice ends the session.
    refresh_token: String,
    /// When the session ends, however often it is refreshed: after thirty days.
    expires_at: Timestamp,
    /// Who signed in.
    curator: Curator,
}

impl From<Tokens> for Session {
    fn from(tokens: Tokens) -> Self {
        Self {
            access_token: tokens.access.expose().to_owned(),
            access_token_expires_at: tokens.access_expires.into(),
            refresh_token: tokens.refresh.expose().to_owned(),
            expires_at: tokens.expires,
            curator: tokens.curator.into(),
        }
    }
}

/// Who signs in.
#[derive(InputObject)]
pub struct SignInInput {
    /// Address, in upper or lower case.
    email: String,
    /// Password.
    password: String,
}

/// A session to go on with.
#[derive(InputObject)]
pub struct RefreshSessionInput {
    /// The session's last refresh token.
    refresh_token: String,
}

/// A session to end.
#[derive(InputObject)]
pub struct SignOutInput {
    /// Any refresh token of the session.
    refresh_token: String,
}

/// What came of signing in.
#[derive(SimpleObject)]
pub struct SignInPayload {
    /// The new session; null when the address or the password is wrong.
    session: Option<Session>,
    /// What was wrong; empty when somebody signed in.
    user_errors: Vec<UserError>,
}

/// What came of refreshing a session.
#[derive(SimpleObject)]
pub struct RefreshSessionPayload {
    /// The session with new tokens; null when it has ended.
    session: Option<Session>,
    /// What was wrong; empty when the session goes on.
    user_errors: Vec<UserError>,
}

/// What came of signing out.
#[derive(SimpleObject)]
pub struct SignOutPayload {
    /// Always empty: whatever the token was, no session goes on with it.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct SessionQuery;

#[Object]
impl SessionQuery {
    /// Who asks, and what they may do; null for somebody who has not signed in.
    async fn viewer(&self, ctx: &Context<'_>) -> Result<Option<SignedIn>> {
        let viewer = access::viewer(ctx);
        let Some(id) = viewer.curator_id() else {
            return Ok(None);
        };
        let curator = rows::parent::<Curator, curator::Entity>(ctx, id).await?;
        Ok(Some(SignedIn {
            curator,
            scopes: viewer.scopes().to_vec(),
        }))
    }
}

#[derive(Default)]
pub struct SessionMutation;

fields! {
    #[Object]
    impl SessionMutation {
        mutations;

        /// Signs a curator in. After some failures, of an account or from one address, it takes a wait:
        /// `RATE_LIMITED`, with `extensions.retryAfter` in seconds.
        async fn sign_in(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "Who, and the password.")] input: SignInInput,
        ) -> Result<SignInPayload> {
            let (auth, db, remote) = parts(ctx);
            auth.keys()?;
            // What is no address has no curator either; it is counted and answered like one.
            let address = email::normal(&input.email);
            let address = address.unwrap_or_else(|| input.email.trim().to_lowercase());
            let curator = change::find(db, &address).await?;
            let password = Secret::new(input.password);
            let right = auth
                .is_password(curator.as_ref(), &address, password, remote, Instant::now())
                .await?;
            match curator.filter(|_| right) {
                Some(curator) => Ok(SignInPayload {
                    session: Some(auth.begin_session(db, curator).await?.into()),
                    user_errors: Vec::new(),
                }),
                None => Ok(SignInPayload {
                    session: None,
                    user_errors: refusal("the address or the password is wrong"),
                }),
            }
        }

        /// Gives new tokens for a refresh token, which is thereby used up.
        async fn refresh_session(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "The session.")] input: RefreshSessionInput,
        ) -> Result<RefreshSessionPayload> {
            let (auth, db, _) = parts(ctx);
            let tokens = auth.refresh(db, &input.refresh_token).await?;
            let user_errors = match tokens {
                Some(_) => Vec::new(),
                None => refusal("the session has ended; sign in again"),
            };
            Ok(RefreshSessionPayload {
                session: tokens.map(Session::from),
                user_errors,
            })
        }

        /// Ends a session: its tokens are refused from now on.
        async fn sign_out(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "The session.")] input: SignOutInput,
        ) -> Result<SignOutPayload> {
            let (auth, db, _) = parts(ctx);
            auth.end_session(db, &input.refresh_token).await?;
            Ok(SignOutPayload {
                user_errors: Vec::new(),
            })
        }
    }
}

fn parts<'a>(ctx: &Context<'a>) -> (&'a Auth, &'a Db, Remote) {
    let auth = ctx.data_unchecked::<Arc<Auth>>();
    (
        auth,
        ctx.data_unchecked::<Db>(),
        *ctx.data_unchecked::<Remote>(),
    )
}

fn refusal(message: &str) -> Vec<UserError> {
    let mut check = Check::default();
    check.refuse_here(UserErrorCode::Invalid, message);
    check.into_errors()
}
