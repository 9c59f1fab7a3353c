use std::{fmt, time::Duration};

use serde_json::Value;

use crate::{
    id::Network,
    ports::lookup::{LookupError, NodeCall},
    signing::RawTransaction,
};

/// A transaction that was given to its network, as far as it is known here.
#[derive(Clone, Copy, Debug)]
pub struct SentTransaction<'a> {
    /// The network that has it.
    pub network: Network,
    /// The signed bytes.
    pub raw: &'a RawTransaction,
    /// Its id on its chain, where it is known from its sending. Needed only where the bytes alone
    /// do not tell it ([`Chain::txid`](crate::Chain::txid)).
    pub txid: Option<&'a str>,
    /// [`Unsigned::first_slot`](crate::Unsigned::first_slot) of what was signed, where it was
    /// kept. Without it nothing expires on a chain whose nodes forget.
    pub first_slot: Option<u64>,
    /// Everything it uses up, as its chain spelled it ([`Claim`](crate::Claim)).
    pub claims: &'a [String],
    /// The time since it was signed, at least: since it came into its state here.
    pub age: Duration,
}

/// The way to find out what became of a transaction that was given to its network.
///
/// The caller loops: makes the next call until there is none, passing in the result of each; then
/// reads the [`fate`](Self::fate). A call that fails leaves the fate open.
pub trait Inquiry: fmt::Debug + Send {
    /// The transaction's id on its chain, in the chain's own spelling.
    fn txid(&self) -> &str;

    /// The next call to make; `None` when the fate can be told.
    fn next_call(&mut self) -> Option<NodeCall>;

    /// Takes what came of the call last made. An answer that is not understood counts as
    /// no answer.
    fn outcome(&mut self, outcome: Result<Value, LookupError>);

    /// The fate, by the answers so far.
    fn fate(&self) -> Fate;
}

/// The fate of a transaction, as far as its chain shows it. Every fate but [`Open`](Self::Open) is
/// final: anything uncertain is open. The absence of a transaction is certain only from a node that
/// would remember it, asked for the id that follows from the bytes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Fate {
    /// Nothing is certain yet.
    Open,
    /// It is in the chain and did what it was to do.
    Confirmed,
    /// It is in the chain and did nothing but cost its fee.
    Failed {
        /// The chain's or node's words.
        reason: String,
    },
    /// Another transaction used up what it needs, so that it can never be in the chain.
    Dropped {
        /// The proof in words, e.g. which nonce was used.
        reason: String,
    },
    /// Its time has passed, with a margin, without it having come into the chain, so that it
    /// never can.
    Expired {
        /// The time or height that has passed.
        reason: String,
    },
}

impl Fate {
    /// `true` for every fate but an open one.
    pub const fn is_final(&self) -> bool {
        !matches!(self, Self::Open)
    }
}
