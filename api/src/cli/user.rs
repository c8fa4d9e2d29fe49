//! `waybill user`: curators, from the command line. Whoever can run it on the database is trusted.
use std::io;

use clap::{Args, Subcommand, ValueEnum};
use entity::{curator, curator::Role};
use sea_orm::{EntityTrait, QueryOrder};

use super::{Failure, Store, say};
use crate::{
    auth::{Hashed, Secret, refused},
    curator::{
        change::{self, By, Change, New, Outcome},
        email,
    },
    kit::{db::Db, edit::Author, error::Error},
};

#[derive(Args)]
pub struct UserCommand {
    #[command(flatten)]
    store: Store,

    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Enter a curator, with a password.
    Add {
        /// Address to sign in with.
        email: String,
        /// What the curator may do.
        #[arg(long)]
        role: RoleName,
        /// Name that others see beside changes; the address when absent.
        #[arg(long)]
        name: Option<String>,
        #[command(flatten)]
        password: PasswordSource,
    },
    /// List all curators.
    List,
    /// Keep a curator out, at once.
    Disable {
        /// Address of the curator.
        email: String,
    },
    /// Let a disabled curator sign in again.
    Enable {
        /// Address of the curator.
        email: String,
    },
    /// Change a curator's password, and end their sessions.
    SetPassword {
        /// Address of the curator.
        email: String,
        #[command(flatten)]
        password: PasswordSource,
    },
    /// Change what a curator may do, at once.
    SetRole {
        /// Address of the curator.
        email: String,
        /// What the curator may do.
        role: RoleName,
    },
}

#[derive(Args)]
struct PasswordSource {
    /// Read the password from the first line of the standard input, and do not ask.
    #[arg(long)]
    password_stdin: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum RoleName {
    /// Enter, change, publish and withdraw records.
    Curator,
    /// All that, and manage curators and everybody's keys.
    Admin,
}

pub async fn run(command: UserCommand) -> Result<(), Failure> {
    let db = command.store.open().await?;
    let done = act(&db, command.action).await;
    db.close().await?;
    done
}

async fn act(db: &Db, action: Action) -> Result<(), Failure> {
    match action {
        Action::Add {
            email: address,
            role,
            name,
            password,
        } => {
            // Nobody shall think of a password in vain.
            if change::find(db, &address).await.map_err(failure)?.is_some() {
                return Err(Failure::new(format!(
                    "{address}: a curator has this address already"
                )));
            }
            let Some(normal) = email::normal(&address) else {
                return Err(Failure::new(format!(
                    "{address} is no address; one looks like you@example.org"
                )));
            };
            let new = New {
                password: Some(password.read(&normal)?),
                role: role.into(),
                email: address,
                name,
            };
            let row = done(change::create(db, by(), new).await)?;
            say(format_args!(
                "{} may sign in as {}.",
                row.email,
                word(row.role)
            ));
            Ok(())
        }
        Action::List => list(db).await,
        Action::Disable { email } => {
            let row = change(db, &email, |_| Ok(Change::Disable)).await?;
            say(format_args!("{} can no longer sign in.", row.email));
            Ok(())
        }
        Action::Enable { email } => {
            let row = change(db, &email, |_| Ok(Change::Enable)).await?;
            say(format_args!("{} can sign in again.", row.email));
            Ok(())
        }
        Action::SetPassword { email, password } => {
            let read = |row: &curator::Model| password.read(&row.email).map(Change::Password);
            let row = change(db, &email, read).await?;
            say(format_args!(
                "{} has a new password, and must sign in again.",
                row.email
            ));
            Ok(())
        }
        Action::SetRole { email, role } => {
            let row = change(db, &email, |_| Ok(Change::Role(role.into()))).await?;
            say(format_args!("{} is {} now.", row.email, word(row.role)));
            Ok(())
        }
    }
}

async fn change(
    db: &Db,
    address: &str,
    make: impl FnOnce(&curator::Model) -> Result<Change, Failure>,
) -> Result<curator::Model, Failure> {
    let found = change::find(db, address).await.map_err(failure)?;
    let Some(row) = found else {
        return Err(Failure::new(format!(
            "no curator has the address {address}; waybill user list tells who there is"
        )));
    };
    let made = make(&row)?;
    done(change::change(db, by(), row.id, None, made).await)
}

/// Address, role and standing, a curator a line, as other programs can read it.
async fn list(db: &Db) -> Result<(), Failure> {
    let rows = curator::Entity::find()
        .order_by_asc(curator::Column::Email)
        .all(&db.read)
        .await?;
    for row in rows {
        let standing = match row.disabled_at {
            Some(at) => format!("disabled since {at}"),
            None => "enabled".to_owned(),
        };
        let role = word(row.role);
        say(format_args!(
            "{}\t{role}\t{standing}\t{}",
            row.email, row.name
        ));
    }
    Ok(())
}

impl PasswordSource {
    fn read(&self, email: &str) -> Result<Hashed, Failure> {
        let password = match self.password_stdin {
            true => first_line()?,
            false => ask()?,
        };
        if let Some(why) = refused(password.expose(), email) {
            return Err(Failure::new(why));
        }
        Hashed::new(&password).map_err(failure)
    }
}

fn first_line() -> Result<Secret, Failure> {
    let mut line = String::new();
    io::stdin()
        .read_line(&mut line)
        .map_err(|error| Failure::new(format!("no password can be read: {error}")))?;
    Ok(Secret::new(line.trim_end_matches(['\r', '\n'])))
}

/// Twice, unseen, from the terminal.
fn ask() -> Result<Secret, Failure> {
    let prompt = |text: &str| {
        rpassword::prompt_password(text).map_err(|error| {
            Failure::new(format!(
                "no password can be asked for here ({error}); give it by --password-stdin"
            ))
        })
    };
    let (password, again) = (prompt("Password: ")?, prompt("Again: ")?);
    if password != again {
        return Err(Failure::new(
            "the two passwords differ; nothing was changed",
        ));
    }
    Ok(Secret::new(password))
}

fn by() -> By {
    By {
        author: Author::Command,
        comment: None,
    }
}

fn done(outcome: Outcome) -> Result<curator::Model, Failure> {
    let (row, check) = outcome.map_err(failure)?;
    let errors = check.into_errors();
    match row.filter(|_| errors.is_empty()) {
        Some(row) => Ok(row),
        None => {
            let messages: Vec<_> = errors.iter().map(|error| error.message.as_str()).collect();
            Err(Failure::new(messages.join("; ")))
        }
    }
}

fn failure(error: Error) -> Failure {
    match error {
        Error::BadUserInput(message)
        | Error::Unauthenticated(message)
        | Error::Forbidden(message)
        | Error::NotFound(message)
        | Error::RateLimited { message, .. } => Failure::new(message),
        Error::Busy | Error::Collision => {
            Failure::new("others are writing, and it took too long to wait for them")
        }
        Error::TimedOut => Failure::new("the database took too long, and nothing was done"),
        Error::Internal(cause) => Failure::new(cause.to_string()),
    }
}

fn word(role: Role) -> &'static str {
    match role {
        Role::Curator => "curator",
        Role::Admin => "admin",
    }
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Curator => Self::Curator,
            RoleName::Admin => Self::Admin,
        }
    }
}
