//! A server within the test, and a client of it.
use libtest_mimic::Failed;
use serde_json::{Value, json};
use waybill::{http::Server, kit::db::Db};

use super::{Backend, Database, Template};

/// Stopped when dropped.
pub struct App {
    pub db: Db,
    pub url: String,
    client: reqwest::Client,
    // After the server: its connections must be gone first.
    _stop: Stop,
    _database: Database,
}

struct Stop(actix_web::dev::ServerHandle);

impl Drop for Stop {
    fn drop(&mut self) {
        drop(self.0.stop(false));
    }
}

impl App {
    pub async fn start(backend: &Backend, template: Template) -> Result<Self, Failed> {
        Self::over(backend.database(template).await?).await
    }

    pub async fn over(database: Database) -> Result<Self, Failed> {
        let db = Db::open(&database.url).await?;
        let server = Server::bind(db.clone(), "127.0.0.1:0")?;
        let url = format!("http://{}", server.address);
        let handle = server.handle();
        tokio::spawn(server.run());
        Ok(Self {
            db,
            url,
            client: reqwest::Client::new(),
            _stop: Stop(handle),
            _database: database,
        })
    }

    /// The whole answer to a query by someone who has not signed in.
    pub async fn anonymous(&self, query: &str, variables: Value) -> Result<Value, Failed> {
        let body = json!({ "query": query, "variables": variables });
        let request = self
            .client
            .post(format!("{}/graphql", self.url))
            .json(&body);
        Ok(request.send().await?.json().await?)
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
