//! Trusted documents: a file of those that may run. Nothing else does.
use std::{collections::HashMap, path::Path, sync::Arc};

use serde::Deserialize;

use super::{Document, Documents, Refused, hash};
use crate::{
    auth::digest,
    http::{gate::values::Rules, limits::Limits},
};

/// By the ids of the file, and by the hashes of their texts in hexadecimal.
pub struct Trusted(HashMap<String, Arc<Document>>);

/// The two forms in which tools write such files.
#[derive(Deserialize)]
#[serde(untagged)]
enum Manifest {
    /// As Apollo's tools write it.
    Operations { operations: Vec<Operation> },
    /// Texts by id, as Relay and GraphQL Code Generator write it.
    Texts(HashMap<String, String>),
}

#[derive(Deserialize)]
struct Operation {
    id: String,
    body: String,
}

impl Trusted {
    /// Reads a file, and validates all that it holds.
    pub async fn read(
        file: &Path,
        documents: &Documents,
        rules: Rules<'_>,
        limits: &Limits,
    ) -> Result<Self, String> {
        let shown = file.display();
        let text = std::fs::read_to_string(file)
            .map_err(|error| format!("{shown} cannot be read: {error}"))?;
        let manifest = serde_json::from_str(&text).map_err(|error| {
            format!("{shown} is neither an object of documents by id, nor a manifest with operations: {error}")
        })?;
        let texts: Vec<(String, String)> = match manifest {
            Manifest::Operations { operations } => operations
                .into_iter()
                .map(|operation| (operation.id, operation.body))
                .collect(),
            Manifest::Texts(texts) => texts.into_iter().collect(),
        };
        let mut trusted = HashMap::new();
        for (id, text) in texts {
            let document = documents
                .read(&text, hash(&text), rules, limits)
                .await
                .map_err(|refused| {
                    let why = match refused {
                        Refused::Limit(exceeded) => exceeded.to_string(),
                        Refused::Syntax(error) => error.message,
                        Refused::Invalid(errors) => errors
                            .into_iter()
                            .map(|error| error.message)
                            .collect::<Vec<_>>()
                            .join("; "),
                    };
                    format!("{shown}: the document {id}: {why}")
                })?;
            trusted.insert(digest(&text), Arc::clone(&document));
            // `sha256:…` and the bare hash are both in use.
            trusted.insert(id.trim_start_matches("sha256:").to_owned(), document);
        }
        Ok(Self(trusted))
    }

    pub fn get(&self, id: &str) -> Option<Arc<Document>> {
        self.0.get(id.trim_start_matches("sha256:")).cloned()
    }

    pub fn by_text(&self, text: &str) -> Option<Arc<Document>> {
        self.get(&digest(text))
    }
}
