//! From a key to its shares.

use kms_secret::{Password, SealingKey};

use crate::{Share, ShareError, feistel, field::Point, share::Set, sharing};

/// The default of the reference implementation. A higher value would only slow down guessing a
/// passphrase, and there is none: a key of 32 random bytes cannot be guessed.
const ITERATION_EXPONENT: u8 = 1;
/// Indices have four bits.
const SHARES_MAX: u8 = 16;
const IDENTIFIER_BITS: u16 = 0x7fff;

/// Shares `key` among `count` people, of whom any `threshold` can put it together.
///
/// # Errors
/// When the numbers do not fit (1 ≤ `threshold` ≤ `count` ≤ 16, and 1 of 1 only, since several
/// shares of which one suffices are copies of the key), or the operating system provides no
/// randomness.
pub fn split(key: &SealingKey, threshold: u8, count: u8) -> Result<Vec<Share>, ShareError> {
    let fits = match threshold {
        0 => false,
        1 => count == 1,
        _ => threshold <= count && count <= SHARES_MAX,
    };
    if !fits {
        return Err(ShareError::Threshold { threshold, count });
    }
    let mut identifier = [0; 2];
    getrandom::fill(&mut identifier).map_err(ShareError::Randomness)?;
    let set = Set {
        identifier: u16::from_be_bytes(identifier) & IDENTIFIER_BITS,
        extendable: true,
        iteration_exponent: ITERATION_EXPONENT,
        group_threshold: 1,
        group_count: 1,
    };
    let encrypted = feistel::encrypt(key.expose(), &Password::new(String::new()), &set);
    let points = sharing::split(threshold, count, &encrypted)?;
    let share =
        |point: Point| Share { set, group_index: 0, index: point.x, threshold, value: point.y };
    Ok(points.into_iter().map(share).collect())
}
