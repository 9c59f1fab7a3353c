//! Wallet import format: Base58Check of a version byte, the key, and `01` where the public key is
//! shown in its short form.

use kms_core::KeySpec;
use kms_secret::{PrivateKey, SecretText};
use zeroize::Zeroizing;

use super::{KeyTextError, hex};
use crate::key::SigningKey;

pub(super) fn read(
    spec: &KeySpec,
    text: &str,
    versions: &[u8],
    bare_hex: bool,
) -> Result<SigningKey, KeyTextError> {
    if bare_hex && is_bare_hex(text) {
        let padded = Zeroizing::new(format!("{text:0>64}"));
        return Ok(SigningKey::secp256k1(spec, hex::read(&padded)?, true)?);
    }
    let bytes = bs58::decode(text).with_check(None).into_vec();
    let bytes = Zeroizing::new(bytes.map_err(|error| match error {
        bs58::decode::Error::InvalidChecksum { .. } => KeyTextError::Checksum,
        _ => KeyTextError::NotWif,
    })?);
    let is_compressed = match (bytes.len(), bytes.last()) {
        (34, Some(1)) => true,
        (33, _) => false,
        _ => return Err(KeyTextError::NotWif),
    };
    if !bytes.first().is_some_and(|version| versions.contains(version)) {
        return Err(KeyTextError::Version);
    }
    let secret = bytes.get(1..33).ok_or(KeyTextError::NotWif)?;
    let secret = PrivateKey::init_with(|own| own.copy_from_slice(secret));
    Ok(SigningKey::secp256k1(spec, secret, is_compressed)?)
}

pub(super) fn write(version: u8, secret: &PrivateKey, is_compressed: bool) -> SecretText {
    let mut bytes = Zeroizing::new(Vec::with_capacity(34));
    bytes.push(version);
    bytes.extend_from_slice(secret.expose());
    if is_compressed {
        bytes.push(1);
    }
    SecretText::new(bs58::encode(bytes.as_slice()).with_check().into_string())
}

/// bitcore reads 60 to 64 digits, an even number, as a compressed key.
fn is_bare_hex(text: &str) -> bool {
    (60..=64).contains(&text.len())
        && text.len().is_multiple_of(2)
        && text.bytes().all(|digit| digit.is_ascii_hexdigit())
}
