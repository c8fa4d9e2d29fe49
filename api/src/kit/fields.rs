//! Fields that are alike in every concept, written once: a record's id, and its connections.
use super::error::Result;

/// An `impl` of resolvers: a record's global `id` where it says `record`, a Relay connection with
/// paging, filter and order for each line of `connections`, which holds the records of a concept
/// that meet the condition (and may be for some to see alone); `parents`, the records that columns
/// always point at, `references`, those that they may point at, `choices`, those at which one of
/// several columns may point, by what another one says, and `periods`, from the day in one column to
/// the day in another; `lists`, which of the fields below are the records that rows of another table
/// point at, always (`parents`) or perhaps (`references`); and then the fields that are like no
/// other. A concept whose rows have no id of their own says `concept` instead of `record`; one of
/// mutations says `mutations`.
macro_rules! fields {
    (#[$attribute:ident] impl $type:ident { record; $($rest:tt)* }) => {
        $crate::kit::fields::fields! { @parts $attribute $type [$type] {} {} {} {} {} {} { $($rest)* } }
    };
    (#[$attribute:ident] impl $type:ident { concept; $($rest:tt)* }) => {
        $crate::kit::fields::fields! { @parts $attribute $type [] {} {} {} {} {} {} { $($rest)* } }
    };
    (@parts $attribute:ident $type:ident $record:tt $c:tt $p:tt $r:tt $o:tt $g:tt $l:tt { connections $new:tt $($rest:tt)* }) => {
        $crate::kit::fields::fields! { @parts $attribute $type $record $new $p $r $o $g $l { $($rest)* } }
    };
    (@parts $attribute:ident $type:ident $record:tt $c:tt $p:tt $r:tt $o:tt $g:tt $l:tt { parents $new:tt $($rest:tt)* }) => {
        $crate::kit::fields::fields! { @parts $attribute $type $record $c $new $r $o $g $l { $($rest)* } }
    };
    (@parts $attribute:ident $type:ident $record:tt $c:tt $p:tt $r:tt $o:tt $g:tt $l:tt { references $new:tt $($rest:tt)* }) => {
        $crate::kit::fields::fields! { @parts $attribute $type $record $c $p $new $o $g $l { $($rest)* } }
    };
    (@parts $attribute:ident $type:ident $record:tt $c:tt $p:tt $r:tt $o:tt $g:tt $l:tt { choices $new:tt $($rest:tt)* }) => {
        $crate::kit::fields::fields! { @parts $attribute $type $record $c $p $r $new $g $l { $($rest)* } }
    };
    (@parts $attribute:ident $type:ident $record:tt $c:tt $p:tt $r:tt $o:tt $g:tt $l:tt { periods $new:tt $($rest:tt)* }) => {
        $crate::kit::fields::fields! { @parts $attribute $type $record $c $p $r $o $new $l { $($rest)* } }
    };
    (@parts $attribute:ident $type:ident $record:tt $c:tt $p:tt $r:tt $o:tt $g:tt $l:tt { lists $new:tt $($rest:tt)* }) => {
        $crate::kit::fields::fields! { @parts $attribute $type $record $c $p $r $o $g $new { $($rest)* } }
    };
    (
        @parts $attribute:ident $type:ident $record:tt $connections:tt
        { $($(#[doc = $parent_doc:literal])+ $parent:ident: $parent_type:ident = $parent_column:ident;)* }
        { $($(#[doc = $reference_doc:literal])+ $reference:ident: $reference_type:ident = $reference_column:ident;)* }
        { $(
            $(#[doc = $choice_doc:literal])+ $choice:ident: $choice_type:ident = $selector:ident {
                $($value:path => $choice_column:ident),+
            };
        )* }
        { $($(#[doc = $period_doc:literal])+ $period:ident = $start:ident to $end:ident;)* }
        { $(
            $list:ident = $link:ident of $of:ident by $order:ident, $kind:ident {
                $($lead:ident: $lead_type:ident),+
            };
        )* }
        { $($plain:tt)* }
    ) => {
        impl $crate::kit::plain::Plainly for $type {
            fn plain() -> &'static $crate::kit::plain::Plain {
                use $crate::kit::plain;
                use plain::Plain;
                static PLAIN: std::sync::OnceLock<Plain> = std::sync::OnceLock::new();
                PLAIN.get_or_init(|| {
                    let references = vec![
                        $(plain::Declared {
                            field: stringify!($parent),
                            column: stringify!($parent_column),
                            reference: plain::Reference::to::<$parent_type>(true),
                        },)*
                        $(plain::Declared {
                            field: stringify!($reference),
                            column: stringify!($reference_column),
                            reference: plain::Reference::to::<$reference_type>(false),
                        },)*
                    ];
                    let choices = vec![$(plain::Choice {
                        field: stringify!($choice),
                        selector: stringify!($selector),
                        columns: vec![$((
                            sea_orm::ActiveEnum::to_value(&$value), stringify!($choice_column),
                        )),+],
                        reference: plain::Reference::to::<$choice_type>(false),
                    }),*];
                    let periods: &[_] = &[$(
                        [stringify!($period), stringify!($start), stringify!($end)]
                    ),*];
                    let lists = vec![$(plain::Listed {
                        field: stringify!($list),
                        list: {
                            let is_parent = stringify!($kind) == "parents";
                            let leads = vec![$((
                                stringify!($lead), plain::Reference::to::<$lead_type>(is_parent),
                            )),+];
                            plain::List::of::<entity::$link::Entity>(
                                stringify!($of), stringify!($order), leads,
                            )
                        },
                    }),*];
                    Plain::of::<Self>(references, choices, periods, lists)
                })
            }
        }

        $crate::kit::fields::fields! { @emit $attribute $type $record $connections {
            $(
                $(#[doc = $parent_doc])+
                async fn $parent(&self, ctx: &async_graphql::Context<'_>) -> $crate::kit::error::Result<$parent_type> {
                    let id = self.row.$parent_column;
                    $crate::kit::rows::parent_at::<
                        $parent_type, <$parent_type as $crate::kit::record::Concept>::Entity,
                    >(ctx, self.at, id).await
                }
            )*
            $(
                $(#[doc = $reference_doc])+
                async fn $reference(&self, ctx: &async_graphql::Context<'_>) -> Option<$crate::kit::error::Result<$reference_type>> {
                    let id = self.row.$reference_column;
                    $crate::kit::fields::nullable($crate::kit::rows::shown::<
                        $reference_type, <$reference_type as $crate::kit::record::Concept>::Entity,
                    >(ctx, id)).await
                }
            )*
            $(
                $(#[doc = $choice_doc])+
                async fn $choice(&self, ctx: &async_graphql::Context<'_>) -> Option<$crate::kit::error::Result<$choice_type>> {
                    let id = match self.row.$selector {
                        $($value => self.row.$choice_column,)+
                        _ => None,
                    };
                    $crate::kit::fields::nullable($crate::kit::rows::shown::<
                        $choice_type, <$choice_type as $crate::kit::record::Concept>::Entity,
                    >(ctx, id)).await
                }
            )*
            $(
                $(#[doc = $period_doc])+
                async fn $period(&self) -> $crate::kit::period::Period {
                    $crate::kit::period::Period { start: self.row.$start, end: self.row.$end }
                }
            )*
            $($plain)*
        } }
    };
    (#[$attribute:ident] impl $type:ident { connections { $($connections:tt)* } $($plain:tt)* }) => {
        impl $crate::kit::record::AsOf for $type {}

        $crate::kit::fields::fields! { @emit $attribute $type [] { $($connections)* } { $($plain)* } }
    };
    // Each mutation may be null, so that one that fails leaves the answers of those before it.
    (#[$attribute:ident] impl $type:ident { mutations; $(
        $(#[$($meta:tt)*])*
        async fn $name:ident($($arguments:tt)*) -> Result<$of:ty> $body:block
    )* }) => {
        #[async_graphql::$attribute]
        impl $type {
            $(
                $(#[$($meta)*])*
                ///
                /// Null when it failed outright: `errors` says why.
                async fn $name($($arguments)*) -> Option<Result<$of>> {
                    $crate::kit::fields::outcome(async { $body }).await
                }
            )*
        }
    };
    (#[$attribute:ident] impl $type:ident { $($plain:tt)* }) => {
        $crate::kit::fields::fields! { @emit $attribute $type [] {} { $($plain)* } }
    };
    (@emit $attribute:ident $type:ident [$($record:ident)?] { $($connections:tt)* } { $($plain:tt)* }) => {
        $crate::kit::fields::fields! {
            @nullable $attribute $type [$($record)?] { $($connections)* } {} { $($plain)* }
        }
    };
    // A field that may be null is null when it fails, and the rest of the answer stands. The
    // library does so for `Option<Result<_>>` alone, which nobody could write with `?`.
    (
        @nullable $attribute:ident $type:ident [$($record:ident)?] { $($connections:tt)* } { $($done:tt)* }
        {
            $(#[$($meta:tt)*])*
            $visibility:vis async fn $name:ident($($arguments:tt)*) -> Result<Option<$of:ty>> $body:block
            $($rest:tt)*
        }
    ) => {
        $crate::kit::fields::fields! {
            @nullable $attribute $type [$($record)?] { $($connections)* }
            {
                $($done)*
                $(#[$($meta)*])*
                $visibility async fn $name($($arguments)*) -> Option<Result<$of>> {
                    $crate::kit::fields::nullable(async { $body }).await
                }
            }
            { $($rest)* }
        }
    };
    (
        @nullable $attribute:ident $type:ident [$($record:ident)?] { $($connections:tt)* } { $($done:tt)* }
        {
            $(#[$($meta:tt)*])*
            $visibility:vis async fn $name:ident($($arguments:tt)*) -> $of:ty $body:block
            $($rest:tt)*
        }
    ) => {
        $crate::kit::fields::fields! {
            @nullable $attribute $type [$($record)?] { $($connections)* }
            {
                $($done)*
                $(#[$($meta)*])*
                $visibility async fn $name($($arguments)*) -> $of $body
            }
            { $($rest)* }
        }
    };
    (
        @nullable $attribute:ident $type:ident [$($record:ident)?] { $($connections:tt)* } { $($done:tt)* } {}
    ) => {
        $crate::kit::fields::fields! { @write $attribute $type [$($record)?] { $($connections)* } { $($done)* } }
    };
    // All in one expansion: the library looks for its own variables in the strings below.
    (
        @write $attribute:ident $type:ident [$($record:ident)?]
        { $(
            $(#[doc = $doc:literal])+
            $name:ident: $concept:ident $(, for $permission:ident)? = $condition:expr;
        )* }
        { $($plain:tt)* }
    ) => {
        #[async_graphql::$attribute]
        impl $type {
            $(
                /// Global id of the record: opaque, unique over all types, the same for ever.
                pub async fn id(&self) -> async_graphql::ID {
                    let name = <<$record as $crate::kit::record::Concept>::Entity
                        as $crate::kit::record::Record>::NAME;
                    $crate::kit::id::encode(name, self.row.id)
                }
            )?
            $(
                $(#[doc = $doc])+
                ///
                /// Ordered by `orderBy`, else by when the records were entered. At most 200 a page.
                async fn $name(
                    &self,
                    ctx: &async_graphql::Context<'_>,
                    #[graphql(desc = "How many records from the front, 0 to 200; 25 when neither this nor last is given.")]
                    first: Option<i32>,
                    #[graphql(desc = "Only what comes after this cursor.")]
                    after: Option<String>,
                    #[graphql(desc = "How many records from the back, 0 to 200, instead of first.")]
                    last: Option<i32>,
                    #[graphql(desc = "Only what comes before this cursor.")]
                    before: Option<String>,
                    #[graphql(desc = "Which records; all when absent.")]
                    filter: Option<Box<<$concept as $crate::kit::record::Concept>::Filter>>,
                    #[graphql(desc = "In which order, the first key first; at most 8 keys.")]
                    order_by: Option<Vec<
                        $crate::kit::order::Order<<$concept as $crate::kit::record::Concept>::Order>,
                    >>,
                ) -> $crate::kit::error::Result<$crate::kit::page::Page<$concept>> {
                    $($crate::kit::access::permission::<$permission>(ctx)?;)?
                    let condition: fn(&Self, $crate::kit::access::View) -> sea_orm::Condition =
                        $condition;
                    let at = $crate::kit::record::AsOf::at(self);
                    let view = $crate::kit::rows::view(ctx).at(at);
                    let arguments = $crate::kit::page::Arguments {
                        first, after, last, before, filter, order_by,
                    };
                    // Kept apart, as the filter is: what one field holds, every field of the type
                    // has room for, and is moved with.
                    Box::pin($crate::kit::page::page(ctx, view, condition(self, view), arguments)).await
                }
            )*
            $($plain)*
        }
    };
}

/// The API's type of a record: a newtype around its row, whose columns are its fields.
///
/// `curated` records are drafts, published or withdrawn; others say when they are `visible`,
/// and whether they are a `part` of a record.
macro_rules! concept {
    (
        $(#[doc = $doc:literal])+
        $type:ident of $entity:ident, filtered by $filter:ident, ordered by $order:ident, curated
    ) => {
        $crate::kit::fields::concept! {
            $(#[doc = $doc])+
            $type of $entity, filtered by $filter, ordered by $order,
            visible when |view| view.shows(entity::$entity::Column::Status)
        }

        impl $crate::kit::record::Standing for entity::$entity::Entity {
            fn stand(row: &mut Self::Model) -> $crate::kit::record::Stand<'_> {
                $crate::kit::record::Stand {
                    id: &mut row.id,
                    status: &mut row.status,
                    withdrawal_reason: &mut row.withdrawal_reason,
                    version: &mut row.version,
                    created_at: &mut row.created_at,
                    updated_at: &mut row.updated_at,
                }
            }
        }
    };
    (
        $(#[doc = $doc:literal])+
        $type:ident of $entity:ident, filtered by $filter:ident, ordered by $order:ident
        $(, visible when |$view:ident| $visible:expr)? $(; $part:ident)?
    ) => {
        $(#[doc = $doc])+
        pub struct $type {
            pub row: entity::$entity::Model,
            /// As of which revision it stood so; its parts are those of then. None for now.
            pub at: Option<i64>,
        }

        $crate::kit::shown::object! { $($doc)+ $type }

        impl From<entity::$entity::Model> for $type {
            fn from(row: entity::$entity::Model) -> Self {
                Self { row, at: None }
            }
        }

        impl $crate::kit::record::AsOf for $type {
            fn at(&self) -> Option<i64> {
                self.at
            }
        }

        impl $crate::kit::record::Record for entity::$entity::Entity {
            const NAME: &'static str = stringify!($type);

            $(const IS_PART: bool = stringify!($part).len() > 0;)?

            $(fn visible($view: $crate::kit::access::View) -> sea_orm::Condition {
                sea_orm::Condition::all().add($visible)
            })?
        }

        impl $crate::kit::record::Concept for $type {
            type Entity = entity::$entity::Entity;
            type Filter = $filter;
            type Order = $order;

            fn as_of(row: entity::$entity::Model, revision: i64) -> Self {
                Self { row, at: Some(revision) }
            }
        }
    };
}

/// The enum of the columns that a concept can be ordered by.
macro_rules! order {
    (
        $(#[doc = $doc:literal])+
        $name:ident of $entity:ident { $($(#[doc = $value_doc:literal])+ $value:ident),+ $(,)? }
    ) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
        pub enum $name { $($(#[doc = $value_doc])+ $value),+ }

        impl $crate::kit::order::OrderField for $name {
            type Entity = entity::$entity::Entity;

            fn column(self) -> entity::$entity::Column {
                match self { $(Self::$value => entity::$entity::Column::$value),+ }
            }
        }
    };
}

/// What a mutation comes to, which is null when it fails.
pub async fn outcome<T>(mutation: impl Future<Output = Result<T>>) -> Option<Result<T>> {
    Some(mutation.await)
}

/// What a field comes to that is null when it fails.
pub async fn nullable<T>(field: impl Future<Output = Result<Option<T>>>) -> Option<Result<T>> {
    field.await.transpose()
}

pub(crate) use {concept, fields, order};
