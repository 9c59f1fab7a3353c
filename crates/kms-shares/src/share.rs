//! One share and its words.

use std::fmt;

use kms_secret::SecretText;
use zeroize::Zeroizing;

use crate::{
    ShareError,
    checksum::{self, CHECKSUM_WORDS},
    words,
};

const WORD_BITS: usize = 10;
const HEADER_WORDS: usize = 4;
/// The least the standard shares.
const VALUE_MIN_BYTES: usize = 16;
/// The standard sets no bound; a key is not longer.
const VALUE_MAX_BYTES: usize = 32;

/// The values that all shares of one secret have in common.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(crate) struct Set {
    /// 15 random bits, which tell sets apart.
    pub(crate) identifier: u16,
    /// True if the encryption leaves the identifier out, so that the encrypted secret can be shared
    /// again.
    pub(crate) extendable: bool,
    pub(crate) iteration_exponent: u8,
    pub(crate) group_threshold: u8,
    pub(crate) group_count: u8,
}

/// One person's share of a secret. Cannot be copied or compared; [`to_words`](Self::to_words) is
/// the only reader, and `Debug` prints its number.
pub struct Share {
    pub(crate) set: Set,
    pub(crate) group_index: u8,
    pub(crate) index: u8,
    pub(crate) threshold: u8,
    /// Of 16 to 32 bytes, an even number of them.
    pub(crate) value: Zeroizing<Vec<u8>>,
}

impl Share {
    /// The number of the share within its group, from 1.
    pub fn number(&self) -> u8 {
        self.index.saturating_add(1)
    }

    /// The number of shares of its group that are needed.
    pub fn threshold(&self) -> u8 {
        self.threshold
    }

    /// The words to write down, separated by a space.
    pub fn to_words(&self) -> SecretText {
        let length = word_count(self.value.len());
        let mut numbers = Zeroizing::new(Vec::with_capacity(length));
        numbers.extend(self.header_words());
        numbers.extend(pack(&self.value).iter());
        let sum = checksum::of(&numbers, self.set.extendable);
        numbers.extend(sum);
        words::write(&numbers)
    }

    /// Reads a share's words, in any case and with any white space.
    ///
    /// # Errors
    /// When the number of words is not a share's, a word is not in the list (the first such is
    /// named by its position), or they do not form a share.
    pub fn parse(text: &SecretText) -> Result<Self, ShareError> {
        let count = words::count(text);
        let length = value_length(count).ok_or(ShareError::WordCount(count))?;
        let numbers = words::read(text)?;
        let (header, rest) =
            numbers.split_first_chunk::<HEADER_WORDS>().ok_or(ShareError::WordCount(count))?;
        let (value, _) =
            rest.split_last_chunk::<CHECKSUM_WORDS>().ok_or(ShareError::WordCount(count))?;
        let mut share = Self::of_header(*header);
        if !checksum::is_right(&numbers, share.set.extendable) {
            return Err(ShareError::Checksum);
        }
        if share.set.group_threshold > share.set.group_count {
            return Err(ShareError::GroupThreshold);
        }
        share.value = unpack(value, length).ok_or(ShareError::Padding)?;
        Ok(share)
    }

    fn header_words(&self) -> [u16; HEADER_WORDS] {
        let set = &self.set;
        let header = [
            (15, set.identifier),
            (1, u16::from(set.extendable)),
            (4, u16::from(set.iteration_exponent)),
            (4, u16::from(self.group_index)),
            (4, u16::from(set.group_threshold.saturating_sub(1))),
            (4, u16::from(set.group_count.saturating_sub(1))),
            (4, u16::from(self.index)),
            (4, u16::from(self.threshold.saturating_sub(1))),
        ]
        .into_iter()
        .fold(0_u64, |header, (bits, field)| (header << bits) | u64::from(field));
        [30, 20, 10, 0].map(|place| low_bits(header >> place, 10))
    }

    /// The share of a header, still without value.
    fn of_header(words: [u16; HEADER_WORDS]) -> Self {
        let mut rest = words.into_iter().fold(0, |header, word| (header << 10) | u64::from(word));
        let mut take = |bits: u32| {
            let field = low_bits(rest, bits);
            rest >>= bits;
            field
        };
        let mut take_four = || u8::try_from(take(4)).unwrap_or_default();
        let threshold = take_four().saturating_add(1);
        let index = take_four();
        let group_count = take_four().saturating_add(1);
        let group_threshold = take_four().saturating_add(1);
        let group_index = take_four();
        let iteration_exponent = take_four();
        let extendable = take(1) == 1;
        let identifier = take(15);
        let set = Set { identifier, extendable, iteration_exponent, group_threshold, group_count };
        Self { set, group_index, index, threshold, value: Zeroizing::default() }
    }
}

