//! A server within the test, and a client of it.
use std::sync::Arc;

use clap::Parser;
use entity::{curator, curator::Role};
use libtest_mimic::Failed;
use sea_orm::prelude::Uuid;
use serde_json::{Value, json};
use waybill::{
    auth::{Auth, Hashed, Secret, keys::Keyring, oidc::Provider},
    http::{Handle, HttpOptions, Service},
    kit::{
        db::Db,
        edit::{Author, Edit},
    },
};

use super::{Backend, Database, Template};

/// Stopped when dropped.
pub struct App {
    pub db: Db,
    pub auth: Arc<Auth>,
    pub url: String,
    pub database_url: String,
    client: reqwest::Client,
    // After the server: its connections must be gone first.
    stop: Stop,
    _database: Database,
}

#[derive(Parser)]
struct Told {
    #[command(flatten)]
    http: HttpOptions,
}

struct Stop(Handle);

impl Drop for Stop {
    fn drop(&mut self) {
        drop(self.0.stop(false));
    }
}

impl App {
    pub async fn start(backend: &Backend, template: Template) -> Result<Self, Failed> {
        Self::over(backend.database(template).await?).await
    }

    /// With these options of its command line.
    pub async fn started(
        backend: &Backend,
        template: Template,
        options: &[&str],
    ) -> Result<Self, Failed> {
        let auth = Auth::new(Some(Keyring::fleeting()?), "waybill", None);
        Self::told(backend.database(template).await?, auth, options).await
    }

    pub async fn over(database: Database) -> Result<Self, Failed> {
        Self::trusting(database, None).await
    }

    /// A server that takes the tokens of an identity provider as well.
    pub async fn trusting(database: Database, provider: Option<Provider>) -> Result<Self, Failed> {
        let auth = Auth::new(Some(Keyring::fleeting()?), "waybill", provider);
        Self::with(database, auth).await
    }

    pub async fn with(database: Database, auth: Arc<Auth>) -> Result<Self, Failed> {
        Self::told(database, auth, &[]).await
    }

    /// A server with these options of its command line.
    pub async fn told(
        database: Database,
        auth: Arc<Auth>,
        options: &[&str],
    ) -> Result<Self, Failed> {
        let options = Told::try_parse_from([&["waybill"], options].concat())?.http;
        let db = Db::open(&database.url).await?;
        let service = Service::new(db.clone(), Arc::clone(&auth), options).await?;
        let server = service.bind("127.0.0.1:0")?;
        let url = format!("http://{}", server.address);
        let handle = server.handle();
        tokio::spawn(server.run());
        Ok(Self {
            db,
            auth,
            url,
            database_url: database.url.clone(),
            client: reqwest::Client::new(),
            stop: Stop(handle),
            _database: database,
        })
    }

    /// The server itself.
    pub fn server(&self) -> &Handle {
        &self.stop.0
    }

    /// The whole answer to a query by someone who has not signed in.
    pub async fn anonymous(&self, query: &str, variables: Value) -> Result<Value, Failed> {
        self.ask("", query, variables).await
    }

    /// The whole answer to a query by the bearer of a token or API key; of nobody's when empty.
    pub async fn ask(&self, token: &str, query: &str, variables: Value) -> Result<Value, Failed> {
        let body = json!({ "query": query, "variables": variables });
        let mut request = self.request(reqwest::Method::POST, "/graphql").json(&body);
        if !token.is_empty() {
            request = request.bearer_auth(token);
        }
        Ok(request.send().await?.json().await?)
    }

    /// The access token of a new curator.
    pub async fn as_curator(&self) -> Result<String, Failed> {
        Ok(self.signed_in(Role::Curator).await?.1)
    }

    /// The access token of a new admin.
    pub async fn as_admin(&self) -> Result<String, Failed> {
        Ok(self.signed_in(Role::Admin).await?.1)
    }

    /// A new curator, entered through the door and signed in without a password, and their token.
    pub async fn signed_in(&self, role: Role) -> Result<(curator::Model, String), Failed> {
        let row = self.enter(role, None).await?;
        let tokens = self.auth.begin_session(&self.db, row.clone()).await;
        let tokens = tokens.map_err(|error| format!("{error:?}"))?;
        Ok((row, tokens.access.expose().to_owned()))
    }

    /// Signs in as somebody would: the whole answer.
    pub async fn sign_in(&self, email: &str, password: &str) -> Result<Value, Failed> {
        let query = "mutation ($email: String!, $password: String!) {
            signIn(input: { email: $email, password: $password }) {
                session { accessToken refreshToken accessTokenExpiresAt expiresAt curator { name } }
                userErrors { code message path }
            }
        }";
        let variables = json!({ "email": email, "password": password });
        self.anonymous(query, variables).await
    }

    /// A new curator.
    pub async fn enter(
        &self,
        role: Role,
        password: Option<&str>,
    ) -> Result<curator::Model, Failed> {
        let hash = password.map(|password| Hashed::new(&Secret::new(password)));
        let hash = hash.transpose().map_err(|error| format!("{error:?}"))?;
        let id = Uuid::now_v7();
        let mut edit = Edit::begin(&self.db, Author::Command, "test").await?;
        let row = curator::Model {
            id,
            email: format!("{}@example.org", id.simple()),
            name: format!("Curator {}", id.simple()),
            role,
            password_hash: hash.map(|hash| hash.0),
            external_subject: None,
            disabled_at: None,
            version: 1,
            created_at: edit.now,
            updated_at: edit.now,
        };
        let row = edit.insert::<curator::Entity>(row).await?;
        edit.commit().await?;
        Ok(row)
    }

    /// The data of an answer that must have no errors.
    pub async fn data(&self, query: &str, variables: Value) -> Result<Value, Failed> {
        let mut answer = self.anonymous(query, variables).await?;
        match answer.get("errors") {
            None => Ok(answer["data"].take()),
            Some(errors) => Err(format!("{query} answered {errors}").into()),
        }
    }

    pub fn request(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url))
    }
}
