//! Addresses: a public key in bech32, the same on every network.

use bech32::{Bech32, Hrp};

use crate::codec::hex;

pub(super) const KEY_BYTES: usize = 32;
const HRP: Hrp = Hrp::parse_unchecked("erd");

pub(super) fn spell(key: &[u8; KEY_BYTES]) -> String {
    // 32 bytes are never too long for bech32.
    bech32::encode::<Bech32>(HRP, key).unwrap_or_default()
}

/// Reads what [`read`] reads, bech32 in capitals, and the key in hexadecimal.
pub(super) fn read_any(text: &str) -> Option<[u8; KEY_BYTES]> {
    let is_in_capitals = !text.bytes().any(|byte| byte.is_ascii_lowercase());
    let lower = is_in_capitals.then(|| text.to_ascii_lowercase());
    read(lower.as_deref().unwrap_or(text)).or_else(|| hex::decode_array(text))
}

pub(super) fn read(text: &str) -> Option<[u8; KEY_BYTES]> {
    let (hrp, key) = bech32::decode(text).ok().filter(|_| text.starts_with("erd1"))?;
    let key: [u8; KEY_BYTES] = key.try_into().ok()?;
    (hrp == HRP && spell(&key) == text).then_some(key)
}
