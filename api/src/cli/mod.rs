//! The command line: what `waybill` can be told, and in which words it answers.
use std::{
    fmt::Display,
    io::{self, IsTerminal, Write},
    process::ExitCode,
};

use clap::{Args, Parser, Subcommand, builder::BoolishValueParser, error::ErrorKind};
use entity::curator;
use sea_orm::{DbErr, EntityTrait};
use tokio::signal::unix::{SignalKind, signal};

use crate::{
    demo,
    http::{HttpOptions, Service},
    import::{self, ImportCommand},
    kit::{
        db::Db,
        edit::{Broken, Verified, verify},
    },
    schema,
};

mod keys;
mod signing;
mod user;

/// The servers and drivers below ours speak up when something is wrong.
const DEFAULT_LOG: &str = "info,actix_server=warn,sea_orm_migration=warn,sqlx=warn";

/// An evidence server for trade: who shipped what to whom, when, worth how much, and who says so.
#[derive(Parser)]
#[command(name = "waybill", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,

    /// What to log, as `tracing` filters spell it: `debug`, `warn`, `waybill=debug`.
    #[arg(long, env = "WAYBILL_LOG", default_value = DEFAULT_LOG, global = true)]
    log: String,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API. Brings the database's schema up to date first.
    Serve(Serve),
    /// Bring the database's schema up to date, and do nothing else.
    Migrate(Store),
    /// Print the API's schema.
    Schema,
    /// Check that no revision of the history was altered, and print the last one's hash.
    Verify(Verify),
    /// Bring in records from files.
    Import(ImportCommand),
    /// Curators: who may sign in and write.
    User(user::UserCommand),
    /// Keys that access tokens are signed with.
    #[command(subcommand)]
    Keys(keys::KeysCommand),
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
struct Serve {
    #[command(flatten)]
    store: Store,

    #[command(flatten)]
    signing: signing::Signing,

    #[command(flatten)]
    http: HttpOptions,

    /// Address and port to listen on. Port 0 picks a free one, and the log tells which.
    #[arg(long, env = "WAYBILL_LISTEN", default_value = "127.0.0.1:8080")]
    listen: String,

    /// Load the story of 25 July 2023 to look at, when the database holds no statement.
    #[arg(long, env = "WAYBILL_DEMO", value_parser = BoolishValueParser::new())]
    demo: bool,
}

/// Why a command failed, in one line.
pub struct Failure(String);

impl Failure {
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    pub fn database(url: &str) -> impl Fn(DbErr) -> Self {
        let shown = without_password(url);
        move |error| {
            let why = match error {
                DbErr::Custom(why) => why,
                error => error.to_string(),
            };
            Self(format!("the database {shown} cannot be used: {why}"))
        }
    }
}

impl From<DbErr> for Failure {
    fn from(error: DbErr) -> Self {
        Self(format!("the database failed: {error}"))
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
pub async fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return refuse(&error),
    };
    let filter = match tracing_subscriber::EnvFilter::try_new(&cli.log) {
        Ok(filter) => filter,
        Err(error) => return fail(&Failure(format!("--log {}: {error}", cli.log))),
    };
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(io::stderr().is_terminal())
        .with_writer(io::stderr)
        .init();
    let done = match cli.command {
        Command::Serve(serve) => serve.run().await,
        Command::Migrate(store) => migrate(&store).await,
        Command::Verify(verify) => verify.run().await,
        Command::Schema => {
            say(schema::sdl().trim_end());
            Ok(())
        }
        Command::Import(command) => import::run(command).await,
        Command::User(command) => user::run(command).await,
        Command::Keys(command) => keys::run(command),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => fail(&failure),
    }
}

/// To the one who typed the command; a reader that left early is no reason to fail.
pub fn say(text: impl Display) {
    let _ = writeln!(io::stdout(), "{text}");
}

fn fail(Failure(message): &Failure) -> ExitCode {
    // A driver's message may have several lines; a log has one a message.
    let line = message.split_whitespace().collect::<Vec<_>>().join(" ");
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
            Err(Broken { number, why }) => Err(Failure(format!(
                "the history does not hold: revision {number}: {why}"
            ))),
        }
    }
}

impl Serve {
    async fn run(self) -> Result<(), Failure> {
        let db = self.store.open().await?;
        if self.demo {
            match demo::load(&db).await? {
                demo::Loaded::Story { revision } => {
                    tracing::info!(revision, "loaded the demo's story");
                }
                demo::Loaded::AlreadyHasStatements => {
                    tracing::info!(
                        "the database holds statements already; the demo's story was not loaded"
                    );
                }
            }
        }
        let auth = self.signing.auth(&self.store.database_url)?;
        let someone = curator::Entity::find().one(&db.read).await?;
        let service = Service::new(db.clone(), auth.clone(), self.http).await;
        let service = service.map_err(Failure)?;
        let server = service.bind(&self.listen).map_err(|error| {
            Failure(format!(
                "cannot listen on {}: {error}; choose another address with --listen, where port 0 picks a free port",
                self.listen
            ))
        })?;
        // Before it says that it listens: from then on, it may be told to stop.
        let stopped = stop_signal()?;
        tracing::info!(
            database = without_password(&self.store.database_url),
            "listening on http://{}",
            server.address
        );
        if !auth.has_keys() {
            tracing::warn!(
                "nobody can sign in with a password: make keys by `waybill keys new FILE`, and name the file by --signing-keys"
            );
        }
        if someone.is_none() {
            tracing::info!(
                "nobody may write yet: `waybill user add you@example.org --role admin` makes the first admin"
            );
        }
        let handle = server.handle();
        tokio::spawn(async move {
            stopped.await;
            tracing::info!("stopping; requests that run are answered first");
            handle.stop(true).await;
        });
        server
            .run()
            .await
            .map_err(|error| Failure(format!("the server failed: {error}")))?;
        db.close().await?;
        tracing::info!("stopped");
        Ok(())
    }
}

/// Ends with the first SIGTERM or SIGINT.
fn stop_signal() -> Result<impl Future<Output = ()>, Failure> {
    let listen =
        |kind| signal(kind).map_err(|error| Failure(format!("cannot listen for signals: {error}")));
    let mut terminate = listen(SignalKind::terminate())?;
    let mut interrupt = listen(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
