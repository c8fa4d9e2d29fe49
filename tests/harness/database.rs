//! A database a test, copied from a template that is made once.
use std::{
    path::PathBuf,
    sync::{
        Mutex, OnceLock, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

use libtest_mimic::Failed;
use sea_orm::{ConnectionTrait, Database as Connect, DbErr};
use tempfile::TempDir;
use waybill::kit::db::Db;

use super::{tests, waybill};

#[derive(Clone)]
pub enum Backend {
    Sqlite,
    /// The URL of a database from which others can be made.
    Postgres(String),
}

/// What a database holds to begin with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Template {
    /// Nothing, not even the schema.
    Bare,
    /// The schema, with countries and editions.
    Empty,
    /// Besides, the demo's story and the fixtures: what the case files ask about.
    Filled,
}

/// The templates made so far: of which backend, with what in them, and where.
type Templates = Vec<(&'static str, Template, String)>;

static MADE: OnceLock<Mutex<Templates>> = OnceLock::new();

/// Gone when dropped.
pub struct Database {
    pub url: String,
    backend: Backend,
    _folder: Option<TempDir>,
}

impl Backend {
    pub fn postgres() -> Option<Self> {
        std::env::var("WAYBILL_TEST_POSTGRES")
            .ok()
            .filter(|url| !url.is_empty())
            .map(Self::Postgres)
    }

    pub fn name(&self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres(_) => "postgres",
        }
    }

    pub async fn database(&self, template: Template) -> Result<Database, Failed> {
        let original = self.template(template)?;
        match self {
            Self::Sqlite => {
                let folder = tempfile::tempdir()?;
                let file = folder.path().join("test.db");
                std::fs::copy(&original, &file)?;
                let url = format!("sqlite://{}?mode=rwc", file.display());
                Ok(Database {
                    url,
                    backend: self.clone(),
                    _folder: Some(folder),
                })
            }
            Self::Postgres(_) => {
                let name = next_name();
                self.administer(&format!("CREATE DATABASE {name} TEMPLATE {original}"))
                    .await?;
                Ok(Database {
                    url: self.url_of(&name),
                    backend: self.clone(),
                    _folder: None,
                })
            }
        }
    }

    /// A copy of a PostgreSQL database to which nobody is connected.
    pub async fn copy(&self, original: &Database) -> Result<Database, Failed> {
        let name = next_name();
        let (_, original) = original.url.rsplit_once('/').ok_or("no name in the URL")?;
        self.administer(&format!("CREATE DATABASE {name} TEMPLATE {original}"))
            .await?;
        Ok(Database {
            url: self.url_of(&name),
            backend: self.clone(),
            _folder: None,
        })
    }

    /// The template's file or database, made by the first test that wants it.
    fn template(&self, template: Template) -> Result<String, Failed> {
        let mut made = MADE
            .get_or_init(Mutex::default)
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let wanted = |(backend, held, _): &&(&str, Template, String)| {
            *backend == self.name() && *held == template
        };
        if let Some((.., name)) = made.iter().find(wanted) {
            return Ok(name.clone());
        }
        // A thread of its own: the test's runtime is busy with this very call.
        let name = std::thread::scope(|scope| {
            let make = scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()?;
                runtime.block_on(self.make(template))
            });
            make.join()
                .map_err(|_| Failed::from("the template could not be made"))?
        })?;
        made.push((self.name(), template, name.clone()));
        Ok(name)
    }

    async fn make(&self, template: Template) -> Result<String, Failed> {
        let name = next_name();
        let (url, name) = match self {
            Self::Sqlite => {
                let file = templates_folder().join(format!("{name}.db"));
                std::fs::File::create(&file)?;
                (
                    format!("sqlite://{}?mode=rwc", file.display()),
                    file.display().to_string(),
                )
            }
            Self::Postgres(_) => {
                self.administer(&format!("CREATE DATABASE {name}")).await?;
                (self.url_of(&name), name)
            }
        };
        if template == Template::Bare {
            return Ok(name);
        }
        let db = Db::open(&url).await?;
        if template == Template::Filled {
            waybill::demo::load(&db).await?;
        }
        db.close().await?;
        if template == Template::Filled {
            let fixture = |name: &str| tests().join("fixtures").join(name).display().to_string();
            let imports: [&[&str]; 2] = [
                &[
                    "import",
                    "hs",
                    &fixture("hs2022.csv"),
                    "--edition",
                    "HS2022",
                ],
                &[
                    "import",
                    "comtrade",
                    &fixture("comtrade.csv"),
                    "--dataset",
                    "invented",
                ],
            ];
            for import in imports {
                waybill(&url, import)?.succeeded()?;
            }
        }
        Ok(name)
    }

    fn url_of(&self, name: &str) -> String {
        match self {
            Self::Sqlite => String::new(),
            Self::Postgres(url) => {
                let end = url.rfind('/').unwrap_or(url.len());
                format!("{}/{name}", &url[..end])
            }
        }
    }

    async fn administer(&self, sql: &str) -> Result<(), DbErr> {
        let Self::Postgres(url) = self else {
            return Ok(());
        };
        let connection = Connect::connect(url).await?;
        connection.execute_unprepared(sql).await?;
        connection.close().await
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Some((_, name)) = self.url.rsplit_once('/')
            && matches!(self.backend, Backend::Postgres(_))
        {
            drop_database(&self.backend, name);
        }
    }
}

/// From a thread of its own, since it may run within a runtime.
fn drop_database(backend: &Backend, name: &str) {
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            let sql = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
            runtime.map(|runtime| runtime.block_on(backend.administer(&sql)))
        });
    });
}

/// Leaves nothing behind, not even the databases of tests that were cut off.
pub fn drop_templates() {
    let _ = std::fs::remove_dir_all(templates_folder());
    if let Some(backend) = Backend::postgres() {
        for number in 0..NEXT.load(Ordering::Relaxed) {
            drop_database(&backend, &format!("{}_{number}", prefix()));
        }
    }
}

static NEXT: AtomicU32 = AtomicU32::new(0);

fn prefix() -> String {
    format!("waybill_test_{}", std::process::id())
}

fn next_name() -> String {
    format!("{}_{}", prefix(), NEXT.fetch_add(1, Ordering::Relaxed))
}

fn templates_folder() -> PathBuf {
    let folder = std::env::temp_dir().join(prefix());
    let _ = std::fs::create_dir_all(&folder);
    folder
}
