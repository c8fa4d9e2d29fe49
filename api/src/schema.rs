//! The schema: the roots of all concepts merged, and how it is printed.
use std::{
    collections::HashMap,
    sync::{Arc, LazyLock},
};

use async_graphql::{
    InputType, MergedObject, MergedSubscription, Pos, Request, SDLExportOptions, SchemaBuilder,
    ServerError, ValidationMode, ValidationResult, Value,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextValidation},
};
use entity::value::{Date, Decimal, PartialDate, Timestamp, Url};

use crate::{
    api_key::{ApiKeyMutation, ApiKeyQuery},
    claim::{ClaimMutation, ClaimQuery},
    country::{Country, CountryMutation, CountryQuery},
    curator::{CuratorMutation, CuratorQuery},
    dataset::{Dataset, DatasetMutation, DatasetQuery},
    edition::{Edition, EditionQuery},
    import_batch::{ImportBatchMutation, ImportBatchQuery},
    kit::{apart::Apart, period::Period, plain::Plainly, references::Loader, sum::DecimalSum},
    mirror::MirrorQuery,
    node::NodeQuery,
    party::{Party, PartyMutation, PartyQuery},
    product::{Product, ProductMutation, ProductQuery},
    product_list::{ProductList, ProductListMutation, ProductListQuery},
    rate_limit::RateLimitQuery,
    revision::{ChangeQuery, ChangeSubscription, RevisionQuery},
    search::SearchQuery,
    session::{SessionMutation, SessionQuery},
    shipment::{Shipment, ShipmentMutation, ShipmentQuery},
    source::{Source, SourceMutation, SourceQuery},
    statement::{Statement, StatementMutation, StatementQuery},
    totals::TotalsQuery,
};

/// What anyone may read.
#[derive(MergedObject, Default)]
pub struct Query(
    Apart<NodeQuery>,
    Apart<CountryQuery>,
    Apart<EditionQuery>,
    Apart<ProductQuery>,
    Apart<ProductListQuery>,
    Apart<PartyQuery>,
    Apart<DatasetQuery>,
    Apart<ShipmentQuery>,
    Apart<TotalsQuery>,
    Apart<SourceQuery>,
    Apart<ClaimQuery>,
    Apart<StatementQuery>,
    Apart<SearchQuery>,
    Apart<RevisionQuery>,
    Apart<ChangeQuery>,
    Apart<ImportBatchQuery>,
    Apart<SessionQuery>,
    Apart<CuratorQuery>,
    Apart<ApiKeyQuery>,
    Apart<RateLimitQuery>,
    Apart<MirrorQuery>,
);

/// What those may change who signed in.
#[derive(MergedObject, Default)]
pub struct Mutation(
    Apart<SessionMutation>,
    Apart<CountryMutation>,
    Apart<ProductMutation>,
    Apart<ProductListMutation>,
    Apart<PartyMutation>,
    Apart<DatasetMutation>,
    Apart<ShipmentMutation>,
    Apart<SourceMutation>,
    Apart<ClaimMutation>,
    Apart<StatementMutation>,
    Apart<ImportBatchMutation>,
    Apart<CuratorMutation>,
    Apart<ApiKeyMutation>,
);

/// What tells of itself as it happens.
#[derive(MergedSubscription, Default)]
pub struct Subscription(ChangeSubscription);

pub type Schema = async_graphql::Schema<Query, Mutation, Subscription>;

/// Selections within one another at the very most: the gate has let through fewer.
const DEEPEST: usize = 256;

/// What is kept in memory, since everything refers to it.
pub fn references() -> Vec<Loader> {
    vec![
        Loader::of::<Country>().by(&["m49", "alpha2", "alpha3"]),
        Loader::named::<Edition>().by(&["code", "comtradeCode"]),
        Loader::named::<Product>().by(&["code"]),
        Loader::of::<ProductList>(),
        Loader::of::<Party>(),
        Loader::of::<Dataset>().by(&["slug"]),
        Loader::of::<Source>(),
    ]
}

