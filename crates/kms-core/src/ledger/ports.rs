//! The ports of the journal, one trait for each who asks. Every method is durable before it
//! returns: a crash after it must not lose what it noted.

use async_trait::async_trait;

use super::{
    error::{ControlError, JournalError},
    rows::{Limits, Token},
    standing::{Event, Gap, Owed, Progress, Scope, Stance, Standing, State},
};
use crate::{
    claim::Claim,
    digest::ContentDigest,
    effects::Effects,
    fate::Fate,
    id::{ChainId, Network, TransactionId},
    journal_seal::{FoundJournal, JournalSeal},
    pending::Pending,
    signing::RawTransaction,
};

/// The write-ahead record of what was, or is about to be, signed: what the road asks.
#[async_trait]
pub trait Journal: Send + Sync {
    /// Recalls a transaction: bytes that were signed earlier, or which signature it would be.
    ///
    /// # Errors
    /// When it is to be left alone, or the id stood for something else before.
    async fn recall(&self, pending: &Pending) -> Result<Recalled, JournalError>;

    /// Notes that an approver is about to be asked; from now on, the id stands for this content.
    /// Returns a recent transaction that paid the same, if duplicates are only flagged.
    ///
    /// # Errors
    /// As [`reserve`](Self::reserve): what could not be signed is not asked about.
    async fn note_question(&self, intent: Intent<'_>) -> Result<Option<String>, JournalError>;

    /// Claims the transaction, and everything it uses up on its chain, for the caller. A claim
    /// left without bytes by a crashed run is taken over: nothing can have left a process before
    /// [`record`](Self::record) returned, and `record` fails for whoever's claim was taken.
    ///
    /// # Errors
    /// When bytes are recorded for the id already, another transaction holds a claim, an operator
    /// wants it left alone, or a limit does not allow it.
    async fn reserve(&self, intent: Intent<'_>) -> Result<Reservation, JournalError>;

    /// # Errors
    /// [`JournalError::HeldElsewhere`] when the reservation is no longer the caller's.
    async fn record(
        &self,
        id: &TransactionId,
        reservation: &Reservation,
        bytes: Bytes<'_>,
    ) -> Result<(), JournalError>;

    /// Notes that the network took the transaction. The entry stays: the API may offer the
    /// transaction again, and must get the same bytes. `txid` is its id where only the sending
    /// told it, `named` the one that the API gave it where that is another.
    ///
    /// # Errors
    /// When the journal cannot be written.
    async fn close(
        &self,
        id: &TransactionId,
        txid: Option<&str>,
        named: Option<&str>,
    ) -> Result<(), JournalError>;

    /// Notes that the network refused the bytes for good, and that the API is to be told. They
    /// are never sent again, and what they claimed is free. Returns whether it did: not when the
    /// network took them meanwhile.
    ///
    /// # Errors
    /// When the journal cannot be written.
    async fn refuse(&self, pending: &Pending, reason: &str) -> Result<bool, JournalError>;
}

/// The answer of [`Journal::recall`].
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Recalled {
    /// Nothing that prevents a signature.
    New(Attempt),
    /// Bytes that were signed earlier.
    Known(Entry),
}

/// A signature of an id, by its number.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Attempt {
    /// From 1.
    pub number: u32,
    /// Ids on the chain of the bytes that came to nothing before.
    pub former: Vec<String>,
    /// Returns true if the chain alone says that the former bytes are of no use, and no operator
    /// yet.
    pub is_by_itself: bool,
}

/// A transaction that was signed earlier.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Entry {
    /// These bytes were signed and no others will be. Whether they were sent is not known.
    Signed(RawTransaction),
    /// The network took these bytes at least once.
    Sent(RawTransaction),
    /// Nothing will come of what was signed.
    Ended {
        /// `Failed` or `Refused`.
        state: Progress,
        /// The chain's or network's words.
        reason: String,
    },
}

/// A transaction that is about to be signed.
#[derive(Clone, Copy, Debug)]
pub struct Intent<'a> {
    /// The request as the API sent it.
    pub pending: &'a Pending,
    /// The effects of the bytes that will be signed.
    pub effects: &'a Effects,
    /// Everything it uses up on its chain.
    pub claims: &'a [Claim],
    /// The owner's limits.
    pub limits: &'a Limits,
}

/// A claim on an id, which a process must hold to record.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Reservation {
    /// The proof of holding it, compared when the bytes are recorded.
    pub token: Token,
    /// A transaction that paid the same of late, where that is only told.
    pub duplicate_of: Option<String>,
}

/// The signed bytes, and what is known of them.
#[derive(Clone, Copy, Debug)]
pub struct Bytes<'a> {
    /// The signed bytes.
    pub raw: &'a RawTransaction,
    /// Its id on its chain, where it follows from the bytes.
    pub txid: Option<&'a str>,
    /// A slot of the chain that was there before the bytes were signed.
    pub first_slot: Option<u64>,
}

