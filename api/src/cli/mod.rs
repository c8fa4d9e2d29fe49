//! The command line: what `waybill` can be told, and in which words it answers.
use std::{
    fmt::Display,
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::{
    ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand, error::ErrorKind,
};
use sea_orm::DbErr;

use crate::{
    import::{self, ImportCommand},
    kit::{
        db::Db,
        edit::{Broken, Verified, verify},
    },
    schema,
};

mod backup;
mod check;
mod config;
mod keys;
mod log;
mod pools;
mod serve;
mod signing;
mod user;

/// An evidence server for trade: who shipped what to whom, when, worth how much, and who says so.
#[derive(Parser)]
#[command(name = "waybill", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,

    #[command(flatten)]
    logging: log::Logging,

    /// Configuration file, in TOML: `waybill config --defaults` prints one to begin with.
    #[arg(long, env = "WAYBILL_CONFIG", value_name = "FILE", global = true)]
    config: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API. Brings the database's schema up to date first.
    Serve(serve::Serve),
    /// Bring the database's schema up to date, and do nothing else.
    Migrate(Store),
    /// Print the API's schema.
    Schema,
    /// Check that no revision of the history was altered, and print the last one's hash.
    Verify(Verify),
    /// Compare the totals that are kept in memory with a full scan of the records.
    Check(check::Check),
    /// Bring in records from files.
    Import(ImportCommand),
    /// Curators: who may sign in and write.
    User(user::UserCommand),
    /// Keys that access tokens are signed with.
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// Print the options in effect for `serve`, and where each comes from. Passwords are left out.
    Config(Config),
    /// Copy the embedded database into a new file, while it is served.
    Backup(backup::Backup),
}

/// Where the records are kept.
#[derive(Args)]
pub struct Store {
    /// Database: an SQLite file, or a PostgreSQL server (`postgres://user:password@host/name`).
    #[arg(
        long,
        env = "DATABASE_URL",
        default_value = "sqlite://waybill.db?mode=rwc",
        hide_env_values = true,
        global = true
    )]
    pub database_url: String,
}

#[derive(Args)]
struct Config {
    #[command(flatten)]
    serve: serve::Serve,

    /// Print a configuration file to begin with instead: all options, with their defaults.
    #[arg(long)]
    defaults: bool,
}

/// Why something failed, in one line.
pub struct Failure {
    why: String,
    /// Whether it is for whoever runs the server alone.
    is_ours: bool,
}

impl Failure {
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            why: message.into(),
            is_ours: false,
        }
    }

    /// What everyone may be told; what is for the log alone as the error.
    pub fn told(self) -> Result<String, String> {
        match self.is_ours {
            false => Ok(self.why),
            true => Err(self.why),
        }
    }

    pub fn database(url: &str) -> impl Fn(DbErr) -> Self {
        let shown = without_password(url);
        move |error| {
            let why = match error {
                DbErr::Custom(why) => why,
                error => error.to_string(),
            };
            Self::new(format!("the database {shown} cannot be used: {why}"))
        }
    }
}

impl From<DbErr> for Failure {
    fn from(error: DbErr) -> Self {
        Self {
            why: format!("the database failed: {error}"),
            is_ours: true,
        }
    }
}

impl Store {
    pub async fn open(&self) -> Result<Db, Failure> {
        Db::open(&self.database_url)
            .await
            .map_err(Failure::database(&self.database_url))
    }
}

