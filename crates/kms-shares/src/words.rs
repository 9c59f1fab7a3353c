//! The word list of SLIP-39, [as published][list]. Words are found and named by going through the
//! whole list, so that neither time nor memory access tells which.
//!
//! [list]: https://github.com/satoshilabs/slips/blob/master/slip-0039/wordlist.txt

use kms_secret::SecretText;
use subtle::{ConditionallySelectable as _, ConstantTimeEq as _};
use zeroize::Zeroizing;

use crate::ShareError;

const LIST: &str = include_str!("words.txt");
/// No word is longer, so that each fits a number.
const LETTERS_MAX: usize = 8;
const UNKNOWN: u16 = u16::MAX;

/// The list's words and their numbers.
fn list() -> impl Iterator<Item = (u16, u64)> {
    (0..).zip(LIST.lines().map(|word| packed(word).unwrap_or_default()))
}

/// A word's letters in one number, in lower case; `None` when it cannot be in the list.
fn packed(word: &str) -> Option<u64> {
    let mut letters = Zeroizing::new([0; LETTERS_MAX]);
    letters.get_mut(..word.len())?.copy_from_slice(word.as_bytes());
    letters.make_ascii_lowercase();
    // A word with a zero byte at its end would be packed like the one without.
    word.bytes().all(|letter| letter.is_ascii_alphabetic()).then(|| u64::from_be_bytes(*letters))
}

/// The words of `text`, whatever their case and the white space between them.
pub(crate) fn count(text: &SecretText) -> usize {
    text.expose().split_whitespace().count()
}

/// The numbers of the words of `text`.
///
/// # Errors
/// At the first word that is not in the list.
pub(crate) fn read(text: &SecretText) -> Result<Zeroizing<Vec<u16>>, ShareError> {
    let count = count(text);
    let mut typed = Zeroizing::new(Vec::with_capacity(count));
    // The packed form of no word is 0.
    typed.extend(text.expose().split_whitespace().map(|word| packed(word).unwrap_or_default()));
    let mut numbers = Zeroizing::new(vec![UNKNOWN; count]);
    for (number, word) in list() {
        for (found, typed) in numbers.iter_mut().zip(typed.iter()) {
            found.conditional_assign(&number, word.ct_eq(typed));
        }
    }
    match (1..).zip(numbers.iter()).find(|(_, number)| **number == UNKNOWN) {
        None => Ok(numbers),
        Some((place, _)) => Err(ShareError::UnknownWord(place)),
    }
}

/// The words of these numbers, separated by a space.
pub(crate) fn write(numbers: &[u16]) -> SecretText {
    let mut words = Zeroizing::new(vec![0_u64; numbers.len()]);
    for (number, word) in list() {
        for (found, wanted) in words.iter_mut().zip(numbers) {
            found.conditional_assign(&word, number.ct_eq(wanted));
        }
    }
    let mut text = String::with_capacity(numbers.len().saturating_mul(LETTERS_MAX + 1));
    for word in words.iter() {
        if !text.is_empty() {
            text.push(' ');
        }
        let letters = Zeroizing::new(word.to_be_bytes());
        text.extend(
            letters.iter().filter(|letter| **letter != 0).map(|letter| char::from(*letter)),
        );
    }
    SecretText::new(text)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The properties that the standard guarantees for its list.
    #[test]
    fn the_list_is_that_of_the_standard() {
        let words: Vec<_> = LIST.lines().collect();
        assert_eq!(words.len(), 1024);
        assert!(words.is_sorted());
        assert!(words.iter().all(|word| (4..=8).contains(&word.len())));
        assert!(words.iter().all(|word| word.bytes().all(|letter| letter.is_ascii_lowercase())));
        let starts: BTreeSet<_> = words.iter().map(|word| &word[..4]).collect();
        assert_eq!(starts.len(), 1024);
        assert_eq!((words[0], words[1023]), ("academic", "zero"));
    }

    #[test]
    fn every_word_is_found_and_named() {
        let all = SecretText::new(LIST.lines().collect::<Vec<_>>().join(" "));
        let numbers = read(&all).unwrap();
        assert_eq!(*numbers, (0..1024).collect::<Vec<_>>());
        assert!(write(&numbers).is_same(&all));
    }

    #[test]
    fn the_first_unknown_word_is_named_by_its_place() {
        let place = |text: &str| read(&SecretText::new(text.to_owned())).err();
        assert_eq!(place("academic ZERO\u{a0}\n Acid\t"), None);
        for unknown in ["acade", "academics", "acid\0", "acid\u{301}", "0", "\u{212a}ernel"] {
            let text = format!("academic {unknown} zzzz");
            assert_eq!(place(&text), Some(ShareError::UnknownWord(2)), "{unknown}");
        }
    }
}
