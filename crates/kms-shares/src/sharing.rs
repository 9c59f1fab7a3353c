//! Shamir's scheme with a digest, as SLIP-39 has it: the secret lies at 255, at 254 its digest.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::{
    ShareError,
    field::{Point, interpolate},
};

const SECRET_X: u8 = 255;
const DIGEST_X: u8 = 254;
const DIGEST_BYTES: usize = 4;

/// `count` points, of which any `threshold` give the secret.
///
/// # Errors
/// When the operating system provides no randomness.
pub(crate) fn split(threshold: u8, count: u8, secret: &[u8]) -> Result<Vec<Point>, ShareError> {
    let copy = || Zeroizing::new(secret.to_vec());
    if threshold == 1 {
        return Ok((0..count).map(|x| Point { x, y: copy() }).collect());
    }
    let mut known = Vec::with_capacity(usize::from(threshold));
    for x in 0..threshold.saturating_sub(2) {
        known.push(Point { x, y: random(secret.len())? });
    }
    known.push(Point { x: DIGEST_X, y: digest_value(secret)? });
    known.push(Point { x: SECRET_X, y: copy() });
    Ok((0..count).map(|x| Point { x, y: interpolate(&known, x) }).collect())
}

/// The secret of `threshold` points or more.
///
/// # Errors
/// When it does not match its digest. With a threshold of 1 there is no digest.
pub(crate) fn recover(threshold: u8, points: &[Point]) -> Result<Zeroizing<Vec<u8>>, ShareError> {
    if let ([only], 1) = (points, threshold) {
        return Ok(only.y.clone());
    }
    let secret = interpolate(points, SECRET_X);
    let value = interpolate(points, DIGEST_X);
    let (told, key) = value.split_first_chunk::<DIGEST_BYTES>().ok_or(ShareError::Digest)?;
    if bool::from(digest(key, &secret)?.ct_eq(told)) { Ok(secret) } else { Err(ShareError::Digest) }
}

/// The digest and the random key it was made with.
fn digest_value(secret: &[u8]) -> Result<Zeroizing<Vec<u8>>, ShareError> {
    let mut value = random(secret.len())?;
    let (place, key) = value.split_first_chunk_mut().ok_or(ShareError::Digest)?;
    *place = digest(key, secret)?;
    Ok(value)
}

fn digest(key: &[u8], secret: &[u8]) -> Result<[u8; DIGEST_BYTES], ShareError> {
    // HMAC takes keys of any length.
    let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(|_| ShareError::Digest)?;
    mac.update(secret);
    let whole = Zeroizing::new(<[u8; 32]>::from(mac.finalize().into_bytes()));
    whole.first_chunk().copied().ok_or(ShareError::Digest)
}

fn random(length: usize) -> Result<Zeroizing<Vec<u8>>, ShareError> {
    let mut bytes = Zeroizing::new(vec![0; length]);
    getrandom::fill(&mut bytes).map_err(ShareError::Randomness)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pick(points: &[Point], chosen: u32) -> Vec<Point> {
        let chosen = points.iter().filter(|point| chosen & (1 << point.x) != 0);
        chosen.map(|point| Point { x: point.x, y: point.y.clone() }).collect()
    }

    #[test]
    fn every_subset_of_the_right_size_gives_the_secret_and_no_smaller_one() {
        let secret: Vec<u8> = (0..32).collect();
        for count in 2..=7 {
            for threshold in 2..=count {
                let points = split(threshold, count, &secret).unwrap();
                for chosen in 0..1_u32 << count {
                    let some = pick(&points, chosen);
                    let outcome = recover(threshold, &some);
                    if chosen.count_ones() >= u32::from(threshold) {
                        assert_eq!(*outcome.unwrap(), secret)
                    } else {
                        assert_eq!(outcome.err(), Some(ShareError::Digest))
                    }
                }
            }
        }
    }

    /// With one share less than needed, the digest aside, a last share can be made up for every
    /// secret.
    #[test]
    fn too_few_shares_fit_every_secret() {
        let points = split(3, 3, &[7; 16]).unwrap();
        for guess in 0..=u8::MAX {
            let mut some = pick(&points, 0b011);
            some.push(Point { x: SECRET_X, y: Zeroizing::new(vec![guess; 16]) });
            let third = interpolate(&some, 2);
            some.truncate(2);
            some.push(Point { x: 2, y: third });
            assert_eq!(*interpolate(&some, SECRET_X), [guess; 16]);
        }
    }

    #[test]
    fn every_altered_bit_is_noticed() {
        let points = split(2, 2, &[7; 16]).unwrap();
        for bit in 0..128 {
            let mut altered = pick(&points, 0b11);
            altered[1].y[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(recover(2, &altered).err(), Some(ShareError::Digest), "{bit}");
        }
    }

    #[test]
    fn shares_of_one_secret_are_new_each_time() {
        let (first, second) = (split(2, 2, &[7; 16]).unwrap(), split(2, 2, &[7; 16]).unwrap());
        assert_ne!(first[0].y, second[0].y);
        let mixed = [Point { x: 0, y: first[0].y.clone() }, Point { x: 1, y: second[1].y.clone() }];
        assert_eq!(recover(2, &mixed).err(), Some(ShareError::Digest));
    }
}