/// The port of whoever follows what was sent.
#[async_trait]
pub trait Follow: Send + Sync {
    /// Transactions of a chain that it is time to look up, the longest due first.
    ///
    /// # Errors
    /// When the journal cannot be read.
    async fn due(
        &self,
        chain: ChainId,
        network: Network,
        most: u32,
    ) -> Result<Vec<Followed>, JournalError>;

    /// A transaction with bytes, whether or not it is followed.
    ///
    /// # Errors
    /// When the journal cannot be read.
    async fn followed(&self, id: &TransactionId) -> Result<Option<Followed>, JournalError>;

    /// Notes what a look brought. A fate that is open is looked up again, later each time.
    /// `is_offered` says that the API offers the transaction though it may be in the chain.
    /// Returns what the API is owed from now on.
    ///
    /// # Errors
    /// When the journal cannot be written.
    async fn note_fate(
        &self,
        id: &TransactionId,
        fate: Fate,
        is_offered: bool,
    ) -> Result<Option<Owed>, JournalError>;

    /// Notes that the API was told what it was owed, or turned out to know it.
    ///
    /// # Errors
    /// When the journal cannot be written.
    async fn note_told(&self, id: &TransactionId, detail: &str) -> Result<(), JournalError>;

    /// Notes that the API could not be told; it is tried again, later each time.
    ///
    /// # Errors
    /// When the journal cannot be written.
    async fn note_not_told(&self, id: &TransactionId) -> Result<(), JournalError>;

    /// Notes that the API is to be told by a report that no payment came of it.
    ///
    /// # Errors
    /// When the journal cannot be written.
    async fn note_failed(&self, followed: &Followed, error: &str) -> Result<(), JournalError>;
}

/// A transaction that is followed.
#[derive(Clone, Debug)]
pub struct Followed {
    /// The transaction's id at the API.
    pub id: TransactionId,
    /// The progress so far.
    pub progress: Progress,
    /// The reason why it came no further, if it did not.
    pub reason: Option<String>,
    /// The correction that the API has not got yet.
    pub owed: Option<Owed>,
    /// The signed bytes.
    pub raw: RawTransaction,
    /// Its id on its chain, where that is known.
    pub txid: Option<String>,
    /// A slot of the chain that was there before the bytes were signed.
    pub first_slot: Option<u64>,
    /// Everything it uses up, unless that is free again.
    pub claims: Vec<String>,
    /// For how long it has been in its state, in milliseconds.
    pub age: u64,
}

/// Failed tries, and reports of them to the API.
#[async_trait]
pub trait Attempts: Send + Sync {
    /// Counts the failed tries of this content.
    ///
    /// # Errors
    /// When the journal cannot be read.
    async fn tries(&self, id: &TransactionId, digest: &ContentDigest) -> Result<u32, JournalError>;

    /// Notes that a transaction was not signed, or not sent, and why. A transaction that can never
    /// be signed, or was parked without bytes, is then owed to the API as a report.
    ///
    /// # Errors
    /// When the journal cannot be written.
    async fn note_attempt(
        &self,
        pending: &Pending,
        stance: Stance,
        reason: &str,
        tries: u32,
    ) -> Result<(), JournalError>;

    /// Notes that something under this id could not be read: the API is owed a report.
    ///
    /// # Errors
    /// When the journal cannot be written.
    async fn note_unreadable(&self, unreadable: &Unreadable) -> Result<(), JournalError>;

    /// Failures of a chain that the API was not told yet, the oldest first.
    ///
    /// # Errors
    /// When the journal cannot be read.
    async fn reports_due(
        &self,
        chain: ChainId,
        network: Network,
    ) -> Result<Vec<Report>, JournalError>;

    /// Notes that the API took a report.
    ///
    /// # Errors
    /// When the journal cannot be written.
    async fn mark_reported(&self, report: &Report) -> Result<(), JournalError>;
}

/// A pending transaction of which only the id could be read.
#[derive(Clone, Debug)]
pub struct Unreadable {
    /// The transaction's id at the API.
    pub id: TransactionId,
    /// The digest of what was received.
    pub digest: ContentDigest,
    /// The chain that was polled.
    pub chain: ChainId,
    /// The network that was polled.
    pub network: Network,
    /// The reason why it cannot be read.
    pub problem: String,
}

/// A failure that the API is to be told.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Report {
    /// The transaction's id at the API.
    pub id: TransactionId,
    /// The content that failed.
    pub digest: ContentDigest,
    /// The text that the API is given.
    pub error: String,
}

