//! What an export is asked for: by its path, and by the query of its address.
use sea_orm::prelude::Uuid;

use crate::{
    http::answer::Refusal,
    kit::{
        error::Error,
        export::{FileType, Wanted},
        id,
    },
};

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    Shipments(Output),
    Statements(Output),
    /// Entities of FollowTheMoney.
    Entities,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    Rows(FileType),
    /// What the columns are.
    Schema,
}

/// A file by its name, which is also what the log and figures call it.
pub type File = (&'static str, Asked);

const FILES: [File; 9] = {
    use Asked::{Entities, Shipments, Statements};
    use FileType::{Csv, Jsonl, Parquet};
    use Output::{Rows, Schema};
    [
        ("shipments.csv", Shipments(Rows(Csv))),
        ("shipments.jsonl", Shipments(Rows(Jsonl))),
        ("shipments.parquet", Shipments(Rows(Parquet))),
        ("shipments.schema.json", Shipments(Schema)),
        ("statements.csv", Statements(Rows(Csv))),
        ("statements.jsonl", Statements(Rows(Jsonl))),
        ("statements.parquet", Statements(Rows(Parquet))),
        ("statements.schema.json", Statements(Schema)),
        ("ftm.jsonl", Entities),
    ]
};

/// The file of this name. Others are nowhere, and the error says which there are.
pub fn file(name: &str) -> Result<File, Refusal> {
    let found = FILES.into_iter().find(|(known, _)| *known == name);
    found.ok_or_else(|| {
        let names = FILES.map(|(name, _)| name).join(", ");
        Refusal::NotFound(format!(
            "there is no such export; under /export/ there are {names}, and claims/ID.jsonld"
        ))
    })
}

/// The query of the address, of which nothing is ignored: a filter that is misspelled would give
/// the whole table.
#[derive(Clone, Debug, Default)]
pub struct Parameters {
    pub filter: Option<String>,
    after: Option<String>,
    limit: Option<String>,
    header: Option<String>,
    end: Option<String>,
}

impl Parameters {
    pub fn read(query: &str) -> Result<Self, Refusal> {
        let mut parameters = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let place = match name.as_ref() {
                "filter" => &mut parameters.filter,
                "after" => &mut parameters.after,
                "limit" => &mut parameters.limit,
                "header" => &mut parameters.header,
                "end" => &mut parameters.end,
                _ => {
                    return Err(Refusal::Malformed(
                        "exports take the parameters filter, after, limit, header and end, and no other"
                            .to_owned(),
                    ));
                }
            };
            if place.replace(value.into_owned()).is_some() {
                return Err(Refusal::Malformed(format!("{name} is given twice")));
            }
        }
        Ok(parameters)
    }

    /// What they say of the file; `name` is the type whose ids `after` takes.
    pub fn wanted(&self, file: FileType, name: &str) -> Result<Wanted, Refusal> {
        Ok(Wanted {
            file,
            after: self.after(name)?,
            limit: self.limit()?,
            has_header: truth("header", self.header.as_deref(), true)?,
            tells_end: truth("end", self.end.as_deref(), false)?,
        })
    }

    /// For files that take no other.
    pub fn after_alone(&self) -> Result<Option<&str>, Refusal> {
        let Self {
            filter,
            after,
            limit,
            header,
            end,
        } = self;
        match [filter, limit, header, end]
            .into_iter()
            .all(Option::is_none)
        {
            true => Ok(after.as_deref()),
            false => Err(Refusal::Malformed(
                "this file takes the parameter after, and no other".to_owned(),
            )),
        }
    }

    fn after(&self, name: &str) -> Result<Option<Uuid>, Refusal> {
        let Some(after) = &self.after else {
            return Ok(None);
        };
        match id::key(&after.into(), name) {
            Ok(key) => Ok(Some(key)),
            Err(Error::BadUserInput(message)) => Err(Refusal::Malformed(format!(
                "after takes the id of the last row that you have: {message}"
            ))),
            Err(error) => Err(error.into()),
        }
    }

    fn limit(&self) -> Result<Option<u64>, Refusal> {
        let Some(limit) = &self.limit else {
            return Ok(None);
        };
        let parsed = limit.parse().ok().filter(|limit| *limit > 0);
        parsed.map(Some).ok_or_else(|| {
            Refusal::Malformed(format!("limit is a number of rows from 1, not {limit:?}"))
        })
    }
}

fn truth(name: &str, said: Option<&str>, default: bool) -> Result<bool, Refusal> {
    match said {
        None => Ok(default),
        Some("true") => Ok(true),
        Some("false") => Ok(false),
        Some(said) => Err(Refusal::Malformed(format!(
            "{name} is true or false, not {said:?}"
        ))),
    }
}
