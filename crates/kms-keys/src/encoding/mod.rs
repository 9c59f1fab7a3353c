//! How the outside world spells private keys. Errors never repeat what was read.

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use kms_core::{ByNetwork, KeySpec, Network, SecretEncoding};
use kms_secret::{PrivateKey, SecretText};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::signing_key::{NoKeyError, SigningKey};

#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum KeyTextError {
    #[error("a private key of this chain is 64 hexadecimal digits, with or without 0x")]
    NotHex,
    #[error("a private key of this chain is in wallet import format (WIF)")]
    NotWif,
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

pub(crate) fn read(
    spec: &KeySpec,
    network: Network,
    text: &SecretText,
) -> Result<SigningKey, KeyTextError> {
    let text = text.expose();
    match spec.encoding {
        SecretEncoding::PrefixedHex | SecretEncoding::BareHex => {
            Ok(SigningKey::new(spec, read_hex(text)?, true)?)
        }
        SecretEncoding::KlaytnWalletKey => read_klaytn(spec, text),
        SecretEncoding::Wif { read, bare_hex, .. } => {
            read_wif(spec, text, read.on(network), bare_hex)
        }
    }
}

pub(crate) fn write(
    spec: &KeySpec,
    network: Network,
    secret: &PrivateKey,
    is_compressed: bool,
) -> SecretText {
    match spec.encoding {
        SecretEncoding::PrefixedHex | SecretEncoding::KlaytnWalletKey => {
            let digits = Zeroizing::new(HEXLOWER.encode(secret.expose()));
            SecretText::new(format!("0x{}", digits.as_str()))
        }
        SecretEncoding::BareHex => SecretText::new(HEXLOWER.encode(secret.expose())),
        SecretEncoding::Wif { written, .. } => {
            let version: &ByNetwork<u8> = &written;
            let mut bytes = Zeroizing::new(Vec::with_capacity(34));
            bytes.push(*version.on(network));
            bytes.extend_from_slice(secret.expose());
            if is_compressed {
                bytes.push(1);
            }
            SecretText::new(bs58::encode(bytes.as_slice()).with_check().into_string())
        }
    }
}

fn read_hex(text: &str) -> Result<PrivateKey, KeyTextError> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    PrivateKey::try_init_with(|secret| decode(digits, secret))
}

fn decode(digits: &str, secret: &mut [u8; 32]) -> Result<(), KeyTextError> {
    match digits.len() == 64 {
        true => HEXLOWER_PERMISSIVE
            .decode_mut(digits.as_bytes(), secret)
            .map(|_| ())
            .map_err(|_| KeyTextError::NotHex),
        false => Err(KeyTextError::NotHex),
    }
}

/// `0x`, the key, `0x00`, `0x` and the address.
fn read_klaytn(spec: &KeySpec, text: &str) -> Result<SigningKey, KeyTextError> {
    const DIGITS: usize = 64;
    let digits = text.strip_prefix("0x").unwrap_or(text);
    let Some((key, rest)) = digits.split_at_checked(DIGITS) else {
        return Err(KeyTextError::NotHex);
    };
    let key = SigningKey::new(spec, read_hex(key)?, true)?;
    if rest.is_empty() {
        return Ok(key);
    }
    let address = rest.strip_prefix("0x00").and_then(|rest| rest.strip_prefix("0x"));
    let address = address.filter(|address| address.len() == 40).ok_or(KeyTextError::NotHex)?;
    match klaytn_address(&key).eq_ignore_ascii_case(address) {
        true => Ok(key),
        false => Err(KeyTextError::WalletKeyAddress),
    }
}

fn klaytn_address(key: &SigningKey) -> String {
    use sha3::{Digest as _, Keccak256};
    let point = key.public_key().as_bytes().get(1..).unwrap_or_default();
    HEXLOWER.encode(Keccak256::digest(point).get(12..).unwrap_or_default())
}

fn read_wif(
    spec: &KeySpec,
    text: &str,
    versions: &[u8],
    bare_hex: bool,
) -> Result<SigningKey, KeyTextError> {
    if bare_hex && is_bare_hex(text) {
        let padded = Zeroizing::new(format!("{text:0>64}"));
        return Ok(SigningKey::new(spec, read_hex(&padded)?, true)?);
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
    Ok(SigningKey::new(spec, secret, is_compressed)?)
}

/// bitcore reads 60 to 64 digits, an even number, as a compressed key.
fn is_bare_hex(text: &str) -> bool {
    (60..=64).contains(&text.len())
        && text.len().is_multiple_of(2)
        && text.bytes().all(|digit| digit.is_ascii_hexdigit())
}