/// The port of operators, who look and speak.
#[async_trait]
pub trait Desk: Send + Sync {
    /// Lists where transactions stand, those that changed last first.
    ///
    /// # Errors
    /// When the journal cannot be read.
    async fn standings(&self, filter: Filter) -> Result<Vec<Standing>, JournalError>;

    /// Numbers that transactions signed here leave out. Only accounts with something unconfirmed
    /// are looked at, from the lowest number that is unconfirmed.
    ///
    /// # Errors
    /// When the journal cannot be read.
    async fn gaps(&self) -> Result<Vec<Gap>, JournalError>;

    /// Lists what happened to a transaction, the oldest first.
    ///
    /// # Errors
    /// When the journal cannot be read.
    async fn events(&self, id: &str) -> Result<Vec<Event>, JournalError>;

    /// Notes something that was done about a transaction.
    ///
    /// # Errors
    /// When the journal cannot be written.
    async fn note_event(
        &self,
        id: &str,
        what: &'static str,
        detail: Option<String>,
    ) -> Result<(), JournalError>;

    /// Lists what is paused, and since when (milliseconds since 1970).
    ///
    /// # Errors
    /// When the journal cannot be read.
    async fn pauses(&self) -> Result<Vec<(Scope, u64)>, JournalError>;

    /// Stops signing for a scope, in every process that uses this journal, until it is resumed.
    /// Returns whether it was not paused before.
    ///
    /// # Errors
    /// When the journal cannot be written.
    async fn pause(&self, scope: Scope) -> Result<bool, JournalError>;

    /// Returns whether it was paused.
    ///
    /// # Errors
    /// When the journal cannot be written.
    async fn resume(&self, scope: Scope) -> Result<bool, JournalError>;

    /// Has a transaction ignored from now on. Bytes that were sent stay sent.
    ///
    /// # Errors
    /// When the journal cannot be written.
    async fn skip(&self, id: &TransactionId) -> Result<(), ControlError>;

    /// Has a transaction left alone because it is to be deleted from the API: only one whose
    /// bytes cannot be in the chain.
    ///
    /// # Errors
    /// When bytes of it may be in the chain, or the journal cannot be written.
    async fn cancel(&self, id: &TransactionId) -> Result<(), ControlError>;

    /// Takes back what keeps a transaction from being tried: that it was parked, skipped,
    /// cancelled or reported, or that it has other content than an approver was asked about. With
    /// `sign_again`, also bytes that the network refused or that can never be in the chain.
    ///
    /// # Errors
    /// When the transaction is not known, or is such that a second signature may pay twice.
    async fn retry(&self, id: &TransactionId, sign_again: bool) -> Result<(), ControlError>;
}

/// The port of the store, which knows its own journal again.
#[async_trait]
pub trait Identity: Send + Sync {
    /// Tells what a store's seal is judged by.
    ///
    /// # Errors
    /// When the journal cannot be read.
    async fn identity(&self, seal: Option<JournalSeal>) -> Result<FoundJournal, JournalError>;

    /// Notes the start of a daemon that may sign. Returns what the store is to know of it.
    ///
    /// # Errors
    /// When the journal cannot be written, or the operating system provides no randomness.
    async fn note_opening(&self) -> Result<JournalSeal, JournalError>;

    /// A number that grows with everything that happens to a transaction and never falls.
    ///
    /// # Errors
    /// When the journal cannot be read.
    async fn sequence(&self) -> Result<u64, JournalError>;

    /// Notes that this journal takes the place of one that was lost.
    ///
    /// # Errors
    /// When the journal cannot be written.
    async fn note_replacement(&self) -> Result<(), JournalError>;

    /// The time since this journal took the place of one that was lost, in milliseconds.
    ///
    /// # Errors
    /// When the journal cannot be read.
    async fn replaced_for(&self) -> Result<Option<u64>, JournalError>;

    /// Returns true if bytes were signed for an id.
    ///
    /// # Errors
    /// When the journal cannot be read.
    async fn has_bytes(&self, id: &TransactionId) -> Result<bool, JournalError>;

    /// Merges the journal into a single file, so that a copy of it is complete.
    ///
    /// # Errors
    /// When the journal cannot be written.
    async fn make_whole(&self) -> Result<(), JournalError>;
}

/// A choice of transactions.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this id.
    pub id: Option<String>,
    /// Only this chain's, by its code.
    pub chain: Option<String>,
    /// Empty for all.
    pub states: Vec<State>,
    /// At most so many, those that changed last.
    pub most: Option<u32>,
}

/// The whole journal.
pub trait Ledger: Journal + Follow + Attempts + Desk + Identity + std::fmt::Debug {}

impl<T: Journal + Follow + Attempts + Desk + Identity + std::fmt::Debug> Ledger for T {}
