//! Shares that were misread, cut off, mixed or made up.

use kms_shares::{ShareError, combine, combine_secret};
use proptest::prelude::*;

use crate::scene::{combine_texts, key, parse, parse_all, passphrase, shares};

const LIST: &str = include_str!("../../src/words.txt");

fn words(share: &str) -> Vec<&str> {
    share.split(' ').collect()
}

fn outcome(words: &[&str]) -> Option<ShareError> {
    parse(&words.join(" ")).err()
}

#[test]
fn a_changed_word_is_noticed_wherever_it_is() {
    let list: Vec<_> = LIST.lines().collect();
    let share = shares(&key(1), 2, 3).remove(0);
    for place in 0..33 {
        for other in list.iter().skip(place).step_by(97) {
            let mut changed = words(&share);
            if changed[place] != *other {
                changed[place] = other;
                assert_eq!(outcome(&changed), Some(ShareError::Checksum), "{place} {other}");
            }
        }
        let mut changed = words(&share);
        changed[place] = "qwertz";
        let error = outcome(&changed).expect("an error");
        assert_eq!(error, ShareError::UnknownWord(place + 1));
        assert!(!format!("{error} {error:?}").contains("qwertz"));
    }
}

#[test]
fn swapped_words_are_noticed() {
    let share = shares(&key(1), 2, 3).remove(0);
    for first in 0..33 {
        for second in first + 1..33 {
            let mut swapped = words(&share);
            swapped.swap(first, second);
            let expected = (swapped != words(&share)).then_some(ShareError::Checksum);
            assert_eq!(outcome(&swapped), expected, "{first} {second}");
        }
    }
}

#[test]
fn a_word_too_few_or_too_many_is_noticed() {
    let share = shares(&key(1), 2, 3).remove(0);
    let whole = words(&share);
    for length in 0..33 {
        let expected = match length {
            20 | 22 | 23 | 25 | 27 | 28 | 30 | 31 => ShareError::Checksum,
            _ => ShareError::WordCount(length),
        };
        assert_eq!(outcome(&whole[..length]), Some(expected), "{length}");
    }
    for place in 0..=33 {
        let mut longer = whole.clone();
        longer.insert(place, "academic");
        assert_eq!(outcome(&longer), Some(ShareError::WordCount(34)), "{place}");
    }
    let endless = "academic ".repeat(100_000);
    assert_eq!(parse(&endless).err(), Some(ShareError::WordCount(100_000)));
}

#[test]
fn case_and_white_space_do_not_matter() {
    let all = shares(&key(1), 2, 2);
    let loud = format!("\n\t {} \r\n", all[0].to_uppercase().replace(' ', "\n  "));
    let spaced = all[1].replace(' ', "\u{a0}\t");
    let combined = combine_texts(&[&loud, &spaced]).expect("a key");
    assert_eq!(combined.expose(), key(1).expose());
    let hyphens = all[1].replace(' ', "-");
    assert_eq!(parse(&hyphens).err(), Some(ShareError::WordCount(1)));
}

#[test]
fn shares_of_another_set_are_refused() {
    let ours = shares(&key(1), 3, 5);
    // The identifier has 15 bits, so that two sets may have the same.
    let foreign = loop {
        let foreign = shares(&key(1), 3, 5);
        if words(&foreign[0])[..2] != words(&ours[0])[..2] {
            break foreign;
        }
    };
    for place in 1..3 {
        let mut mixed: Vec<_> = ours[..3].iter().map(String::as_str).collect();
        mixed[place] = &foreign[place];
        assert_eq!(combine_texts(&mixed).err(), Some(ShareError::OtherSet(place + 1)));
    }
}

#[test]
fn a_share_counts_once() {
    let all = shares(&key(1), 3, 5);
    let twice = [all[0].as_str(), &all[1], &all[0]];
    assert_eq!(combine_texts(&twice).err(), Some(ShareError::Duplicate(3)));
}

#[test]
fn secrets_that_are_no_keys_are_refused_before_any_work() {
    // The first official vector: 16 bytes, one of one.
    let short = "duckling enlarge academic academic agency result length solution fridge kidney \
                 coal piece deal husband erode duke ajar critical decision keyboard";
    assert_eq!(combine_texts(&[short]).err(), Some(ShareError::SecretLength(16)));
    let all = shares(&key(1), 2, 2);
    assert_eq!(combine_texts(&[&all[0], short]).err(), Some(ShareError::OtherSet(2)));
    assert_eq!(combine(&[]).err(), Some(ShareError::NoShares));
    let nothing = combine_secret(&[], &passphrase(""));
    assert_eq!(nothing.err(), Some(ShareError::NoShares));
}

#[test]
fn passphrases_are_printable_ascii() {
    let all = shares(&key(1), 1, 1);
    let parsed = parse_all(&[&all[0]]).expect("a share");
    for text in ["caf\u{e9}", "a\tb", "\u{7f}"] {
        let outcome = combine_secret(&parsed, &passphrase(text));
        assert_eq!(outcome.err(), Some(ShareError::Passphrase), "{text:?}");
    }
    let other = combine_secret(&parsed, &passphrase(" ~")).expect("another secret");
    assert_ne!(other.as_slice(), key(1).expose());
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in ".{0,400}") {
        prop_assert!(parse(&text).is_err());
    }

    #[test]
    fn no_words_make_the_reader_panic(
        picked in prop::collection::vec(0_usize..1024, 18..=35),
        noise in prop::collection::vec(("[ \t\r\n]{1,3}", any::<bool>()), 35),
    ) {
        let list: Vec<_> = LIST.lines().collect();
        let text: String = picked
            .iter()
            .zip(&noise)
            .map(|(word, (space, is_loud))| {
                let word = list[*word];
                let word = if *is_loud { word.to_uppercase() } else { word.to_owned() };
                format!("{word}{space}")
            })
            .collect();
        let error = parse(&text).err();
        prop_assert!(
            matches!(error, Some(ShareError::Checksum | ShareError::WordCount(_))),
            "{error:?}"
        );
    }
}
