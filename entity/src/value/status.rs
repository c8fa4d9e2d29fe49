//! Where a curated record stands.
use super::text_enum;

text_enum! {
    /// Where a curated record stands. Nothing is ever deleted.
    pub enum Status {
        /// Seen by curators alone.
        Draft,
        /// Seen by everyone.
        Published,
        /// Taken back: only the reason remains to be seen, as a `Tombstone`.
        Withdrawn,
    }
}

impl Status {
    /// What records were before they had a status.
    pub const fn published() -> Self {
        Self::Published
    }
}
