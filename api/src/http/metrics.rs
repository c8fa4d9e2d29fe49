//! Figures for Prometheus. No label is taken from what a client sends, so their number is bounded.
use std::{
    fs,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use prometheus_client::{
    encoding::{EncodeLabelSet, text},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram, info::Info},
    registry::{Registry, Unit},
};

use entity::import_batch::ImportPhase;

use crate::{
    import::underway::Imports,
    kit::{db::Db, edit::last_number, kept::Held},
};

/// What Prometheus is answered in.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// Seconds; from a cached answer to the longest deadline.
const DURATIONS: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0, 30.0,
];
/// What an import that is in hand may be doing.
const PHASES: [(&str, ImportPhase); 2] = [
    ("UPLOADING", ImportPhase::Uploading),
    ("RUNNING", ImportPhase::Running),
];
/// What an operation may end with; anything else counts as the last.
const CODES: [&str; 12] = [
    "OK",
    "BAD_USER_INPUT",
    "UNAUTHENTICATED",
    "FORBIDDEN",
    "NOT_FOUND",
    "CONFLICT",
    "RATE_LIMITED",
    "QUERY_TOO_COMPLEX",
    "TIMEOUT",
    "UNAVAILABLE",
    "INTERNAL",
    "OTHER",
];

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RequestLabels {
    path: String,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct OperationLabels {
    r#type: &'static str,
    code: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ExportLabels {
    file: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Limit {
    limit: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Caller {
    caller: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Transport {
    transport: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Import {
    phase: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Pool {
    pool: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Cached {
    cache: &'static str,
}

/// All that is counted, of one server.
pub struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    duration: Histogram,
    in_flight: Gauge,
    operations: Family<OperationLabels, Counter>,
    refused: Family<Limit, Counter>,
    rate_limited: Family<Caller, Counter>,
    subscriptions: Family<Transport, Gauge>,
    imports: Family<Import, Gauge>,
    exports: Family<ExportLabels, Counter>,
    exports_open: Gauge,
    exported_rows: Counter,
    cache_hits: Family<Cached, Counter>,
    cache_misses: Family<Cached, Counter>,
    cache_bytes: Family<Cached, Gauge>,
    reads: Counter,
    writes: Counter,
    pool_open: Family<Pool, Gauge>,
    pool_idle: Family<Pool, Gauge>,
    pool_used: Family<Pool, Gauge>,
    pool_most: Family<Pool, Gauge>,
    revision: Gauge,
    resident: Gauge,
}

/// Counted for as long as it lives.
pub struct Open(Gauge);

impl Open {
    fn new(gauge: Gauge) -> Self {
        gauge.inc();
        Self(gauge)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Default for Metrics {
    fn default() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("waybill"),
            requests: Family::default(),
            duration: Histogram::new(DURATIONS),
            in_flight: Gauge::default(),
            operations: Family::default(),
            refused: Family::default(),
            rate_limited: Family::default(),
            subscriptions: Family::default(),
            imports: Family::default(),
            exports: Family::default(),
            exports_open: Gauge::default(),
            exported_rows: Counter::default(),
            cache_hits: Family::default(),
            cache_misses: Family::default(),
            cache_bytes: Family::default(),
            reads: Counter::default(),
            writes: Counter::default(),
            pool_open: Family::default(),
            pool_idle: Family::default(),
            pool_used: Family::default(),
            pool_most: Family::default(),
            revision: Gauge::default(),
            resident: Gauge::default(),
        };
        metrics.register();
        metrics
    }
}

impl Metrics {
    fn register(&mut self) {
        macro_rules! register {
            ($($field:ident: $name:literal $help:literal,)*) => {
                $(self.registry.register($name, $help, self.$field.clone());)*
            };
        }
        register! {
            requests: "requests" "Requests that were answered, by path and status",
            in_flight: "requests_in_flight" "Requests that are being answered",
            operations: "operations" "GraphQL operations, by type and the first error's code",
            refused: "refused" "Requests that a limit refused before they ran, by limit",
            rate_limited: "rate_limited" "Requests refused because their caller sent too much, by kind of caller",
            subscriptions: "subscriptions_open" "Subscriptions that are open, by transport",
            imports: "imports" "Imports over the API that the server has in hand, by phase",
            exports: "exports" "Exports that ended, by file and how",
            exports_open: "exports_open" "Exports that run",
            exported_rows: "exported_rows" "Rows that were exported",
            cache_hits: "cache_hits" "What was found in a cache",
            cache_misses: "cache_misses" "What was looked for in a cache in vain",
            reads: "sql_reads" "Statements sent by connections that cannot write",
            writes: "sql_writes" "Statements sent by connections that can write",
            pool_open: "pool_connections_open" "Connections to the database",
            pool_idle: "pool_connections_idle" "Connections to the database that nobody uses",
            pool_used: "pool_connections_in_use" "Connections to the database that are used",
            pool_most: "pool_connections_most" "Connections to the database that there may be",
            revision: "revision" "The last revision's number",
        }
        let bytes = Unit::Bytes;
        let (cached, resident) = (self.cache_bytes.clone(), self.resident.clone());
        self.registry.register_with_unit(
            "cache_size",
            "Memory that a cache holds",
            bytes.clone(),
            cached,
        );
        self.registry.register_with_unit(
            "process_resident_memory",
            "Memory of the process",
            bytes,
            resident,
        );
        let (help, duration) = ("How long requests took to answer", self.duration.clone());
        self.registry
            .register_with_unit("request_duration", help, Unit::Seconds, duration);
        let version = env!("CARGO_PKG_VERSION");
        let build = Info::new([("version", version)]);
        self.registry.register("build", "The program", build);
    }

    /// A request that begins; over once this is dropped.
    pub fn request(&self) -> Open {
        Open::new(self.in_flight.clone())
    }

    /// A request that was answered. The path is a route's pattern, never what was sent.
    pub fn answered(&self, path: &str, status: u16, took: Duration) {
        let path = path.to_owned();
        self.requests
            .get_or_create(&RequestLabels { path, status })
            .inc();
        self.duration.observe(took.as_secs_f64());
    }

    /// An operation that was executed, and the code of its first error, if any.
    pub fn operation(&self, r#type: &'static str, code: Option<&str>) {
        let code = code.unwrap_or("OK");
        let known = CODES.iter().find(|known| **known == code);
        let code = known.copied().unwrap_or("OTHER");
        self.operations
            .get_or_create(&OperationLabels { r#type, code })
            .inc();
    }

    /// A request that a limit refused.
    pub fn refused(&self, limit: &'static str) {
        self.refused.get_or_create(&Limit { limit }).inc();
    }

    /// A request that came too soon after others; `caller` is `anonymous`, `curator` or `key`.
    pub fn rate_limited(&self, caller: &'static str) {
        self.rate_limited.get_or_create(&Caller { caller }).inc();
    }

    /// A subscription that begins; over once this is dropped.
    pub fn subscription(&self, transport: &'static str) -> Open {
        let open = self.subscriptions.get_or_create(&Transport { transport });
        Open::new(open.clone())
    }

    /// An export that begins; over once this is dropped.
    pub fn export(&self) -> Open {
        Open::new(self.exports_open.clone())
    }

    /// An export that ended, and how.
    pub fn exported(&self, file: &'static str, outcome: &'static str, rows: u64) {
        let labels = ExportLabels { file, outcome };
        self.exports.get_or_create(&labels).inc();
        self.exported_rows.inc_by(rows);
    }

    /// Something was looked for in a cache.
    pub fn cache_asked(&self, cache: &'static str, is_hit: bool) {
        let asked = if is_hit {
            &self.cache_hits
        } else {
            &self.cache_misses
        };
        asked.get_or_create(&Cached { cache }).inc();
    }

    /// What a cache holds by now.
    pub fn cache_holds(&self, cache: &'static str, bytes: u64) {
        let held = self.cache_bytes.get_or_create(&Cached { cache });
        held.set(i64::try_from(bytes).unwrap_or(i64::MAX));
    }

    /// All of it as of now, as Prometheus reads it.
    pub async fn text(
        &self,
        db: &Db,
        imports: &Imports,
        held: &[&dyn Held],
    ) -> Result<String, std::fmt::Error> {
        for (label, phase) in PHASES {
            let count = i64::try_from(imports.count(phase)).unwrap_or(i64::MAX);
            let labels = Import { phase: label };
            self.imports.get_or_create(&labels).set(count);
        }
        for held in held {
            self.cache_holds(held.name(), held.bytes() as u64);
        }
        set(&self.reads, db.reads());
        set(&self.writes, db.writes());
        for pool in db.pools() {
            let labels = Pool { pool: pool.name };
            let figures = [
                (&self.pool_open, pool.open),
                (&self.pool_idle, pool.idle),
                (&self.pool_used, pool.open.saturating_sub(pool.idle)),
                (&self.pool_most, pool.most),
            ];
            for (gauge, figure) in figures {
                gauge.get_or_create(&labels).set(figure.into());
            }
        }
        // A database that is away leaves the last number that was seen.
        if let Ok(number) = last_number(&db.read).await {
            self.revision.set(number);
        }
        if let Some(bytes) = resident_bytes() {
            self.resident.set(bytes);
        }
        let mut text = String::new();
        text::encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

/// A counter that is kept elsewhere.
fn set(counter: &Counter<u64, AtomicU64>, count: u64) {
    counter.inner().store(count, Ordering::Relaxed);
}

/// As Linux tells, in kibibytes; elsewhere it is not known.
fn resident_bytes() -> Option<i64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let resident = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: i64 = resident.split_whitespace().next()?.parse().ok()?;
    Some(kibibytes * 1024)
}
