//! Reasons why a text is no private key of a chain.

use thiserror::Error;

use crate::key::NoKeyError;

/// The reason why a text is no private key of the chain. Never repeats the text.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum KeyTextError {
    #[error("a private key of this chain is 64 hexadecimal digits, with or without 0x")]
    NotHex,
    #[error("a private key of this chain is up to 64 hexadecimal digits, without 0x")]
    NotMinimalHex,
    #[error("a private key of this chain is 128 hexadecimal digits, an extended key of ed25519")]
    NotExtendedHex,
    #[error("a private key of this chain is in wallet import format (WIF)")]
    NotWif,
    #[error("a secret of this chain is a family seed: s and letters of XRPL's base58")]
    NotFamilySeed,
    #[error("a secret of this chain is a seed: S and 55 letters of base32")]
    NotStellarSeed,
    #[error("a private key of this chain is base58 or hexadecimal of a seed and its public key")]
    NotSolanaKeypair,
    #[error("a secret of this chain is base32 of a seed and its public key, 103 letters")]
    NotAlgorandKey,
    #[error("the checksum of the private key is wrong; one of its letters is not the right one")]
    Checksum,
    #[error("the private key is one of another chain or network")]
    Version,
    #[error("the wallet key names another address than its private key has")]
    WalletKeyAddress,
    #[error("the private key is not below the order of its curve, or zero")]
    OutOfRange,
}

impl From<NoKeyError> for KeyTextError {
    fn from(_: NoKeyError) -> Self {
        Self::OutOfRange
    }
}
