//! `waybill backup`: a copy of the embedded database as of one moment, while others write.
use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
};

use clap::Args;

use super::{Failure, Store, say};
use crate::kit::{
    db::{copy_into, open_copy},
    edit::{Broken, Verified, verify},
};

#[derive(Args)]
pub struct Backup {
    #[command(flatten)]
    store: Store,

    /// The file to make, which nobody but its owner may read. One that is there is left alone.
    file: PathBuf,
}

impl Backup {
    pub async fn run(self) -> Result<(), Failure> {
        let url = &self.store.database_url;
        if !url.starts_with("sqlite:") {
            return Err(Failure::new(
                "only an embedded database is copied by this; PostgreSQL has pg_dump for it, such as pg_dump --format=custom --file=FILE",
            ));
        }
        let failed = |error: io::Error| Failure::new(format!("{}: {error}", self.file.display()));
        if self.file.exists() {
            return Err(Failure::new(format!(
                "{} is there already; name a file that is not",
                self.file.display()
            )));
        }
        let folder = match self.file.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        // Gone again unless it becomes the file, which it does whole or not at all.
        let copy = tempfile::Builder::new()
            .prefix(".waybill-backup-")
            .tempfile_in(folder)
            .map_err(failed)?;
        copy_into(url, copy.path())
            .await
            .map_err(Failure::database(url))?;
        let Verified {
            revisions,
            last_hash,
        } = checked(copy.path()).await?;
        copy.as_file().sync_all().map_err(failed)?;
        copy.persist_noclobber(&self.file)
            .map_err(|error| failed(error.error))?;
        File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(failed)?;
        say(format_args!(
            "Made {}, with {revisions} revisions, none altered.",
            self.file.display()
        ));
        say(format_args!("Last hash: {last_hash}"));
        Ok(())
    }
}

/// A copy that cannot be read, or whose history does not hold, is none.
async fn checked(copy: &Path) -> Result<Verified, Failure> {
    let db = open_copy(copy).await?;
    let verified = verify(&db, None).await?;
    db.close().await?;
    verified.map_err(|Broken { number, why }| {
        Failure::new(format!(
            "nothing was made, for the history does not hold: revision {number}: {why}"
        ))
    })
}
