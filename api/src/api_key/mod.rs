//! API keys: how programs sign in.
use async_graphql::{Context, ID, InputObject, Object};
use entity::{api_key, api_key::ApiKeyScope, curator, value::Timestamp};
use sea_orm::Condition;

use crate::{
    auth::scopes_named,
    curator::{Curator, CuratorFilter},
    kit::{
        access::{Curating, View},
        error::Result,
        fields::{fields, order},
        filter::{Filter, Scope},
        id,
        operators::{Choice, Comparison, TextFilter},
        plain::Plainly,
        record::{Concept, Record},
        rows,
    },
};

mod mutation;

pub use mutation::ApiKeyMutation;

/// A key by which a program signs in for a curator.
// Its row has a secret: the fields are named here, one by one.
pub struct ApiKey {
    row: api_key::Model,
}

/// A key by which a program signs in for a curator. The key itself is shown once, by
/// `createApiKey`.
#[Object]
impl ApiKey {
    /// Global id of the record: opaque, unique over all types, the same for ever.
    async fn id(&self) -> ID {
        id::encode(api_key::Entity::NAME, self.row.id)
    }

    /// What the key is for.
    async fn name(&self) -> &str {
        &self.row.name
    }

    /// What it may do, as far as its curator may.
    async fn scopes(&self) -> Vec<ApiKeyScope> {
        scopes_named(&self.row.scopes)
    }

    /// Until when it is good; null for a key that does not expire.
    async fn expires_at(&self) -> Option<Timestamp> {
        self.row.expires_at
    }

    /// When it was revoked; null while it is good.
    async fn revoked_at(&self) -> Option<Timestamp> {
        self.row.revoked_at
    }

    /// When it was last used, to the minute; null before its first use.
    async fn last_used_at(&self) -> Option<Timestamp> {
        self.row.last_used_at
    }

    /// When it was made.
    async fn created_at(&self) -> Timestamp {
        self.row.created_at
    }

    /// Whose it is.
    async fn curator(&self, ctx: &Context<'_>) -> Result<Curator> {
        rows::parent::<_, curator::Entity>(ctx, self.row.curator_id).await
    }
}

impl From<api_key::Model> for ApiKey {
    fn from(row: api_key::Model) -> Self {
        Self { row }
    }
}

impl Record for api_key::Entity {
    const NAME: &'static str = "ApiKey";

    fn visible(view: View) -> Condition {
        view.owns(api_key::Column::CuratorId)
    }
}

impl Plainly for ApiKey {}

impl Concept for ApiKey {
    type Entity = api_key::Entity;
    type Filter = ApiKeyFilter;
    type Order = ApiKeyOrderField;

    /// Of those who write only what they are now is shown.
    fn as_of(row: api_key::Model, _: i64) -> Self {
        Self { row }
    }
}

/// Which API keys.
#[derive(InputObject)]
pub struct ApiKeyFilter {
    /// All of these hold.
    and: Option<Vec<ApiKeyFilter>>,
    /// At least one of these holds.
    or: Option<Vec<ApiKeyFilter>>,
    /// This does not hold.
    not: Option<Box<ApiKeyFilter>>,
    /// By global id.
    id: Option<Choice<ID>>,
    /// By what they are for.
    name: Option<TextFilter>,
    /// By until when they are good.
    expires_at: Option<Comparison<Timestamp>>,
    /// By when they were revoked.
    revoked_at: Option<Comparison<Timestamp>>,
    /// By when they were last used.
    last_used_at: Option<Comparison<Timestamp>>,
    /// By when they were made.
    created_at: Option<Comparison<Timestamp>>,
    /// By whose they are.
    curator: Option<Box<CuratorFilter>>,
}

impl Filter for ApiKeyFilter {
    type Entity = api_key::Entity;

    fn condition(self, scope: Scope<'_>) -> Result<Condition> {
        use api_key::Column;
        let Self {
            and,
            or,
            not,
            id,
            name,
            expires_at,
            revoked_at,
            last_used_at,
            created_at,
            curator,
        } = self;
        Ok(scope
            .logic(and, or, not)?
            .on(id, Column::Id)?
            .on(name, Column::Name)?
            .on(expires_at, Column::ExpiresAt)?
            .on(revoked_at, Column::RevokedAt)?
            .on(last_used_at, Column::LastUsedAt)?
            .on(created_at, Column::CreatedAt)?
            .one(curator, Column::CuratorId)?
            .done())
    }
}

order! {
    /// What API keys can be ordered by.
    ApiKeyOrderField of api_key {
        /// What they are for.
        Name,
        /// Until when they are good.
        ExpiresAt,
        /// When they were revoked.
        RevokedAt,
        /// When they were last used.
        LastUsedAt,
        /// When they were made.
        CreatedAt,
    }
}

#[derive(Default)]
pub struct ApiKeyQuery;

fields! {
    #[Object]
    impl ApiKeyQuery {
        connections {
            /// One's own API keys; everybody's for admins. It takes the scope WRITE.
            api_keys: ApiKey, for Curating = |_, _| Condition::all();
        }
    }
}
