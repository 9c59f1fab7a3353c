//! The manifest: a keyed sum over all records, so that one that was added, removed or replaced
//! by an older copy of itself is noticed.
//!
//! Each record adds the HMAC of its sealed bytes to the sum of its bucket, modulo 2²⁵⁶. The root
//! seals the number of records, the sum of all buckets and a revision. Adding or finding a
//! record touches one bucket, whatever the size of the store.

use kms_secret::SealingKey;

use crate::{
    StoreError,
    seal::{TAG_BYTES, mac, open, seal},
    store::{Bucket, RecordStore, SealedRecord},
};

pub(crate) const BUCKETS: u16 = 1024;
/// Two seals a record, and 2³² under one key: more random nonces are not safe (NIST SP 800-38D).
const REVISION_MAX: u64 = 1 << 31;
const ROOT_AAD: &[u8] = b"tatum-kms manifest root";

/// The expected content of the store.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Root {
    /// Grows with every change, by the number of records that it adds and at least by one: so it
    /// bounds how often each key has sealed.
    pub(crate) revision: u64,
    pub(crate) count: u64,
    pub(crate) sum: Sum,
}

/// An unsigned number of 256 bits, big-endian, added modulo 2²⁵⁶.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Sum(pub(crate) [u8; 32]);

impl Sum {
    pub(crate) fn plus(self, other: Self) -> Self {
        let mut sum = [0; 32];
        let mut carry = 0_u16;
        let places = sum.iter_mut().zip(self.0).zip(other.0).rev();
        for ((place, own), added) in places {
            carry = carry.wrapping_add(u16::from(own)).wrapping_add(u16::from(added));
            let [high, low] = carry.to_be_bytes();
            *place = low;
            carry = u16::from(high);
        }
        Self(sum)
    }

    pub(crate) fn minus(self, other: Self) -> Self {
        let one = {
            let mut bytes = [0; 32];
            bytes[31] = 1;
            Self(bytes)
        };
        self.plus(Self(other.0.map(|byte| !byte)).plus(one))
    }
}

/// The bucket of a record, by the first bits of its blind index.
pub fn bucket_of(blind_index: &[u8; 32]) -> u16 {
    let [first, second, ..] = *blind_index;
    u16::from_be_bytes([first, second]) & (BUCKETS - 1)
}

/// The tags stand for the parts they authenticate: no other content has them under the same key.
pub(crate) fn digest(key: &SealingKey, record: &SealedRecord) -> Sum {
    let parts = [record.blind_index.as_slice(), tag(&record.public), tag(&record.secret)];
    Sum(mac(key, b"record", &parts))
}

pub(crate) fn tag(sealed: &[u8]) -> &[u8] {
    let start = sealed.len().saturating_sub(TAG_BYTES);
    sealed.get(start..).unwrap_or_default()
}

impl Root {
    /// The revision after a change that adds records.
    pub(crate) fn after(&self, added: usize) -> Result<u64, StoreError> {
        let step = u64::try_from(added).unwrap_or(u64::MAX).max(1);
        let next = self.revision.saturating_add(step);
        if next <= REVISION_MAX { Ok(next) } else { Err(StoreError::KeyWornOut) }
    }

    pub(crate) fn seal(&self, key: &SealingKey) -> Result<Vec<u8>, StoreError> {
        let (revision, count) = (self.revision.to_be_bytes(), self.count.to_be_bytes());
        seal(key, ROOT_AAD, &[revision.as_slice(), &count, &self.sum.0].concat())
    }

    pub(crate) fn open(key: &SealingKey, sealed: &[u8]) -> Result<Self, StoreError> {
        let damaged =
            StoreError::Damaged("its manifest was changed, or its header is that of another store");
        let Some(opened) = open(key, ROOT_AAD, sealed) else { return Err(damaged) };
        let parts = opened.split_at_checked(8).and_then(|(revision, rest)| {
            let (count, sum) = rest.split_at_checked(8)?;
            Some(Self {
                revision: u64::from_be_bytes(revision.try_into().ok()?),
                count: u64::from_be_bytes(count.try_into().ok()?),
                sum: Sum(sum.try_into().ok()?),
            })
        });
        parts.ok_or(damaged)
    }
}

