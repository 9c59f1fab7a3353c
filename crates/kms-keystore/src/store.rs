use crate::BackendError;

/// A wallet's record as a backend sees it: bytes that say nothing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SealedRecord {
    /// A keyed hash of the signature id: what records are found by.
    pub blind_index: [u8; 32],
    /// Chain, network, extended public key, …
    pub public: Vec<u8>,
    /// Phrase or keys.
    pub secret: Vec<u8>,
}

/// The parts of a record that are read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Parts {
    /// All of it.
    Whole,
    /// The secret part's last 16 bytes only: its tag, which the manifest is made of.
    PublicAndTag,
}

/// Some records in the order in which they were added.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The records, the oldest first.
    pub records: Vec<SealedRecord>,
    /// The place of the last of them, after which the next page begins; where there is none, the
    /// place that was asked for.
    pub last_place: u64,
}

/// One part of the manifest: the sum over the records whose blind index falls into it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Bucket {
    /// The number of the part, from the first bits of the blind index.
    pub number: u16,
    /// The sum modulo 2²⁵⁶ of its records' keyed digests, big-endian.
    pub sum: [u8; 32],
}

/// The effects of one change of the store, all of them or none.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// Records that are new.
    pub add: Vec<SealedRecord>,
    /// Records that take the place of those with the same blind index.
    pub replace: Vec<SealedRecord>,
    /// Blind indices of records that go.
    pub remove: Vec<[u8; 32]>,
    /// The parts of the manifest that change.
    pub buckets: Vec<Bucket>,
    /// The sealed root of the manifest.
    pub root: Vec<u8>,
}

/// Decides, on what a store holds, what to change, if anything.
pub type Plan<'a> = dyn FnMut(&dyn RecordStore) -> Result<Option<Change>, crate::StoreError> + 'a;

/// Decides, on the sealed word that a store has on its journal, which one takes its place, if any.
pub type JournalWord<'a> =
    dyn FnMut(Option<Vec<u8>>) -> Result<Option<Vec<u8>>, crate::StoreError> + 'a;

/// Keeps ciphertext. Knows nothing of keys.
pub trait RecordStore: Send {
    /// # Errors
    /// When the backend cannot be read.
    fn header(&self) -> Result<Vec<u8>, BackendError>;

    /// The sealed root of the manifest.
    ///
    /// # Errors
    /// When the backend cannot be read.
    fn root(&self) -> Result<Vec<u8>, BackendError>;

    /// Every bucket whose sum is not zero, by number.
    ///
    /// # Errors
    /// When the backend cannot be read.
    fn buckets(&self) -> Result<Vec<Bucket>, BackendError>;

    /// # Errors
    /// When the backend cannot be read.
    fn find(&self, blind_index: &[u8; 32]) -> Result<Option<SealedRecord>, BackendError>;

    /// Every record of a bucket.
    ///
    /// # Errors
    /// When the backend cannot be read.
    fn in_bucket(&self, number: u16) -> Result<Vec<SealedRecord>, BackendError>;

    /// The records that were added after the one at a place, in that order, at most `limit` of
    /// them. Places grow and begin above zero.
    ///
    /// # Errors
    /// When the backend cannot be read.
    fn page(&self, place: u64, limit: u32, parts: Parts) -> Result<Page, BackendError>;

    /// Lets `look` read the store as it is at one moment, whatever other processes change
    /// meanwhile. Without this, a change between two reads would look like tampering.
    ///
    /// # Errors
    /// The errors of `look`, and when the backend cannot be read.
    fn at_one_moment(
        &self,
        look: &mut dyn FnMut(&dyn RecordStore) -> Result<(), crate::StoreError>,
    ) -> Result<(), crate::StoreError>;

    /// Lets `plan` read the store and decide on a change, and makes it, if any, with nobody else
    /// changing the store in between. Durable when it returns.
    ///
    /// # Errors
    /// The errors of `plan`, and when the backend cannot be written.
    fn change(&mut self, plan: &mut Plan<'_>) -> Result<(), crate::StoreError>;

    /// Puts a header in the place of the one that is there, if that is still the one given; returns
    /// whether it was. Durable when it returns.
    ///
    /// # Errors
    /// When the backend cannot be written.
    fn replace_header(&mut self, before: &[u8], after: &[u8]) -> Result<bool, crate::StoreError>;

    /// Reads the store's sealed record of its journal.
    ///
    /// # Errors
    /// When the backend cannot be read.
    fn journal_word(&self) -> Result<Option<Vec<u8>>, BackendError>;

    /// Lets `decide` replace the store's record of its journal, with no other change in between. No
    /// record is touched. Durable when it returns.
    ///
    /// # Errors
    /// The errors of `decide`, and when the backend cannot be written.
    fn replace_journal_word(
        &mut self,
        decide: &mut JournalWord<'_>,
    ) -> Result<(), crate::StoreError>;
}
