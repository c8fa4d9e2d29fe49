//! A mutation from its arguments to its payload: permission, idempotency, the edit, the answer.
use std::sync::Arc;

use async_graphql::{Context, Name, Value};
use sea_orm::{DbErr, SqlErr};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

use super::{Curated, Entry, Meta, Operation, Row};
use crate::kit::{
    access::{Curating, permission},
    check::{Check, UserError, UserErrorCode},
    db::Db,
    edit::{Author, Edit, Remembered},
    error::{Error, Result},
    record::Record,
    rows,
};

const MOST_ATTEMPTS: u32 = 5;
/// In characters.
pub const LONGEST_KEY: usize = 255;
const LONGEST_COMMENT: usize = 2_000;

/// The key that came with the request as a whole.
#[derive(Clone, Debug, Default)]
pub struct IdempotencyKey(pub Option<String>);

/// What a mutation answers, the first time and again.
#[derive(Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Outcome<C: Curated> {
    pub row: Option<Row<C>>,
    /// Whether what was to be entered stood already.
    pub found: bool,
    /// Null when nothing was written.
    pub revision: Option<i64>,
    pub user_errors: Vec<UserError>,
}

impl<C: Curated> Outcome<C> {
    const fn refused(row: Option<Row<C>>, user_errors: Vec<UserError>) -> Self {
        Self {
            row,
            found: false,
            revision: None,
            user_errors,
        }
    }
}

/// Carries an operation out as one edit of whoever asks, or not at all.
pub async fn mutate<C: Curated>(
    ctx: &Context<'_>,
    meta: Meta,
    operation: Operation<C>,
) -> Result<Outcome<C>> {
    let mut check = Check::default();
    let Asked {
        permit,
        comment,
        key,
    } = ask(ctx, meta, &mut check)?;
    if !check.is_clean() {
        return Ok(Outcome::refused(None, check.into_errors()));
    }
    let db = ctx.data_unchecked::<Db>();
    let mut attempts = 1;
    loop {
        let edit = Edit::begin(db, Author::from(&permit), &comment).await?;
        match attempt(ctx, edit, key.clone(), operation.clone()).await {
            // It gave way to another, which is done by now.
            Err(Error::Collision) if attempts < MOST_ATTEMPTS => attempts += 1,
            Err(Error::Internal(cause)) => return understood(cause),
            outcome => return outcome,
        }
    }
}

/// What every mutation of records is asked with.
pub struct Asked {
    pub permit: Curating,
    /// Why it is done; the field's name, when nothing is said.
    pub comment: String,
    pub key: Option<String>,
}

/// Whether it may be asked, and in such words.
pub fn ask(ctx: &Context<'_>, meta: Meta, check: &mut Check) -> Result<Asked> {
    let permit: Curating = permission(ctx)?;
    let comment = comment(ctx, meta.comment, check);
    let key = idempotency_key(ctx, meta.idempotency_key, check);
    for (_, input) in arguments(ctx)? {
        refuse_nul(&input, check);
    }
    Ok(Asked {
        permit,
        comment,
        key,
    })
}

/// What was answered when the key was sent before; none when it was not, or when the check has
/// that it was sent with another input.
pub async fn answered<T: DeserializeOwned>(
    ctx: &Context<'_>,
    edit: &mut Edit,
    key: &str,
    check: &mut Check,
) -> Result<Option<T>> {
    match edit.remember(key, &input_hash(ctx)?).await? {
        Remembered::Anew => Ok(None),
        Remembered::Answered(answer) => serde_json::from_str(&answer)
            .map(Some)
            .map_err(Error::internal),
        Remembered::OtherInput => {
            let message = "this idempotency key was used for another input; choose a new one for each thing that is done";
            check.refuse("idempotencyKey", UserErrorCode::KeyReused, message);
            Ok(None)
        }
    }
}

