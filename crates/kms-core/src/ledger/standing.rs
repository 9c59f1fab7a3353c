//! The words for where a transaction stands.

use std::fmt;

/// The point that a transaction has reached on its way into its chain.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Progress {
    /// Nothing is signed for it.
    Unsigned,
    /// It is about to be signed; its inputs or its nonce are claimed.
    Reserved,
    /// The bytes are recorded; whether the network has them is not known.
    Signed,
    /// The network took the bytes.
    Sent,
    /// It is in the chain.
    Confirmed,
    /// It is in the chain, and did nothing but cost its fee.
    Failed,
    /// Another transaction used up what it needs; these bytes can never be in the chain.
    Dropped,
    /// Its time passed before it came into the chain; these bytes can never be in it.
    Expired,
    /// The network refused the bytes.
    Refused,
}

/// The next try's prospects.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Stance {
    /// It is retried automatically.
    Waiting,
    /// An approver or operator decides.
    Held,
    /// It failed too often and waits for an operator.
    Parked,
    /// It can never be signed in its present form.
    Rejected,
    /// An operator wants it left alone.
    Skipped,
    /// An operator had it deleted from the API.
    Cancelled,
}

/// The one word that is shown for a transaction: [`Standing::shown`] chooses it.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum State {
    /// The progress so far.
    Progress(Progress),
    /// The next try.
    Stance(Stance),
}

const PROGRESS: &[(Progress, &str)] = &[
    (Progress::Unsigned, "unsigned"),
    (Progress::Reserved, "reserved"),
    (Progress::Signed, "signed"),
    (Progress::Sent, "sent"),
    (Progress::Confirmed, "confirmed"),
    (Progress::Failed, "failed"),
    (Progress::Dropped, "dropped"),
    (Progress::Expired, "expired"),
    (Progress::Refused, "refused"),
];

const STANCES: &[(Stance, &str)] = &[
    (Stance::Waiting, "waiting"),
    (Stance::Held, "held"),
    (Stance::Parked, "parked"),
    (Stance::Rejected, "rejected"),
    (Stance::Skipped, "skipped"),
    (Stance::Cancelled, "cancelled"),
];

fn name_of<T: Copy + PartialEq>(names: &[(T, &'static str)], wanted: T) -> &'static str {
    names.iter().find(|(one, _)| *one == wanted).map_or("", |(_, name)| name)
}

fn named<T: Copy>(names: &[(T, &'static str)], text: &str) -> Option<T> {
    names.iter().find(|(_, name)| *name == text).map(|(one, _)| *one)
}

impl Progress {
    /// The word that is stored and shown.
    pub fn as_str(self) -> &'static str {
        name_of(PROGRESS, self)
    }

    /// Reads a stored word.
    pub fn parse(text: &str) -> Option<Self> {
        named(PROGRESS, text)
    }

    /// Returns true if other bytes may be signed: there are none, or they can never be confirmed.
    pub(crate) const fn is_free(self) -> bool {
        matches!(self, Self::Unsigned | Self::Reserved | Self::Expired | Self::Dropped)
    }

    /// Returns true if the bytes are in the chain or may come into it. A transaction that is only
    /// reserved cannot be: it is not recorded once an operator has it ignored.
    pub(crate) const fn may_be_paid(self) -> bool {
        matches!(self, Self::Signed | Self::Sent | Self::Confirmed)
    }

    /// Says that the network refused the bytes, so that others may have what they claimed.
    pub const fn is_refused(self) -> bool {
        matches!(self, Self::Refused)
    }

    /// Returns true if bytes were signed that came to nothing.
    pub(crate) const fn came_to_nothing(self) -> bool {
        matches!(self, Self::Failed | Self::Dropped | Self::Expired | Self::Refused)
    }
}

impl Stance {
    /// The word that is stored and shown.
    pub fn as_str(self) -> &'static str {
        name_of(STANCES, self)
    }

    /// Reads a stored word.
    pub fn parse(text: &str) -> Option<Self> {
        named(STANCES, text)
    }

    /// Returns true if an operator chose it.
    pub(crate) const fn is_operators(self) -> bool {
        matches!(self, Self::Skipped | Self::Cancelled)
    }
}

impl State {
    /// Every word, in the order of a transaction's life.
    pub fn all() -> impl Iterator<Item = Self> {
        let stances = STANCES.iter().map(|(stance, _)| Self::Stance(*stance));
        stances.chain(PROGRESS.iter().skip(1).map(|(progress, _)| Self::Progress(*progress)))
    }

    /// Reads a word that an operator typed.
    pub fn parse(text: &str) -> Option<Self> {
        Self::all().find(|state| state.as_str() == text)
    }

    /// The word that is shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Progress(progress) => progress.as_str(),
            Self::Stance(stance) => stance.as_str(),
        }
    }
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Stance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The standing of a transaction: how far it came, and what happens next.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Standing {
    /// The transaction's id at the API.
    pub id: String,
    /// The chain's code. A text: the journal outlives the registry.
    pub chain: String,
    /// `mainnet` or `testnet`. A text, as the chain's code is.
    pub network: String,
    /// The progress so far.
    pub progress: Progress,
    /// The next try's stance, where one is noted.
    pub stance: Option<Stance>,
    /// The transaction's id on its chain.
    pub txid: Option<String>,
    /// The reason why the bytes are where they are.
    pub progress_reason: Option<String>,
    /// The reason why the next try is as it is.
    pub stance_reason: Option<String>,
    /// The effects of the signed transaction, for people.
    pub effects: Option<String>,
    /// Failed tries.
    pub tries: u32,
    /// The number of this id's signature, from 1; 0 before the first.
    pub attempt: u32,
    /// The news that the API is still to be told.
    pub owed: Option<Owed>,
    /// The time at which it was first noted, in milliseconds since 1970.
    pub since: u64,
    /// The time of its last change, in milliseconds since 1970.
    pub updated: u64,
}

/// News of a transaction that the API is still to be told.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Owed {
    /// It is in the chain, which the API does not know.
    Completed,
    /// No payment came of it, though the API may list it as completed.
    Failed,
}

impl Owed {
    /// The word that is stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Failed => "failed",
        }
    }

    /// Reads a stored word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Completed, Self::Failed].into_iter().find(|owed| owed.as_str() == text)
    }
}

