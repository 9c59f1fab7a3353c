//! The journal's content, as its rules see it: rows that were found, and writes that follow.

use super::standing::{Owed, Progress, Scope, Stance};
use crate::{
    amount::Amount, claim::Claim, digest::ContentDigest, pending::Pending, signing::RawTransaction,
};

/// Milliseconds since 1970.
pub type Millis = u64;

/// Random bytes of one reservation: only who holds them may record.
pub type Token = [u8; 16];

/// The row of an id for which something is or was about to be signed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EntryRow {
    /// The content that it was reserved for.
    pub digest: ContentDigest,
    /// The chain's code.
    pub chain: String,
    /// `mainnet` or `testnet`.
    pub network: String,
    /// The effects, for people.
    pub effects: String,
    /// The addresses that are paid or may be.
    pub receivers: Vec<String>,
    /// The token of its last reservation.
    pub token: Token,
    /// The progress so far.
    pub progress: Progress,
    /// The reason for its progress, where there is one.
    pub reason: Option<String>,
    /// The signed bytes, from `Signed` on.
    pub raw: Option<RawTransaction>,
    /// Its id on its chain, where that is known.
    pub txid: Option<String>,
    /// A slot of the chain that was there before the bytes were signed.
    pub first_slot: Option<u64>,
    /// The highest fee in base units of the chain's coin; `None` for one in another asset.
    pub fee: Option<Amount>,
    /// The number of this id's signature, from 1.
    pub attempt: u32,
    /// Returns true if an operator allowed another signature after bytes that came to nothing.
    pub is_allowed: bool,
    /// The correction that the API has not got yet.
    pub owed: Option<Owed>,
    /// The time at which the id was first reserved.
    pub since: Millis,
    /// The time of the row's last change.
    pub updated: Millis,
    /// The time of the next look-up; `None` when it is not followed.
    pub next_look: Option<Millis>,
    /// Looks, or corrections that the API did not take, in a row.
    pub looks: u32,
}

/// The row of an id that was tried or put to an approver, or of which an operator spoke.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AttemptRow {
    /// The content that was tried last.
    pub digest: ContentDigest,
    /// The chain's code.
    pub chain: String,
    /// `mainnet` or `testnet`.
    pub network: String,
    /// The next try's stance; `None` after an approver was asked or a retry was requested.
    pub stance: Option<Stance>,
    /// The reason for the stance.
    pub reason: String,
    /// Failed tries of this content.
    pub tries: u32,
    /// The content that an approver was asked about under this id.
    pub asked: Option<ContentDigest>,
    /// Returns true if an operator wants it signed though it looks like another payment.
    pub is_wanted: bool,
    /// The time at which the row was created.
    pub since: Millis,
    /// The time of the row's last change.
    pub updated: Millis,
}

/// A transaction about to be processed.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The transaction's id at the API.
    pub id: String,
    /// The digest of what the API sent.
    pub digest: ContentDigest,
    /// The chain's code.
    pub chain: String,
    /// `mainnet` or `testnet`.
    pub network: String,
    /// The signature ids that it names.
    pub wallets: Vec<String>,
}

impl Asked {
    /// Reads a request of the API.
    pub fn of(pending: &Pending) -> Self {
        Self {
            id: pending.id.to_string(),
            digest: pending.digest(),
            chain: pending.chain.to_string(),
            network: pending.network.to_string(),
            wallets: pending.wallets().map(ToString::to_string).collect(),
        }
    }

    /// Of what is known after it was signed.
    pub fn of_entry(id: &str, row: &EntryRow) -> Self {
        Self {
            id: id.to_owned(),
            digest: row.digest,
            chain: row.chain.clone(),
            network: row.network.clone(),
            wallets: Vec::new(),
        }
    }
}

