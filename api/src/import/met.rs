//! Which keys a file may have brought already: memory that does not grow with the file.
use std::hash::{BuildHasher, RandomState};

/// With ten million keys a quarter of the new ones would be looked up for nothing; with one million,
/// one in five thousand.
const BITS: u64 = 1 << 25;
/// Bits that each key sets.
const PROBES: u64 = 4;

/// A Bloom filter: what it has not met was never there; what it has met may have been.
pub struct Met {
    words: Vec<u64>,
    hasher: RandomState,
}

impl Default for Met {
    fn default() -> Self {
        Self {
            words: vec![0; usize::try_from(BITS / 64).unwrap_or_default()],
            hasher: RandomState::new(),
        }
    }
}

impl Met {
    /// Whether a key may have been there before. From now on it was.
    pub fn meet(&mut self, key: &str) -> bool {
        let hash = self.hasher.hash_one(key);
        let (first, step) = (hash & 0xffff_ffff, (hash >> 32) | 1);
        let mut maybe = true;
        for probe in 0..PROBES {
            let bit = (first + probe * step) % BITS;
            let word = &mut self.words[(bit / 64) as usize];
            maybe &= *word & (1 << (bit % 64)) != 0;
            *word |= 1 << (bit % 64);
        }
        maybe
    }
}
