//! What is done to curators, by admins over the API and by the command line alike.
use entity::{curator, curator::Role};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, SqlErr, prelude::Uuid};

use super::{admins, email};
use crate::{
    auth::{Hashed, end_all},
    kit::{
        check::{Check, UserErrorCode},
        db::Db,
        edit::{Author, Edit},
        error::Result,
        operators::plain,
    },
};

const LONGEST_NAME: usize = 200;

/// Who does it, and why.
pub struct By {
    pub author: Author,
    pub comment: Option<String>,
}

/// A curator to be.
pub struct New {
    pub email: String,
    pub name: Option<String>,
    pub role: Role,
    /// None for somebody who signs in elsewhere, or gets a password later.
    pub password: Option<Hashed>,
}

pub enum Change {
    Role(Role),
    Disable,
    Enable,
    /// Ends all sessions.
    Password(Hashed),
}

/// The curator as it then stands, unless there is none; when something was refused, `check` says what.
pub type Outcome = Result<(Option<curator::Model>, Check)>;

pub async fn create(db: &Db, by: By, new: New) -> Outcome {
    let mut check = Check::default();
    let email = email::normal(&new.email);
    check.require(
        email.is_some(),
        "email",
        "this is no address; one looks like you@example.org",
    );
    let email = email.unwrap_or_default();
    let name = new.name.unwrap_or_else(|| email.clone()).trim().to_owned();
    let fits = !name.is_empty() && name.chars().count() <= LONGEST_NAME;
    check.require(
        fits && plain(name.clone()).is_ok(),
        "name",
        "a name has from 1 to 200 characters",
    );
    if !check.is_clean() {
        return Ok((None, check));
    }
    let mut edit = by.begin(db, "a curator entered").await?;
    let row = curator::Model {
        id: Uuid::now_v7(),
        email,
        name,
        role: new.role,
        password_hash: new.password.map(|hashed| hashed.0),
        external_subject: None,
        disabled_at: None,
        version: 1,
        created_at: edit.now,
        updated_at: edit.now,
    };
    match edit.insert::<curator::Entity>(row).await {
        Ok(row) => {
            edit.commit().await?;
            Ok((Some(row), check))
        }
        Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
            let message = "a curator has this address already";
            check.refuse("email", UserErrorCode::Taken, message);
            Ok((None, check))
        }
        Err(error) => Err(error.into()),
    }
}

/// `version` is the one that was seen; None takes whatever stands.
pub async fn change(db: &Db, by: By, id: Uuid, version: Option<i32>, change: Change) -> Outcome {
    let mut check = Check::default();
    let mut edit = by.begin(db, change.comment()).await?;
    let admins = admins::lock(edit.connection()).await?;
    let row = curator::Entity::find_by_id(id)
        .lock_exclusive()
        .one(edit.connection())
        .await?;
    let Some(row) = row else {
        check.refuse("id", UserErrorCode::NotFound, "there is no such curator");
        return Ok((None, check));
    };
    if version.is_some_and(|version| version != row.version) {
        let message = format!(
            "the curator was changed meanwhile and is at version {}; look again",
            row.version
        );
        check.refuse("version", UserErrorCode::Conflict, message);
        return Ok((Some(row), check));
    }
    let mut after = row.clone();
    change.apply(&mut after, &edit);
    let was_admin = row.role == Role::Admin && row.disabled_at.is_none();
    let is_admin = after.role == Role::Admin && after.disabled_at.is_none();
    if was_admin && !is_admin && !admins.remain_without(id) {
        let message = "this is the last admin who can sign in; make another one first";
        check.refuse_here(UserErrorCode::NotAllowed, message);
        return Ok((Some(row), check));
    }
    // What stands already needs no revision.
    if after == row {
        return Ok((Some(row), check));
    }
    after.version += 1;
    after.updated_at = edit.now;
    let after = edit.update::<curator::Entity>(&row, after).await?;
    if matches!(change, Change::Disable | Change::Password(_)) {
        end_all(edit.connection(), id).await?;
    }
    edit.commit().await?;
    Ok((Some(after), check))
}

/// The curator with this address.
pub async fn find(db: &Db, address: &str) -> Result<Option<curator::Model>> {
    let Some(email) = email::normal(address) else {
        return Ok(None);
    };
    let found = curator::Entity::find().filter(curator::Column::Email.eq(email));
    Ok(found.one(&db.read).await?)
}

impl By {
    /// `otherwise` is the comment of those who give none.
    async fn begin(self, db: &Db, otherwise: &str) -> Result<Edit> {
        let comment = self.comment.filter(|comment| !comment.trim().is_empty());
        let comment = comment.unwrap_or_else(|| otherwise.to_owned());
        Ok(Edit::begin(db, self.author, plain(comment)?).await?)
    }
}

impl Change {
    fn apply(&self, row: &mut curator::Model, edit: &Edit) {
        match self {
            Self::Role(role) => row.role = *role,
            Self::Disable => row.disabled_at = row.disabled_at.or(Some(edit.now)),
            Self::Enable => row.disabled_at = None,
            Self::Password(hashed) => row.password_hash = Some(hashed.0.clone()),
        }
    }

    fn comment(&self) -> &'static str {
        match self {
            Self::Role(_) => "a curator's role changed",
            Self::Disable => "a curator disabled",
            Self::Enable => "a curator enabled again",
            Self::Password(_) => "a curator's password changed",
        }
    }
}
