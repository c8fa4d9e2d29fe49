//! Revisions: numbered without gaps in the order of commits, each hash covering the one before.
#![expect(
    clippy::disallowed_methods,
    reason = "this is the door that the others are sent to"
)]
use std::collections::HashMap;

use entity::{revision, revision_change, value::Status};
use sea_orm::{
    ActiveEnum, ActiveModelTrait, ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait,
    FromQueryResult, IntoActiveModel, ModelTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    Value, prelude::Uuid, sea_query::Expr,
};
use sha2::{Digest, Sha256};

use super::{Author, Edit, Editable, Next};
use crate::kit::{
    db::statement,
    feed::{CHANNEL, raise},
    record::{column_named, id_column},
};

/// Any number that nothing else in the same database locks.
const REVISION_LOCK: i64 = 0x7265_7669_7369_6f6e;
/// What stands before the first revision in the chain of hashes.
const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";
/// Changes written at a time: SQLite takes 32,766 values in one statement.
const CHANGES_AT_ONCE: usize = 500;
/// Revisions read at a time when the chain is walked.
const WALKED_AT_ONCE: u64 = 200;

pub(super) struct Change {
    record_type: String,
    record_id: Uuid,
    root_id: Uuid,
    before: Option<String>,
    after: String,
    /// Whether the row was published, and is; none where rows do not stand anywhere.
    published: (Option<bool>, Option<bool>),
}

impl Change {
    pub fn of<E: Editable>(
        root_id: Uuid,
        before: Option<&E::Model>,
        after: &E::Model,
    ) -> Result<Self, DbErr> {
        let json = |row: &E::Model| {
            serde_json::to_string(row).map_err(|error| DbErr::Json(error.to_string()))
        };
        Ok(Self {
            record_type: E::default().table_name().to_owned(),
            record_id: after.get(id_column::<E>()).unwrap(),
            root_id,
            before: before.map(json).transpose()?,
            after: json(after)?,
            published: (before.and_then(is_published::<E>), is_published::<E>(after)),
        })
    }
}

/// Whether a row is published; none where rows do not stand anywhere.
pub fn is_published<E: Editable>(row: &E::Model) -> Option<bool> {
    let status = column_named::<E>("status")?;
    let published = Value::from(Status::Published.to_value());
    Some(row.get(status) == published)
}

impl Edit {
    /// Whether anything was written.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.import_batch_id.is_none()
    }

    /// The number that the revision will have; none when nothing was written.
    pub async fn number(&mut self) -> Result<Option<i64>, DbErr> {
        if self.is_empty() {
            return Ok(None);
        }
        if let Some(next) = &self.next {
            return Ok(Some(next.number));
        }
        // Before the lock, which others wait for.
        self.found_by.write(&self.transaction).await?;
        // From here to the commit nobody else has a number: they have no gaps and follow the commits.
        self.lock(REVISION_LOCK).await?;
        let next = match last(&self.transaction).await? {
            Some(last) => Next {
                number: last.number + 1,
                hash_before: last.hash,
                not_before: last.at,
            },
            None => Next {
                number: 1,
                hash_before: GENESIS.to_owned(),
                not_before: self.now,
            },
        };
        let number = next.number;
        self.next = Some(next);
        Ok(Some(number))
    }

    /// Makes all of it visible at once, as the next revision, and answers with its number; none
    /// when nothing was written.
    pub async fn commit(mut self) -> Result<Option<i64>, DbErr> {
        if self.is_bulk {
            self.keep_few_pages().await?;
        }
        self.number().await?;
        let Some(Next {
            number,
            hash_before,
            not_before,
        }) = self.next.take()
        else {
            self.transaction.commit().await?;
            return Ok(None);
        };
        let transaction = &self.transaction;
        let revision = revision::Model {
            number,
            at: self.now.max(not_before),
            curator_id: match self.author {
                Author::Command => None,
                Author::Curator(id) => Some(id),
            },
            comment: std::mem::take(&mut self.comment),
            import_batch_id: self.import_batch_id,
            hash: String::new(),
        };
        let roots: HashMap<Uuid, (Option<bool>, Option<bool>)> = self
            .changes
            .iter()
            .filter(|change| change.record_id == change.root_id)
            .map(|change| (change.root_id, change.published))
            .collect();
        let changes = std::mem::take(&mut self.changes);
        let rows = changes.into_iter().zip(1..).map(|(change, position)| {
            let root = roots.get(&change.root_id);
            let (stood, stands) = root.copied().unwrap_or_default();
            // A part that leaves was seen if its record was; what comes, and a record, if it is.
            let leaves = change.record_id != change.root_id && change.before.is_some();
            let published = match leaves {
                true => stood == Some(true) && stands == Some(true),
                false => stands == Some(true),
            };
            revision_change::Model {
                id: Uuid::now_v7(),
                revision_number: number,
                position,
                record_type: change.record_type,
                record_id: change.record_id,
                root_id: change.root_id,
                published,
                public: published,
                before: change.before,
                after: change.after,
            }
        });
        let rows: Vec<_> = rows.collect();
        let revision = revision::Model {
            hash: hash(&hash_before, &revision, &rows)?,
            ..revision
        };
        let row = revision.into_active_model().reset_all();
        row.insert(transaction).await?;
        for rows in rows.chunks(CHANGES_AT_ONCE) {
            self.insert_batch::<revision_change::Entity>(rows.to_vec())
                .await?;
        }
        let transaction = &self.transaction;
        for (root, (before, after)) in roots {
            if before.is_some() && before != after {
                show_history(transaction, root, after == Some(true), number).await?;
            }
        }
        self.announce(number).await?;
        self.transaction.commit().await?;
        raise(&self.announced, number);
        Ok(Some(number))
    }

    /// PostgreSQL tells all servers when this commits, and nobody when it does not.
    async fn announce(&self, number: i64) -> Result<(), DbErr> {
        if self.transaction.get_database_backend() == DbBackend::Postgres {
            let notify = format!("NOTIFY {CHANNEL}, '{number}'");
            self.transaction.execute_unprepared(&notify).await?;
        }
        Ok(())
    }
}

