//! Search: any record by the words in it.
use async_graphql::{ComplexObject, Context, Enum, Object, SimpleObject, connection::PageInfo};
use entity::searched::Table;
use futures_util::future::try_join_all;
use sea_orm::{EntityName, sea_query::SelectStatement};

use crate::{
    claim::Claim,
    country::Country,
    dataset::Dataset,
    kit::{
        error::{Error, Result},
        record::Concept,
        rows,
        search::{
            Arguments, Field, Found, Grade, Highlight, Hit, Query, count, fields, find, highlights,
        },
        shown::union,
    },
    party::Party,
    product::Product,
    product_list::ProductList,
    source::Source,
    statement::Statement,
};

/// What can be found: every type of record that is searched once.
macro_rules! results {
    ($($(#[doc = $doc:literal])+ $type:ident),+ $(,)?) => {
        union! {
            /// A record that was found by its words.
            SearchResult of $($type),+
        }

        /// Which records to look for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
        pub enum SearchType {
            $($(#[doc = $doc])+ $type),+
        }

        impl SearchType {
            fn table(self) -> &'static str {
                match self {
                    $(Self::$type => <$type as Concept>::Entity::default().table_name(),)+
                }
            }
        }

        /// The record of a hit, with what was searched of it; none when it has gone since.
        async fn load(ctx: &Context<'_>, hit: &Hit) -> Result<Option<(SearchResult, Vec<Field>)>> {
            $(if hit.kind == SearchType::$type.table() {
                let found = rows::find::<<$type as Concept>::Entity>(ctx, hit.id).await?;
                return Ok(found.map(|row| {
                    let table = Table::named(&hit.kind);
                    let fields = table.map(|table| fields::<<$type as Concept>::Entity>(table, &row));
                    (SearchResult::$type($type::from(row)), fields.unwrap_or_default())
                }));
            })+
            Ok(None)
        }
    };
}

results! {
    /// Propositions, by their text.
    Claim,
    /// Countries and customs areas, by their names and codes.
    Country,
    /// Releases of trade records, by title, slug and description.
    Dataset,
    /// Persons and bodies, by name and description.
    Party,
    /// Items of the Harmonized System, by code and description.
    Product,
    /// Named sets of products, by title, slug and description.
    ProductList,
    /// Documents and data releases, by title, authors and note.
    Source,
    /// Positions on claims, by their text and its translation.
    Statement,
}

/// A page of what a search found, the best first.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct SearchResultConnection {
    /// The records of this page, each with its cursor and why it was found.
    edges: Vec<SearchResultEdge>,
    #[graphql(skip)]
    has_previous_page: bool,
    #[graphql(skip)]
    has_next_page: bool,
    #[graphql(skip)]
    whole: SelectStatement,
}

#[ComplexObject]
impl SearchResultConnection {
    /// Whether there is more, and the cursors to go on with.
    async fn page_info(&self) -> PageInfo {
        PageInfo {
            has_previous_page: self.has_previous_page,
            has_next_page: self.has_next_page,
            start_cursor: self.edges.first().map(|edge| edge.cursor.clone()),
            end_cursor: self.edges.last().map(|edge| edge.cursor.clone()),
        }
    }

    /// The records of this page, without cursors.
    async fn nodes(&self) -> Vec<&SearchResult> {
        self.edges.iter().map(|edge| &edge.node).collect()
    }

    /// How many records there are over all pages. Counted only when asked for.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i32> {
        let count = count(ctx, self.whole.clone()).await?;
        Ok(i32::try_from(count).unwrap_or(i32::MAX))
    }
}

/// A record that was found, its place in the list, and why it stands there.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct SearchResultEdge {
    /// Opaque; give it as `after` or `before` to page on from here, in the same search.
    cursor: String,
    /// The record.
    node: SearchResult,
    /// How well it fits.
    grade: Grade,
    #[graphql(skip)]
    query: Query,
    #[graphql(skip)]
    fields: Vec<Field>,
}

#[ComplexObject]
impl SearchResultEdge {
    /// The texts of the record in which the words stand, with the words marked.
    async fn highlights(&self) -> Vec<Highlight> {
        highlights(&self.query, &self.fields)
    }
}

#[derive(Default)]
pub struct SearchQuery;

#[Object]
impl SearchQuery {
    /// Records by the words in them, in any language; case and accents do not count.
    ///
    /// All words must stand in a record. A word of three letters or two digits finds those that
    /// begin with it as well, and those of the same kin, `drone` and `drones`; `chem*` says so
    /// outright, and `"in quotation marks"` finds just these words side by side. An HS code finds
    /// the codes below it. The best come first (`SearchGrade`), of those that fit as well the ones
    /// that say least besides.
    async fn search(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Words and phrases, at most 400 characters and 16 of them.")]
        query: String,
        #[graphql(desc = "Which types of records to look for; all when absent.")] types: Option<
            Vec<SearchType>,
        >,
        #[graphql(
            desc = "How many records from the front, 0 to 200; 25 when neither this nor last is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many records from the back, 0 to 200, instead of first.")]
        last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<SearchResultConnection> {
        if types.as_ref().is_some_and(Vec::is_empty) {
            return Err(Error::bad_input(
                "types must name one at least; leave it out to look for all",
            ));
        }
        let query = Query::parse(&query)?;
        let kinds = types.map(|types| types.into_iter().map(SearchType::table).collect());
        let found = find(
            ctx,
            Arguments {
                query: query.clone(),
                kinds,
                first,
                after,
                last,
                before,
            },
        );
        let Found {
            hits,
            has_previous_page,
            has_next_page,
            whole,
        } = Box::pin(found).await?;
        let loaded = try_join_all(hits.iter().map(|hit| load(ctx, hit))).await?;
        let edges = hits.into_iter().zip(loaded).filter_map(|(hit, loaded)| {
            let (node, fields) = loaded?;
            Some(SearchResultEdge {
                cursor: hit.cursor,
                node,
                grade: hit.grade,
                query: query.clone(),
                fields,
            })
        });
        Ok(SearchResultConnection {
            edges: edges.collect(),
            has_previous_page,
            has_next_page,
            whole,
        })
    }
}