/// The entry that a reservation is about to write.
#[derive(Clone, Debug)]
pub struct NewEntry {
    /// The request that it is for.
    pub asked: Asked,
    /// The effects as text, for people.
    pub effects: String,
    /// The addresses that are paid or may be.
    pub receivers: Vec<String>,
    /// Each appears once: a duplicate would conflict with itself as if it were another
    /// transaction's.
    pub claims: Vec<Claim>,
    /// The highest fee in base units of the chain's coin; `None` for one in another asset.
    pub fee: Option<Amount>,
    /// Fingerprints of its payments: the same payer, receiver, asset and amount give the same.
    pub payments: Vec<[u8; 32]>,
    /// The owner's limits.
    pub limits: Limits,
}

/// The owner's limits beyond each single transaction.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Limits {
    /// A fee is held that is more than this many times the middle one of the last payments.
    pub fee_multiple: Option<u64>,
    /// The rule for payments that look like another.
    pub duplicates: Duplicates,
}

/// The thing to do about a payment that was made already under another id.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Duplicates {
    /// Nobody looks.
    #[default]
    Ignored,
    /// Told, when the other one is at most so many milliseconds old.
    Told(Millis),
    /// Held, when the other one is at most so many milliseconds old.
    Held(Millis),
}

/// Another transaction that holds something which a new one needs.
#[derive(Clone, Debug)]
pub struct Holder {
    /// The claim, as its chain spells it.
    pub claim: String,
    /// The id that holds it.
    pub id: String,
    /// The row of that id.
    pub entry: Option<EntryRow>,
}

/// The rows of one id in the journal; the backend loads them, the rules decide.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The row of what is or was about to be signed.
    pub entry: Option<EntryRow>,
    /// The row of tries and of an operator's word.
    pub attempt: Option<AttemptRow>,
    /// Returns true if the API is, or is about to be, told that the id failed.
    pub is_reported: bool,
    /// Every pause in force.
    pub pauses: Vec<Scope>,
    /// Ids on the chain of bytes that were superseded.
    pub former: Vec<String>,
    /// For bytes that were refused: another id that the same transaction of the chain pays.
    pub paid_by: Option<String>,
}

/// The rows that a reservation looks at beside [`Found`].
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// The holders of the claims that are wanted, other than the id itself.
    pub holders: Vec<Holder>,
    /// Claims of this id's dropped bytes, which another transaction has used for good.
    pub used_up: Vec<String>,
    /// Highest fees of the last payments on the chain.
    pub recent_fees: Vec<Amount>,
    /// Other transactions with one of the payments, with their time, the newest first.
    pub same_payments: Vec<(String, Millis)>,
}

/// One change; all those of a rule are made in one transaction.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the documentation of each variant covers its fields")]
pub enum Write {
    /// The row of an id takes the place of the one before.
    PutEntry { id: String, row: Box<EntryRow> },
    /// A reservation without bytes that gave way, with its claims.
    DropReservation { id: String },
    /// The id holds a claim from now on.
    TakeClaim { id: String, claim: Claim },
    /// The id holds no claim any more.
    FreeClaims { id: String },
    /// The fingerprints of an id's payments take the place of those before.
    PutPayments { id: String, payments: Vec<[u8; 32]> },
    /// The row of an id's tries takes the place of the one before.
    PutAttempt { id: String, row: AttemptRow },
    /// The row of an id's tries goes.
    ClearAttempt { id: String },
    /// Bytes of no use are kept apart, with what they used.
    Supersede { id: String, row: Box<EntryRow> },
    /// The API is to be told that the id failed.
    PutReport { id: String, asked: Box<Asked>, error: String },
    /// The API took what it was to be told.
    TakeReport { id: String, digest: ContentDigest },
    /// The reports of the id are forgotten, so that it may be signed.
    ClearReports { id: String },
    /// A line of the id's history.
    Event { id: String, what: &'static str, detail: Option<String> },
}

impl Write {
    pub(crate) fn event(id: &str, what: &'static str, detail: Option<&str>) -> Self {
        Self::Event { id: id.to_owned(), what, detail: detail.map(str::to_owned) }
    }
}
