//! `waybill serve`: from the database to a server that listens, and to its end.
use std::{future::Future, io, time::Duration};

use clap::{Args, builder::BoolishValueParser};
use entity::curator;
use humantime::parse_duration;
use sea_orm::EntityTrait;
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    time::sleep,
};

use super::{Failure, Store, pools::Pools, signing::Signing, without_password};
use crate::{
    demo,
    http::{HttpOptions, Service},
    kit::db::Db,
};

#[derive(Args)]
pub struct Serve {
    #[command(flatten)]
    store: Store,

    #[command(flatten)]
    pools: Pools,

    #[command(flatten)]
    signing: Signing,

    #[command(flatten)]
    http: HttpOptions,

    /// Address and port to listen on. Port 0 picks a free one, and the log tells which.
    #[arg(long, env = "WAYBILL_LISTEN", default_value = "127.0.0.1:8080")]
    listen: String,

    /// Address and port to serve /metrics on, for Prometheus; without it, nobody sees them.
    #[arg(long, env = "WAYBILL_METRICS_LISTEN", value_name = "LISTEN")]
    metrics_listen: Option<String>,

    /// Load the story of 25 July 2023 to look at, when the database holds no statement.
    #[arg(long, env = "WAYBILL_DEMO", value_parser = BoolishValueParser::new())]
    demo: bool,

    /// How long to serve on once told to stop, while /health/ready answers 503: so that whatever
    /// sends requests here can turn elsewhere.
    #[arg(long, env = "WAYBILL_DRAIN_DELAY", value_name = "TIME", default_value = "0s", value_parser = parse_duration)]
    drain_delay: Duration,

    /// How long requests that run may go on after that.
    #[arg(long, env = "WAYBILL_SHUTDOWN_TIMEOUT", value_name = "TIME", default_value = "30s", value_parser = parse_duration)]
    shutdown_timeout: Duration,
}

impl Serve {
    pub async fn run(self) -> Result<(), Failure> {
        let settings = self.pools.settings(&self.store);
        let db = Db::with(&settings)
            .await
            .map_err(Failure::database(&self.store.database_url))?;
        if self.demo {
            load_demo(&db).await?;
        }
        let auth = self.signing.auth(&self.store.database_url)?;
        let someone = curator::Entity::find().one(&db.read).await?;
        let service = Service::new(db.clone(), auth.clone(), self.http).await;
        let service = service.map_err(Failure::new)?;
        service.warm();
        let server = service
            .bind(&self.listen)
            .map_err(cannot_listen("--listen", &self.listen))?;
        let metrics = match &self.metrics_listen {
            Some(listen) => {
                let serving = server.serve_metrics(listen);
                let (serving, address) =
                    serving.map_err(cannot_listen("--metrics-listen", listen))?;
                tracing::info!("metrics on http://{address}/metrics");
                Some(serving)
            }
            None => None,
        };
        // Before it says that it listens: from then on, it may be told to stop.
        let mut signals = Signals::new()?;
        tracing::info!(
            database = without_password(&self.store.database_url),
            "listening on http://{}",
            server.address
        );
        if !auth.has_keys() {
            tracing::warn!(
                "nobody can sign in with a password: make keys by `waybill keys new FILE`, and name the file by --signing-keys"
            );
        }
        if someone.is_none() {
            tracing::info!(
                "nobody may write yet: `waybill user add you@example.org --role admin` makes the first admin"
            );
        }
        let (handle, drain) = (server.handle(), server.drain());
        let serving = tokio::spawn(server.run());
        let metrics = metrics.map(tokio::spawn);

        signals.next().await;
        drain.begin();
        tracing::info!(
            "stopping; requests that run are answered first, and a second signal ends them"
        );
        let stop = async {
            sleep(self.drain_delay).await;
            let stopped = handle.stop(true);
            // An import may take hours: it ends here, and can be asked for again.
            let ended = async {
                handle.stop_imports().await;
                stopped.await;
            };
            tokio::time::timeout(self.shutdown_timeout, ended)
                .await
                .is_ok()
        };
        let ended_well = tokio::select! {
            ended_well = stop => ended_well,
            () = signals.next() => false,
        };
        if let Some(metrics) = metrics {
            metrics.abort();
        }
        if ended_well {
            let ended = serving.await.map_err(io::Error::other).flatten();
            ended.map_err(|error| Failure::new(format!("the server failed: {error}")))?;
            db.close().await?;
            tracing::info!("stopped");
        } else {
            tracing::warn!("stopped; requests that still ran were cut off");
        }
        Ok(())
    }
}

async fn load_demo(db: &Db) -> Result<(), Failure> {
    match demo::load(db).await? {
        demo::Loaded::Story { revision } => {
            tracing::info!(revision, "loaded the demo's story");
        }
        demo::Loaded::AlreadyHasStatements => {
            tracing::info!(
                "the database holds statements already; the demo's story was not loaded"
            );
        }
    }
    Ok(())
}

fn cannot_listen(option: &str, listen: &str) -> impl Fn(io::Error) -> Failure {
    move |error| {
        Failure::new(format!(
            "cannot listen on {listen}: {error}; choose another address with {option}, where port 0 picks a free port"
        ))
    }
}

/// SIGTERM and SIGINT, as often as they come.
struct Signals([Signal; 2]);

impl Signals {
    fn new() -> Result<Self, Failure> {
        let listen = |kind| {
            signal(kind)
                .map_err(|error| Failure::new(format!("cannot listen for signals: {error}")))
        };
        Ok(Self([
            listen(SignalKind::terminate())?,
            listen(SignalKind::interrupt())?,
        ]))
    }

    fn next(&mut self) -> impl Future<Output = ()> {
        let Self([terminate, interrupt]) = self;
        async {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        }
    }
}
