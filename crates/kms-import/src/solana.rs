//! Solana's keys: the array of numbers that its command line writes, and shorter spellings.

use curve25519_dalek::edwards::CompressedEdwardsY;
use data_encoding::HEXLOWER_PERMISSIVE;
use zeroize::Zeroizing;

use crate::{
    Contents,
    error::ImportError,
    target::{Found, Target},
};

const FORMAT: &str = "Solana's array of numbers";
const SEED_BYTES: usize = 32;
const PAIR_BYTES: usize = 64;

/// Reads `[1,2,…]`: 64 numbers, seed and public key, or the 32 of the seed alone.
pub(crate) fn read_numbers(text: &str, target: &Target<'_>) -> Result<Contents, ImportError> {
    let inner = text.trim().strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let inner = inner.ok_or(damaged("it has no end"))?;
    let mut bytes = Zeroizing::new([0_u8; PAIR_BYTES]);
    let mut length: usize = 0;
    for number in inner.split(',') {
        let place = bytes.get_mut(length).ok_or(damaged("it has more than 64 numbers"))?;
        *place = number
            .trim()
            .parse()
            .map_err(|_| damaged("an element is not a number from 0 to 255"))?;
        length = length.saturating_add(1);
    }
    let (seed, _) = bytes.split_at(SEED_BYTES);
    let found = match length {
        PAIR_BYTES => target.key_of_pair(bytes.as_slice(), &[])?,
        SEED_BYTES => target.key_of_bytes(seed, &[])?,
        _ => return Err(damaged("it does not have 64 or 32 numbers")),
    };
    Ok(vec![found].into())
}

/// Reads a seed alone: 64 hexadecimal digits, or base58 of 32 bytes. `None` for another text.
pub(crate) fn read_seed(text: &str, target: &Target<'_>) -> Option<Result<Found, ImportError>> {
    if text.len() == 2 * SEED_BYTES {
        let seed = HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok().map(Zeroizing::new)?;
        return Some(target.key_of_bytes(&seed, &[]));
    }
    let seed = bs58::decode(text).into_vec().ok().map(Zeroizing::new)?;
    let seed = <&[u8; SEED_BYTES]>::try_from(seed.as_slice()).ok()?;
    // Every address is a point of the curve, and half of all seeds are.
    if CompressedEdwardsY(*seed).decompress().is_some() {
        return Some(Err(ImportError::refused(
            "base58 of 32 bytes may be an address as well as a seed; write the seed as 64 \
             hexadecimal digits",
        )));
    }
    Some(target.key_of_bytes(seed, &[]))
}

const fn damaged(problem: &'static str) -> ImportError {
    ImportError::Damaged { format: FORMAT, problem }
}
