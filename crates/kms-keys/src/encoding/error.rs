//! Reasons why a text is not a private key of a chain.

use thiserror::Error;

use crate::key::NoKeyError;

/// The reason why a text is not a private key of the chain. Never repeats the text.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum KeyTextError {
    #[error("a private key of this chain is 64 hexadecimal digits, with or without 0x")]
    NotHex,
    #[error("a private key of this chain is up to 64 hexadecimal digits, without 0x")]
    NotMinimalHex,
    #[error("a private key of this chain is an extended ed25519 key of 128 hexadecimal digits")]
    NotExtendedHex,
    #[error("a private key of this chain is in wallet import format (WIF)")]
    NotWif,
    #[error("a secret of this chain is a family seed: s and characters of XRPL's base58")]
    NotFamilySeed,
    #[error("a secret of this chain is a seed: S and 55 characters of base32")]
    NotStellarSeed,
    #[error("a private key of this chain is a seed and its public key, in base58 or hexadecimal")]
    NotSolanaKeypair,
    #[error("a secret of this chain is a seed and its public key, in 103 characters of base32")]
    NotAlgorandKey,
    #[error("the checksum of the private key is wrong; a character was probably mistyped")]
    Checksum,
    #[error("the private key belongs to another chain or network")]
    Version,
    #[error("the wallet key names an address that does not belong to its private key")]
    WalletKeyAddress,
    #[error("the private key is zero, or not below the order of its curve")]
    OutOfRange,
}

impl From<NoKeyError> for KeyTextError {
    fn from(_: NoKeyError) -> Self {
        Self::OutOfRange
    }
}
