//! The key of a mint account that the API made for one transaction and sent along.
//!
//! It belongs to no wallet: it proves that the new account's address has a key, and is worthless
//! once the account exists. This is the only key that this crate ever sees; it only signs the
//! transaction that it came with, and is wiped.

use std::fmt;

use ed25519_dalek::{Signer as _, SigningKey};
use kms_core::DecodeError;
use zeroize::Zeroizing;

use super::message::Key;
use crate::codec::hex;

const HEX_DIGITS: usize = 128;

pub(super) struct MintKey(SigningKey);

impl fmt::Debug for MintKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MintKey")
    }
}

impl MintKey {
    /// Reads hexadecimal or base58 of a seed and its public key.
    ///
    /// # Errors
    /// When it is neither, or the public key is another's. The error does not repeat it.
    pub(super) fn read(text: &str) -> Result<Self, DecodeError> {
        let bytes = match text.len() {
            HEX_DIGITS => hex::decode(text),
            0..HEX_DIGITS => bs58::decode(text).into_vec().ok(),
            _ => None,
        };
        let bytes = bytes.map(Zeroizing::new).and_then(|bytes| {
            let pair: &[u8; 64] = bytes.as_slice().try_into().ok()?;
            SigningKey::from_keypair_bytes(pair).ok()
        });
        bytes.map(Self).ok_or_else(|| DecodeError::field("mintPK", "is not a Solana key"))
    }

    pub(super) fn public(&self) -> Key {
        self.0.verifying_key().to_bytes()
    }

    pub(super) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}
