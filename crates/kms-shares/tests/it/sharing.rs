//! Every way to share a key gives it back, and no other.

use kms_secret::SealingKey;
use kms_shares::{ShareError, combine, split};
use proptest::prelude::*;

use crate::scene::{chosen, combine_texts, key, shares};

#[test]
fn every_subset_of_the_right_size_gives_the_key_and_no_other_does() {
    for count in 2..=4 {
        for threshold in 2..=count {
            let key = key(count * 16 + threshold);
            let all = shares(&key, threshold, count);
            assert_eq!(all.len(), usize::from(count));
            for bits in 0..1_u32 << count {
                let some = chosen(&all, bits);
                let (needed, given) = (threshold, some.len());
                let outcome = combine_texts(&some);
                let expected = match given {
                    0 => Some(ShareError::NoShares),
                    _ if given < usize::from(needed) => Some(ShareError::TooFew { needed, given }),
                    _ if given > usize::from(needed) => Some(ShareError::TooMany { needed, given }),
                    _ => None,
                };
                match outcome {
                    Ok(combined) => assert_eq!((combined.expose(), expected), (key.expose(), None)),
                    Err(error) => assert_eq!(Some(error), expected),
                }
            }
        }
    }
}

#[test]
fn one_may_keep_a_key_alone() {
    let all = shares(&key(1), 1, 1);
    assert_eq!(combine_texts(&[&all[0]]).expect("a key").expose(), key(1).expose());
    assert_eq!(
        combine_texts(&[&all[0], &all[0]]).err(),
        Some(ShareError::Duplicate(2)),
        "even the same share twice"
    );
}

#[test]
fn senseless_numbers_are_refused() {
    for (threshold, count) in
        [(0, 0), (0, 1), (1, 0), (1, 2), (1, 16), (2, 1), (3, 2), (2, 17), (17, 17), (255, 255)]
    {
        let outcome = split(&key(1), threshold, count).err();
        assert_eq!(outcome, Some(ShareError::Threshold { threshold, count }));
    }
}

/// One group of one, extendable, iteration exponent 1, and the share's own place.
#[test]
fn shares_say_what_they_are() {
    let list: Vec<_> = include_str!("../../src/words.txt").lines().collect();
    for (index, share) in shares(&key(1), 5, 16).iter().enumerate() {
        let words: Vec<_> = share.split(' ').collect();
        let number = |place: usize| list.iter().position(|word| *word == words[place]);
        assert_eq!(number(1).map(|set| set & 0b11111), Some(0b10001));
        assert_eq!(number(2), Some(0), "group 0, 1 of 1 groups");
        assert_eq!(number(3), Some((index << 4) | 4));
    }
}

#[test]
fn shares_know_their_place_and_are_new_each_time() {
    let first = split(&key(1), 2, 16).expect("shares");
    let numbers: Vec<_> = first.iter().map(|share| (share.number(), share.threshold())).collect();
    assert_eq!(numbers, (1..=16).map(|number| (number, 2)).collect::<Vec<_>>());
    let second = split(&key(1), 2, 16).expect("shares");
    for (first, second) in first.iter().zip(&second) {
        assert!(!first.to_words().is_same(&second.to_words()));
    }
    assert_eq!(format!("{:?}", first[2]), "Share(3)");
    assert_eq!(first[2].to_words().expose().split(' ').count(), 33);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_key_any_numbers_any_choice(
        bytes in any::<[u8; 32]>(),
        (threshold, order) in (2_u8..=16).prop_flat_map(|count| {
            let order: Vec<u8> = (0..count).collect();
            (2..=count, Just(order).prop_shuffle())
        }),
    ) {
        let key = SealingKey::init_with(|key| *key = bytes);
        let count = u8::try_from(order.len()).expect("few");
        let mut shares: Vec<_> =
            split(&key, threshold, count).expect("shares").into_iter().map(Some).collect();
        let mut chosen: Vec<_> = order[..usize::from(threshold)]
            .iter()
            .map(|place| shares[usize::from(*place)].take().expect("each once"))
            .collect();
        let combined = combine(&chosen).expect("a key");
        prop_assert_eq!(combined.expose(), &bytes);
        chosen.pop();
        let given = chosen.len();
        let too_few = ShareError::TooFew { needed: threshold, given };
        prop_assert_eq!(combine(&chosen).err(), Some(too_few));
    }
}
