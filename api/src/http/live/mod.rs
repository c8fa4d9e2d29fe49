//! Connections that stay: how many there may be, and when they must end.
use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use tokio::{sync::watch, time};

use super::{
    Shared,
    answer::Refusal,
    caller::{self, Caller},
    places::{Place, Places},
};
use crate::{auth::Remote, kit::access::Viewer};

pub mod events;
mod operation;
mod options;
pub mod peer;
pub mod socket;

pub use options::LiveOptions;

/// What all connections that stay have in common. Cloning it shares it.
#[derive(Clone)]
pub struct Live(Arc<Connections>);

struct Connections {
    options: LiveOptions,
    places: Places,
    is_draining: watch::Sender<bool>,
}

/// Why a connection must end that does nothing wrong.
#[derive(Debug)]
pub enum End {
    /// The server stops.
    Drained,
    /// Whoever it belongs to is nobody any more; why, in words for them.
    Expired(String),
}

impl Live {
    pub fn new(options: LiveOptions) -> Self {
        let LiveOptions {
            max_live,
            max_live_per_address,
            ..
        } = options;
        Self(Arc::new(Connections {
            options,
            places: Places::new("sockets and event streams", max_live, max_live_per_address),
            is_draining: watch::Sender::new(false),
        }))
    }

    pub fn options(&self) -> &LiveOptions {
        &self.0.options
    }

    /// Connections that stay, just now.
    pub fn count(&self) -> usize {
        self.0.places.count()
    }

    /// Ends all of them; none begins any more.
    pub fn drain(&self) {
        self.0.is_draining.send_replace(true);
    }

    /// Takes one connection more, if there is room for it.
    pub fn enter(&self, remote: Remote) -> Result<Place, Refusal> {
        match *self.0.is_draining.borrow() {
            true => Err(Refusal::Busy),
            false => self.0.places.take(remote),
        }
    }
}

/// Ends when the connection must: when the server stops, and for who signed in as soon as what
/// proved it expires, and soon after they signed out, were disabled or their key was revoked.
pub async fn end(shared: &Shared, caller: &Caller) -> End {
    let mut draining = shared.live.0.is_draining.subscribe();
    let drained = async {
        let _ = draining.wait_for(|is_draining| *is_draining).await;
    };
    tokio::pin!(drained);
    loop {
        let wait = async {
            match &caller.authorization.0 {
                Some(_) => time::sleep(until_next_look(shared, &caller.viewer)).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = &mut drained => return End::Drained,
            () = wait => {}
        }
        let authorization = caller.authorization.clone();
        let identified = caller::identified(&shared.engine, authorization, caller.remote).await;
        if let Err(Refusal::Unauthenticated(why)) = identified {
            return End::Expired(why);
        }
    }
}

fn until_next_look(shared: &Shared, viewer: &Viewer) -> Duration {
    let look = shared.live.options().recheck_interval;
    let Some(until) = viewer.until().map(DateTime::<Utc>::from) else {
        return look;
    };
    // What expires now is expired a moment later.
    let left = (until - Utc::now()).to_std().unwrap_or_default() + Duration::from_millis(10);
    look.min(left)
}
