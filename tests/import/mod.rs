//! Imports: each trap of such files, the report, and that doing it twice changes nothing.
use std::{fmt::Write, path::PathBuf};

use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{App, Backend, Database, Outcome, Template, waybill};

mod comtrade;
mod files;
mod hs;
mod mapping;
mod reference;

pub fn trials(backend: &Backend) -> Vec<Trial> {
    let trials = [
        comtrade::trials(backend),
        files::trials(backend),
        hs::trials(backend),
        mapping::trials(backend),
        reference::trials(backend),
    ];
    trials.into_iter().flatten().collect()
}

/// A database and a folder for files.
pub struct Bench {
    pub database: Database,
    folder: TempDir,
}

impl Bench {
    pub async fn new(backend: &Backend) -> Result<Self, Failed> {
        Ok(Self {
            database: backend.database(Template::Empty).await?,
            folder: tempfile::tempdir()?,
        })
    }

    fn file(&self, name: &str, text: impl AsRef<[u8]>) -> Result<PathBuf, Failed> {
        let file = self.folder.path().join(name);
        std::fs::write(&file, text)?;
        Ok(file)
    }

    pub fn comtrade(&self, text: impl AsRef<[u8]>, more: &[&str]) -> Result<Outcome, Failed> {
        let file = self.file("comtrade.csv", text)?;
        let file = file.display().to_string();
        let mut arguments = vec!["import", "comtrade", file.as_str(), "--dataset", "tried"];
        arguments.extend(more);
        waybill(&self.database.url, &arguments)
    }

    pub fn hs(&self, text: &str, edition: &str) -> Result<Outcome, Failed> {
        let file = self.file("hs.csv", text)?;
        waybill(
            &self.database.url,
            &[
                "import",
                "hs",
                &file.display().to_string(),
                "--edition",
                edition,
            ],
        )
    }

    /// Imports a file by a mapping of the test's own.
    pub fn csv(
        &self,
        text: impl AsRef<[u8]>,
        mapping: &str,
        more: &[&str],
    ) -> Result<Outcome, Failed> {
        let mapping = self.file("mapping.toml", mapping)?;
        self.shipped(text, &mapping.display().to_string(), more)
    }

    /// Imports a file by a mapping that comes with Waybill.
    pub fn shipped(
        &self,
        text: impl AsRef<[u8]>,
        mapping: &str,
        more: &[&str],
    ) -> Result<Outcome, Failed> {
        let mut arguments = vec!["--mapping", mapping, "--dataset", "tried"];
        arguments.extend(more);
        self.import("csv", text, &arguments)
    }

    pub fn list(&self, text: &str, more: &[&str]) -> Result<Outcome, Failed> {
        let mut arguments = vec!["--slug", "tried"];
        arguments.extend(more);
        self.import("list", text, &arguments)
    }

    /// Imports a file of a format.
    pub fn import(
        &self,
        format: &str,
        text: impl AsRef<[u8]>,
        more: &[&str],
    ) -> Result<Outcome, Failed> {
        let file = self.file("file", text)?.display().to_string();
        let mut arguments = vec!["import", format, &file];
        arguments.extend(more);
        waybill(&self.database.url, &arguments)
    }

    /// What an anonymous client is answered.
    pub async fn ask(self, query: &str) -> Result<Value, Failed> {
        let app = App::over(self.database).await?;
        app.data(query, json!({})).await
    }
}

/// The columns that the rows below do not repeat.
const COLUMNS: [(&str, &str); 12] = [
    ("freqCode", "A"),
    ("period", "2022"),
    ("reporterCode", "156"),
    ("flowCode", "X"),
    ("partnerCode", "643"),
    ("partner2Code", "0"),
    ("classificationCode", "H6"),
    ("cmdCode", "440111"),
    ("customsCode", "C00"),
    ("motCode", "0"),
    ("netWgt", ""),
    ("primaryValue", "100"),
];

/// A file whose rows differ from the plain one in the columns named.
pub fn csv(rows: &[&[(&str, &str)]]) -> String {
    let extra = rows.iter().copied().flatten().map(|(name, _)| *name);
    let mut names: Vec<&str> = COLUMNS.iter().map(|(name, _)| *name).collect();
    for name in extra {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let mut text = names.join(",");
    for row in rows {
        let value = |name: &&str| {
            let own = row
                .iter()
                .chain(&COLUMNS)
                .find(|(column, _)| column == name);
            own.map_or("", |(_, value)| value)
        };
        let values: Vec<_> = names.iter().map(value).collect();
        let _ = write!(text, "\n{}", values.join(","));
    }
    text
}
