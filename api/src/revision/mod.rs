//! Revisions: who changed what, when and why.
use async_graphql::{Context, ID, InputObject};
use entity::{curator, dataset, import_batch, revision, revision_change, value::Timestamp};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    prelude::Uuid,
    sea_query::{ExprTrait, SimpleExpr},
};

use crate::{
    curator::Curator,
    import_batch::ImportBatch,
    kit::{
        access::{View, viewer},
        error::{Error, Result},
        fields::{concept, fields, order},
        filter::{Filter, Related, Scope, ids, pointed_at},
        id,
        json::RowJson,
        operators::{CodeFilter, Comparison, TextFilter},
        rows,
    },
};

mod changes;
mod imported;

pub use changes::{ChangeQuery, ChangeSubscription};

use imported::Imported;

concept! {
    /// One edit: all that it changed was changed at once, and is numbered.
    Revision of revision, filtered by RevisionFilter, ordered by RevisionOrderField,
    visible when |view| revision_seen(view)
}

concept! {
    /// What a revision made of one record, or of a part of one.
    RevisionChange of revision_change, filtered by RevisionChangeFilter,
    ordered by RevisionChangeOrderField,
    visible when |view| change_seen(view)
}

/// Tables that only administrators see.
const PRIVATE: [&str; 2] = ["curator", "api_key"];

/// What was published; to curators everything but who may write.
fn change_seen(view: View) -> Condition {
    use revision_change::Column::{Public, RecordType};
    match (view.is_public(), view.is_private()) {
        (_, true) => Condition::all(),
        (false, false) => Condition::all().add(RecordType.is_not_in(PRIVATE)),
        (true, false) => Condition::all().add(Public.eq(true)),
    }
}

/// A revision is seen with any of its changes, an import with its dataset.
fn revision_seen(view: View) -> Condition {
    use revision::Column::{ImportBatchId, Number};
    if view.is_private() {
        return Condition::all();
    }
    let changes = ids::<revision_change::Entity>(
        view,
        revision_change::Column::RevisionNumber,
        Condition::all(),
    );
    let datasets = ids::<dataset::Entity>(view, dataset::Column::Id, Condition::all());
    let dataset_id = import_batch::Column::DatasetId;
    let batches = import_batch::Entity::find()
        .select_only()
        .column(import_batch::Column::Id)
        .filter(dataset_id.is_null().or(dataset_id.in_subquery(datasets)))
        .into_query();
    let imported = ImportBatchId.in_subquery(batches);
    Condition::all().add(Number.in_subquery(changes).or(imported))
}

fields! {
    #[ComplexObject]
    impl Revision {
        concept;

        connections {
            /// What it changed, in the order in which it was written. Of an import only what was
            /// there before: new records are in its batch alone.
            changes: RevisionChange = |revision, _| {
                let number = revision_change::Column::RevisionNumber;
                Condition::all().add(number.eq(revision.row.number))
            };
        }

        /// Who made it. Null for the command line, and unless you signed in.
        async fn curator(&self, ctx: &Context<'_>) -> Result<Option<Curator>> {
            match viewer(ctx).curator_id() {
                Some(_) => rows::shown::<_, curator::Entity>(ctx, self.row.curator_id).await,
                None => Ok(None),
            }
        }

        /// What it brought in from a file. Null for a change by hand, and for a dataset that you do
        /// not see.
        async fn imported(&self, ctx: &Context<'_>) -> Result<Option<Imported>> {
            Imported::find(ctx, self.row.import_batch_id).await
        }

        /// The file that it brought in. Null for a change by hand, and unless you signed in.
        async fn import_batch(&self, ctx: &Context<'_>) -> Result<Option<ImportBatch>> {
            match viewer(ctx).curator_id() {
                Some(_) => rows::shown::<_, import_batch::Entity>(ctx, self.row.import_batch_id).await,
                None => Ok(None),
            }
        }
    }
}

fields! {
    #[ComplexObject]
    impl RevisionChange {
        concept;

        /// Type of what changed: of a record, such as `Statement`, or of a part, such as
        /// `StatementCitation`.
        async fn record_type(&self) -> String {
            type_name(&self.row.record_type)
        }

        /// Global id of what changed.
        async fn record_id(&self) -> ID {
            id::encode(&type_name(&self.row.record_type), self.row.record_id)
        }

        /// How it stood before. Null when it was entered; and unless you may see drafts, when it was
        /// not published then, or was withdrawn.
        async fn before(&self, ctx: &Context<'_>) -> Option<RowJson> {
            let before = RowJson::of(self.row.before.as_deref()?)?;
            let after = RowJson::of(&self.row.after)?;
            let hidden = before.is_unpublished() || after.is_unpublished();
            (!hidden || !rows::view(ctx).is_public()).then_some(before)
        }

        /// How it stood after; of what was withdrawn the status and the reason alone, unless you may
        /// see drafts. Null never, but for records that cannot be read any more.
        async fn after(&self, ctx: &Context<'_>) -> Option<RowJson> {
            let after = RowJson::of(&self.row.after)?;
            let is_hidden = after.is_unpublished() && rows::view(ctx).is_public();
            Some(if is_hidden { after.withdrawal() } else { after })
        }
    }
}

