//! Places for what takes long: so many in all, and so many of them from one address.
use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::answer::Refusal;
use crate::auth::Remote;

/// How long to wait before coming back, for who found no place.
const COME_BACK_SECONDS: u64 = 30;

/// The places of one kind. Cloning it shares them.
#[derive(Clone)]
pub struct Places(Arc<Inner>);

struct Inner {
    /// What takes them, in words for a client: `exports`.
    what: &'static str,
    most: usize,
    most_per_address: usize,
    taken: Mutex<HashMap<Remote, usize>>,
}

/// A place that is taken for as long as this is there.
pub struct Place {
    places: Places,
    remote: Remote,
}

impl Places {
    pub fn new(what: &'static str, most: usize, most_per_address: usize) -> Self {
        Self(Arc::new(Inner {
            what,
            most,
            most_per_address,
            taken: Mutex::default(),
        }))
    }

    /// Those that are taken just now.
    pub fn count(&self) -> usize {
        self.taken().values().sum()
    }

    /// Takes one more, if there is one.
    pub fn take(&self, remote: Remote) -> Result<Place, Refusal> {
        let Inner {
            what,
            most,
            most_per_address,
            ..
        } = *self.0;
        let mut taken = self.taken();
        if taken.values().sum::<usize>() >= most {
            return Err(Refusal::Busy);
        }
        let of_remote = taken.entry(remote).or_default();
        if *of_remote >= most_per_address {
            return Err(Refusal::RateLimited {
                message: format!(
                    "{of_remote} {what} are open from your address, and at most {most_per_address} may be: close some"
                ),
                retry_after: COME_BACK_SECONDS,
            });
        }
        *of_remote += 1;
        let places = self.clone();
        Ok(Place { places, remote })
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<Remote, usize>> {
        self.0.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Entry::Occupied(mut taken) = self.places.taken().entry(self.remote) {
            *taken.get_mut() -= 1;
            if *taken.get() == 0 {
                taken.remove();
            }
        }
    }
}
