//! Stellar's seeds: base32 of a version byte, the seed, and a CRC-16.
//! <https://github.com/stellar/stellar-protocol/blob/master/ecosystem/sep-0023.md>

use data_encoding::BASE32_NOPAD;
use kms_secret::{PrivateKey, SecretText};
use zeroize::Zeroizing;

use super::KeyTextError;
use crate::key::SigningKey;

/// Makes the text begin with `S`.
const VERSION: u8 = 18 << 3;
const LETTERS: usize = 56;

pub(super) fn read(text: &str) -> Result<SigningKey, KeyTextError> {
    if text.len() != LETTERS {
        return Err(KeyTextError::NotStellarSeed);
    }
    let bytes = BASE32_NOPAD.decode(text.as_bytes()).map_err(|_| KeyTextError::NotStellarSeed)?;
    let bytes = Zeroizing::new(bytes);
    let [VERSION, seed @ .., low, high] = bytes.as_slice() else {
        return Err(KeyTextError::NotStellarSeed);
    };
    if crc16(VERSION, seed).to_le_bytes() != [*low, *high] {
        return Err(KeyTextError::Checksum);
    }
    let seed = <&[u8; 32]>::try_from(seed).map_err(|_| KeyTextError::NotStellarSeed)?;
    Ok(SigningKey::ed25519(PrivateKey::init_with(|own| *own = *seed)))
}

pub(super) fn write(key: &ed25519_dalek::SigningKey) -> SecretText {
    let seed = key.as_bytes();
    let mut bytes = Zeroizing::new(Vec::with_capacity(35));
    bytes.push(VERSION);
    bytes.extend_from_slice(seed);
    bytes.extend_from_slice(&crc16(VERSION, seed).to_le_bytes());
    SecretText::new(BASE32_NOPAD.encode(&bytes))
}

/// CRC-16/XMODEM: polynomial x¹⁶ + x¹² + x⁵ + 1, starting from zero.
fn crc16(first: u8, rest: &[u8]) -> u16 {
    const POLYNOMIAL: u16 = 0x1021;
    let step = |crc: u16, _| if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ POLYNOMIAL };
    let take = |crc: u16, byte: &u8| (0..8).fold(crc ^ (u16::from(*byte) << 8), step);
    [first].iter().chain(rest).fold(0, take)
}
