//! The mutations of a concept: five fields that are alike in all of them.

/// The five mutations of a concept, and the payload that they answer with.
macro_rules! mutations {
    (
        $mutation:ident of $type:ident, $payload:ident of $field:ident,
        $create:ident, $update:ident, $publish:ident, $withdraw:ident, $revert:ident
    ) => {
        /// What became of the record.
        #[derive(async_graphql::SimpleObject)]
        pub struct $payload {
            /// The record as it now stands. Null when the mutation was refused, but not for
            /// `CONFLICT`: then it is what someone else made of it.
            $field: Option<$type>,
            /// Whether what was to be entered stood already: then that record answers, unchanged.
            found: bool,
            /// Number of the revision that was written. Null when there was nothing to write.
            revision: Option<i64>,
            /// All that is wrong with the input. When there is any, nothing was written.
            user_errors: Vec<$crate::kit::check::UserError>,
        }

        impl From<$crate::kit::curate::Outcome<$type>> for $payload {
            fn from(outcome: $crate::kit::curate::Outcome<$type>) -> Self {
                Self {
                    $field: outcome.row.map($type::from),
                    found: outcome.found,
                    revision: outcome.revision,
                    user_errors: outcome.user_errors,
                }
            }
        }

        #[derive(Default)]
        pub struct $mutation;

        // Each may be null, so that one that fails leaves the answers of those before it.
        #[async_graphql::Object]
        impl $mutation {
            /// Enters a record, as a draft or published at once. For curators.
            ///
            /// Null when it failed outright: `errors` says why.
            async fn $create(
                &self,
                ctx: &async_graphql::Context<'_>,
                #[graphql(desc = "The record.")] input: $crate::kit::curate::Create<$type>,
            ) -> Option<$crate::kit::error::Result<$payload>> {
                let $crate::kit::curate::Create {
                    record: new,
                    publish,
                    meta,
                } = input;
                let operation = $crate::kit::curate::Operation::Create { new, publish };
                let outcome = $crate::kit::curate::mutate(ctx, meta, operation).await;
                Some(outcome.map($payload::from))
            }

            /// Changes a record. What is published stays published, and must keep to its rules.
            /// For curators.
            ///
            /// Null when it failed outright: `errors` says why.
            async fn $update(
                &self,
                ctx: &async_graphql::Context<'_>,
                #[graphql(desc = "The record, and what to change of it.")]
                input: $crate::kit::curate::Update<$type>,
            ) -> Option<$crate::kit::error::Result<$payload>> {
                let $crate::kit::curate::Update {
                    target,
                    changes,
                    meta,
                } = input;
                let operation = $crate::kit::curate::Operation::Update { target, changes };
                let outcome = $crate::kit::curate::mutate(ctx, meta, operation).await;
                Some(outcome.map($payload::from))
            }

            /// Publishes a draft: from then on everyone sees it. For curators.
            ///
            /// Null when it failed outright: `errors` says why.
            async fn $publish(
                &self,
                ctx: &async_graphql::Context<'_>,
                #[graphql(desc = "The draft.")] input: $crate::kit::curate::Publish,
            ) -> Option<$crate::kit::error::Result<$payload>> {
                let $crate::kit::curate::Publish { target, meta } = input;
                let operation = $crate::kit::curate::Operation::Publish { target };
                let outcome = $crate::kit::curate::mutate(ctx, meta, operation).await;
                Some(outcome.map($payload::from))
            }

            /// Takes a record back. Refused while published records refer to it. For curators.
            ///
            /// Null when it failed outright: `errors` says why.
            async fn $withdraw(
                &self,
                ctx: &async_graphql::Context<'_>,
                #[graphql(desc = "The record, and why.")] input: $crate::kit::curate::Withdraw,
            ) -> Option<$crate::kit::error::Result<$payload>> {
                let $crate::kit::curate::Withdraw {
                    target,
                    reason,
                    meta,
                } = input;
                let operation = $crate::kit::curate::Operation::Withdraw { target, reason };
                let outcome = $crate::kit::curate::mutate(ctx, meta, operation).await;
                Some(outcome.map($payload::from))
            }

            /// Undoes what was done to a record since a revision, as a revision of its own. For
            /// curators.
            ///
            /// Null when it failed outright: `errors` says why.
            async fn $revert(
                &self,
                ctx: &async_graphql::Context<'_>,
                #[graphql(desc = "The record, and the revision as of which it was right.")]
                input: $crate::kit::curate::Revert,
            ) -> Option<$crate::kit::error::Result<$payload>> {
                let $crate::kit::curate::Revert {
                    target,
                    revision,
                    meta,
                } = input;
                let operation = $crate::kit::curate::Operation::Revert { target, revision };
                let outcome = $crate::kit::curate::mutate(ctx, meta, operation).await;
                Some(outcome.map($payload::from))
            }
        }
    };
}

pub(crate) use mutations;