/// Tables are called like their types: `product_list` holds each `ProductList`.
fn type_name(table: &str) -> String {
    let parts = table.split('_').map(|part| {
        let (head, rest) = part.split_at(part.len().min(1));
        head.to_ascii_uppercase() + rest
    });
    parts.collect()
}

/// The revisions that changed a record or a part of it.
pub fn revisions_of(view: View, id: Uuid) -> Condition {
    let own = revision_change::Column::RootId.eq(id);
    Condition::all().add(with_change(view, own))
}

fn with_change(view: View, term: SimpleExpr) -> SimpleExpr {
    let numbers = ids::<revision_change::Entity>(
        view,
        revision_change::Column::RevisionNumber,
        Condition::all().add(term),
    );
    revision::Column::Number.in_subquery(numbers)
}

/// Which revisions.
#[derive(InputObject)]
pub struct RevisionFilter {
    /// All of these hold.
    and: Option<Vec<RevisionFilter>>,
    /// At least one of these holds.
    or: Option<Vec<RevisionFilter>>,
    /// This does not hold.
    not: Option<Box<RevisionFilter>>,
    /// By number.
    number: Option<Comparison<i32>>,
    /// By when it was made.
    at: Option<Comparison<Timestamp>>,
    /// By why it was made.
    comment: Option<TextFilter>,
    /// By what it changed.
    changes: Option<Related<RevisionChangeFilter>>,
}

impl Filter for RevisionFilter {
    type Entity = revision::Entity;

    fn condition(self, scope: Scope<'_>) -> Result<Condition> {
        use revision::Column;
        let Self {
            and,
            or,
            not,
            number,
            at,
            comment,
            changes,
        } = self;
        let changed = pointed_at::<revision_change::Entity>(
            Column::Number,
            revision_change::Column::RevisionNumber,
        );
        Ok(scope
            .logic(and, or, not)?
            .on(number, Column::Number)?
            .on(at, Column::At)?
            .on(comment, Column::Comment)?
            .many(changes, changed)?
            .done())
    }
}

/// Which changes.
#[derive(InputObject)]
pub struct RevisionChangeFilter {
    /// All of these hold.
    and: Option<Vec<RevisionChangeFilter>>,
    /// At least one of these holds.
    or: Option<Vec<RevisionChangeFilter>>,
    /// This does not hold.
    not: Option<Box<RevisionChangeFilter>>,
    /// By global id of the record that changed, or of which a part did.
    record: Option<ID>,
    /// By table of what changed, in lower case: `statement`, `product_list`.
    table: Option<CodeFilter>,
}

impl Filter for RevisionChangeFilter {
    type Entity = revision_change::Entity;

    fn condition(self, scope: Scope<'_>) -> Result<Condition> {
        use revision_change::Column;
        let Self {
            and,
            or,
            not,
            record,
            table,
        } = self;
        let key = |id: ID| match id::decode(&id) {
            Some((_, key)) => Ok(Column::RootId.eq(key)),
            None => Err(Error::bad_input(format!(
                "{:?} is not an id of this API; ids are opaque, copy them from an answer",
                id.as_str()
            ))),
        };
        let record = record.map(key).transpose()?;
        Ok(scope
            .logic(and, or, not)?
            .on(table, Column::RecordType)?
            .done()
            .add_option(record))
    }
}

order! {
    /// What revisions can be ordered by.
    RevisionOrderField of revision {
        /// Number, and so the order of commits.
        Number,
    }
}

order! {
    /// What changes can be ordered by.
    RevisionChangeOrderField of revision_change {
        /// Number of the revision.
        RevisionNumber,
        /// The order in which they were written.
        Position,
    }
}

#[derive(Default)]
pub struct RevisionQuery;

fields! {
    #[Object]
    impl RevisionQuery {
        connections {
            /// The history: every edit, the first one first. Without signing in only what was
            /// published is seen of it, and the numbers of the rest are left out.
            revisions: Revision = |_, _| Condition::all();
        }

        /// The revision with this number; null when there is none, or nothing of it was
        /// published.
        async fn revision(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "Its number.")] number: i64,
        ) -> Result<Option<Revision>> {
            let numbered = Condition::all().add(revision::Column::Number.eq(number));
            let found = rows::one::<revision::Entity>(ctx, numbered).await?;
            Ok(found.map(Revision::from))
        }
    }
}
