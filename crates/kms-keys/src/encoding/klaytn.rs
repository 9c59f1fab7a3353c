//! Klaytn's wallet key: `0x`, the private key, `0x00`, `0x` and the address, in one string.

use kms_core::KeySpec;
use sha3::{Digest as _, Keccak256};

use super::{KeyTextError, hex};
use crate::key::SigningKey;

const KEY_DIGITS: usize = 64;
const ADDRESS_DIGITS: usize = 40;

/// Reads a private key alone, too.
pub(super) fn read(spec: &KeySpec, text: &str) -> Result<SigningKey, KeyTextError> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    let Some((key, rest)) = digits.split_at_checked(KEY_DIGITS) else {
        return Err(KeyTextError::NotHex);
    };
    let key = hex::read_key(spec, key)?;
    if rest.is_empty() {
        return Ok(key);
    }
    let address = rest.strip_prefix("0x00").and_then(|rest| rest.strip_prefix("0x"));
    let address = address.filter(|address| address.len() == ADDRESS_DIGITS);
    let address = address.ok_or(KeyTextError::NotHex)?;
    if address_of(&key).eq_ignore_ascii_case(address) {
        Ok(key)
    } else {
        Err(KeyTextError::WalletKeyAddress)
    }
}

fn address_of(key: &SigningKey) -> String {
    let point = key.public_key().as_bytes().get(1..).unwrap_or_default();
    hex::write(Keccak256::digest(point).get(12..).unwrap_or_default())
}
