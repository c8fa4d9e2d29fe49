//! The schema: the roots of all concepts merged, and how it is printed.
use async_graphql::{MergedObject, MergedSubscription, SDLExportOptions};

use crate::{
    api_key::{ApiKeyMutation, ApiKeyQuery},
    claim::{ClaimMutation, ClaimQuery},
    country::{CountryMutation, CountryQuery},
    curator::{CuratorMutation, CuratorQuery},
    dataset::{DatasetMutation, DatasetQuery},
    edition::EditionQuery,
    import_batch::ImportBatchQuery,
    node::NodeQuery,
    party::{PartyMutation, PartyQuery},
    product::{ProductMutation, ProductQuery},
    product_list::{ProductListMutation, ProductListQuery},
    revision::{ChangeQuery, ChangeSubscription, RevisionQuery},
    session::{SessionMutation, SessionQuery},
    shipment::{ShipmentMutation, ShipmentQuery},
    source::{SourceMutation, SourceQuery},
    statement::{StatementMutation, StatementQuery},
};

/// What anyone may read.
#[derive(MergedObject, Default)]
pub struct Query(
    NodeQuery,
    CountryQuery,
    EditionQuery,
    ProductQuery,
    ProductListQuery,
    PartyQuery,
    DatasetQuery,
    ShipmentQuery,
    SourceQuery,
    ClaimQuery,
    StatementQuery,
    RevisionQuery,
    ChangeQuery,
    ImportBatchQuery,
    SessionQuery,
    CuratorQuery,
    ApiKeyQuery,
);

/// What those may change who signed in.
#[derive(MergedObject, Default)]
pub struct Mutation(
    SessionMutation,
    CountryMutation,
    ProductMutation,
    ProductListMutation,
    PartyMutation,
    DatasetMutation,
    ShipmentMutation,
    SourceMutation,
    ClaimMutation,
    StatementMutation,
    CuratorMutation,
    ApiKeyMutation,
);

/// What tells of itself as it happens.
#[derive(MergedSubscription, Default)]
pub struct Subscription(ChangeSubscription);

pub type Schema = async_graphql::Schema<Query, Mutation, Subscription>;

/// Nested deeper than any client's own queries, introspection among them.
const DEEPEST: usize = 24;
/// Fields in all, each counted for every record that the pages above it may hold.
const MOST_COMPLEX: usize = 100_000;

pub fn schema() -> Schema {
    Schema::build(Query::default(), Mutation::default(), Subscription::default())
        .limit_depth(DEEPEST)
        .limit_complexity(MOST_COMPLEX)
        .finish()
}

/// The contract, as `schema.graphql` holds it.
pub fn sdl() -> String {
    let options = SDLExportOptions::new()
        .include_specified_by()
        .use_space_ident();
    without_built_in_directives(&schema().sdl_with_options(options))
}

/// Every server has `@skip`, `@include` and `@specifiedBy`; a contract need not repeat them.
fn without_built_in_directives(sdl: &str) -> String {
    let mut lines: Vec<&str> = Vec::new();
    for line in sdl.lines() {
        if line.starts_with("directive @") {
            // Its description stands before it, between two lines of quotes.
            let closing = lines.pop();
            let opening = lines.iter().rposition(|line| *line == "\"\"\"");
            lines.truncate(
                opening
                    .filter(|_| closing == Some("\"\"\""))
                    .unwrap_or(lines.len()),
            );
        } else {
            lines.push(line.trim_end());
        }
    }
    format!("{}\n", lines.join("\n").trim_end())
}
