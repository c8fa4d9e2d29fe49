//! Who asks, what they may see, and what they may do.
use async_graphql::Context;
use entity::{
    api_key::ApiKeyScope,
    revision_change,
    value::{Status, Timestamp},
};
use sea_orm::{
    ColumnTrait, Condition,
    prelude::Uuid,
    sea_query::{Expr, ExprTrait, Query},
};

use super::error::{Error, Result};

/// What is seen: of records what is published, or everything; of their parts those that belong to
/// them now, or did as of a revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct View {
    everything: bool,
    /// Who may write, and their keys.
    private: bool,
    /// Whose own keys.
    own: Option<Uuid>,
    /// As of this revision; now, when none.
    at: Option<i64>,
}

/// The one who asks, as the HTTP layer knows them: nobody in particular unless they signed in.
#[derive(Clone, Debug, Default)]
pub struct Viewer(Option<Grant>);

/// What somebody who signed in may do: no more than their role and, for a key, its scopes allow.
#[derive(Clone, Debug)]
pub struct Grant {
    pub curator_id: Uuid,
    pub scopes: Vec<ApiKeyScope>,
    /// When what proved it expires; none for what does not.
    pub until: Option<Timestamp>,
}

/// Proof that the one who asks may write records. Mutations take nothing less.
#[derive(Clone, Copy, Debug)]
pub struct Curating(Uuid);

/// Proof that the one who asks may manage curators and everybody's keys.
#[derive(Clone, Copy, Debug)]
pub struct Administering(Uuid);

/// A proof, which only the one who asks can give.
pub trait Permission: Sized {
    fn of(viewer: &Viewer) -> Result<Self>;

    fn curator_id(&self) -> Uuid;
}

impl View {
    pub const PUBLIC: Self = Self {
        everything: false,
        private: false,
        own: None,
        at: None,
    };
    pub const EVERYTHING: Self = Self {
        everything: true,
        private: false,
        own: None,
        at: None,
    };

    /// The same, with the parts that records had as of a revision; now, when none.
    pub const fn at(self, at: Option<i64>) -> Self {
        Self { at, ..self }
    }

    pub const fn as_of(self) -> Option<i64> {
        self.at
    }

    pub const fn is_private(self) -> bool {
        self.private
    }

    /// What belongs to curators, by the column that says to whom: one's own, and to admins all.
    pub fn owns(self, curator_id: impl ColumnTrait) -> Condition {
        match (self.private, self.own) {
            (true, _) => Condition::all(),
            (false, Some(own)) => Condition::all().add(curator_id.eq(own)),
            (false, None) => Condition::all().add(curator_id.is_null()),
        }
    }

    pub const fn is_public(self) -> bool {
        !self.everything
    }

    /// Records by the column that says where they stand.
    pub fn shows(self, status: impl ColumnTrait) -> Condition {
        let public = self.is_public().then(|| {
            // A constant, as which plans and partial indexes know it.
            let published = Expr::Constant(Status::Published.into());
            Expr::col(status.as_column_ref()).eq(published)
        });
        Condition::all().add_option(public)
    }

    /// Parts of records, by their id and the column that says when they left. What was there as of a
    /// revision is told by the history: times may pass one another, revisions do not.
    pub fn holds(self, id: impl ColumnTrait, removed_at: impl ColumnTrait) -> Condition {
        let Some(revision) = self.at else {
            return Condition::all().add(removed_at.is_null());
        };
        let changed_later = |was_there: bool| {
            use revision_change::Column::{Before, RecordId, RevisionNumber};
            let own = Expr::col((revision_change::Entity, RecordId));
            let mut later = Query::select();
            later
                .expr(Expr::val(1))
                .from(revision_change::Entity)
                .and_where(own.eq(Expr::col(id.as_column_ref())))
                .and_where(RevisionNumber.gt(revision))
                .and_where(match was_there {
                    true => Before.is_not_null(),
                    false => Before.is_null(),
                });
            Expr::exists(later)
        };
        let left_later = removed_at.is_null().or(changed_later(true));
        Condition::all()
            .add(changed_later(false).not())
            .add(left_later)
    }
}

impl Viewer {
    pub const fn new(grant: Grant) -> Self {
        Self(Some(grant))
    }

    pub fn curator_id(&self) -> Option<Uuid> {
        self.0.as_ref().map(|grant| grant.curator_id)
    }

    /// What they may do; nothing for anybody who did not sign in.
    pub fn scopes(&self) -> &[ApiKeyScope] {
        self.0.as_ref().map_or(&[], |grant| &grant.scopes)
    }

    /// Until when they are who they are; none for who stays so.
    pub fn until(&self) -> Option<Timestamp> {
        self.0.as_ref().and_then(|grant| grant.until)
    }

    pub fn view(&self) -> View {
        View {
            // Who changes records must see how they stand.
            everything: self.has(ApiKeyScope::Drafts) || self.has(ApiKeyScope::Write),
            private: self.has(ApiKeyScope::Admin),
            own: self.curator_id(),
            at: None,
        }
    }

    /// Whether what belongs to a curator is theirs to deal with: one's own, and to admins all.
    pub fn owns(&self, curator_id: Option<Uuid>) -> bool {
        self.has(ApiKeyScope::Admin) || (curator_id.is_some() && curator_id == self.curator_id())
    }

    fn has(&self, scope: ApiKeyScope) -> bool {
        let grant = self.0.as_ref();
        grant.is_some_and(|grant| grant.scopes.contains(&scope))
    }

    fn allow(&self, scope: ApiKeyScope, what: &str) -> Result<Uuid> {
        let Some(grant) = &self.0 else {
            return Err(Error::Unauthenticated(format!(
                "sign in to {what}: send Authorization: Bearer with the token that signIn gives, or with an API key"
            )));
        };
        if self.has(scope) {
            return Ok(grant.curator_id);
        }
        Err(Error::Forbidden(format!(
            "to {what} takes a scope or role that you do not have"
        )))
    }
}

/// The one who asks.
pub fn viewer<'a>(ctx: &Context<'a>) -> &'a Viewer {
    ctx.data_unchecked::<Viewer>()
}

/// What the one who asks may do, or the error to answer with.
pub fn permission<P: Permission>(ctx: &Context<'_>) -> Result<P> {
    P::of(viewer(ctx))
}

impl Permission for Curating {
    fn of(viewer: &Viewer) -> Result<Self> {
        viewer.allow(ApiKeyScope::Write, "write records").map(Self)
    }

    fn curator_id(&self) -> Uuid {
        self.0
    }
}

impl Permission for Administering {
    fn of(viewer: &Viewer) -> Result<Self> {
        viewer
            .allow(ApiKeyScope::Admin, "manage curators and keys")
            .map(Self)
    }

    fn curator_id(&self) -> Uuid {
        self.0
    }
}