/// The sums of all buckets, checked against the root.
pub(crate) fn checked_buckets(
    key: &SealingKey,
    backend: &dyn RecordStore,
) -> Result<(Root, Vec<Bucket>), StoreError> {
    let root = Root::open(key, &backend.root()?)?;
    let buckets = backend.buckets()?;
    let total = buckets.iter().fold(Sum::default(), |sum, bucket| sum.plus(Sum(bucket.sum)));
    if total == root.sum {
        Ok((root, buckets))
    } else {
        Err(StoreError::Damaged("its manifest contradicts itself"))
    }
}

pub(crate) fn bucket_sum(buckets: &[Bucket], number: u16) -> Sum {
    let found = buckets.iter().find(|bucket| bucket.number == number);
    found.map_or(Sum::default(), |bucket| Sum(bucket.sum))
}

/// The sums of all buckets, by number.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Sums(Vec<Sum>);

impl Sums {
    pub(crate) fn new() -> Self {
        Self(vec![Sum::default(); usize::from(BUCKETS)])
    }

    pub(crate) fn of_stored(buckets: &[Bucket]) -> Result<Self, StoreError> {
        let mut sums = Self::new();
        for &Bucket { number, sum } in buckets {
            *sums.0.get_mut(usize::from(number)).ok_or_else(tampered)? = Sum(sum);
        }
        Ok(sums)
    }

    pub(crate) fn of_records(key: &SealingKey, records: &[SealedRecord]) -> Self {
        let mut sums = Self::new();
        for record in records {
            if let Some(sum) = sums.0.get_mut(usize::from(bucket_of(&record.blind_index))) {
                *sum = sum.plus(digest(key, record));
            }
        }
        sums
    }

    pub(crate) fn plus(self, other: Self) -> Self {
        Self(self.0.into_iter().zip(other.0).map(|(own, added)| own.plus(added)).collect())
    }
}

/// Checks that a bucket holds exactly the records it should.
pub(crate) fn check_bucket(
    key: &SealingKey,
    records: &[SealedRecord],
    expected: Sum,
) -> Result<(), StoreError> {
    let sum = records.iter().fold(Sum::default(), |sum, record| sum.plus(digest(key, record)));
    if sum == expected { Ok(()) } else { Err(tampered()) }
}

pub(crate) const fn tampered() -> StoreError {
    StoreError::Damaged("a wallet was added, removed, replaced or rolled back")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_seals_no_more_often_than_is_safe() {
        let worn = |revision| Root { revision, ..Root::default() };
        assert_eq!(worn(5).after(0).unwrap(), 6);
        assert_eq!(worn(5).after(256).unwrap(), 261);
        assert_eq!(worn(REVISION_MAX - 256).after(256).unwrap(), REVISION_MAX);
        for (revision, added) in [(REVISION_MAX - 255, 256), (REVISION_MAX, 0), (u64::MAX, 1)] {
            assert!(matches!(worn(revision).after(added), Err(StoreError::KeyWornOut)));
        }
    }

    #[test]
    fn sums_carry_and_wrap() {
        let mut small = [0; 32];
        small[31] = 0xff;
        let mut one = [0; 32];
        one[31] = 1;
        let mut carried = [0; 32];
        carried[30] = 1;
        assert_eq!(Sum(small).plus(Sum(one)), Sum(carried));
        assert_eq!(Sum([0xff; 32]).plus(Sum(one)), Sum::default());
        assert_eq!(Sum(carried).minus(Sum(one)), Sum(small));
        assert_eq!(Sum::default().minus(Sum(one)), Sum([0xff; 32]));
    }
}
