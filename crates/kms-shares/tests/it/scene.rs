//! Keys, and shares as people type them.

use kms_secret::{Password, SealingKey, SecretText};
use kms_shares::{Share, ShareError, combine, split};

pub(crate) fn key(seed: u8) -> SealingKey {
    SealingKey::init_with(|bytes| {
        for (byte, place) in bytes.iter_mut().zip(0_u8..) {
            *byte = seed.wrapping_mul(31).wrapping_add(place.wrapping_mul(7));
        }
    })
}

pub(crate) fn passphrase(text: &str) -> Password {
    Password::new(text.to_owned())
}

/// The words of each share of a new set.
pub(crate) fn shares(key: &SealingKey, threshold: u8, count: u8) -> Vec<String> {
    let shares = split(key, threshold, count).expect("shares");
    shares.iter().map(|share| share.to_words().expose().to_owned()).collect()
}

pub(crate) fn parse(text: &str) -> Result<Share, ShareError> {
    Share::parse(&SecretText::new(text.to_owned()))
}

pub(crate) fn parse_all(texts: &[&str]) -> Result<Vec<Share>, ShareError> {
    texts.iter().map(|text| parse(text)).collect()
}

pub(crate) fn combine_texts(texts: &[&str]) -> Result<SealingKey, ShareError> {
    combine(&parse_all(texts)?)
}

/// Those of `all` whose bit is set.
pub(crate) fn chosen(all: &[String], bits: u32) -> Vec<&str> {
    let all = all.iter().enumerate();
    all.filter(|(place, _)| bits & (1 << place) != 0).map(|(_, text)| text.as_str()).collect()
}
