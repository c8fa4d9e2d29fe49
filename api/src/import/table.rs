//! Rows of CSV and JSON files, read as a stream: memory does not grow with the file.
use std::{
    collections::HashMap,
    fmt,
    fs::File,
    io::{BufRead, BufReader, IsTerminal, Read},
    path::Path,
    sync::Arc,
};

use csv::{ReaderBuilder, StringRecord};
use entity::value::Decimal;
use indicatif::{ProgressBar, ProgressStyle};
use serde::{
    Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use tokio::{sync::mpsc, task::JoinHandle};

use super::report::Refusal;
use crate::cli::Failure;

/// Rows that travel together; an insert of so many fits both databases' limits.
const ROWS: usize = 500;
/// Sets of rows that may wait for the database.
const WAITING: usize = 4;

/// A file being read on a thread of its own.
pub struct Table {
    rows: mpsc::Receiver<Vec<Item>>,
    reader: JoinHandle<Result<String, Failure>>,
    progress: ProgressBar,
}

pub enum Item {
    Record(Record),
    Unreadable(Refusal),
}

/// One row, with its fields by name.
pub struct Record {
    line: u64,
    fields: Fields,
}

enum Fields {
    Row(Arc<Header>, StringRecord),
    Object(HashMap<String, (String, String)>),
}

/// Where each column is and how the file spells it, by its name without case and underscores.
type Header = HashMap<String, (usize, String)>;

type Columns = &'static [&'static [&'static str]];

impl Table {
    pub fn open(path: &Path, columns: Columns, expected: &'static str) -> Result<Self, Failure> {
        let shown = path.display().to_string();
        let failure = |error| Failure::new(format!("cannot read {shown}: {error}"));
        let file = File::open(path).map_err(failure)?;
        let metadata = file.metadata().map_err(failure)?;
        if metadata.is_dir() {
            return Err(Failure::new(format!("cannot read {shown}: it is a folder")));
        }
        let progress = progress(metadata.len());
        let (sender, rows) = mpsc::channel(WAITING);
        let source = Source {
            columns,
            expected,
            shown,
            sink: Sink { sender, rows: Vec::with_capacity(ROWS) },
        };
        let input = Hashed { file, hash: Sha256::new(), progress: progress.clone() };
        let reader = tokio::task::spawn_blocking(move || source.read(input));
        Ok(Self { rows, reader, progress })
    }

    /// The next rows; none at the end of the file, or where it cannot be read any further.
    pub async fn next(&mut self) -> Option<Vec<Item>> {
        self.rows.recv().await
    }

    /// Tells of refused rows, above the progress bar.
    pub fn say(&self, refusals: Vec<Refusal>) {
        if !refusals.is_empty() {
            self.progress.suspend(|| {
                for refusal in refusals {
                    eprintln!("{refusal}");
                }
            });
        }
    }

    /// The SHA-256 of the whole file, or why it could not be read to its end.
    pub async fn finish(self) -> Result<String, Failure> {
        self.progress.finish_and_clear();
        let read = self.reader.await;
        read.unwrap_or_else(|error| Err(Failure::new(format!("reading the file failed: {error}"))))
    }
}

fn progress(bytes: u64) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes}, {eta} left");
    ProgressBar::new(bytes).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

impl Record {
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The field without spaces around it; empty when it is, or when there is no such column.
    pub fn get(&self, name: &str) -> &str {
        let name = folded(name);
        let value = match &self.fields {
            Fields::Row(header, row) => header.get(&name).and_then(|(place, _)| row.get(*place)),
            Fields::Object(fields) => fields.get(&name).map(|(_, value)| value.as_str()),
        };
        value.unwrap_or_default().trim()
    }

    pub fn has(&self, name: &str) -> bool {
        match &self.fields {
            Fields::Row(header, _) => header.contains_key(&folded(name)),
            Fields::Object(fields) => fields.contains_key(&folded(name)),
        }
    }

    /// Refuses the row for what stands in a column.
    pub fn refuse(&self, name: &str, reason: impl Into<String>) -> Refusal {
        let folded = folded(name);
        let spelled = match &self.fields {
            Fields::Row(header, _) => header.get(&folded).map(|(_, spelled)| spelled.clone()),
            Fields::Object(fields) => fields.get(&folded).map(|(spelled, _)| spelled.clone()),
        };
        Refusal {
            line: self.line,
            column: Some(spelled.unwrap_or_else(|| name.to_owned())),
            reason: reason.into(),
        }
    }

    /// A number that is not negative; none when the field is empty.
    pub fn amount(&self, name: &str) -> Result<Option<Decimal>, Refusal> {
        let text = self.get(name);
        if text.is_empty() {
            return Ok(None);
        }
        match text.parse::<Decimal>() {
            Ok(amount) if amount < Decimal::ZERO => {
                Err(self.refuse(name, format!("{text:?} is negative")))
            }
            Ok(amount) => Ok(Some(amount)),
            Err(error) => Err(self.refuse(name, format!("{text:?} {error}"))),
        }
    }

    /// `true` and `1`, whatever the case; empty is no.
    pub fn flag(&self, name: &str) -> Result<bool, Refusal> {
        match self.get(name).to_ascii_lowercase().as_str() {
            "true" | "1" => Ok(true),
            "false" | "0" | "" => Ok(false),
            other => Err(self.refuse(name, format!("{other:?} is neither true nor false"))),
        }
    }
}

/// Columns are matched without case and underscores: `refPeriodId`, `ref_period_id`.
fn folded(name: &str) -> String {
    name.chars()
        .filter(|c| *c != '_' && !c.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect()
}

/// Counts and hashes what is read.
struct Hashed {
    file: File,
    hash: Sha256,
    progress: ProgressBar,
}

impl Read for Hashed {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.hash.update(&buffer[..read]);
        self.progress.inc(read as u64);
        Ok(read)
    }
}

/// The reading side.
struct Source {
    columns: Columns,
    expected: &'static str,
    shown: String,
    sink: Sink,
}

struct Sink {
    sender: mpsc::Sender<Vec<Item>>,
    rows: Vec<Item>,
}

/// Nobody waits for rows any more.
struct Hangup;

impl Sink {
    fn push(&mut self, item: Item) -> Result<(), Hangup> {
        self.rows.push(item);
        if self.rows.len() < ROWS { Ok(()) } else { self.flush() }
    }

    fn flush(&mut self) -> Result<(), Hangup> {
        let rows = std::mem::replace(&mut self.rows, Vec::with_capacity(ROWS));
        if rows.is_empty() {
            return Ok(());
        }
        self.sender.blocking_send(rows).map_err(|_| Hangup)
    }
}

impl Source {
    fn read(mut self, input: Hashed) -> Result<String, Failure> {
        let mut input = BufReader::with_capacity(1 << 16, input);
        let beginning = input.fill_buf().map_err(|error| self.broken(error))?;
        let text = beginning.strip_prefix(b"\xef\xbb\xbf").unwrap_or(beginning);
        let is_json = matches!(text.trim_ascii_start().first(), Some(b'{' | b'['));
        if is_json {
            self.read_json(&mut input)?;
        } else {
            self.read_csv(&mut input)?;
        }
        // A hang-up is not ours to report: whoever hung up knows why.
        let _ = self.sink.flush();
        std::io::copy(&mut input, &mut std::io::sink()).map_err(|error| self.broken(error))?;
        Ok(format!("{:x}", input.into_inner().hash.finalize()))
    }

    fn read_csv(&mut self, input: &mut impl Read) -> Result<(), Failure> {
        let mut reader = ReaderBuilder::new().flexible(true).from_reader(input);
        let header = reader.headers().map_err(|error| self.broken(error))?.clone();
        let width = header.len();
        let header: Header = header
            .iter()
            .enumerate()
            .map(|(place, spelled)| (folded(spelled), (place, spelled.trim().to_owned())))
            .collect();
        self.check(|column| header.contains_key(&folded(column)))?;
        let header = Arc::new(header);
        let mut row = StringRecord::new();
        loop {
            let read = reader.read_record(&mut row);
            let line = row.position().map_or_else(|| reader.position().line(), csv::Position::line);
            let refuse = |reason| Item::Unreadable(Refusal { line, column: None, reason });
            let item = match read {
                Ok(false) => return Ok(()),
                Ok(true) if row.len() == width => Item::Record(Record {
                    line,
                    fields: Fields::Row(Arc::clone(&header), row.clone()),
                }),
                Ok(true) => refuse(format!("has {} fields, and the header {width}", row.len())),
                Err(error) if matches!(error.kind(), csv::ErrorKind::Utf8 { .. }) => {
                    refuse("is not UTF-8 text".to_owned())
                }
                Err(error) => return Err(self.broken(error)),
            };
            if self.sink.push(item).is_err() {
                return Ok(());
            }
        }
    }

    fn read_json(&mut self, input: &mut impl BufRead) -> Result<(), Failure> {
        let mut rows = JsonRows { source: self, count: 0, failure: None };
        let mut json = serde_json::Deserializer::from_reader(input);
        let read = json.deserialize_any(&mut rows);
        let (count, failure) = (rows.count, rows.failure.take());
        if let Some(failure) = failure {
            return failure;
        }
        match read {
            Ok(()) if count > 0 => Ok(()),
            Ok(()) => Err(self.no_such_file("it holds no records")),
            Err(error) => Err(Failure::new(format!(
                "{} cannot be read as JSON after {count} records: {error}",
                self.shown
            ))),
        }
    }

    /// Whether the file has the columns of one of the sets.
    fn check(&self, has: impl Fn(&str) -> bool) -> Result<(), Failure> {
        let missing = |set: &&[&'static str]| -> Vec<&'static str> {
            set.iter().copied().filter(|column| !has(column)).collect()
        };
        let nearest = self.columns.iter().map(missing).min_by_key(Vec::len).unwrap_or_default();
        if nearest.is_empty() {
            return Ok(());
        }
        let columns = nearest.join(", ");
        Err(self.no_such_file(&format!("it has no column {columns}")))
    }

    fn no_such_file(&self, why: &str) -> Failure {
        Failure::new(format!("{} is not {}: {why}", self.shown, self.expected))
    }

    fn broken(&self, error: impl fmt::Display) -> Failure {
        Failure::new(format!("cannot read {}: {error}", self.shown))
    }
}

/// The records of a JSON file: an array of objects, bare or as `data` of an envelope.
struct JsonRows<'s> {
    source: &'s mut Source,
    count: u64,
    /// Why reading ended early; `Ok` when nobody waits for more.
    failure: Option<Result<(), Failure>>,
}

impl<'de> Visitor<'de> for &mut JsonRows<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of records, or an object with such an array as data")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            if key == "data" {
                map.next_value_seed(&mut *self)?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(object) = seq.next_element::<HashMap<String, Box<RawValue>>>()? {
            self.count += 1;
            if let Err(end) = self.push(object) {
                self.failure = Some(end);
                return Err(serde::de::Error::custom("reading ended early"));
            }
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for &mut JsonRows<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl JsonRows<'_> {
    fn push(&mut self, object: HashMap<String, Box<RawValue>>) -> Result<(), Result<(), Failure>> {
        let fields: HashMap<_, _> = object
            .into_iter()
            .map(|(spelled, raw)| (folded(&spelled), (spelled, text(&raw))))
            .collect();
        if self.count == 1 {
            self.source.check(|column| fields.contains_key(&folded(column))).map_err(Err)?;
        }
        let record = Record { line: self.count, fields: Fields::Object(fields) };
        self.source.sink.push(Item::Record(record)).map_err(|Hangup| Ok(()))
    }
}

/// The value as a CSV file would have it: numbers stay the digits that they are.
fn text(raw: &RawValue) -> String {
    match raw.get() {
        "null" => String::new(),
        quoted if quoted.starts_with('"') => serde_json::from_str(quoted).unwrap_or_default(),
        plain => plain.to_owned(),
    }
}