/// Reads the command line, does what it says, and puts any failure in one line.
///
/// It waits here for all that is to be done: in the program, which is another crate, all of it would
/// be compiled a second time.
#[tokio::main]
pub async fn run() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    let configured = config::File::named(&arguments).and_then(|file| {
        let command = file.apply(Cli::command())?;
        Ok((file, command))
    });
    let (file, mut command) = match configured {
        Ok(configured) => configured,
        Err(failure) => return fail(&failure),
    };
    let parsed = command
        .try_get_matches_from_mut(arguments)
        .and_then(|matches| Ok((Cli::from_arg_matches(&matches)?, matches)));
    let (cli, matches) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => return refuse(&error),
    };
    let told = match cli.logging.begin() {
        Ok(told) => told,
        Err(failure) => return fail(&failure),
    };
    file.warn_of_readers(&command);
    let done = match cli.command {
        Command::Serve(serve) => serve.run().await,
        Command::Migrate(store) => migrate(&store).await,
        Command::Verify(verify) => verify.run().await,
        Command::Check(check) => check.run().await,
        Command::Schema => {
            say(schema::sdl().trim_end());
            Ok(())
        }
        Command::Import(command) => import::run(command).await,
        Command::User(command) => user::run(command).await,
        Command::Keys(command) => keys::run(command),
        Command::Backup(backup) => backup.run().await,
        Command::Config(asked) => {
            asked.print(&command, &matches, &file);
            Ok(())
        }
    };
    told.end().await;
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => fail(&failure),
    }
}

impl Config {
    fn print(&self, command: &clap::Command, matches: &ArgMatches, file: &config::File) {
        let within = matches.subcommand_matches("config").unwrap_or(matches);
        if self.defaults {
            config::defaults(&named(Cli::command(), "config"));
        } else {
            config::show(&named(command.clone(), "config"), within, file);
        }
    }
}

/// One of the subcommands, with the options that all have.
fn named(mut command: clap::Command, name: &str) -> clap::Command {
    command.build();
    command.find_subcommand(name).cloned().unwrap_or(command)
}

/// To the one who typed the command; a reader that left early is no reason to fail.
pub fn say(text: impl Display) {
    let _ = writeln!(io::stdout(), "{text}");
}

fn fail(Failure { why, .. }: &Failure) -> ExitCode {
    // A driver's message may have several lines; a log has one a message.
    let line = why.split_whitespace().collect::<Vec<_>>().join(" ");
    eprintln!("waybill: {line}");
    ExitCode::FAILURE
}

/// Help is printed as it is; of a mistake, the line that names it.
fn refuse(error: &clap::Error) -> ExitCode {
    let text = error.render();
    if matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    ) {
        say(text);
        return ExitCode::SUCCESS;
    }
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        eprint!("{text}");
        return ExitCode::from(2);
    }
    let text = text.to_string();
    let message: Vec<_> = text
        .lines()
        .take_while(|line| !line.is_empty())
        .map(str::trim)
        .collect();
    let message = message.join(" ");
    eprintln!(
        "waybill: {}; see waybill --help",
        message.trim_start_matches("error: ")
    );
    ExitCode::from(2)
}

/// The URL as it may stand in a log.
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    match authority.rsplit_once('@') {
        Some((login, host)) => {
            let user = login.split(':').next().unwrap_or_default();
            format!("{scheme}://{user}@{host}{path}")
        }
        None => url.to_owned(),
    }
}

async fn migrate(store: &Store) -> Result<(), Failure> {
    store.open().await?.close().await?;
    say(format_args!(
        "The schema of {} is up to date.",
        without_password(&store.database_url)
    ));
    Ok(())
}

#[derive(Args)]
struct Verify {
    #[command(flatten)]
    store: Store,

    /// A hash that was printed before: fails as well when the history no longer holds it.
    #[arg(long, env = "WAYBILL_HASH")]
    hash: Option<String>,
}

impl Verify {
    async fn run(self) -> Result<(), Failure> {
        let db = self.store.open().await?;
        let checked = verify(&db.read, self.hash.as_deref()).await?;
        db.close().await?;
        match checked {
            Ok(Verified {
                revisions,
                last_hash,
            }) => {
                say(format_args!("Revisions: {revisions}, none altered."));
                say(format_args!("Last hash: {last_hash}"));
                Ok(())
            }
            Err(Broken { number, why }) => Err(Failure::new(format!(
                "the history does not hold: revision {number}: {why}"
            ))),
        }
    }
}
