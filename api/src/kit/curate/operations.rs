//! What can be done to a record: enter, change, publish, withdraw, revert.
use std::pin::Pin;

use async_graphql::ID;
use entity::value::Status;
use sea_orm::{
    ConnectionTrait,
    sea_query::{Alias, Asterisk, Expr, ExprTrait, Query},
};

use super::{Curated, Entry, Row, Target};
use crate::kit::{
    check::UserErrorCode::{Conflict, Invalid, NotAllowed, NotFound, Required},
    edit::row_at,
    error::{Error, Result},
    id,
    record::{Record, Standing},
};

/// Records that may be entered within one another.
const DEEPEST: usize = 8;

/// One of the things that can be done.
pub enum Operation<C: Curated> {
    Create { new: C::New, publish: bool },
    Update { target: Target, changes: C::Changes },
    Publish { target: Target },
    Withdraw { target: Target, reason: String },
    Revert { target: Target, revision: i64 },
}

// Derived, it would ask the concept itself to be cloned.
impl<C: Curated> Clone for Operation<C> {
    fn clone(&self) -> Self {
        match self {
            Self::Create { new, publish } => Self::Create {
                new: new.clone(),
                publish: *publish,
            },
            Self::Update { target, changes } => Self::Update {
                target: target.clone(),
                changes: changes.clone(),
            },
            Self::Publish { target } => Self::Publish {
                target: target.clone(),
            },
            Self::Withdraw { target, reason } => Self::Withdraw {
                target: target.clone(),
                reason: reason.clone(),
            },
            Self::Revert { target, revision } => Self::Revert {
                target: target.clone(),
                revision: *revision,
            },
        }
    }
}

/// The record that an operation left, and whether it stood before it was to be entered.
pub struct Done<C: Curated> {
    pub row: Row<C>,
    pub found: bool,
}

impl<C: Curated> Operation<C> {
    /// Does it. What is refused stands in the entry's check; then nothing of it must be kept.
    pub async fn carry_out(self, entry: &mut Entry) -> Result<Option<Done<C>>> {
        if let Some(queue) = C::QUEUE {
            entry.edit.lock_name(queue).await?;
        }
        let target = match self {
            Self::Create { new, publish } => {
                entry.publishing = publish;
                return create::<C>(entry, new).await;
            }
            Self::Update { ref target, .. }
            | Self::Publish { ref target }
            | Self::Withdraw { ref target, .. }
            | Self::Revert { ref target, .. } => target,
        };
        let Some(mut before) = hold::<C>(entry, &target.id).await? else {
            return Ok(None);
        };
        let stand = C::Entity::stand(&mut before);
        if *stand.version != target.version {
            let message = format!(
                "the record has version {} by now, not {}: look at what changed, and send the change again with that version",
                stand.version, target.version
            );
            entry.check.refuse("version", Conflict, message);
            return Ok(Some(Done {
                row: before,
                found: false,
            }));
        }
        let row = match self {
            Self::Create { .. } => None,
            Self::Update { changes, .. } => update::<C>(entry, before, changes).await?,
            Self::Publish { .. } => publish::<C>(entry, before).await?,
            Self::Withdraw { reason, .. } => withdraw::<C>(entry, before, reason).await?,
            Self::Revert { revision, .. } => revert::<C>(entry, before, revision).await?,
        };
        Ok(row.map(|row| Done { row, found: false }))
    }
}

type Entering<'e, C> = Pin<Box<dyn Future<Output = Result<Option<Done<C>>>> + Send + 'e>>;

/// Enters a record, as a draft or, as its entry says, published.
pub fn create<C: Curated>(entry: &mut Entry, new: C::New) -> Entering<'_, C> {
    // Boxed, since a record may be entered within another of its kind.
    Box::pin(async move {
        let known_by = C::known_by(&new);
        if entry.entering.len() >= DEEPEST {
            let message = format!(
                "records are entered at most {DEEPEST} within one another: enter the inner ones first"
            );
            entry.check.refuse_here(Invalid, message);
            return Ok(None);
        }
        if known_by.is_some() && entry.entering.contains(&known_by) {
            let message = "is what is being entered around it: a record cannot stand within itself";
            entry.check.refuse_here(NotAllowed, message);
            return Ok(None);
        }
        if let Some(row) = C::standing(entry, &new).await? {
            return Ok(Some(Done { row, found: true }));
        }
        let problems = entry.check.count();
        let status = match entry.publishing {
            true => Status::Published,
            false => Status::Draft,
        };
        let mut row = C::Entity::blank(status, entry.edit.now);
        entry.entering.push(known_by);
        let entered = C::enter(entry, &mut row, new.into()).await;
        entry.entering.pop();
        let parts = entered?;
        if entry.check.count() > problems {
            return Ok(None);
        }
        let mut row = entry.edit.insert::<C::Entity>(row).await?;
        let key = *C::Entity::stand(&mut row).id;
        C::write(entry, key, parts).await?;
        Ok(Some(Done { row, found: false }))
    })
}

