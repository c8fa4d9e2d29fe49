//! Sessions: begun by signing in, kept up by refreshing, ended by signing out or by misuse.
#![expect(
    clippy::disallowed_methods,
    reason = "sessions are no records, and have no history"
)]
use chrono::{DateTime, TimeDelta, Utc};
use entity::{curator, refresh_token, session, value::Timestamp};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, JoinType,
    QueryFilter, QuerySelect,
    prelude::Uuid,
    sea_query::{Expr, SimpleExpr},
};

use super::{
    Auth, Secret,
    secret::{digest, random},
};
use crate::kit::{
    db::Db,
    error::{Error, Result},
};

/// However often it is refreshed, a session ends; then it takes the password again.
const LIFETIME: TimeDelta = TimeDelta::days(30);

/// What a session gives to the one who signed in.
pub struct Tokens {
    pub curator: curator::Model,
    pub access: Secret,
    pub access_expires: DateTime<Utc>,
    pub refresh: Secret,
    pub expires: Timestamp,
}

impl Auth {
    /// Begins a session, and forgets those that are over.
    pub async fn begin_session(&self, db: &Db, curator: curator::Model) -> Result<Tokens> {
        self.keys()?;
        let now = Utc::now();
        let session = session::Model {
            id: Uuid::now_v7(),
            curator_id: curator.id,
            created_at: now.into(),
            last_used_at: now.into(),
            expires_at: (now + LIFETIME).into(),
            ended_at: None,
        };
        let transaction = db.begin_unrecorded().await?;
        session::Entity::delete_many()
            .filter(session::Column::ExpiresAt.lt(Timestamp::from(now)))
            .exec(&transaction)
            .await?;
        let row = session.clone().into_active_model().reset_all();
        row.insert(&transaction).await?;
        let refresh = issue(&transaction, session.id, now).await?;
        transaction.commit().await?;
        self.tokens(curator, &session, refresh, now)
    }

    /// New tokens for one that was never used. A used one ends the session: either its owner or
    /// somebody else has an old copy, and we cannot tell which. None when the token is no good.
    pub async fn refresh(&self, db: &Db, token: &str) -> Result<Option<Tokens>> {
        self.keys()?;
        let now = Utc::now();
        let hash = digest(token);
        let transaction = db.begin_unrecorded().await?;
        // Of two at once, the database lets one have it.
        let taken = refresh_token::Entity::update_many()
            .col_expr(
                refresh_token::Column::UsedAt,
                Expr::value(Timestamp::from(now)),
            )
            .filter(refresh_token::Column::Hash.eq(&hash))
            .filter(refresh_token::Column::UsedAt.is_null())
            .exec(&transaction)
            .await?;
        let Some(found) = refresh_token::Entity::find_by_id(hash)
            .one(&transaction)
            .await?
        else {
            return Ok(None);
        };
        if taken.rows_affected == 0 {
            let of = session::Column::Id.eq(found.session_id);
            if end(&transaction, of).await? > 0 {
                tracing::warn!(session = %found.session_id, "a refresh token was used again; its session is ended");
            }
            transaction.commit().await?;
            return Ok(None);
        }
        let Some((session, curator)) = standing(&transaction, found.session_id).await? else {
            return Ok(None);
        };
        let session = session::Model {
            last_used_at: now.into(),
            ..session
        };
        let row = session.clone().into_active_model().reset_all();
        row.update(&transaction).await?;
        let refresh = issue(&transaction, session.id, now).await?;
        transaction.commit().await?;
        self.tokens(curator, &session, refresh, now).map(Some)
    }

    /// Ends the session that a refresh token belongs to, whether or not the token was used.
    pub async fn end_session(&self, db: &Db, token: &str) -> Result<()> {
        let transaction = db.begin_unrecorded().await?;
        let found = refresh_token::Entity::find_by_id(digest(token))
            .one(&transaction)
            .await?;
        if let Some(found) = found {
            end(&transaction, session::Column::Id.eq(found.session_id)).await?;
        }
        Ok(transaction.commit().await?)
    }

    fn tokens(
        &self,
        curator: curator::Model,
        session: &session::Model,
        refresh: Secret,
        now: DateTime<Utc>,
    ) -> Result<Tokens> {
        let (access, access_expires) = self.mint(curator.id, session.id, now)?;
        Ok(Tokens {
            curator,
            access,
            access_expires,
            refresh,
            expires: session.expires_at,
        })
    }
}

/// A session that goes on, and its curator, who is not disabled.
pub async fn standing(
    db: &impl ConnectionTrait,
    id: Uuid,
) -> Result<Option<(session::Model, curator::Model)>, DbErr> {
    let of_curator = session::Entity::belongs_to(curator::Entity)
        .from(session::Column::CuratorId)
        .to(curator::Column::Id);
    let found = session::Entity::find_by_id(id)
        .filter(session::Column::EndedAt.is_null())
        .filter(session::Column::ExpiresAt.gt(Timestamp::from(Utc::now())))
        .filter(curator::Column::DisabledAt.is_null())
        .join(JoinType::InnerJoin, of_curator.into())
        .select_also(curator::Entity)
        .one(db)
        .await?;
    Ok(found.and_then(|(session, curator)| Some((session, curator?))))
}

/// Ends all sessions of a curator, with whatever else the transaction does.
pub async fn end_all(db: &impl ConnectionTrait, curator_id: Uuid) -> Result<(), DbErr> {
    end(db, session::Column::CuratorId.eq(curator_id))
        .await
        .map(drop)
}

async fn end(db: &impl ConnectionTrait, which: SimpleExpr) -> Result<u64, DbErr> {
    let now = Timestamp::from(Utc::now());
    let ended = session::Entity::update_many()
        .col_expr(session::Column::EndedAt, Expr::value(now))
        .filter(which)
        .filter(session::Column::EndedAt.is_null())
        .exec(db)
        .await?;
    Ok(ended.rows_affected)
}

async fn issue(
    db: &impl ConnectionTrait,
    session_id: Uuid,
    now: DateTime<Utc>,
) -> Result<Secret, Error> {
    let token = random()?;
    let row = refresh_token::Model {
        hash: digest(token.expose()),
        session_id,
        issued_at: now.into(),
        used_at: None,
    };
    row.into_active_model().reset_all().insert(db).await?;
    Ok(token)
}
