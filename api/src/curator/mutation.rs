//! What is done to curators over the API.
use std::{sync::Arc, time::Instant};

use async_graphql::{Context, ID, InputObject, SimpleObject};
use entity::{curator, curator::Role};
use sea_orm::EntityTrait;

use super::{
    Curator,
    change::{self, By, Change, New, Outcome},
    email,
};
use crate::{
    auth::{Auth, Credential, Hashed, Remote, Secret, refused},
    kit::{
        access::{self, Administering, Permission, permission},
        check::{Check, UserError, UserErrorCode},
        db::Db,
        edit::Author,
        error::{Error, Result},
        fields::fields,
        id,
        record::Record,
    },
};

/// A curator to be.
#[derive(InputObject)]
pub struct CreateCuratorInput {
    /// Address to sign in with.
    email: String,
    /// Name that others see beside changes; the address when absent.
    name: Option<String>,
    /// What the curator may do.
    role: Role,
    /// At least 12 characters; without one, the curator cannot sign in here until they have one.
    password: Option<String>,
    /// Why; stands beside the revision.
    comment: Option<String>,
}

/// A curator's new role.
#[derive(InputObject)]
pub struct SetCuratorRoleInput {
    /// Which curator.
    id: ID,
    /// The version that you saw; another one answers with CONFLICT.
    version: i32,
    /// What the curator may do from now on.
    role: Role,
    /// Why; stands beside the revision.
    comment: Option<String>,
}

/// A curator who shall no longer sign in, or shall again.
#[derive(InputObject)]
pub struct CuratorInput {
    /// Which curator.
    id: ID,
    /// The version that you saw; another one answers with CONFLICT.
    version: i32,
    /// Why; stands beside the revision.
    comment: Option<String>,
}

/// A new password for somebody who lost theirs.
#[derive(InputObject)]
pub struct SetCuratorPasswordInput {
    /// Which curator.
    id: ID,
    /// The version that you saw; another one answers with CONFLICT.
    version: i32,
    /// The new password, of at least 12 characters.
    password: String,
    /// Why; stands beside the revision.
    comment: Option<String>,
}

/// A new password of one's own.
#[derive(InputObject)]
pub struct ChangePasswordInput {
    /// The password until now.
    current_password: String,
    /// The new password, of at least 12 characters.
    new_password: String,
}

