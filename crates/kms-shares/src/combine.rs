//! From shares to the secret.

use std::collections::BTreeMap;

use kms_secret::{Password, SealingKey};
use zeroize::Zeroizing;

use crate::{Share, ShareError, feistel, field::Point, sharing};

const KEY_BYTES: usize = 32;

/// Puts a key together that was shared without passphrase.
///
/// SLIP-39's digest detects shares that do not belong together, but not that a key is the wrong
/// one: with a threshold of 1 there is no digest. Test the key on the store that it opens.
///
/// # Errors
/// As [`combine_secret`], and when the secret does not have 32 bytes.
pub fn combine(shares: &[Share]) -> Result<SealingKey, ShareError> {
    let length = shares.first().ok_or(ShareError::NoShares)?.value.len();
    if length != KEY_BYTES {
        return Err(ShareError::SecretLength(length));
    }
    let secret = combine_secret(shares, &Password::new(String::new()))?;
    SealingKey::try_init_with(|key| {
        if secret.len() == key.len() {
            key.copy_from_slice(&secret);
            Ok(())
        } else {
            Err(ShareError::SecretLength(secret.len()))
        }
    })
}

/// Puts a secret of any length together, from one group or several. Every passphrase yields another
/// secret; none is wrong.
///
/// # Errors
/// When the shares are not exactly those that are needed, all of one set and each another, or
/// do not fit the digest; when the passphrase is not printable ASCII, which is all that the
/// standard allows.
pub fn combine_secret(
    shares: &[Share],
    passphrase: &Password,
) -> Result<Zeroizing<Vec<u8>>, ShareError> {
    if !passphrase.expose().bytes().all(|letter| (b' '..=b'~').contains(&letter)) {
        return Err(ShareError::Passphrase);
    }
    let set = shares.first().ok_or(ShareError::NoShares)?.set;
    let groups = sort(shares)?;
    let (needed, given) = (set.group_threshold, groups.len());
    if given < usize::from(needed) {
        return Err(ShareError::TooFewGroups { needed, given });
    }
    if given > usize::from(needed) {
        return Err(ShareError::TooManyGroups { needed, given });
    }
    let points: Result<Vec<_>, _> =
        groups.iter().map(|(x, group)| Ok(Point { x: *x, y: group.secret()? })).collect();
    let encrypted = sharing::recover(needed, &points?)?;
    Ok(feistel::decrypt(&encrypted, passphrase, &set))
}

/// Shares of one group, each another.
struct Group {
    threshold: u8,
    points: Vec<Point>,
}

impl Group {
    fn secret(&self) -> Result<Zeroizing<Vec<u8>>, ShareError> {
        let (needed, given) = (self.threshold, self.points.len());
        if given < usize::from(needed) {
            return Err(ShareError::TooFew { needed, given });
        }
        if given > usize::from(needed) {
            return Err(ShareError::TooMany { needed, given });
        }
        sharing::recover(needed, &self.points)
    }
}

/// The shares by their group, all of one set.
fn sort(shares: &[Share]) -> Result<BTreeMap<u8, Group>, ShareError> {
    let mut groups = BTreeMap::new();
    for (place, share) in (1..).zip(shares) {
        let is_of_set = shares
            .first()
            .is_some_and(|first| share.set == first.set && share.value.len() == first.value.len());
        if !is_of_set {
            return Err(ShareError::OtherSet(place));
        }
        let group = groups
            .entry(share.group_index)
            .or_insert_with(|| Group { threshold: share.threshold, points: Vec::new() });
        if group.threshold != share.threshold {
            return Err(ShareError::OtherThreshold(place));
        }
        if group.points.iter().any(|point| point.x == share.index) {
            return Err(ShareError::Duplicate(place));
        }
        group.points.push(Point { x: share.index, y: share.value.clone() });
    }
    Ok(groups)
}