impl Standing {
    /// The most informative word. A transaction in the chain is shown as such, whatever its stance;
    /// signed bytes are never shown as if there were none.
    pub fn shown(&self) -> State {
        let progress = State::Progress(self.progress);
        let stance = self.stance.map(State::Stance);
        match (self.progress, self.stance) {
            (Progress::Confirmed | Progress::Failed, _) => progress,
            (_, Some(stance)) if stance.is_operators() => State::Stance(stance),
            (Progress::Unsigned, _) => stance.unwrap_or(State::Stance(Stance::Waiting)),
            (Progress::Reserved | Progress::Expired, _) => stance.unwrap_or(progress),
            (Progress::Signed | Progress::Sent | Progress::Dropped | Progress::Refused, _) => {
                progress
            }
        }
    }

    /// The stance, where another word is shown: what happens next.
    pub fn next(&self) -> Option<Stance> {
        self.stance.filter(|stance| self.shown() != State::Stance(*stance))
    }

    /// The reason that belongs to the word shown.
    pub fn reason(&self) -> Option<&str> {
        let (first, second) = match self.shown() {
            State::Progress(_) => (&self.progress_reason, &self.stance_reason),
            State::Stance(_) => (&self.stance_reason, &self.progress_reason),
        };
        first.as_deref().or(second.as_deref())
    }

    /// Returns true if one of the words is that of the transaction: the one shown, its progress or
    /// its stance.
    pub fn is_one_of(&self, states: &[State]) -> bool {
        states.is_empty()
            || states.iter().any(|state| match state {
                State::Progress(progress) => self.progress == *progress,
                State::Stance(stance) => {
                    self.stance == Some(*stance) || self.shown() == State::Stance(*stance)
                }
            })
    }
}

/// Something that happened to a transaction.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Event {
    /// In milliseconds since 1970.
    pub at: u64,
    /// The event in a few words: a progress, a stance, an operator's request.
    pub what: String,
    /// The reason, an id or a text of the API, where there is one.
    pub detail: Option<String>,
}

/// Nonces of an account that no transaction signed here uses, below one that is used: the chain
/// confirms that one only after they are used.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Gap {
    /// The account, as the chain's claims spell it.
    pub account: String,
    /// The lowest number that is left out.
    pub first_missing: u64,
    /// The highest number that is left out in a row.
    pub last_missing: u64,
    /// The transaction that waits for them.
    pub blocked: String,
}

/// The extent of a pause.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Scope {
    /// All signing.
    Everything,
    /// The transactions of a chain, by its code.
    Chain(String),
    /// The transactions that name a wallet, by its signature id.
    Wallet(String),
    /// Payments to an account, by its canonical spelling.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(progress: Progress, stance: Option<Stance>) -> Standing {
        Standing {
            id: String::from("t1"),
            chain: String::from("ETH"),
            network: String::from("testnet"),
            progress,
            stance,
            txid: None,
            progress_reason: None,
            stance_reason: None,
            effects: None,
            tries: 0,
            attempt: 0,
            owed: None,
            since: 0,
            updated: 0,
        }
    }

    #[test]
    fn signed_bytes_are_never_shown_as_waiting_or_parked() {
        for progress in [Progress::Signed, Progress::Sent, Progress::Refused, Progress::Dropped] {
            for stance in [Stance::Waiting, Stance::Held, Stance::Parked, Stance::Rejected] {
                let one = standing(progress, Some(stance));
                assert_eq!(one.shown(), State::Progress(progress));
                assert_eq!(one.next(), Some(stance));
                assert!(one.is_one_of(&[State::Stance(stance)]));
                assert!(one.is_one_of(&[State::Progress(progress)]));
            }
        }
    }

    #[test]
    fn what_is_in_the_chain_is_shown_as_that() {
        for (_, stance) in STANCES.iter().map(|(stance, name)| (name, *stance)) {
            for progress in [Progress::Confirmed, Progress::Failed] {
                let shown = standing(progress, Some(stance)).shown();
                assert_eq!(shown, State::Progress(progress), "{stance}");
            }
        }
    }

    #[test]
    fn an_operators_word_is_shown_for_all_that_is_not_in_the_chain() {
        for progress in [Progress::Unsigned, Progress::Reserved, Progress::Signed, Progress::Sent] {
            for stance in [Stance::Skipped, Stance::Cancelled] {
                let shown = standing(progress, Some(stance)).shown();
                assert_eq!(shown, State::Stance(stance), "{progress}");
            }
        }
    }

    #[test]
    fn what_is_not_signed_is_shown_by_what_happens_next() {
        assert_eq!(standing(Progress::Unsigned, None).shown().as_str(), "waiting");
        assert_eq!(standing(Progress::Reserved, None).shown().as_str(), "reserved");
        assert_eq!(standing(Progress::Expired, None).shown().as_str(), "expired");
        let held = standing(Progress::Expired, Some(Stance::Held));
        assert_eq!(held.shown().as_str(), "held");
        assert!(State::all().all(|state| State::parse(state.as_str()) == Some(state)));
        assert_eq!(State::parse("unsigned"), None);
    }
}
