//! An export on its way: read ahead of its reader by a little, and ended when it must.
use std::{io, time::Duration};

use actix_web::{
    rt,
    web::{Bytes, Data},
};
use futures_util::{Stream, stream};
use tokio::{sync::mpsc, time};
use tracing::{Instrument, Span};

use crate::{
    http::{
        Shared,
        answer::Refusal,
        caller::Caller,
        live::{End, end},
        metrics,
        places::Place,
    },
    kit::{
        deadline::{self, TimedOut},
        error::{Error, Result},
        export::{Export, Piece},
    },
};

/// What is given to the connection at a time.
const PIECE_BYTES: usize = 64 << 10;
/// So many of these wait for the reader, beside the step that is being read.
const PIECES: usize = 4;
/// A step that others were in the way of is tried so often.
const TRIES: u32 = 4;
const TRY_AGAIN: Duration = Duration::from_millis(500);
/// So many rows cost a point.
const ROWS_A_POINT: u64 = 10;
/// Points are taken in such portions, so that small budgets go on, slowly.
const PORTION: u64 = 10;

/// One who exports, and what they export.
pub struct Running {
    pub shared: Data<Shared>,
    pub caller: Caller,
    pub export: Box<dyn Export>,
    /// The file's name, as figures have it.
    pub file: &'static str,
    pub place: Place,
    /// Counted as open for as long as it runs.
    pub open: metrics::Open,
}

/// How an export ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Whole,
    HungUp,
    TooLong,
    Expired,
    Failed,
}

impl Outcome {
    const fn name(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::HungUp => "hung_up",
            Self::TooLong => "timeout",
            Self::Expired => "expired",
            Self::Failed => "failed",
        }
    }
}

/// What goes to the connection: bytes, and that it was all.
enum Sent {
    Bytes(Bytes),
    Whole,
}

/// The next part. What was stopped or came to nothing for others' sake is tried again.
pub async fn next(export: &mut dyn Export, limit: Duration) -> Result<Option<Piece>> {
    let mut tries = 1;
    loop {
        let next = deadline::within(limit, export.next()).await;
        let next = next.unwrap_or_else(|TimedOut(_)| Err(Error::TimedOut));
        match next {
            Err(Error::Busy | Error::Collision | Error::TimedOut) if tries < TRIES => {
                time::sleep(TRY_AGAIN * tries).await;
                tries += 1;
            }
            next => return next,
        }
    }
}

impl Running {
    /// The file, of which this part is there already. It ends with an error where it is cut off,
    /// so that the connection does not end as if it were whole.
    pub fn stream(self, first: Piece) -> impl Stream<Item = io::Result<Bytes>> {
        let (sender, receiver) = mpsc::channel(PIECES);
        let span = Span::current();
        rt::spawn(self.run(first, sender).instrument(span));
        stream::unfold(Some(receiver), |receiver| async {
            let mut receiver = receiver?;
            match receiver.recv().await {
                Some(Sent::Bytes(bytes)) => Some((Ok(bytes), Some(receiver))),
                Some(Sent::Whole) => None,
                None => Some((Err(io::Error::other("the export was cut off")), None)),
            }
        })
    }

    async fn run(self, first: Piece, sender: mpsc::Sender<Sent>) {
        let Self {
            shared,
            caller,
            mut export,
            file,
            place,
            open,
        } = self;
        let (mut rows, mut bytes) = (0, 0);
        let expired = async {
            match end(&shared, &caller).await {
                End::Expired(_) => Outcome::Expired,
                // What runs is answered to its end.
                End::Drained => std::future::pending().await,
            }
        };
        let timeout = shared.options.export.export_timeout;
        let work = async {
            let mut piece = Some(first);
            while let Some(Piece {
                bytes: part,
                rows: count,
            }) = piece
            {
                rows += count;
                bytes += part.len();
                let mut part = Bytes::from(part);
                while !part.is_empty() {
                    let front = part.split_to(PIECE_BYTES.min(part.len()));
                    if sender.send(Sent::Bytes(front)).await.is_err() {
                        return Outcome::HungUp;
                    }
                }
                pay(&shared, &caller, count).await;
                piece = match next(&mut *export, shared.engine.limits.deadline).await {
                    Ok(piece) => piece,
                    Err(error) => {
                        tell(error);
                        return Outcome::Failed;
                    }
                };
            }
            match sender.send(Sent::Whole).await {
                Ok(()) => Outcome::Whole,
                Err(_) => Outcome::HungUp,
            }
        };
        let outcome = tokio::select! {
            outcome = work => outcome,
            () = sender.closed() => Outcome::HungUp,
            outcome = expired => outcome,
            () = time::sleep(timeout) => Outcome::TooLong,
        };
        drop((place, open));
        let metrics = &shared.engine.metrics;
        metrics.exported(file, outcome.name(), rows);
        tracing::info!(file, outcome = outcome.name(), rows, bytes, "exported");
    }
}

/// Takes what rows cost from the caller's points. Whoever has none left waits for some.
async fn pay(shared: &Shared, caller: &Caller, rows: u64) {
    for _ in 0..rows.div_ceil(ROWS_A_POINT * PORTION) {
        while let Err(Refusal::RateLimited { .. }) = shared.engine.rates.charge(caller, PORTION) {
            time::sleep(TRY_AGAIN).await;
        }
    }
}

fn tell(error: Error) {
    match error {
        Error::Internal(cause) => tracing::error!(%cause, "an export failed"),
        Error::TimedOut => tracing::warn!("an export was cut off: a step of it took too long"),
        error => tracing::warn!(?error, "an export was cut off"),
    }
}
