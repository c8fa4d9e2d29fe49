//! What is told of what happens: lines on the standard error, and traces for a collector.
use std::{
    io::{self, IsTerminal, Write},
    thread,
    time::Duration,
};

use clap::{Args, ValueEnum};
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{SpanExporter, WithExportConfig};
use opentelemetry_sdk::{Resource, trace::SdkTracerProvider};
use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::{
    EnvFilter, Layer, filter::filter_fn, fmt, layer::SubscriberExt, registry,
    util::SubscriberInitExt,
};

use super::Failure;

/// The servers and drivers below ours speak up when something is wrong.
const DEFAULT_LOG: &str = "info,actix_server=warn,sea_orm_migration=warn,sqlx=warn,opentelemetry=warn,opentelemetry_sdk=warn";

/// Lines that come so soon after one another are written together.
const PAUSE: Duration = Duration::from_millis(5);
const MOST_TOGETHER: usize = 64 << 10;

#[derive(Args)]
pub struct Logging {
    /// What to log, as `tracing` filters spell it: `debug`, `warn`, `waybill=debug`.
    #[arg(long, env = "WAYBILL_LOG", default_value = DEFAULT_LOG, global = true)]
    log: String,

    /// How a line of the log looks.
    #[arg(
        long,
        env = "WAYBILL_LOG_FORMAT",
        value_enum,
        default_value = "text",
        global = true
    )]
    log_format: Format,

    /// OpenTelemetry collector to send traces to, by OTLP over HTTP, such as
    /// http://127.0.0.1:4318; none when absent.
    #[arg(
        long,
        env = "OTEL_EXPORTER_OTLP_ENDPOINT",
        value_name = "URL",
        hide_env_values = true,
        global = true
    )]
    otlp_endpoint: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// For programs: one JSON object a line.
    Json,
}

/// What is on its way: traces, and lines of the log.
pub struct Told {
    traces: Option<SdkTracerProvider>,
    /// Writes the last lines when it is dropped.
    _lines: WorkerGuard,
}

impl Logging {
    /// From here on it is told.
    pub fn begin(&self) -> Result<Told, Failure> {
        let filter = EnvFilter::try_new(&self.log)
            .map_err(|error| Failure::new(format!("--log {}: {error}", self.log)))?;
        // Who reads the log may stop reading: then lines are lost, and no request waits for it.
        let (writer, guard) = tracing_appender::non_blocking(Together::new(io::stderr()));
        let lines = fmt::layer().with_writer(writer);
        let lines = match self.log_format {
            Format::Text => lines.with_ansi(io::stderr().is_terminal()).boxed(),
            Format::Json => lines
                .json()
                .flatten_event(true)
                .with_span_list(false)
                .boxed(),
        };
        let collector = self.otlp_endpoint.as_deref().filter(|url| !url.is_empty());
        let provider = collector.map(provider).transpose()?;
        // Spans of ours alone: events may hold what only the log's readers should see.
        let spans = provider.as_ref().map(|provider| {
            tracing_opentelemetry::layer()
                .with_tracer(provider.tracer("waybill"))
                .with_location(false)
                .with_threads(false)
                .with_tracked_inactivity(false)
                .with_filter(filter_fn(|of| {
                    of.is_span() && of.target().starts_with("waybill")
                }))
        });
        registry()
            .with(lines.with_filter(filter))
            .with(spans)
            .init();
        Ok(Told {
            traces: provider,
            _lines: guard,
        })
    }
}

fn provider(collector: &str) -> Result<SdkTracerProvider, Failure> {
    let url = format!("{}/v1/traces", collector.trim_end_matches('/'));
    let exporter = SpanExporter::builder()
        .with_http()
        .with_endpoint(url)
        .build();
    let exporter =
        exporter.map_err(|error| Failure::new(format!("--otlp-endpoint {collector}: {error}")))?;
    Ok(SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(Resource::builder().with_service_name("waybill").build())
        .build())
}

impl Told {
    /// Sends what was not sent yet.
    pub async fn end(self) {
        if let Some(provider) = self.traces {
            // It waits for the collector.
            let ended = tokio::task::spawn_blocking(move || provider.shutdown()).await;
            if let Ok(Err(error)) = ended {
                tracing::warn!(%error, "the last traces could not be sent");
            }
        }
    }
}

/// Gathers lines while others come in. Written one by one, each wakes the thread that writes it:
/// a seventh of what it took to give an answer again.
struct Together<W> {
    out: W,
    lines: Vec<u8>,
}

impl<W: Write> Together<W> {
    fn new(out: W) -> Self {
        let lines = Vec::with_capacity(MOST_TOGETHER);
        Self { out, lines }
    }

    fn write_lines(&mut self) -> io::Result<()> {
        let written = self.out.write_all(&self.lines);
        self.lines.clear();
        written
    }
}

impl<W: Write> Write for Together<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.lines.extend_from_slice(line);
        if self.lines.len() >= MOST_TOGETHER {
            self.write_lines()?;
        }
        Ok(line.len())
    }

    /// Called when no line waits: the next ones gather meanwhile.
    fn flush(&mut self) -> io::Result<()> {
        self.write_lines()?;
        self.out.flush()?;
        thread::sleep(PAUSE);
        Ok(())
    }
}
