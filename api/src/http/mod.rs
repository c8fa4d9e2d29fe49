//! The thin HTTP layer: what stands between a socket and the schema.
use std::{io, net::SocketAddr, sync::Arc, thread::available_parallelism, time::Duration};

use actix_web::{
    App, HttpResponse, HttpServer,
    dev::{Server as Running, ServerHandle},
    guard,
    http::header::CACHE_CONTROL,
    middleware::{Compress, from_fn},
    web,
};
use clap::{Args, builder::RangedU64ValueParser};
use humantime::parse_duration;
use ipnet::IpNet;
use tracing_actix_web::TracingLogger;

use crate::{
    auth::Auth,
    import::background,
    kit::{db::Db, kept::Held, search},
    schema,
};

mod answer;
mod answers;
mod body;
mod caching;
mod caller;
mod document;
mod engine;
mod export;
mod gate;
mod graphql;
mod headers;
mod health;
mod imports;
mod limits;
mod live;
mod media;
/// What is counted.
pub mod metrics;
mod pages;
mod places;
mod rates;
mod request;
mod span;
mod told;

pub use health::Drain;

use answer::Refusal;
use answers::Answers;
use body::Bodies;
use engine::{Engine, EngineOptions};
use export::{ExportOptions, Exports};
use live::{Live, LiveOptions, socket};
use media::{Media, StatusProfile};

/// How long requests that run may go on is up to whoever stops the server: no less than this.
const LONGEST_STOP_SECONDS: u64 = 86_400;

const MOST_WORKERS: u64 = 1024;

/// How the server answers over HTTP.
#[derive(Args, Clone, Debug)]
pub struct HttpOptions {
    #[command(flatten)]
    pub engine: EngineOptions,

    #[command(flatten)]
    pub live: LiveOptions,

    #[command(flatten)]
    pub export: ExportOptions,

    /// Which edition of GraphQL over HTTP the statuses follow: `draft` has 422 and 294.
    #[arg(long, env = "WAYBILL_STATUS_PROFILE", value_enum, default_value_t)]
    pub status_profile: StatusProfile,

    /// Memory for answers that are given again while nothing is written; 0 for none. Only what
    /// anybody may see is kept, and nobody gets what is no longer the answer.
    #[arg(long, env = "WAYBILL_RESPONSE_CACHE_BYTES", default_value_t = 32 << 20, value_name = "BYTES")]
    pub response_cache_bytes: u64,

    /// Origins whose pages may ask, such as `https://example.org`; `*` for all. Give it once for each.
    #[arg(
        long,
        env = "WAYBILL_CORS_ORIGINS",
        value_delimiter = ',',
        value_name = "ORIGIN"
    )]
    pub cors_origins: Vec<String>,

    /// Networks of proxies whose `X-Forwarded-For` is believed, such as `10.0.0.0/8`.
    #[arg(
        long,
        env = "WAYBILL_TRUSTED_PROXIES",
        value_delimiter = ',',
        value_name = "NETWORK"
    )]
    pub trusted_proxies: Vec<IpNet>,

    /// Threads that answer requests; 0 for one for each core.
    #[arg(
        long,
        env = "WAYBILL_WORKERS",
        default_value_t = 0,
        value_name = "THREADS",
        value_parser = RangedU64ValueParser::<usize>::new().range(..=MOST_WORKERS)
    )]
    pub workers: usize,

    /// How long a sender may take with the headers of a request.
    #[arg(long, env = "WAYBILL_HEADERS_TIMEOUT", default_value = "10s", value_name = "TIME", value_parser = parse_duration)]
    pub headers_timeout: Duration,

    /// How long a sender may take with its body, once the headers are there.
    #[arg(long, env = "WAYBILL_BODY_TIMEOUT", default_value = "20s", value_name = "TIME", value_parser = parse_duration)]
    pub body_timeout: Duration,
}

/// All that serving takes but a port.
pub struct Service(web::Data<Shared>);

/// A server that listens, and serves once its future is awaited.
pub struct Server {
    running: Running,
    shared: web::Data<Shared>,
    /// Where it listens; with port 0, the port that was found.
    pub address: SocketAddr,
}

/// What every request is served with.
struct Shared {
    engine: Engine,
    live: Live,
    exports: Exports,
    answers: Answers,
    bodies: Bodies,
    options: HttpOptions,
    sdl: String,
    drain: Drain,
}

impl Shared {
    fn refuse(&self, media: Media, refusal: Refusal) -> HttpResponse {
        media.refuse(refusal, &self.engine.limits, self.options.status_profile)
    }
}

impl Service {
    /// Fails when an option makes no sense.
    pub async fn new(db: Db, auth: Arc<Auth>, options: HttpOptions) -> Result<Self, String> {
        headers::check_origins(&options.cors_origins)?;
        let schema = schema::schema();
        let sdl = schema::printed(&schema);
        let engine = Engine::new(db, auth, schema, &sdl, options.engine.clone()).await?;
        let shared = web::Data::new(Shared {
            engine,
            live: Live::new(options.live.clone()),
            exports: Exports::new(&options.export),
            answers: Answers::new(options.response_cache_bytes),
            bodies: Bodies::new(&options.engine.limits),
            options,
            sdl,
            drain: Drain::default(),
        });
        Ok(Self(shared))
    }

