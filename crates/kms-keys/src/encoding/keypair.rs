//! A seed of ed25519 with its public key behind it, as Solana and Algorand write keys.

use data_encoding::{BASE32_NOPAD, HEXLOWER_PERMISSIVE};
use kms_secret::{PrivateKey, SecretText};
use zeroize::Zeroizing;

use super::KeyTextError;
use crate::key::SigningKey;

const BYTES: usize = 64;
const HEX_DIGITS: usize = 128;
const BASE58_MAX: usize = 88;
const BASE32_LETTERS: usize = 103;

pub(super) fn read_solana(text: &str) -> Result<SigningKey, KeyTextError> {
    let bytes = match text.len() {
        HEX_DIGITS => HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok(),
        1..=BASE58_MAX => bs58::decode(text).into_vec().ok(),
        _ => None,
    };
    of_pair(&Zeroizing::new(bytes.ok_or(KeyTextError::NotSolanaKeypair)?))
        .ok_or(KeyTextError::NotSolanaKeypair)
}

pub(super) fn read_algorand(text: &str) -> Result<SigningKey, KeyTextError> {
    let letters = text.strip_suffix('=').unwrap_or(text);
    if letters.len() != BASE32_LETTERS {
        return Err(KeyTextError::NotAlgorandKey);
    }
    let letters = Zeroizing::new(letters.to_ascii_uppercase());
    let bytes = BASE32_NOPAD.decode(letters.as_bytes()).map_err(|_| KeyTextError::NotAlgorandKey);
    of_pair(&Zeroizing::new(bytes?)).ok_or(KeyTextError::NotAlgorandKey)
}

pub(super) fn write_solana(key: &ed25519_dalek::SigningKey) -> SecretText {
    SecretText::new(bs58::encode(Zeroizing::new(key.to_keypair_bytes()).as_slice()).into_string())
}

pub(super) fn write_algorand(key: &ed25519_dalek::SigningKey) -> SecretText {
    SecretText::new(BASE32_NOPAD.encode(Zeroizing::new(key.to_keypair_bytes()).as_slice()))
}

/// `None` unless the second half is the public key of the first.
fn of_pair(bytes: &[u8]) -> Option<SigningKey> {
    let (seed, public) = bytes.split_at_checked(BYTES / 2)?;
    let seed = <&[u8; 32]>::try_from(seed).ok()?;
    let key = SigningKey::ed25519(PrivateKey::init_with(|own| *own = *seed));
    (key.public_key().as_bytes() == public).then_some(key)
}