async fn hold<C: Curated>(entry: &mut Entry, id: &ID) -> Result<Option<Row<C>>> {
    let name = <C::Entity as Record>::NAME;
    let key = match id::key(id, name) {
        Ok(key) => key,
        Err(Error::BadUserInput(message)) => {
            entry.check.refuse("id", Invalid, message);
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    let row = entry.edit.hold::<C::Entity>(key).await?;
    if row.is_none() {
        let message = format!("there is no {name} with the id {}", id.as_str());
        entry.check.refuse("id", NotFound, message);
    }
    Ok(row)
}

async fn update<C: Curated>(
    entry: &mut Entry,
    mut before: Row<C>,
    changes: C::Changes,
) -> Result<Option<Row<C>>> {
    let status = *C::Entity::stand(&mut before).status;
    if status == Status::Withdrawn {
        let message = "the record was withdrawn; revert it to a revision before that first";
        entry.check.refuse("id", NotAllowed, message);
        return Ok(None);
    }
    entry.publishing = status == Status::Published;
    let mut after = before.clone();
    let parts = C::enter(entry, &mut after, changes).await?;
    if !entry.check.is_clean() {
        return Ok(None);
    }
    let key = *C::Entity::stand(&mut after).id;
    let parts_changed = C::write(entry, key, parts).await?;
    keep::<C>(entry, before, after, parts_changed)
        .await
        .map(Some)
}

async fn publish<C: Curated>(entry: &mut Entry, mut before: Row<C>) -> Result<Option<Row<C>>> {
    match *C::Entity::stand(&mut before).status {
        Status::Draft => {}
        Status::Published => return Ok(Some(before)),
        Status::Withdrawn => {
            let message = "the record was withdrawn; revert it to a revision before that instead";
            entry.check.refuse("id", NotAllowed, message);
            return Ok(None);
        }
    }
    entry.publishing = true;
    let mut after = before.clone();
    *C::Entity::stand(&mut after).status = Status::Published;
    C::enter(entry, &mut after, C::Changes::default()).await?;
    if !entry.check.is_clean() {
        return Ok(None);
    }
    keep::<C>(entry, before, after, false).await.map(Some)
}

async fn withdraw<C: Curated>(
    entry: &mut Entry,
    mut before: Row<C>,
    reason: String,
) -> Result<Option<Row<C>>> {
    if reason.trim().is_empty() {
        let message = "say why it is taken back: it is all that remains to be seen";
        entry.check.refuse("reason", Required, message);
    }
    if *C::Entity::stand(&mut before).status == Status::Withdrawn {
        entry
            .check
            .refuse("id", NotAllowed, "the record was withdrawn before");
    }
    if !entry.check.is_clean() {
        return Ok(None);
    }
    let mut after = before.clone();
    let stand = C::Entity::stand(&mut after);
    *stand.status = Status::Withdrawn;
    *stand.withdrawal_reason = Some(reason);
    take_back::<C>(entry, before, after, false).await
}

async fn revert<C: Curated>(
    entry: &mut Entry,
    mut before: Row<C>,
    revision: i64,
) -> Result<Option<Row<C>>> {
    let stand = C::Entity::stand(&mut before);
    let (key, version, status, created_at) =
        (*stand.id, *stand.version, *stand.status, *stand.created_at);
    let then = row_at::<C::Entity>(entry.edit.connection(), key, revision).await?;
    let Some(mut after) = then else {
        let message = format!("as of revision {revision} there was no such record");
        entry.check.refuse("revision", NotFound, message);
        return Ok(None);
    };
    let stand = C::Entity::stand(&mut after);
    *stand.version = version;
    *stand.created_at = created_at;
    // Others may rely on what was published by now: it does not become a draft again.
    if *stand.status == Status::Draft && status == Status::Published {
        *stand.status = Status::Published;
    }
    let withdraws = *stand.status == Status::Withdrawn;
    entry.publishing = *stand.status == Status::Published;
    let parts_changed = C::restore(entry, key, revision).await?;
    C::enter(entry, &mut after, C::Changes::default()).await?;
    if !entry.check.is_clean() {
        return Ok(None);
    }
    if withdraws {
        return take_back::<C>(entry, before, after, parts_changed).await;
    }
    keep::<C>(entry, before, after, parts_changed)
        .await
        .map(Some)
}

/// Writes a record that is seen no more, unless published ones refer to it.
async fn take_back<C: Curated>(
    entry: &mut Entry,
    before: Row<C>,
    after: Row<C>,
    parts_changed: bool,
) -> Result<Option<Row<C>>> {
    let mut row = keep::<C>(entry, before, after, parts_changed).await?;
    // Only now: whoever would publish a reference meanwhile waits for this row.
    let key = *C::Entity::stand(&mut row).id;
    for (name, select) in C::referrers(key) {
        let count = Query::select()
            .expr_as(Expr::col(Asterisk).count(), Alias::new("rows"))
            .from_subquery(select, Alias::new("referrers"))
            .take();
        let counted = entry.edit.connection().query_one(&count).await?;
        let count: i64 = counted.map_or(Ok(0), |row| row.try_get("", "rows"))?;
        if count > 0 {
            let message =
                format!("{count} published {name} refer to it: change or withdraw those first");
            entry.check.refuse("id", NotAllowed, message);
        }
    }
    Ok(Some(row))
}

/// Writes a record as its next version, if anything changed.
async fn keep<C: Curated>(
    entry: &mut Entry,
    before: Row<C>,
    mut after: Row<C>,
    parts_changed: bool,
) -> Result<Row<C>> {
    let mut same = after.clone();
    let mut held = before.clone();
    *C::Entity::stand(&mut same).updated_at = *C::Entity::stand(&mut held).updated_at;
    if same == before && !parts_changed {
        return Ok(before);
    }
    let stand = C::Entity::stand(&mut after);
    *stand.version += 1;
    *stand.updated_at = entry.edit.now;
    Ok(entry.edit.update::<C::Entity>(&before, after).await?)
}
