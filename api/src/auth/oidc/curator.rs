//! Which curator an identity elsewhere is, and with which role.
use chrono::DateTime;
use entity::{curator, curator::Role, value::Timestamp};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, SqlErr, prelude::Uuid};

use super::{super::identify::Refusal, Identity, Provider, bad};
use crate::{
    curator::{admins, email as address},
    kit::{
        db::Db,
        edit::{Author, Edit},
    },
};

const COMMENT: &str = "signed in at the identity provider";

impl Provider {
    /// The curator, made on first sight. The subject is who they are; a verified address links
    /// a curator whom an admin entered before, once. The token's role is the curator's from when
    /// it is newer than what we have; an older token can only lessen it.
    pub async fn curator(&self, db: &Db, identity: Identity) -> Result<(Uuid, Role), Refusal> {
        let found = match by_subject(db, &identity.subject).await? {
            Some(row) => row,
            None => match enter(db, &identity).await? {
                Some(row) => row,
                // Two of their requests came at once: the other one has entered them.
                None => by_subject(db, &identity.subject)
                    .await?
                    .ok_or_else(|| bad("another curator has this address"))?,
            },
        };
        if found.disabled_at.is_some() {
            return Err(bad("the curator is disabled"));
        }
        if found.role == identity.role {
            return Ok((found.id, found.role));
        }
        let issued = DateTime::from_timestamp(identity.issued_at, 0).unwrap_or_default();
        if Timestamp::from(issued) < found.updated_at {
            return Ok((found.id, lesser(found.role, identity.role)));
        }
        let role = change_role(db, found.id, identity.role).await?;
        Ok((found.id, lesser(role, identity.role)))
    }
}

async fn by_subject(db: &Db, subject: &str) -> Result<Option<curator::Model>, DbErr> {
    curator::Entity::find()
        .filter(curator::Column::ExternalSubject.eq(subject))
        .one(&db.read)
        .await
}

/// Links the curator with the verified address, or makes one. None when somebody is in the way.
async fn enter(db: &Db, identity: &Identity) -> Result<Option<curator::Model>, Refusal> {
    let email = identity.email.as_deref().and_then(address::normal);
    let email = email.ok_or_else(|| {
        bad("the identity provider's token has no verified address: email, with email_verified true")
    })?;
    let known = curator::Entity::find().filter(curator::Column::Email.eq(&email));
    let id = known.one(&db.read).await?.map(|row| row.id);
    let id = id.unwrap_or_else(Uuid::now_v7);
    // They signed in, and so entered themselves.
    let mut edit = Edit::begin(db, Author::Curator(id), COMMENT).await?;
    let known = curator::Entity::find_by_id(id)
        .one(edit.connection())
        .await?;
    let subject = Some(identity.subject.clone());
    let written = match known {
        Some(row) if row.external_subject.is_some() => return Ok(None),
        Some(row) => {
            let after = curator::Model {
                external_subject: subject,
                version: row.version + 1,
                updated_at: edit.now,
                ..row.clone()
            };
            edit.update::<curator::Entity>(&row, after).await
        }
        None => {
            let row = curator::Model {
                id,
                name: identity
                    .name
                    .clone()
                    .filter(|name| !name.trim().is_empty())
                    .unwrap_or_else(|| email.clone()),
                email,
                role: identity.role,
                password_hash: None,
                external_subject: subject,
                disabled_at: None,
                version: 1,
                created_at: edit.now,
                updated_at: edit.now,
            };
            edit.insert::<curator::Entity>(row).await
        }
    };
    match written {
        Ok(row) => {
            edit.commit().await?;
            Ok(Some(row))
        }
        Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// The role as it then stands: the last admin stays one.
async fn change_role(db: &Db, id: Uuid, role: Role) -> Result<Role, Refusal> {
    let mut edit = Edit::begin(db, Author::Curator(id), COMMENT).await?;
    let others = admins::lock(edit.connection()).await?;
    let row = curator::Entity::find_by_id(id)
        .one(edit.connection())
        .await?;
    let row = row.ok_or_else(|| bad("there is no such curator"))?;
    if row.role == role || (row.role == Role::Admin && !others.remain_without(id)) {
        return Ok(row.role);
    }
    let after = curator::Model {
        role,
        version: row.version + 1,
        updated_at: edit.now,
        ..row.clone()
    };
    edit.update::<curator::Entity>(&row, after).await?;
    edit.commit().await?;
    Ok(role)
}

fn lesser(one: Role, other: Role) -> Role {
    match (one, other) {
        (Role::Admin, Role::Admin) => Role::Admin,
        _ => Role::Curator,
    }
}
