//! Mappings that come with Waybill, to be used by name or as a start for one's own.
use std::{io, path::Path};

use super::{document::Problem, failure, spec::Mapping};
use crate::cli::{self, Failure};

/// A mapping by its name.
pub struct Shipped {
    pub name: &'static str,
    pub text: &'static str,
}

macro_rules! shipped {
    ($($name:literal),* $(,)?) => {
        &[$(Shipped {
            name: $name,
            text: include_str!(concat!("../mappings/", $name, ".toml")),
        }),*]
    };
}

/// All of them, in the order in which they are listed.
pub const SHIPPED: &[Shipped] = shipped!["comtrade", "wits", "baci", "comext", "korea-customs",];

/// The shipped mapping of this name.
pub fn shipped(name: &str) -> Option<&'static Shipped> {
    SHIPPED.iter().find(|shipped| shipped.name == name)
}

impl Shipped {
    pub fn parse(&self) -> Result<Mapping, Vec<Problem>> {
        Mapping::parse(self.name, self.text)
    }
}

/// A mapping as the command line names it: one that is shipped, or a file.
pub fn named(name: &str) -> Result<Mapping, Failure> {
    let mapping = match shipped(name) {
        Some(shipped) => shipped.parse(),
        None => {
            let text = std::fs::read_to_string(name).map_err(|error| unreadable(name, error))?;
            let file = Path::new(name).file_name().unwrap_or(name.as_ref());
            Mapping::parse(&file.to_string_lossy(), &text)
        }
    };
    mapping.map_err(|problems| {
        let count = problems.len();
        if count < 2 {
            return failure(&problems);
        }
        for problem in problems {
            eprintln!("{problem}");
        }
        Failure::new(format!("the mapping {name} has {count} mistakes"))
    })
}

fn unreadable(name: &str, error: io::Error) -> Failure {
    Failure::new(match error.kind() {
        io::ErrorKind::NotFound => {
            format!(
                "there is no file and no shipped mapping {name}; {} are shipped",
                names()
            )
        }
        _ => format!("cannot read the mapping {name}: {error}"),
    })
}

/// Prints a shipped mapping, or what there is.
pub fn say(name: Option<&str>) -> Result<(), Failure> {
    if let Some(name) = name {
        let missing = || {
            Failure::new(format!(
                "there is no mapping {name}; {} are shipped",
                names()
            ))
        };
        cli::say(shipped(name).ok_or_else(missing)?.text.trim_end());
        return Ok(());
    }
    for shipped in SHIPPED {
        let mapping = shipped.parse().map_err(|problems| failure(&problems))?;
        cli::say(format_args!("{}: {}", shipped.name, mapping.title));
        for line in mapping.about.trim().lines() {
            cli::say(format_args!("    {line}"));
        }
    }
    Ok(())
}

/// Their names, for those who look for one.
pub fn names() -> String {
    let names: Vec<_> = SHIPPED.iter().map(|shipped| shipped.name).collect();
    names.join(", ")
}
