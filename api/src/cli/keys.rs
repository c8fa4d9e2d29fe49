//! `waybill keys`: the file of keys that access tokens are signed with.
use std::path::PathBuf;

use clap::Subcommand;

use super::{Failure, say};
use crate::auth::keys;

#[derive(Subcommand)]
pub enum KeysCommand {
    /// Make a file with a new key, which nobody but its owner may read.
    New {
        /// The file to make.
        file: PathBuf,
    },
    /// Put a new key first: it signs from now on, and the keys before it still verify.
    Rotate {
        /// The file of keys.
        file: PathBuf,
    },
}

pub fn run(command: KeysCommand) -> Result<(), Failure> {
    match command {
        KeysCommand::New { file } => {
            if file.exists() {
                return Err(Failure::new(format!(
                    "{} is there already; waybill keys rotate puts a new key into it",
                    file.display()
                )));
            }
            let made = keys::create(&file).map_err(Failure::new)?;
            say(format_args!(
                "Made {} with the key {}. Keep it secret, and name it to serve by --signing-keys.",
                file.display(),
                made.newest().signing().id
            ));
        }
        KeysCommand::Rotate { file } => {
            let id = keys::rotate(&file).map_err(Failure::new)?;
            say(format_args!(
                "The key {id} signs from now on; servers that run see it by themselves. In ten minutes no token needs the keys after it: take them out of {} then.",
                file.display()
            ));
        }
    }
    Ok(())
}