/// How many fields of these concepts are written as they are read, wherever a page asks for nothing
/// else.
pub fn written() -> Vec<(&'static str, usize)> {
    let concepts = [
        Country::plain(),
        Edition::plain(),
        Product::plain(),
        ProductList::plain(),
        Party::plain(),
        Dataset::plain(),
        Source::plain(),
        Shipment::plain(),
        Statement::plain(),
    ];
    let counted = concepts.map(|plain| (plain.type_name, plain.fields.len()));
    counted.to_vec()
}

/// What executes documents that the gate has validated: it does not do so again.
pub fn schema() -> Schema {
    unlimited().validation_mode(ValidationMode::Fast).finish()
}

/// The gate counts, not the library.
fn unlimited() -> SchemaBuilder<Query, Mutation, Subscription> {
    Schema::build(
        Query::default(),
        Mutation::default(),
        Subscription::default(),
    )
    .limit_recursive_depth(DEEPEST)
}

/// What validates documents, and executes nothing. Its schemas are built when they are needed:
/// a server is ready before.
pub struct Validator {
    suggesting: LazyLock<Schema>,
    silent: LazyLock<Schema>,
}

/// Bytes of a document up to which an unknown field is answered with the names that it may have
/// meant: comparing takes the length of the one times that of all the others.
const SUGGESTING_BYTES: usize = 2_000;

pub fn validator() -> Validator {
    Validator {
        suggesting: LazyLock::new(|| unlimited().extension(NothingMore).finish()),
        silent: LazyLock::new(|| {
            let silent = unlimited().extension(NothingMore).disable_suggestions();
            silent.finish()
        }),
    }
}

impl Validator {
    /// Builds its schemas now.
    pub fn build(&self) {
        LazyLock::force(&self.suggesting);
        LazyLock::force(&self.silent);
    }

    /// All that is wrong with a document that was parsed, of so many bytes.
    pub async fn validate(&self, request: Request, length: usize) -> Vec<ServerError> {
        let schema = match length <= SUGGESTING_BYTES {
            true => &self.suggesting,
            false => &self.silent,
        };
        schema.execute(request).await.errors
    }
}

/// Ends a request once it is validated, without an error when there is none.
struct NothingMore;

impl ExtensionFactory for NothingMore {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_graphql::async_trait::async_trait]
impl Extension for NothingMore {
    async fn validation(
        &self,
        ctx: &ExtensionContext<'_>,
        next: NextValidation<'_>,
    ) -> Result<ValidationResult, Vec<ServerError>> {
        next.run(ctx).await?;
        Err(Vec::new())
    }
}

/// What each of our scalars has against a value, by its name.
pub type Scalars = HashMap<&'static str, fn(Value) -> Result<(), String>>;

pub fn scalars() -> Scalars {
    fn wrong<T: InputType>(value: Value) -> Result<(), String> {
        let parsed = <T as InputType>::parse(Some(value)).map(drop);
        parsed.map_err(|error| error.into_server_error(Pos::default()).message)
    }
    Scalars::from([
        ("Date", wrong::<Date> as fn(Value) -> _),
        ("DateTime", wrong::<Timestamp>),
        ("Decimal", wrong::<Decimal>),
        ("DecimalSum", wrong::<DecimalSum>),
        ("PartialDate", wrong::<PartialDate>),
        ("Period", wrong::<Period>),
        ("URL", wrong::<Url>),
    ])
}

/// The contract, as `schema.graphql` holds it.
pub fn sdl() -> String {
    printed(&schema())
}

/// The contract of a schema that was built.
pub fn printed(schema: &Schema) -> String {
    let options = SDLExportOptions::new()
        .include_specified_by()
        .use_space_ident();
    without_built_in_directives(&schema.sdl_with_options(options))
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
