//! Private keys as hexadecimal digits.

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use kms_core::{KeySpec, Scheme};
use kms_secret::{ExtendedPrivateKey, PrivateKey};
use zeroize::Zeroizing;

use super::KeyTextError;
use crate::key::SigningKey;

const DIGITS: usize = 64;

pub(super) fn read_key(spec: &KeySpec, text: &str) -> Result<SigningKey, KeyTextError> {
    let secret = read(text)?;
    match spec.scheme {
        Scheme::Ed25519 => Ok(SigningKey::ed25519(secret)),
        _ => Ok(SigningKey::secp256k1(spec, secret, true)?),
    }
}

/// With or without `0x`.
pub(super) fn read(text: &str) -> Result<PrivateKey, KeyTextError> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    PrivateKey::try_init_with(|secret| decode(digits, secret).map_err(|()| KeyTextError::NotHex))
}

/// Up to 64 digits, for a number whose leading zeros were left out.
pub(super) fn read_minimal(spec: &KeySpec, text: &str) -> Result<SigningKey, KeyTextError> {
    let digits = text.trim_end_matches(['\n', '\r']);
    if digits.is_empty() || digits.len() > DIGITS {
        return Err(KeyTextError::NotMinimalHex);
    }
    let padded = Zeroizing::new(format!("{digits:0>DIGITS$}"));
    let secret = PrivateKey::try_init_with(|secret| decode(&padded, secret));
    let secret = secret.map_err(|()| KeyTextError::NotMinimalHex)?;
    Ok(SigningKey::secp256k1(spec, secret, true)?)
}

/// Both halves of an extended key of ed25519, the first with the bits that its scalar must have.
pub(super) fn read_extended(text: &str) -> Result<SigningKey, KeyTextError> {
    let secret = ExtendedPrivateKey::try_init_with(|secret| decode(text, secret));
    let secret = secret.map_err(|()| KeyTextError::NotExtendedHex)?;
    let [first, .., last] = secret.expose().split_at(32).0 else {
        return Err(KeyTextError::NotExtendedHex);
    };
    if first & 0b0000_0111 == 0 && last & 0b1100_0000 == 0b0100_0000 {
        Ok(SigningKey::extended(secret))
    } else {
        Err(KeyTextError::NotExtendedHex)
    }
}

pub(super) fn write(secret: &[u8]) -> String {
    HEXLOWER.encode(secret)
}

/// Fills all of `secret`, or says that the digits are not as many.
fn decode(digits: &str, secret: &mut [u8]) -> Result<(), ()> {
    if digits.len() == secret.len().saturating_mul(2) {
        HEXLOWER_PERMISSIVE.decode_mut(digits.as_bytes(), secret).map(drop).map_err(drop)
    } else {
        Err(())
    }
}
