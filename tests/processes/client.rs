//! A curator's program, which writes with an API key: that outlives the server.
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use entity::{
    api_key,
    curator::{self, Role},
    value::Texts,
};
use libtest_mimic::Failed;
use sea_orm::prelude::Uuid;
use serde_json::{Value, json};
use waybill::{
    auth,
    kit::{
        db::Db,
        edit::{Author, Edit},
    },
};

use super::LONGEST;

/// Cloning it shares its key and what it wrote.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    key: String,
    written: Arc<Mutex<Written>>,
}

/// What was sent, each under a comment of its own, and as which revision it was acknowledged.
pub type Written = BTreeMap<String, Option<i64>>;

impl Client {
    /// Enters a curator and their key through the door, as one revision.
    pub async fn enter(db: &Db) -> Result<Self, Failed> {
        let key = auth::api_key().map_err(|error| format!("{error:?}"))?;
        let mut edit = Edit::begin(db, Author::Command, "a curator with a key").await?;
        let curator = curator::Model {
            id: Uuid::now_v7(),
            email: "program@example.org".to_owned(),
            name: "Program".to_owned(),
            role: Role::Curator,
            password_hash: None,
            external_subject: None,
            disabled_at: None,
            version: 1,
            created_at: edit.now,
            updated_at: edit.now,
        };
        let curator = edit.insert::<curator::Entity>(curator).await?;
        let row = api_key::Model {
            id: Uuid::now_v7(),
            curator_id: curator.id,
            name: "tests".to_owned(),
            scopes: Texts(vec![
                "READ".to_owned(),
                "DRAFTS".to_owned(),
                "WRITE".to_owned(),
            ]),
            secret_hash: auth::digest(key.expose()),
            expires_at: None,
            revoked_at: None,
            last_used_at: None,
            created_at: edit.now,
        };
        edit.insert::<api_key::Entity>(row).await?;
        edit.commit().await?;
        Ok(Self {
            http: reqwest::Client::builder().timeout(LONGEST).build()?,
            key: key.expose().to_owned(),
            written: Arc::default(),
        })
    }

    /// All that was sent so far, by all clones.
    pub fn written(&self) -> Written {
        self.written
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Sends one mutation, of a party unless it creates a statement. Answers its payload; none when
    /// the server was gone before it answered.
    pub async fn send(
        &self,
        url: &str,
        mutation: &str,
        mut input: Value,
        comment: &str,
    ) -> Result<Option<Value>, Failed> {
        let (input_type, record) = match mutation {
            "createParty" => ("CreatePartyInput", "party { id version }"),
            "updateParty" => ("UpdatePartyInput", "party { id version }"),
            _ => ("CreateStatementInput", "statement { id version }"),
        };
        let query = format!(
            "mutation ($input: {input_type}!) {{ {mutation}(input: $input) {{ {record} revision userErrors {{ code message }} }} }}"
        );
        input["comment"] = json!(comment);
        self.note(comment, None);
        let request = self
            .http
            .post(format!("{url}/graphql"))
            .bearer_auth(&self.key)
            .json(&json!({ "query": query, "variables": { "input": input } }));
        let Ok(response) = request.send().await else {
            return Ok(None);
        };
        let status = response.status();
        let Ok(mut answer) = response.json::<Value>().await else {
            return Ok(None);
        };
        let payload = answer["data"][mutation].take();
        if status != 200 || answer.get("errors").is_some() || payload.is_null() {
            return Err(format!("{mutation} answered {status}: {answer}").into());
        }
        self.note(comment, payload["revision"].as_i64());
        Ok(Some(payload))
    }

    pub fn key(&self) -> &str {
        &self.key
    }

    /// The whole answer to a query.
    pub async fn ask(&self, url: &str, query: &str, variables: Value) -> Result<Value, Failed> {
        let request = self
            .http
            .post(format!("{url}/graphql"))
            .bearer_auth(&self.key);
        let request = request.json(&json!({ "query": query, "variables": variables }));
        Ok(request.send().await?.json().await?)
    }

    fn note(&self, comment: &str, revision: Option<i64>) {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        written.insert(comment.to_owned(), revision);
    }
}

/// The code of the first thing that was wrong; none when it was done.
pub fn refusal(payload: &Value) -> Option<&str> {
    payload["userErrors"][0]["code"].as_str()
}
