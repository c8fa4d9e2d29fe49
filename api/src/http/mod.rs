//! The thin HTTP layer: what stands between a socket and the schema.
use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use actix_web::{
    App, HttpResponse, HttpServer,
    dev::{Server as Running, ServerHandle},
    http::header::{CACHE_CONTROL, ContentType},
    web,
};
use tracing_actix_web::TracingLogger;

use crate::{
    auth::Auth,
    kit::db::Db,
    schema::{self, Schema},
};

mod answer;
mod caller;
mod gate;
mod graphql;
mod health;
/// What is counted.
pub mod metrics;
mod span;

pub use health::Drain;
use metrics::Metrics;

/// More than any client's own documents need.
const MOST_BODY_BYTES: usize = 1 << 20;
/// How long requests that run may go on is up to whoever stops the server: no less than this.
const LONGEST_STOP_SECONDS: u64 = 86_400;
/// A sender that is slower than this with its headers is cut off.
const HEADERS_TIMEOUT: Duration = Duration::from_secs(10);

/// A server that listens, and serves once its future is awaited.
pub struct Server {
    running: Running,
    shared: web::Data<Shared>,
    /// Where it listens; with port 0, the port that was found.
    pub address: SocketAddr,
}

/// What every request is served with.
struct Shared {
    schema: Schema,
    sdl: String,
    db: Db,
    auth: Arc<Auth>,
    metrics: Metrics,
    drain: Drain,
}

impl Server {
    /// Takes the port: from here on, connections wait rather than fail.
    pub fn bind(db: Db, auth: Arc<Auth>, listen: &str) -> io::Result<Self> {
        let shared = web::Data::new(Shared {
            schema: schema::schema(),
            sdl: schema::sdl(),
            db,
            auth,
            metrics: Metrics::default(),
            drain: Drain::default(),
        });
        let serving = shared.clone();
        let server = HttpServer::new(move || {
            App::new()
                .wrap(TracingLogger::<span::Request>::new())
                .app_data(serving.clone())
                .app_data(web::PayloadConfig::new(MOST_BODY_BYTES))
                .service(
                    web::resource("/graphql")
                        .get(graphql::get)
                        .post(graphql::post)
                        .default_service(web::to(graphql::other_method)),
                )
                .route("/", web::get().to(graphiql))
                .route("/schema.graphql", web::get().to(sdl))
                .route("/.well-known/jwks.json", web::get().to(jwks))
                .route("/health/live", web::get().to(health::live))
                .route("/health/ready", web::get().to(health::ready))
        })
        .client_request_timeout(HEADERS_TIMEOUT)
        .shutdown_timeout(LONGEST_STOP_SECONDS)
        .disable_signals()
        .bind(listen)?;
        let address = server.addrs().into_iter().next();
        let address = address.ok_or_else(|| io::Error::other("the address names no socket"))?;
        Ok(Self {
            running: server.run(),
            shared,
            address,
        })
    }

    /// Serves what is counted on another address, which the public should not reach. Answers where,
    /// and a future that serves.
    pub fn serve_metrics(&self, listen: &str) -> io::Result<(Running, SocketAddr)> {
        let shared = self.shared.clone();
        let server = HttpServer::new(move || {
            App::new()
                .app_data(shared.clone())
                .route("/metrics", web::get().to(figures))
        })
        .workers(1)
        .disable_signals()
        .bind(listen)?;
        let address = server.addrs().into_iter().next();
        let address = address.ok_or_else(|| io::Error::other("the address names no socket"))?;
        Ok((server.run(), address))
    }

    /// For saying that it is about to stop.
    pub fn drain(&self) -> Drain {
        self.shared.drain.clone()
    }

    /// For stopping it: requests that run are answered first.
    pub fn handle(&self) -> ServerHandle {
        self.running.handle()
    }

    /// Serves until stopped.
    pub async fn run(self) -> io::Result<()> {
        self.running.await
    }
}

async fn graphiql() -> HttpResponse {
    let page = async_graphql::http::GraphiQLSource::build()
        .endpoint("/graphql")
        .title("Waybill")
        .finish();
    HttpResponse::Ok()
        .content_type(ContentType::html())
        .body(page)
}

async fn figures(shared: web::Data<Shared>) -> HttpResponse {
    match shared.metrics.text(&shared.db).await {
        Ok(text) => HttpResponse::Ok()
            .content_type(metrics::CONTENT_TYPE)
            .body(text),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}

async fn sdl(shared: web::Data<Shared>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body(shared.sdl.clone())
}

/// So that others can verify our tokens, too.
async fn jwks(shared: web::Data<Shared>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "public, max-age=300"))
        .json(shared.auth.jwks())
}
