use thiserror::Error;

/// The network's answer when it took a transaction.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Acceptance {
    /// The transaction's id on its chain, as it follows from what was sent: never another's word.
    pub txid: Option<String>,
    /// The id that the API named, where it is not `txid`: another, or the only one where the own
    /// is not known. Nothing is looked up by it.
    pub foreign: Option<String>,
}

/// The reason why the network did not take a transaction, as far as that is known.
#[derive(Debug, Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the message of each variant documents it")]
pub enum BroadcastError {
    #[error("the network refused the transaction: {reason}")]
    Refused {
        reason: String,
        /// Returns true if the chain's own rules exclude that an earlier sending of the same bytes
        /// brought them into the chain.
        is_proved: bool,
    },
    /// For a reason that passes: too little money, too low a fee for now, a full pool.
    #[error("the network does not accept it at present ({reason}); the same bytes are sent again")]
    NotNow { reason: String },
    /// In words that the network would also have for a transaction that is in the chain already.
    #[error(
        "the network refuses the transaction ({reason}), but an earlier sending may be in the \
         chain; this is looked up first"
    )]
    Doubtful { reason: String },
    #[error("it could not be sent: {reason}")]
    NotSent { reason: String },
    #[error(
        "it is not known whether the broadcast arrived ({reason}); the same bytes are sent again"
    )]
    Unknown { reason: String },
}