impl fmt::Debug for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Share").field(&self.number()).finish()
    }
}

/// The lowest 16 bits or fewer.
fn low_bits(number: u64, bits: u32) -> u16 {
    u16::try_from(number & 1_u64.wrapping_shl(bits).wrapping_sub(1)).unwrap_or_default()
}

fn word_count(value_bytes: usize) -> usize {
    value_bytes.saturating_mul(8).div_ceil(WORD_BITS) + HEADER_WORDS + CHECKSUM_WORDS
}

/// The number of bytes in a share of so many words.
fn value_length(words: usize) -> Option<usize> {
    (VALUE_MIN_BYTES..=VALUE_MAX_BYTES).step_by(2).find(|bytes| word_count(*bytes) == words)
}

/// The bytes as words of ten bits, filled up with zeros on the left.
fn pack(bytes: &[u8]) -> Zeroizing<Vec<u16>> {
    let mut words = Zeroizing::new(Vec::with_capacity(word_count(bytes.len())));
    let (mut held, mut bits) = (Zeroizing::new(0_u64), 0);
    for byte in bytes.iter().rev() {
        *held |= u64::from(*byte) << bits;
        bits += 8;
        if bits >= WORD_BITS {
            words.push(low_bits(*held, 10));
            *held >>= WORD_BITS;
            bits -= WORD_BITS;
        }
    }
    if bits > 0 {
        words.push(low_bits(*held, 10));
    }
    words.reverse();
    words
}

/// The last `length` bytes, or `None` when what is before them is not zero.
fn unpack(words: &[u16], length: usize) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(length));
    let (mut held, mut bits) = (Zeroizing::new(0_u64), 0);
    for word in words.iter().rev() {
        *held |= u64::from(*word) << bits;
        bits += WORD_BITS;
        while bits >= 8 && bytes.len() < length {
            bytes.push(u8::try_from(*held & 0xff).unwrap_or_default());
            *held >>= 8;
            bits -= 8;
        }
    }
    bytes.reverse();
    (*held == 0 && bytes.len() == length).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sealed(mut numbers: Vec<u16>, extendable: bool) -> SecretText {
        let sum = checksum::of(&numbers, extendable);
        numbers.extend(sum);
        words::write(&numbers)
    }

    #[test]
    fn lengths_are_those_of_even_secrets() {
        let lengths: Vec<_> =
            (0..100).filter_map(|words| Some((words, value_length(words)?))).collect();
        let expected = [20, 22, 23, 25, 27, 28, 30, 31, 33];
        let expected = expected.into_iter().zip((16..=32).step_by(2));
        assert_eq!(lengths, expected.collect::<Vec<_>>());
    }

    #[test]
    fn every_bit_of_the_padding_is_looked_at() {
        for (words, length) in (20..=33).filter_map(|words| Some((words, value_length(words)?))) {
            let value = words - HEADER_WORDS - CHECKSUM_WORDS;
            for bit in 0..10 {
                let mut numbers = vec![0; HEADER_WORDS + value];
                numbers[HEADER_WORDS] = 1 << bit;
                let outcome = Share::parse(&sealed(numbers, false));
                let is_padding = bit + (value - 1) * WORD_BITS >= length * 8;
                assert_eq!(
                    outcome.err(),
                    is_padding.then_some(ShareError::Padding),
                    "{words} {bit}"
                );
            }
        }
    }

    proptest! {
        /// Whatever its fields say, a share with a right checksum is refused or written as it
        /// was read.
        #[test]
        fn what_is_read_is_written_again(
            header in prop::array::uniform4(0_u16..1024),
            value in prop::collection::vec(any::<u8>(), 8..=16),
        ) {
            let value: Vec<u8> = value.iter().flat_map(|byte| [*byte, !byte]).collect();
            let numbers = [header.as_slice(), &pack(&value)].concat();
            let text = sealed(numbers, header[1] & 0x10 != 0);
            match Share::parse(&text) {
                Ok(share) => {
                    prop_assert!(share.to_words().is_same(&text));
                    prop_assert_eq!(&*share.value, &value);
                    prop_assert!(share.set.group_threshold <= share.set.group_count);
                    prop_assert_eq!(share.set.identifier, (header[0] << 5) | (header[1] >> 5));
                }
                Err(error) => {
                    prop_assert_eq!(error, ShareError::GroupThreshold);
                    let (threshold, count) =
                        ((header[2] >> 2) & 0xf, ((header[2] & 3) << 2) | (header[3] >> 8));
                    prop_assert!(threshold > count);
                }
            }
        }
    }
}
