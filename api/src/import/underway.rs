//! Imports over the API, as the server that has them in hand knows them: how far each one is.
use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use clap::Args;
use entity::import_batch::{self, ImportPhase};
use sea_orm::prelude::Uuid;
use tokio::sync::{Semaphore, watch};

use crate::kit::edit::UNDER_WAY;

/// How often to look whether all are done.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// How much may come in over the API.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Imports over the API")]
pub struct ImportOptions {
    /// Bytes of a file that is uploaded.
    #[arg(long, env = "WAYBILL_MAX_IMPORT_BYTES", default_value_t = 4 << 30, value_name = "BYTES")]
    pub max_import_bytes: u64,

    /// Bytes of all files together that wait on this server, or are being read.
    #[arg(long, env = "WAYBILL_MAX_SPOOL_BYTES", default_value_t = 16 << 30, value_name = "BYTES")]
    pub max_spool_bytes: u64,

    /// Imports over the API that may be uploaded or wait at once on this server.
    #[arg(
        long,
        env = "WAYBILL_MAX_IMPORTS",
        default_value_t = 16,
        value_name = "N"
    )]
    pub max_imports: usize,

    /// Folder for uploaded files until they are read; the system's for temporary files when absent.
    #[arg(long, env = "WAYBILL_SPOOL_FOLDER", value_name = "FOLDER")]
    pub spool_folder: Option<PathBuf>,
}

/// All imports that this server has in hand.
pub struct Imports {
    pub options: ImportOptions,
    underway: Mutex<HashMap<Uuid, Arc<Underway>>>,
    spooled: AtomicU64,
    /// They are read one after another: the database takes no two at once.
    pub(super) turn: Semaphore,
}

/// Those in hand, as they were when one looked.
pub struct Seen(HashMap<Uuid, Arc<import_batch::Model>>);

/// One of them.
pub struct Underway {
    /// As its row will be: every request looks, and few ask for it.
    row: Mutex<Arc<import_batch::Model>>,
    stop: watch::Sender<Option<Stop>>,
}

/// Why an import ends before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Somebody called it off.
    Cancelled,
    /// The server is about to stop.
    Stopping,
}

/// Why an import is not taken in hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoPlace {
    /// It is in hand already.
    Taken,
    /// There are as many as there may be.
    Full,
}

/// In hand for as long as it lives, with the room that its file takes.
pub struct Place {
    imports: Arc<Imports>,
    underway: Arc<Underway>,
    id: Uuid,
    bytes: u64,
}

impl Imports {
    pub fn new(options: ImportOptions) -> Arc<Self> {
        Arc::new(Self {
            options,
            underway: Mutex::default(),
            spooled: AtomicU64::default(),
            turn: Semaphore::new(1),
        })
    }

    /// Takes an import in hand, whose file is about to come.
    pub fn enter(self: &Arc<Self>, row: import_batch::Model) -> Result<Place, NoPlace> {
        let mut underway = self.held();
        let id = row.id;
        if underway.contains_key(&id) {
            return Err(NoPlace::Taken);
        }
        if underway.len() >= self.options.max_imports {
            return Err(NoPlace::Full);
        }
        let entered = Arc::new(Underway {
            row: Mutex::new(Arc::new(row)),
            stop: watch::Sender::default(),
        });
        underway.insert(id, Arc::clone(&entered));
        drop(underway);
        Ok(Place {
            imports: Arc::clone(self),
            underway: entered,
            id,
            bytes: 0,
        })
    }

    /// How far they are just now.
    pub fn now(&self) -> Seen {
        let held = self.held();
        let rows = held.iter().map(|(id, one)| (*id, one.row()));
        Seen(rows.collect())
    }

    /// Whether this server has an import in hand.
    pub fn has(&self, id: Uuid) -> bool {
        self.held().contains_key(&id)
    }

    /// Ends an import that this server has in hand; false when it has not.
    pub fn stop(&self, id: Uuid, why: Stop) -> bool {
        let underway = self.held().get(&id).map(Arc::clone);
        if let Some(underway) = &underway {
            underway.stop(why);
        }
        underway.is_some()
    }

    /// Ends all of them.
    pub fn stop_all(&self) {
        for underway in self.held().values() {
            underway.stop(Stop::Stopping);
        }
    }

    /// How many are in hand in a phase.
    pub fn count(&self, phase: ImportPhase) -> usize {
        let held = self.held();
        let in_phase = held
            .values()
            .filter(|underway| underway.row().phase == phase);
        in_phase.count()
    }

    /// Waits until none is in hand any more.
    pub async fn all_done(&self) {
        while !self.held().is_empty() {
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    fn held(&self) -> MutexGuard<'_, HashMap<Uuid, Arc<Underway>>> {
        self.underway.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seen {
    /// The later one of what was seen and a row that was read after that: one that has ended says
    /// so, and of one under way more is known here than was written.
    pub fn or<'s>(&'s self, read: &'s import_batch::Model) -> &'s import_batch::Model {
        match UNDER_WAY.contains(&read.phase) {
            true => self.0.get(&read.id).map_or(read, |seen| &**seen),
            false => read,
        }
    }
}

impl Underway {
    /// As it stands.
    pub fn row(&self) -> Arc<import_batch::Model> {
        Arc::clone(&self.held())
    }

    pub fn change(&self, change: impl FnOnce(&mut import_batch::Model)) {
        change(Arc::make_mut(&mut self.held()));
    }

    fn held(&self) -> MutexGuard<'_, Arc<import_batch::Model>> {
        self.row.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Why it must end; none when it may go on.
    pub fn stopped(&self) -> Option<Stop> {
        *self.stop.borrow()
    }

    pub fn stop(&self, why: Stop) {
        self.stop.send_if_modified(|stop| {
            let is_first = stop.is_none();
            stop.get_or_insert(why);
            is_first
        });
    }

    /// Waits until it must end.
    pub async fn stopping(&self) {
        // It cannot fail: the sender is here.
        let _ = self.stop.subscribe().wait_for(Option::is_some).await;
    }
}

impl Place {
    pub fn underway(&self) -> &Arc<Underway> {
        &self.underway
    }

    pub fn imports(&self) -> &Arc<Imports> {
        &self.imports
    }

    /// Takes room for some more bytes of the file; false when all files together have too many.
    pub fn take(&mut self, bytes: u64) -> bool {
        let before = self.imports.spooled.fetch_add(bytes, Ordering::Relaxed);
        self.bytes += bytes;
        let came = i64::try_from(bytes).unwrap_or(i64::MAX);
        self.underway.change(|row| row.bytes_received += came);
        before.saturating_add(bytes) <= self.imports.options.max_spool_bytes
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.imports
            .spooled
            .fetch_sub(self.bytes, Ordering::Relaxed);
        self.imports.held().remove(&self.id);
    }
}
