//! What is sent over a socket: so many bytes wait for a slow reader, and no more.
use std::{sync::Arc, time::Duration};

use actix_http::ws::{CloseReason, OpCode, Parser};
use actix_web::{
    body::{BodyStream, BoxBody, MessageBody},
    web::{Bytes, BytesMut},
};
use futures_util::stream;
use tokio::{
    sync::{
        OwnedSemaphorePermit, Semaphore,
        mpsc::{self, UnboundedReceiver, UnboundedSender},
    },
    time,
};

use super::message::Closing;

/// RFC 6455, section 5.5.1: 125 bytes, and two of them are the code.
const LONGEST_WHY: usize = 123;

/// The near end of a socket's way out.
pub struct Outgoing {
    frames: UnboundedSender<Result<Frame, CutOff>>,
    room: Arc<Semaphore>,
    most: u32,
    patience: Duration,
}

/// A frame takes its room until the connection has it.
struct Frame(
    Bytes,
    #[expect(dead_code, reason = "held")] OwnedSemaphorePermit,
);

/// The reader is cut off: nothing that waits is sent.
#[derive(Debug)]
pub struct CutOff;

impl std::fmt::Display for CutOff {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the peer takes nothing, or does not answer")
    }
}

impl std::error::Error for CutOff {}

impl Outgoing {
    /// With the far end, which the connection takes frames from. `kept` is dropped with that.
    pub fn new(most: u32, patience: Duration, kept: BoxBody) -> (Self, BoxBody) {
        let (frames, receiver) = mpsc::unbounded_channel();
        let near = Self {
            frames,
            room: Arc::new(Semaphore::new(usize::try_from(most).unwrap_or(usize::MAX))),
            most,
            patience,
        };
        type Far = (UnboundedReceiver<Result<Frame, CutOff>>, BoxBody);
        let far: Far = (receiver, kept);
        let far = stream::unfold(far, |(mut frames, kept)| async {
            let frame = frames.recv().await?;
            Some((frame.map(|Frame(bytes, _)| bytes), (frames, kept)))
        });
        (near, BodyStream::new(Box::pin(far)).boxed())
    }

    pub async fn text(&self, text: &[u8]) -> Result<(), CutOff> {
        self.send(text, OpCode::Text).await
    }

    pub async fn ping(&self) -> Result<(), CutOff> {
        self.send(&[], OpCode::Ping).await
    }

    pub async fn pong(&self, payload: &[u8]) -> Result<(), CutOff> {
        self.send(payload, OpCode::Pong).await
    }

    /// The last that is sent, if there is room for it.
    pub async fn close(&self, Closing { code, why }: Closing) -> Result<(), CutOff> {
        let end = why.floor_char_boundary(LONGEST_WHY);
        let reason = CloseReason::from((code.into(), why[..end].to_owned()));
        let mut frame = BytesMut::new();
        Parser::write_close(&mut frame, Some(reason), false);
        self.queue(frame.freeze()).await
    }

    /// Ends the connection without a word.
    pub fn cut_off(&self) {
        let _ = self.frames.send(Err(CutOff));
    }

    async fn send(&self, payload: &[u8], kind: OpCode) -> Result<(), CutOff> {
        let mut frame = BytesMut::new();
        Parser::write_message(&mut frame, payload, kind, true, false);
        self.queue(frame.freeze()).await
    }

    async fn queue(&self, frame: Bytes) -> Result<(), CutOff> {
        // What is longer than all the room waits until nothing else does.
        let room = u32::try_from(frame.len())
            .unwrap_or(u32::MAX)
            .min(self.most);
        let room = Arc::clone(&self.room).acquire_many_owned(room);
        let room = time::timeout(self.patience, room).await;
        let room = room.map_err(|_| CutOff)?.map_err(|_| CutOff)?;
        self.frames.send(Ok(Frame(frame, room))).map_err(|_| CutOff)
    }
}
