use std::fmt;

/// What is known of a transaction that was seen at least once.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum State {
    /// Not signed yet; tried again by itself.
    Waiting,
    /// Not signed; an approver or operator decides.
    Held,
    /// Not signed; it failed too often and waits for an operator.
    Parked,
    /// Not signed, and never will be as it stands.
    Rejected,
    /// An operator wants it left alone.
    Skipped,
    /// An operator had it deleted from the API.
    Cancelled,
    /// About to be signed; its inputs or its nonce are claimed.
    Reserved,
    /// The bytes are recorded; whether the network has them is not known.
    Signed,
    /// The network took the bytes.
    Sent,
    /// It is in the chain.
    Confirmed,
    /// It is in the chain, and did nothing but cost its fee.
    Failed,
    /// Another transaction used up what it needs; it can never be in the chain.
    Dropped,
    /// Its time passed before it came into the chain; it never can.
    Expired,
    /// The network refused the bytes.
    Refused,
}

/// All states with their names.
const NAMES: &[(State, &str)] = &[
    (State::Waiting, "waiting"),
    (State::Held, "held"),
    (State::Parked, "parked"),
    (State::Rejected, "rejected"),
    (State::Skipped, "skipped"),
    (State::Cancelled, "cancelled"),
    (State::Reserved, "reserved"),
    (State::Signed, "signed"),
    (State::Sent, "sent"),
    (State::Confirmed, "confirmed"),
    (State::Failed, "failed"),
    (State::Dropped, "dropped"),
    (State::Expired, "expired"),
    (State::Refused, "refused"),
];

impl State {
    /// Every state, in the order of a transaction's life.
    pub fn all() -> impl Iterator<Item = Self> {
        NAMES.iter().map(|(state, _)| *state)
    }

    pub fn parse(text: &str) -> Option<Self> {
        NAMES.iter().find(|(_, name)| *name == text).map(|(state, _)| *state)
    }

    pub fn as_str(self) -> &'static str {
        NAMES.iter().find(|(state, _)| *state == self).map_or("", |(_, name)| name)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where a transaction stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Standing {
    pub id: String,
    pub chain: String,
    pub network: String,
    pub state: State,
    /// The transaction's id on its chain, as the API or the chain names it.
    pub txid: Option<String>,
    /// Why it is where it is.
    pub reason: Option<String>,
    /// What the signed transaction does, for people.
    pub effects: Option<String>,
    /// How often it was tried and failed.
    pub tries: u32,
    /// When it was first noted, in milliseconds since 1970.
    pub since: u64,
    /// When its state last changed, in milliseconds since 1970.
    pub updated: u64,
}

/// Something that happened to a transaction.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Event {
    /// In milliseconds since 1970.
    pub at: u64,
    pub what: String,
    pub detail: Option<String>,
}

/// Numbers of an account that nothing signed here uses, below one that something does: the chain
/// confirms that one only when somebody uses them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Gap {
    pub account: String,
    pub first: u64,
    pub last: u64,
    /// The transaction that waits for them.
    pub waiting: String,
}

/// What a pause stops.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Scope {
    Everything,
    Chain(String),
    Wallet(String),
    /// Payments to an address.
    Receiver(String),
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everything => f.write_str("everything"),
            Self::Chain(chain) => write!(f, "chain {chain}"),
            Self::Wallet(wallet) => write!(f, "wallet {wallet}"),
            Self::Receiver(address) => write!(f, "payments to {address}"),
        }
    }
}
