//! The reading side: CSV or JSON, told apart by their first character.
use std::{
    collections::HashMap,
    fmt,
    fs::File,
    io::{BufRead, BufReader, Read},
    sync::Arc,
};

use csv::{ReaderBuilder, StringRecord};
use indicatif::ProgressBar;
use serde::{
    Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;

use super::{Fields, Header, Item, Layout, ROWS, Record, folded};
use crate::{
    cli::Failure,
    import::report::{Place, Refusal},
};

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

/// A file as it is read, row by row.
pub struct Source<R, U> {
    layout: Layout,
    shown: String,
    sink: Sink<R, U>,
}

struct Sink<R, U> {
    sender: mpsc::Sender<Vec<Item<R>>>,
    rows: Vec<Item<R>>,
    /// What is made of each row before it is sent.
    understand: U,
}

/// Nobody waits for rows any more.
struct Hangup;

impl<R, U: FnMut(Record) -> Item<R>> Sink<R, U> {
    fn take(&mut self, record: Record) -> Result<(), Hangup> {
        let item = (self.understand)(record);
        self.push(item)
    }

    fn push(&mut self, item: Item<R>) -> Result<(), Hangup> {
        self.rows.push(item);
        if self.rows.len() < ROWS {
            Ok(())
        } else {
            self.flush()
        }
    }

    fn flush(&mut self) -> Result<(), Hangup> {
        let rows = std::mem::replace(&mut self.rows, Vec::with_capacity(ROWS));
        if rows.is_empty() {
            return Ok(());
        }
        self.sender.blocking_send(rows).map_err(|_| Hangup)
    }
}

impl<R, U: FnMut(Record) -> Item<R>> Source<R, U> {
    pub fn new(
        layout: Layout,
        shown: String,
        sender: mpsc::Sender<Vec<Item<R>>>,
        understand: U,
    ) -> Self {
        let rows = Vec::with_capacity(ROWS);
        Self {
            layout,
            shown,
            sink: Sink {
                sender,
                rows,
                understand,
            },
        }
    }

    /// Sends all rows, and answers with the SHA-256 of the whole file.
    pub fn read(mut self, file: File, progress: ProgressBar) -> Result<String, Failure> {
        let input = Hashed {
            file,
            hash: Sha256::new(),
            progress,
        };
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
        let mut reader = ReaderBuilder::new()
            .delimiter(self.layout.delimiter)
            .flexible(true)
            .from_reader(input);
        let header = reader
            .headers()
            .map_err(|error| self.broken(error))?
            .clone();
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
            let line = row
                .position()
                .map_or_else(|| reader.position().line(), csv::Position::line);
            let place = Place::Line(line);
            let refuse = |reason| {
                Item::Refused(Refusal {
                    place,
                    column: None,
                    reason,
                })
            };
            let sent = match read {
                Ok(false) => return Ok(()),
                Ok(true) if row.len() == width => self.sink.take(Record {
                    place,
                    fields: Fields::Row(Arc::clone(&header), row.clone()),
                }),
                Ok(true) => {
                    let reason = format!("has {} fields, and the header {width}", row.len());
                    self.sink.push(refuse(reason))
                }
                Err(error) if matches!(error.kind(), csv::ErrorKind::Utf8 { .. }) => {
                    self.sink.push(refuse("is not UTF-8 text".to_owned()))
                }
                Err(error) => return Err(self.broken(error)),
            };
            if sent.is_err() {
                return Ok(());
            }
        }
    }

    fn read_json(&mut self, input: &mut impl BufRead) -> Result<(), Failure> {
        let mut rows = JsonRows {
            source: self,
            count: 0,
            failure: None,
        };
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
        let missing = self.layout.missing(has);
        if missing.is_empty() {
            return Ok(());
        }
        let columns = missing.join(", ");
        Err(self.no_such_file(&format!("it has no column {columns}")))
    }

    fn no_such_file(&self, why: &str) -> Failure {
        Failure::new(format!(
            "{} is not {}: {why}",
            self.shown, self.layout.expected
        ))
    }

    fn broken(&self, error: impl fmt::Display) -> Failure {
        Failure::new(format!("cannot read {}: {error}", self.shown))
    }
}

/// The records of a JSON file: an array of objects, bare or as `data` of an envelope.
struct JsonRows<'s, R, U> {
    source: &'s mut Source<R, U>,
    count: u64,
    /// Why reading ended early; `Ok` when nobody waits for more.
    failure: Option<Result<(), Failure>>,
}

impl<'de, R, U: FnMut(Record) -> Item<R>> Visitor<'de> for &mut JsonRows<'_, R, U> {
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

impl<'de, R, U: FnMut(Record) -> Item<R>> DeserializeSeed<'de> for &mut JsonRows<'_, R, U> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<R, U: FnMut(Record) -> Item<R>> JsonRows<'_, R, U> {
    fn push(&mut self, object: HashMap<String, Box<RawValue>>) -> Result<(), Result<(), Failure>> {
        let fields: HashMap<_, _> = object
            .into_iter()
            .map(|(spelled, raw)| (folded(&spelled), (spelled, text(&raw))))
            .collect();
        if self.count == 1 {
            self.source
                .check(|column| fields.contains_key(&folded(column)))
                .map_err(Err)?;
        }
        let record = Record {
            place: Place::Record(self.count),
            fields: Fields::Object(fields),
        };
        let sent = self.source.sink.take(record);
        sent.map_err(|Hangup| Ok(()))
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