/// What was published of a record is seen for as long as the record is; after that, that this
/// revision took it back: whoever keeps a copy must learn of it.
async fn show_history(
    transaction: &impl ConnectionTrait,
    root: Uuid,
    shown: bool,
    number: i64,
) -> Result<(), DbErr> {
    use revision_change::Column::{Public, Published, RecordId, RevisionNumber, RootId};
    // Here alone: it has a `max` of its own.
    use sea_orm::sea_query::ExprTrait as _;
    let public = match shown {
        true => Expr::col(Published),
        false => Expr::col(RecordId).eq(root).and(RevisionNumber.eq(number)),
    };
    let update = revision_change::Entity::update_many()
        .col_expr(Public, public)
        .filter(RootId.eq(root))
        .into_query();
    transaction.execute(&update).await.map(drop)
}

/// Covers the hash before, so that no revision can be altered unseen.
fn hash(
    before: &str,
    revision: &revision::Model,
    changes: &[revision_change::Model],
) -> Result<String, DbErr> {
    // Without the columns that follow from these.
    let parts: Vec<_> = changes
        .iter()
        .map(|change| {
            (
                &change.record_type,
                change.record_id,
                &change.before,
                &change.after,
            )
        })
        .collect();
    let unsigned = revision::Model {
        hash: String::new(),
        ..revision.clone()
    };
    let text = serde_json::to_vec(&(before, unsigned, parts))
        .map_err(|error| DbErr::Json(error.to_string()))?;
    Ok(format!("{:x}", Sha256::digest(text)))
}

/// A chain that holds.
#[derive(Debug, PartialEq, Eq)]
pub struct Verified {
    pub revisions: i64,
    /// Whoever keeps it can tell later that nothing before was altered.
    pub last_hash: String,
}

/// Where a chain breaks.
#[derive(Debug, PartialEq, Eq)]
pub struct Broken {
    /// The first revision that does not fit.
    pub number: i64,
    pub why: &'static str,
}

/// The number of the last revision; 0 before the first.
pub async fn last_number(db: &impl ConnectionTrait) -> Result<i64, DbErr> {
    Ok(last(db).await?.map_or(0, |revision| revision.number))
}

/// The last revision; none before the first.
async fn last(db: &impl ConnectionTrait) -> Result<Option<revision::Model>, DbErr> {
    let last = revision::Entity::find().order_by_desc(revision::Column::Number);
    let last = statement(&last.limit(1).into_query(), db.get_database_backend());
    let row = db.query_one_raw(last).await?;
    row.map(|row| revision::Model::from_query_result(&row, ""))
        .transpose()
}

/// Walks the history from its first revision to its last.
/// It must hold the hash that is expected, if any.
pub async fn verify(
    db: &impl ConnectionTrait,
    expected: Option<&str>,
) -> Result<Result<Verified, Broken>, DbErr> {
    let (mut number, mut last_hash) = (0, GENESIS.to_owned());
    let mut met = expected.is_none();
    loop {
        let revisions = revision::Entity::find()
            .filter(revision::Column::Number.gt(number))
            .order_by_asc(revision::Column::Number)
            .limit(WALKED_AT_ONCE)
            .all(db)
            .await?;
        let (Some(first), Some(last)) = (revisions.first(), revisions.last()) else {
            break;
        };
        let changes = revision_change::Entity::find()
            .filter(revision_change::Column::RevisionNumber.between(first.number, last.number))
            .order_by_asc(revision_change::Column::RevisionNumber)
            .order_by_asc(revision_change::Column::Position)
            .all(db)
            .await?;
        for revision in &revisions {
            if revision.number != number + 1 {
                let why = "the revision is missing";
                return Ok(Err(Broken {
                    number: number + 1,
                    why,
                }));
            }
            let own: Vec<_> = changes
                .iter()
                .filter(|change| change.revision_number == revision.number)
                .cloned()
                .collect();
            if hash(&last_hash, revision, &own)? != revision.hash {
                return Ok(Err(Broken {
                    number: revision.number,
                    why: "its hash does not cover what it says and the hash before it",
                }));
            }
            number = revision.number;
            last_hash.clone_from(&revision.hash);
            met |= expected == Some(last_hash.as_str());
        }
    }
    if !met {
        return Ok(Err(Broken {
            number: number + 1,
            why: "the history ends before it comes to the hash that was expected",
        }));
    }
    Ok(Ok(Verified {
        revisions: number,
        last_hash,
    }))
}
