//! From a seed to a key: one file per standard.

pub(crate) mod bip44;
pub(crate) mod icarus;
pub(crate) mod path;
pub(crate) mod slip10;

use thiserror::Error;

use crate::mnemonic::MnemonicError;

/// Bytes of the stack that a derivation uses, at most.
pub(crate) const STACK_BYTES: usize = 32 << 10;

/// The reason why a phrase or an extended public key leads to no key.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum DeriveError {
    #[error("no key can be derived at this path; use another index")]
    NoKey,
    #[error("wallets of this chain are single keys; no key can be derived from a phrase")]
    NoDerivation,
    #[error("this chain cannot derive a key from this phrase: {0}")]
    Phrase(MnemonicError),
    #[error("the extended public key cannot be read")]
    ExtendedKey,
    #[error("the extended public key belongs to another chain or network")]
    ExtendedKeyVersion,
}