    /// Begins to read what is kept in memory; until it is there, whoever asks for it waits.
    pub fn warm(&self) {
        let db = &self.0.engine.db;
        search::begin(db);
        self.0.engine.documents.warm();
        self.0.engine.references.begin(db);
        self.0.engine.totals.begin(db);
    }

    /// Takes the port: from here on, connections wait rather than fail.
    pub fn bind(self, listen: &str) -> io::Result<Server> {
        let Self(shared) = self;
        forget_callers(&shared);
        background::look_for_lost(&shared.engine.db, &shared.engine.imports);
        let serving = shared.clone();
        let patience = shared.live.options().send_timeout;
        let headers_timeout = shared.options.headers_timeout;
        let workers = shared.options.workers;
        let server = HttpServer::new(move || {
            App::new()
                // The last one is the first to see a request, and the last to see its answer.
                .wrap(headers::cors(&serving.options.cors_origins))
                .wrap(Compress::default())
                .wrap(from_fn(headers::tag_coding))
                .wrap(from_fn(headers::secure))
                .wrap(TracingLogger::<span::Request>::new())
                .app_data(serving.clone())
                .service(
                    web::resource("/graphql")
                        .route(
                            web::get()
                                .guard(guard::fn_guard(socket::wanted))
                                .to(socket::open),
                        )
                        .get(graphql::get)
                        .post(graphql::post)
                        .default_service(web::to(graphql::other_method)),
                )
                .configure(export::routes)
                .configure(pages::routes)
                .service(
                    web::resource("/imports/{id}")
                        .put(imports::put)
                        .default_service(web::to(imports::other_method)),
                )
                .route("/schema.graphql", web::get().to(sdl))
                .route("/.well-known/jwks.json", web::get().to(jwks))
                .route("/health/live", web::get().to(health::live))
                .route("/health/ready", web::get().to(health::ready))
        })
        .workers(match workers {
            0 => available_parallelism().map_or(1, usize::from),
            workers => workers,
        })
        // Whoever hangs up waits for nothing any more: what is done for them ends.
        .h1_allow_half_closed(false)
        .on_connect(move |connection, _| live::peer::bound(connection, patience))
        .client_request_timeout(headers_timeout)
        .shutdown_timeout(LONGEST_STOP_SECONDS)
        .disable_signals()
        .bind(listen)?;
        let address = server.addrs().into_iter().next();
        let address = address.ok_or_else(|| io::Error::other("the address names no socket"))?;
        Ok(Server {
            running: server.run(),
            shared,
            address,
        })
    }
}

/// A way to a server that runs.
#[derive(Clone)]
pub struct Handle {
    running: ServerHandle,
    shared: web::Data<Shared>,
}

impl Handle {
    /// Gracefully, requests that run are answered first; sockets and event streams are closed, and
    /// their clients come back to another server. It begins at once, and is done when awaited.
    pub fn stop(&self, graceful: bool) -> impl Future<Output = ()> + use<> {
        self.shared.live.drain();
        self.running.stop(graceful)
    }

    /// Ends the imports over the API that run here: nothing of them is kept, and they say so. Done
    /// once they have.
    pub fn stop_imports(&self) -> impl Future<Output = ()> + use<> {
        let imports = Arc::clone(&self.shared.engine.imports);
        imports.stop_all();
        async move { imports.all_done().await }
    }

    /// Sockets and event streams that are open.
    pub fn live(&self) -> usize {
        self.shared.live.count()
    }

    /// Exports that run.
    pub fn exports(&self) -> usize {
        self.shared.exports.places.count()
    }

    /// Subscriptions that wait for revisions.
    pub fn subscriptions(&self) -> usize {
        self.shared.engine.feed.subscribers()
    }
}

impl Server {
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
    pub fn handle(&self) -> Handle {
        Handle {
            running: self.running.handle(),
            shared: self.shared.clone(),
        }
    }

    /// Serves until stopped.
    pub async fn run(self) -> io::Result<()> {
        self.running.await
    }
}

/// As long as the server lives: who has all their points again takes no room.
fn forget_callers(shared: &web::Data<Shared>) {
    let shared = Arc::downgrade(&web::Data::clone(shared).into_inner());
    tokio::spawn(async move {
        let mut every = tokio::time::interval(rates::FORGET_EVERY);
        loop {
            every.tick().await;
            match shared.upgrade() {
                Some(shared) => shared.engine.rates.forget(),
                None => return,
            }
        }
    });
}

async fn figures(shared: web::Data<Shared>) -> HttpResponse {
    let engine = &shared.engine;
    engine
        .metrics
        .cache_holds("answers", shared.answers.bytes());
    let held: [&dyn Held; 2] = [engine.totals.held(), &engine.references];
    match engine
        .metrics
        .text(&engine.db, &engine.imports, &held)
        .await
    {
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
        .json(shared.engine.auth.jwks())
}