macro_rules! payloads {
    ($($(#[doc = $doc:literal])+ $name:ident;)+) => {$(
        $(#[doc = $doc])+
        #[derive(SimpleObject)]
        pub struct $name {
            /// The curator as it now stands; null when there is none.
            curator: Option<Curator>,
            /// What was wrong; empty when it was done.
            user_errors: Vec<UserError>,
        }

        impl From<(Option<curator::Model>, Check)> for $name {
            fn from((row, check): (Option<curator::Model>, Check)) -> Self {
                Self {
                    curator: row.map(Curator::from),
                    user_errors: check.into_errors(),
                }
            }
        }
    )+};
}

payloads! {
    /// What came of entering a curator.
    CreateCuratorPayload;
    /// What came of changing a role.
    SetCuratorRolePayload;
    /// What came of disabling a curator.
    DisableCuratorPayload;
    /// What came of enabling a curator.
    EnableCuratorPayload;
    /// What came of setting a password.
    SetCuratorPasswordPayload;
    /// What came of changing one's password.
    ChangePasswordPayload;
}

#[derive(Default)]
pub struct CuratorMutation;

fields! {
    #[Object]
    impl CuratorMutation {
        mutations;

        /// Enters a curator. For admins.
        async fn create_curator(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "The curator to be.")] input: CreateCuratorInput,
        ) -> Result<CreateCuratorPayload> {
            let by = by_admin(ctx, input.comment)?;
            let password = match input.password {
                None => None,
                Some(password) => match hashed(ctx, password, &input.email, "password").await? {
                    Ok(hashed) => Some(hashed),
                    Err(check) => return Ok((None, check).into()),
                },
            };
            let new = New {
                email: input.email,
                name: input.name,
                role: input.role,
                password,
            };
            Ok(change::create(db(ctx), by, new).await?.into())
        }

        /// Changes what a curator may do, at once. There is always an admin. For admins.
        async fn set_curator_role(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "Who, and what they may do.")] input: SetCuratorRoleInput,
        ) -> Result<SetCuratorRolePayload> {
            let by = by_admin(ctx, input.comment)?;
            let change = Change::Role(input.role);
            let done = self::change(ctx, by, &input.id, input.version, change).await?;
            Ok(done.into())
        }

        /// Keeps a curator out, at once: sessions end, and API keys are refused. For admins.
        async fn disable_curator(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "Who.")] input: CuratorInput,
        ) -> Result<DisableCuratorPayload> {
            let by = by_admin(ctx, input.comment)?;
            let done = change(ctx, by, &input.id, input.version, Change::Disable).await?;
            Ok(done.into())
        }

        /// Lets a disabled curator sign in again. For admins.
        async fn enable_curator(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "Who.")] input: CuratorInput,
        ) -> Result<EnableCuratorPayload> {
            let by = by_admin(ctx, input.comment)?;
            let done = change(ctx, by, &input.id, input.version, Change::Enable).await?;
            Ok(done.into())
        }

        /// Gives a curator a new password, and ends their sessions. For admins.
        async fn set_curator_password(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "Who, and the password.")] input: SetCuratorPasswordInput,
        ) -> Result<SetCuratorPasswordPayload> {
            let by = by_admin(ctx, input.comment)?;
            let key = id::key(&input.id, curator::Entity::NAME)?;
            let row = curator::Entity::find_by_id(key).one(&db(ctx).read).await?;
            let email = row.map(|row| row.email).unwrap_or_default();
            let password = match hashed(ctx, input.password, &email, "password").await? {
                Ok(hashed) => Change::Password(hashed),
                Err(check) => return Ok((None, check).into()),
            };
            let done = change(ctx, by, &input.id, input.version, password).await?;
            Ok(done.into())
        }

        /// Changes one's own password, and ends all of one's sessions: sign in again.
        async fn change_password(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "The old and the new one.")] input: ChangePasswordInput,
        ) -> Result<ChangePasswordPayload> {
            let own = access::viewer(ctx).curator_id();
            let own = own
                .ok_or_else(|| Error::Unauthenticated("sign in to change your password".to_owned()))?;
            if matches!(Credential::of(ctx), Credential::ApiKey(_)) {
                let message = "an API key cannot change a password: sign in with your own";
                return Err(Error::Forbidden(message.to_owned()));
            }
            let row = curator::Entity::find_by_id(own).one(&db(ctx).read).await?;
            let row = row.ok_or_else(|| Error::internal("no row of the one who asks"))?;
            let (auth, remote) = (auth(ctx), *ctx.data_unchecked::<Remote>());
            let current = Secret::new(input.current_password);
            if !auth
                .is_password(Some(&row), &row.email, current, remote, Instant::now())
                .await?
            {
                let mut check = Check::default();
                let message = "this is not your password";
                check.refuse("currentPassword", UserErrorCode::Invalid, message);
                return Ok((Some(row), check).into());
            }
            let password = match hashed(ctx, input.new_password, &row.email, "newPassword").await? {
                Ok(hashed) => Change::Password(hashed),
                Err(check) => return Ok((Some(row), check).into()),
            };
            let by = By {
                author: Author::Curator(own),
                comment: None,
            };
            Ok(change::change(db(ctx), by, own, None, password)
                .await?
                .into())
        }
    }
}

async fn change(ctx: &Context<'_>, by: By, id: &ID, version: i32, change: Change) -> Outcome {
    let key = id::key(id, curator::Entity::NAME)?;
    change::change(db(ctx), by, key, Some(version), change).await
}

fn by_admin(ctx: &Context<'_>, comment: Option<String>) -> Result<By> {
    let admin = permission::<Administering>(ctx)?;
    Ok(By {
        author: Author::Curator(admin.curator_id()),
        comment,
    })
}

/// The hash of a password that will do, or what is wrong with it.
async fn hashed(
    ctx: &Context<'_>,
    password: String,
    address: &str,
    field: &str,
) -> Result<Result<Hashed, Check>> {
    let email = email::normal(address).unwrap_or_default();
    if let Some(why) = refused(&password, &email) {
        let mut check = Check::default();
        check.refuse(field, UserErrorCode::Invalid, why);
        return Ok(Err(check));
    }
    Ok(Ok(auth(ctx).hash(Secret::new(password)).await?))
}

fn db<'a>(ctx: &Context<'a>) -> &'a Db {
    ctx.data_unchecked::<Db>()
}

fn auth<'a>(ctx: &Context<'a>) -> &'a Arc<Auth> {
    ctx.data_unchecked::<Arc<Auth>>()
}
