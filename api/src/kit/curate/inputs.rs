//! The inputs of mutations: what is alike in all of them, written once.
use std::borrow::Cow;

use async_graphql::{ID, InputObject, TypeName};

use super::Curated;
use crate::kit::record::{Concept, Record};

/// A record to enter.
#[derive(InputObject)]
#[graphql(name_type)]
pub struct Create<C: Curated> {
    #[graphql(flatten)]
    pub record: C::New,
    /// Whether to publish it at once, with all that is entered in the same step. Otherwise it is a draft, seen by curators alone.
    #[graphql(default)]
    pub publish: bool,
    #[graphql(flatten)]
    pub meta: Meta,
}

/// What to change of a record. What is left out stays as it is; null empties a field that may be empty.
#[derive(InputObject)]
#[graphql(name_type)]
pub struct Update<C: Curated> {
    #[graphql(flatten)]
    pub target: Target,
    #[graphql(flatten)]
    pub changes: C::Changes,
    #[graphql(flatten)]
    pub meta: Meta,
}

/// A draft to publish. What it refers to must be published.
#[derive(InputObject)]
#[graphql(name = "PublishInput")]
pub struct Publish {
    #[graphql(flatten)]
    pub target: Target,
    #[graphql(flatten)]
    pub meta: Meta,
}

/// A record to take back. Only the reason remains to be seen; curators see the record, and can revert to what it was.
#[derive(InputObject)]
#[graphql(name = "WithdrawInput")]
pub struct Withdraw {
    #[graphql(flatten)]
    pub target: Target,
    /// Why it is taken back: for everyone to read.
    pub reason: String,
    #[graphql(flatten)]
    pub meta: Meta,
}

/// A record to give back what it said as of a revision. What is published does not become a draft again; what was withdrawn comes back as it stood.
#[derive(InputObject)]
#[graphql(name = "RevertInput")]
pub struct Revert {
    #[graphql(flatten)]
    pub target: Target,
    /// Number of the revision as of which the record was right.
    pub revision: i64,
    #[graphql(flatten)]
    pub meta: Meta,
}

/// Which record, as the client knows it.
#[derive(Clone, InputObject)]
pub struct Target {
    /// Global id of the record.
    pub id: ID,
    /// The record's `version` when it was read: if it has another by now, nothing is written, and `CONFLICT` answers.
    pub version: i32,
}

/// What every mutation takes besides.
#[derive(InputObject)]
pub struct Meta {
    /// Why it is done, for the history; the mutation's name when absent.
    pub comment: Option<String>,
    /// Up to 255 characters of the client's own choice, new for each thing that is done: sending the same input again under it is safe, and answers as the first time. Kept for 48 hours. The header `Idempotency-Key` does the same.
    pub idempotency_key: Option<String>,
}

fn named<C: Concept>(before: &str) -> Cow<'static, str> {
    format!("{before}{}Input", <C::Entity as Record>::NAME).into()
}

impl<C: Curated> TypeName for Create<C> {
    fn type_name() -> Cow<'static, str> {
        named::<C>("Create")
    }
}

impl<C: Curated> TypeName for Update<C> {
    fn type_name() -> Cow<'static, str> {
        named::<C>("Update")
    }
}

/// The inputs of a concept: `$new` to enter a record, which may stand within another's, and
/// `$changes` to change one. Fields of `only when new` are no columns.
macro_rules! inputs {
    (
        $(#[doc = $new_doc:literal])+
        $new:ident changed by $changes:ident {
            $($(#[doc = $doc:literal])+ $field:ident: $ty:ty,)+
        }
        $(only when new { $($(#[doc = $only_doc:literal])+ $only:ident: $only_ty:ty,)+ })?
    ) => {
        $(#[doc = $new_doc])+
        #[derive(Clone, async_graphql::InputObject)]
        pub struct $new {
            $($(#[doc = $doc])+ pub $field: $ty,)+
            $($($(#[doc = $only_doc])+ pub $only: $only_ty,)+)?
        }

        /// What to change. What is left out stays as it is.
        #[derive(Clone, Default, async_graphql::InputObject)]
        pub struct $changes {
            $($(#[doc = $doc])+ pub $field: $crate::kit::curate::Patch<$ty>,)+
        }

        impl From<$new> for $changes {
            fn from(new: $new) -> Self {
                Self { $($field: $crate::kit::curate::Patch::Set(new.$field)),+ }
            }
        }
    };
}

pub(crate) use inputs;
