//! Curators: who may write.
use async_graphql::{Context, ID, InputObject, Object};
use entity::{curator, curator::Role, value::Timestamp};
use sea_orm::Condition;

use crate::kit::{
    access::{self, Administering, permission},
    error::Result,
    fields::{fields, order},
    filter::{Filter, Scope},
    id,
    operators::{Choice, Comparison, TextFilter, choosable_enums},
    plain::Plainly,
    record::{Concept, Record},
};

pub mod admins;
pub mod change;
pub mod email;
mod mutation;

pub use mutation::CuratorMutation;

/// Somebody who may write.
// Its row has a secret: the fields are named here, one by one.
pub struct Curator {
    pub row: curator::Model,
}

/// Somebody who may write.
#[Object]
impl Curator {
    /// Global id of the record: opaque, unique over all types, the same for ever.
    async fn id(&self) -> ID {
        id::encode(curator::Entity::NAME, self.row.id)
    }

    /// Name that others see beside changes.
    async fn name(&self) -> &str {
        &self.row.name
    }

    /// Address to sign in with; null for everybody but the curator and admins.
    async fn email(&self, ctx: &Context<'_>) -> Option<&str> {
        let is_own = access::viewer(ctx).curator_id() == Some(self.row.id);
        let may = is_own || permission::<Administering>(ctx).is_ok();
        may.then_some(&self.row.email)
    }

    /// What the curator may do.
    async fn role(&self) -> Role {
        self.row.role
    }

    /// Since when the curator cannot sign in; null for one who can.
    async fn disabled_at(&self) -> Option<Timestamp> {
        self.row.disabled_at
    }

    /// Counts the record's changes, from 1.
    async fn version(&self) -> i32 {
        self.row.version
    }

    /// When the record was entered.
    async fn created_at(&self) -> Timestamp {
        self.row.created_at
    }

    /// When the record was last changed.
    async fn updated_at(&self) -> Timestamp {
        self.row.updated_at
    }
}

impl From<curator::Model> for Curator {
    fn from(row: curator::Model) -> Self {
        Self { row }
    }
}

impl Record for curator::Entity {
    const NAME: &'static str = "Curator";
}

impl Plainly for Curator {}

impl Concept for Curator {
    type Entity = curator::Entity;
    type Filter = CuratorFilter;
    type Order = CuratorOrderField;

    /// Of those who write only what they are now is shown.
    fn as_of(row: curator::Model, _: i64) -> Self {
        Self { row }
    }
}

choosable_enums!(Role);

/// Which curators. For admins alone: it tells by which address somebody signs in.
#[derive(InputObject)]
pub struct CuratorFilter {
    /// All of these hold.
    and: Option<Vec<CuratorFilter>>,
    /// At least one of these holds.
    or: Option<Vec<CuratorFilter>>,
    /// This does not hold.
    not: Option<Box<CuratorFilter>>,
    /// By global id.
    id: Option<Choice<ID>>,
    /// By name.
    name: Option<TextFilter>,
    /// By address; all are in lower case.
    email: Option<TextFilter>,
    /// By what they may do.
    role: Option<Choice<Role>>,
    /// By since when they cannot sign in.
    disabled_at: Option<Comparison<Timestamp>>,
    /// By when they were entered.
    created_at: Option<Comparison<Timestamp>>,
}

impl Filter for CuratorFilter {
    type Entity = curator::Entity;

    fn condition(self, scope: Scope<'_>) -> Result<Condition> {
        use curator::Column;
        let Self {
            and,
            or,
            not,
            id,
            name,
            email,
            role,
            disabled_at,
            created_at,
        } = self;
        Ok(scope
            .logic(and, or, not)?
            .on(id, Column::Id)?
            .on(name, Column::Name)?
            .on(email, Column::Email)?
            .on(role, Column::Role)?
            .on(disabled_at, Column::DisabledAt)?
            .on(created_at, Column::CreatedAt)?
            .done())
    }
}

order! {
    /// What curators can be ordered by.
    CuratorOrderField of curator {
        /// Name.
        Name,
        /// Address.
        Email,
        /// What they may do, by its name.
        Role,
        /// Since when they cannot sign in.
        DisabledAt,
        /// When they were entered.
        CreatedAt,
    }
}

#[derive(Default)]
pub struct CuratorQuery;

fields! {
    #[Object]
    impl CuratorQuery {
        connections {
            /// Those who may write, and those who once might. For admins.
            curators: Curator, for Administering = |_, _| Condition::all();
        }
    }
}
