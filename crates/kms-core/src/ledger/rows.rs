//! What the journal holds, as its rules see it: rows that were found, and writes that follow.

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
    pub digest: ContentDigest,
    pub chain: String,
    pub network: String,
    /// What it does, for people.
    pub effects: String,
    /// The addresses that are paid or may be.
    pub receivers: Vec<String>,
    pub token: Token,
    pub progress: Progress,
    pub reason: Option<String>,
    pub raw: Option<RawTransaction>,
    pub txid: Option<String>,
    /// A slot of the chain that was there before the bytes were signed.
    pub first_slot: Option<u64>,
    /// The highest fee in base units of the chain's coin; `None` for one in another asset.
    pub fee: Option<Amount>,
    /// Which signature of this id it is, from 1.
    pub attempt: u32,
    /// Whether an operator allowed another signature after bytes that came to nothing.
    pub is_allowed: bool,
    pub owed: Option<Owed>,
    pub since: Millis,
    pub updated: Millis,
    /// When it is looked up next; `None` when it is not followed.
    pub next_look: Option<Millis>,
    pub looks: u32,
}

/// The row of an id that was tried or put to an approver, or of which an operator spoke.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AttemptRow {
    pub digest: ContentDigest,
    pub chain: String,
    pub network: String,
    pub stance: Option<Stance>,
    pub reason: String,
    pub tries: u32,
    /// What an approver was asked about under this id.
    pub asked: Option<ContentDigest>,
    /// Whether an operator wants it signed though it looks like another payment.
    pub is_wanted: bool,
    pub since: Millis,
    pub updated: Millis,
}

/// A transaction about to be processed.
#[derive(Clone, Debug)]
pub struct Asked {
    pub id: String,
    pub digest: ContentDigest,
    pub chain: String,
    pub network: String,
    pub wallets: Vec<String>,
}

impl Asked {
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

/// What a reservation is about to write.
#[derive(Clone, Debug)]
pub struct NewEntry {
    pub asked: Asked,
    pub effects: String,
    pub receivers: Vec<String>,
    /// Each once: a claim that met itself would be taken for another transaction's.
    pub claims: Vec<Claim>,
    pub fee: Option<Amount>,
    /// Fingerprints of its payments: the same payer, receiver, asset and amount give the same.
    pub payments: Vec<[u8; 32]>,
    pub limits: Limits,
}

/// What an owner allows beyond each single transaction.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Limits {
    /// A fee is held that is more than this many times the middle one of the last payments.
    pub fee_multiple: Option<u64>,
    pub duplicates: Duplicates,
}

/// What is done about a payment that was made already under another id.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Duplicates {
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
    pub claim: String,
    pub id: String,
    pub entry: Option<EntryRow>,
}

/// What was found in the journal for one id; the backend loads it, the rules decide.
#[derive(Clone, Debug, Default)]
pub struct Found {
    pub entry: Option<EntryRow>,
    pub attempt: Option<AttemptRow>,
    /// Whether the API is, or is about to be, told that the id failed.
    pub is_reported: bool,
    pub pauses: Vec<Scope>,
    /// Ids on the chain of bytes that were superseded.
    pub former: Vec<String>,
}

/// What a reservation looks at beside [`Found`].
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// Who holds the claims that are wanted, other than the id itself.
    pub holders: Vec<Holder>,
    /// Claims of bytes of this id that were dropped: used up by somebody else for good.
    pub used_up: Vec<String>,
    /// Highest fees of the last payments on the chain.
    pub recent_fees: Vec<Amount>,
    /// Other transactions with one of the payments, with their time, the newest first.
    pub same_payments: Vec<(String, Millis)>,
}

/// One change; all those of a rule are made in one transaction.
#[derive(Clone, Debug)]
pub enum Write {
    PutEntry {
        id: String,
        row: Box<EntryRow>,
    },
    /// A reservation without bytes that gave way, with its claims.
    DropReservation {
        id: String,
    },
    TakeClaim {
        id: String,
        claim: Claim,
    },
    FreeClaims {
        id: String,
    },
    PutPayments {
        id: String,
        payments: Vec<[u8; 32]>,
    },
    PutAttempt {
        id: String,
        row: AttemptRow,
    },
    ClearAttempt {
        id: String,
    },
    /// Bytes of no use are kept apart, with what they used.
    Supersede {
        id: String,
        row: Box<EntryRow>,
    },
    /// The API is to be told that the id failed.
    PutReport {
        id: String,
        asked: Box<Asked>,
        error: String,
    },
    /// The API took what it was to be told.
    TakeReport {
        id: String,
        digest: ContentDigest,
    },
    ClearReports {
        id: String,
    },
    Event {
        id: String,
        what: &'static str,
        detail: Option<String>,
    },
}

impl Write {
    pub(crate) fn event(id: &str, what: &'static str, detail: Option<&str>) -> Self {
        Self::Event { id: id.to_owned(), what, detail: detail.map(str::to_owned) }
    }
}
