//! Any record by its global id.
use async_graphql::{ComplexObject, Context, ID, Interface, Object, SimpleObject};
use futures_util::future::join_all;
use sea_orm::{
    ColumnTrait, Condition, FromQueryResult, QueryFilter, QuerySelect, QueryTrait, prelude::Uuid,
};

use entity::{
    revision_change,
    value::{Status, Timestamp},
};

use crate::{
    citation::Citation,
    claim::Claim,
    country::Country,
    dataset::Dataset,
    edition::Edition,
    import_batch::ImportBatch,
    kit::{
        error::{Error, Result},
        id,
        json::RowJson,
        record::{Concept, Record, column_named, id_column},
        rows,
    },
    party::Party,
    product::Product,
    product_list::ProductList,
    product_list_entry::ProductListEntry,
    shipment::Shipment,
    source::Source,
    source_link::SourceLink,
    statement::Statement,
};

/// The interface, and how to find what an id names: every type of record once.
macro_rules! nodes {
    ($($type:ident),+ $(,)?) => {
        /// A record with a global id.
        #[derive(Interface)]
        #[graphql(field(
            name = "id",
            ty = "ID",
            desc = "Global id of the record: opaque, unique over all types, the same for ever."
        ))]
        #[expect(clippy::large_enum_variant, reason = "one lives only as long as its field resolves")]
        pub enum Node {
            Tombstone(Tombstone),
            $($type($type)),+
        }

        async fn load(
            ctx: &Context<'_>,
            name: &str,
            key: Uuid,
            as_of: Option<i64>,
        ) -> Result<Option<Node>> {
            $(if name.eq_ignore_ascii_case(<<$type as Concept>::Entity as Record>::NAME) {
                let found = rows::find::<<$type as Concept>::Entity>(ctx, key).await?;
                return match found {
                    found @ Some(_) => {
                        Ok(rows::as_of(ctx, found, as_of).await?.map(Node::$type))
                    }
                    None => tombstone::<<$type as Concept>::Entity>(ctx, key).await,
                };
            })+
            Ok(None)
        }
    };
}

nodes! {
    Citation, Claim, Country, Dataset, Edition, ImportBatch, Party, Product, ProductList, ProductListEntry,
    Shipment, Source, SourceLink, Statement,
}

/// What remains to be seen of a withdrawn record.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Tombstone {
    #[graphql(skip)]
    name: &'static str,
    #[graphql(skip)]
    key: Uuid,
    /// Why the record was withdrawn.
    reason: String,
    /// When it was withdrawn.
    withdrawn_at: Timestamp,
}

#[ComplexObject]
impl Tombstone {
    /// Global id of the record that was withdrawn.
    pub async fn id(&self) -> ID {
        id::encode(self.name, self.key)
    }
}

#[derive(FromQueryResult)]
struct Withdrawn {
    withdrawal_reason: String,
    updated_at: Timestamp,
}

/// A record is withdrawn where its table has the columns for it and they say so. Of one that was
/// never published not even that is told.
async fn tombstone<E: Record>(ctx: &Context<'_>, key: Uuid) -> Result<Option<Node>> {
    let (Some(status), Some(reason), Some(updated_at)) = (
        column_named::<E>("status"),
        column_named::<E>("withdrawal_reason"),
        column_named::<E>("updated_at"),
    ) else {
        return Ok(None);
    };
    let select = E::find()
        .select_only()
        .columns([reason, updated_at])
        .filter(id_column::<E>().eq(key))
        .filter(status.eq(Status::Withdrawn))
        .into_query();
    let withdrawn = rows::first::<Withdrawn>(ctx, &select).await?;
    if withdrawn.is_none() || !was_published(ctx, key).await? {
        return Ok(None);
    }
    Ok(withdrawn.map(|row| {
        Node::Tombstone(Tombstone {
            name: E::NAME,
            key,
            reason: row.withdrawal_reason,
            withdrawn_at: row.updated_at,
        })
    }))
}

/// Whether a record was published before its last change, or at any time before that.
async fn was_published(ctx: &Context<'_>, key: Uuid) -> Result<bool> {
    let own = Condition::all().add(revision_change::Column::RecordId.eq(key));
    let mut changes = rows::unchecked::<revision_change::Entity>(ctx, own).await?;
    changes.sort_by_key(|change| change.revision_number);
    let last_before = changes.last().and_then(|change| change.before.as_deref());
    let stood_published = last_before
        .and_then(RowJson::of)
        .is_some_and(|row| !row.is_unpublished());
    Ok(stood_published || changes.iter().any(|change| change.published))
}

const MOST_IDS: usize = 200;

#[derive(Default)]
pub struct NodeQuery;

#[Object]
impl NodeQuery {
    /// The record with this id; a `Tombstone` when it was withdrawn, null when there is none.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id of any record.")] id: ID,
        #[graphql(
            desc = "As of the revision with this number; as it stands when absent. Parts of the record are those of then, what it refers to is as it stands."
        )]
        as_of: Option<i64>,
    ) -> Option<Result<Node>> {
        find(ctx, &id, as_of).await.transpose()
    }

    /// The records with these ids, in their order; null in the place of one that is not there.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global ids of any records, at most 200.")] ids: Vec<ID>,
    ) -> Result<Vec<Option<Result<Node>>>> {
        if ids.len() > MOST_IDS {
            return Err(Error::bad_input(format!(
                "nodes takes at most {MOST_IDS} ids, and was given {}",
                ids.len()
            )));
        }
        let found = join_all(ids.iter().map(|id| find(ctx, id, None))).await;
        Ok(found.into_iter().map(Result::transpose).collect())
    }
}

async fn find(ctx: &Context<'_>, id: &ID, as_of: Option<i64>) -> Result<Option<Node>> {
    match id::decode(id) {
        Some((name, key)) => load(ctx, name, key, as_of).await,
        None => Err(Error::bad_input(format!(
            "{:?} is not an id of this API; ids are opaque, copy them from an answer",
            id.as_str()
        ))),
    }
}
