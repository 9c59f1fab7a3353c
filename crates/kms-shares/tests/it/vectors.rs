//! The official vectors, each with the secret or the reason it is refused for.

use data_encoding::HEXLOWER;
use kms_shares::{ShareError, combine_secret};
use serde_json::Value;

use crate::scene::{parse, parse_all, passphrase};

const VECTORS: &str = include_str!("../../vectors/vectors.json");

/// Reads the expected refusal from a case's description. The vectors themselves only say that it is
/// refused.
fn reason(description: &str) -> ShareError {
    let (_, what) = description.split_once(". ").expect("a number");
    match what.split(" (").next().expect("a text") {
        "Mnemonic with invalid checksum" => ShareError::Checksum,
        "Mnemonic with invalid padding" => ShareError::Padding,
        "Basic sharing 2-of-3" => ShareError::TooFew { needed: 2, given: 1 },
        "Mnemonics with different identifiers"
        | "Mnemonics with different iteration exponents"
        | "Mnemonics with mismatching group counts" => ShareError::OtherSet(2),
        // The third of the shares is the one that differs.
        "Mnemonics with mismatching group thresholds" => ShareError::OtherSet(3),
        "Mnemonics with greater group threshold than group counts" => ShareError::GroupThreshold,
        "Mnemonics with duplicate member indices" => ShareError::Duplicate(2),
        "Mnemonics with mismatching member thresholds" => ShareError::OtherThreshold(2),
        "Mnemonics giving an invalid digest" => ShareError::Digest,
        "Insufficient number of groups" => ShareError::TooFewGroups { needed: 2, given: 1 },
        "Threshold number of groups, but insufficient number of members in one group" => {
            ShareError::TooFew { needed: 2, given: 1 }
        }
        "Mnemonic with insufficient length" => ShareError::WordCount(19),
        "Mnemonic with invalid master secret length" => ShareError::WordCount(21),
        other => unreachable!("no reason for: {other}"),
    }
}

#[test]
fn all_official_vectors() {
    let cases: Vec<(String, Vec<String>, String, Value)> =
        serde_json::from_str(VECTORS).expect("cases");
    let (mut good, mut refused) = (0, 0);
    for (description, texts, secret, _) in &cases {
        let texts: Vec<_> = texts.iter().map(String::as_str).collect();
        let outcome = parse_all(&texts)
            .and_then(|shares| combine_secret(&shares, &passphrase("TREZOR")))
            .map(|secret| HEXLOWER.encode(&secret));
        if secret.is_empty() {
            assert_eq!(outcome, Err(reason(description)), "{description}");
            refused += 1;
        } else {
            assert_eq!(outcome.as_deref(), Ok(secret.as_str()), "{description}");
            for text in texts {
                let share = parse(text).expect("a share");
                assert_eq!(share.to_words().expose(), text, "{description}");
            }
            good += 1;
        }
    }
    assert_eq!((good, refused), (15, 30), "of the 45 cases");
}