async fn attempt<C: Curated>(
    ctx: &Context<'_>,
    edit: Edit,
    key: Option<String>,
    operation: Operation<C>,
) -> Result<Outcome<C>> {
    let mut entry = Entry {
        edit,
        check: Check::default(),
        publishing: false,
        entering: Vec::new(),
    };
    if let Some(key) = &key {
        let Entry { edit, check, .. } = &mut entry;
        if let Some(outcome) = answered(ctx, edit, key, check).await? {
            return Ok(outcome);
        }
        if !check.is_clean() {
            return Ok(Outcome::refused(None, entry.check.into_errors()));
        }
    }
    let done = operation.carry_out(&mut entry).await?;
    let Entry {
        mut edit, check, ..
    } = entry;
    let conflict = check.has(UserErrorCode::Conflict);
    let errors = check.into_errors();
    if !errors.is_empty() {
        // What it now stands at, for a client that saw an older version. Else nothing was read.
        let current = done.filter(|_| conflict).map(|done| done.row);
        return Ok(Outcome::refused(current, errors));
    }
    let found = done.as_ref().is_some_and(|done| done.found);
    let mut outcome = Outcome::<C> {
        row: done.map(|done| done.row),
        found,
        revision: None,
        user_errors: errors,
    };
    outcome.revision = edit.number().await?;
    if key.is_some() {
        let answer = serde_json::to_string(&outcome).map_err(Error::internal)?;
        edit.answer(answer).await?;
    }
    edit.commit().await?;
    rows::forget(ctx);
    Ok(outcome)
}

fn comment(ctx: &Context<'_>, comment: Option<String>, check: &mut Check) -> String {
    match comment {
        None => ctx.field().name().to_owned(),
        Some(comment) if comment.trim().is_empty() => {
            let message = "must say something; leave it out to say nothing";
            check.refuse("comment", UserErrorCode::Invalid, message);
            comment
        }
        Some(comment) if comment.len() > LONGEST_COMMENT => {
            let message = "must not be longer than 2,000 bytes";
            check.refuse("comment", UserErrorCode::Invalid, message);
            comment
        }
        Some(comment) => comment,
    }
}

/// The argument's, else the request's; that one for each of the request's fields apart.
fn idempotency_key(
    ctx: &Context<'_>,
    argument: Option<String>,
    check: &mut Check,
) -> Option<String> {
    let Some(key) = argument else {
        let key = ctx.data_opt::<IdempotencyKey>()?.0.as_ref()?;
        let field = ctx.field();
        return Some(format!("{key}#{}", field.alias().unwrap_or(field.name())));
    };
    let is_good = !key.trim().is_empty() && key.chars().count() <= LONGEST_KEY;
    if !is_good {
        let message = "must be 1 to 255 characters";
        check.refuse("idempotencyKey", UserErrorCode::Invalid, message);
    }
    is_good.then_some(key)
}

/// What is sent apart from the key: the field's name and its arguments.
fn input_hash(ctx: &Context<'_>) -> Result<String> {
    let sent = (ctx.field().name(), arguments(ctx)?);
    let text = serde_json::to_vec(&sent).map_err(Error::internal)?;
    Ok(format!("{:x}", Sha256::digest(text)))
}

fn arguments(ctx: &Context<'_>) -> Result<Vec<(Name, Value)>> {
    let arguments = ctx.field().arguments();
    arguments.map_err(|error| Error::internal(error.message))
}

/// PostgreSQL has no place for a NUL, and SQLite does: neither gets one, wherever it stands.
fn refuse_nul(value: &Value, check: &mut Check) {
    match value {
        Value::String(text) if text.contains('\0') => {
            check.refuse_here(UserErrorCode::Invalid, "cannot hold the character U+0000");
        }
        Value::List(values) => {
            for (place, value) in values.iter().enumerate() {
                check.enter(place);
                refuse_nul(value, check);
                check.leave();
            }
        }
        Value::Object(fields) => {
            for (name, value) in fields {
                check.enter(name);
                refuse_nul(value, check);
                check.leave();
            }
        }
        _ => {}
    }
}

/// What the database refused though the checks had not: someone else was faster.
fn understood<C: Curated>(cause: Arc<dyn std::error::Error + Send + Sync>) -> Result<Outcome<C>> {
    let error = cause.downcast_ref::<DbErr>();
    let name = <C::Entity as Record>::NAME;
    if let Some(SqlErr::UniqueConstraintViolation(_)) = error.and_then(DbErr::sql_err) {
        let mut check = Check::default();
        let message = format!(
            "someone entered a {name} under the same key at the same moment: look it up, and send the input again if it is another"
        );
        check.refuse_here(UserErrorCode::Taken, message);
        return Ok(Outcome::refused(None, check.into_errors()));
    }
    Err(Error::Internal(cause))
}
