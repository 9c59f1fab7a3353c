//! Is what was broadcast a valid transaction with the content that was asked for, signed by the
//! right key? Bytes are decoded here anew, and signatures checked with another library than the
//! one that makes them.

pub(crate) mod account;
pub(crate) mod cbor;
pub(crate) mod edwards;
pub(crate) mod json;
pub(crate) mod msgpack;
pub(crate) mod rlp;

use k256::ecdsa::VerifyingKey;
use kms_core::{ChainId, PublicKey};
use thiserror::Error;

use crate::offer::Sample;

/// A broadcast, and what it claims to be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case<'a> {
    pub(crate) sample: &'a Sample,
    /// The text as it was broadcast.
    pub(crate) raw: &'a str,
}

/// The facts that the network learns from a valid transaction.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Valid {
    /// Its id on the chain.
    pub(crate) txid: String,
    /// The outputs, or the nonce of an account, that only one transaction can use.
    pub(crate) uses: Vec<String>,
    pub(crate) nonce: Option<Nonce>,
}

#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Nonce {
    pub(crate) account: String,
    pub(crate) value: u64,
    /// True if the payload said so; otherwise it must be the account's next.
    pub(crate) is_given: bool,
}

/// The reason why a broadcast is not what was requested.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub(crate) enum Rejection {
    #[error("the sandbox cannot verify {0} transactions yet")]
    NoVerifier(ChainId),
    #[error("the offered payload cannot be compared: {0}")]
    Payload(String),
    #[error("the expected signer cannot be compared: {0}")]
    Expected(&'static str),
    #[error("the broadcast is not a transaction of this chain: {0}")]
    Malformed(&'static str),
    #[error(
        "{field} is {found} in the broadcast transaction, but {expected} in the offered payload"
    )]
    Differs { field: String, found: String, expected: String },
    #[error("the signature is not valid: {0}")]
    Signature(&'static str),
    #[error("signed by {found}, but {expected} was expected to sign")]
    OtherSigner { found: String, expected: String },
    #[error("input {place}: {problem}")]
    Input { place: usize, problem: InputProblem },
}

/// The fault of one input of a UTXO chain.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub(crate) enum InputProblem {
    #[error("is not signed")]
    Unsigned,
    #[error("spends a kind of script that wallets do not have")]
    Script,
    #[error("does not provide what its script requires")]
    Unlock,
    #[error("provides another key than the one in its script")]
    Key,
    #[error("is signed by {0}, which was not expected to sign")]
    OtherSigner(String),
    #[error("is signed with another hash type than {0:#04x}")]
    HashType(u8),
    #[error("has a signature that is not in its canonical form")]
    Form,
    #[error(
        "has a signature that is not valid for the transaction, the spent script and its amount"
    )]
    Signature,
}

/// # Errors
/// The first difference between the broadcast and the request.
pub(crate) fn verify(case: &Case<'_>) -> Result<Valid, Rejection> {
    (case.sample.chain().verify)(case)
}

/// A key of secp256k1, in whichever form it is written.
pub(crate) fn to_point(key: &PublicKey) -> Option<VerifyingKey> {
    VerifyingKey::from_sec1_bytes(key.as_bytes()).ok()
}

pub(crate) fn require_equal<T: PartialEq>(
    field: impl Into<String>,
    found: T,
    expected: T,
    show: impl Fn(&T) -> String,
) -> Result<(), Rejection> {
    if found == expected {
        Ok(())
    } else {
        Err(Rejection::Differs {
            field: field.into(),
            found: show(&found),
            expected: show(&expected),
        })
    }
}

pub(crate) fn hex(bytes: impl AsRef<[u8]>) -> String {
    alloy_primitives::hex::encode(bytes)
}

#[cfg(test)]
mod tests;
