//! Recovery phrases of BIP-39.

use kms_secret::{Mnemonic, Seed};
use pbkdf2::pbkdf2_hmac;
use rand_core::TryCryptoRng;
use sha2::Sha512;
use thiserror::Error;
use unicode_normalization::UnicodeNormalization as _;
use zeroize::{Zeroize as _, Zeroizing};

/// 24 words, as the original generates.
const ENTROPY_BYTES: usize = 32;
const ROUNDS: u32 = 2048;
/// Longer than any phrase of 24 words in any word list.
const PHRASE_MAX_BYTES: usize = 1024;

/// The reason why a phrase is refused. Never repeats the phrase.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum MnemonicError {
    #[error("the recovery phrase is empty")]
    Empty,
    #[error("the recovery phrase is too long")]
    TooLong,
    #[error("a recovery phrase has 12, 15, 18, 21 or 24 words; this one has {0}")]
    WordCount(usize),
    #[error("word {0} of the recovery phrase is not in the word list")]
    UnknownWord(usize),
    #[error("a recovery phrase of this chain has 25 words; this one has {0}")]
    NotAlgorandWords(usize),
    #[error("the checksum of the recovery phrase is wrong; a word was probably mistyped")]
    Checksum,
}

/// A new phrase of 24 English words.
///
/// # Errors
/// When the operating system provides no randomness.
pub fn generate<R: TryCryptoRng>(rng: &mut R) -> Result<Mnemonic, R::Error> {
    let mut entropy = Zeroizing::new([0_u8; ENTROPY_BYTES]);
    rng.try_fill_bytes(entropy.as_mut_slice())?;
    Ok(match bip39::Mnemonic::from_entropy(entropy.as_ref()) {
        Ok(mut phrase) => {
            let text = Mnemonic::new(phrase.to_string());
            phrase.zeroize();
            text
        }
        // 32 bytes are always enough for 24 words.
        Err(_) => Mnemonic::new(String::new()),
    })
}

/// The phrase as BIP-39 has it: its words, joined by single spaces.
#[must_use]
pub fn canonical(mnemonic: &Mnemonic) -> Mnemonic {
    let typed = mnemonic.expose();
    let mut text = String::with_capacity(typed.len().saturating_add(1));
    for word in typed.split_whitespace() {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(word);
    }
    Mnemonic::new(text)
}

/// Returns true if a phrase is written as [`canonical`] writes it.
pub fn is_canonical(mnemonic: &Mnemonic) -> bool {
    mnemonic.expose() == canonical(mnemonic).expose()
}

/// Checks words and checksum.
///
/// # Errors
/// When the phrase is not one of BIP-39. With `lenient`, only when it is empty or absurdly long:
/// a phrase the original would have taken derives the same keys here.
pub fn check(mnemonic: &Mnemonic, lenient: bool) -> Result<(), MnemonicError> {
    let text = mnemonic.expose();
    if text.trim().is_empty() {
        return Err(MnemonicError::Empty);
    }
    if text.len() > PHRASE_MAX_BYTES {
        return Err(MnemonicError::TooLong);
    }
    if lenient {
        return Ok(());
    }
    entropy(mnemonic).map(drop)
}

/// The phrase as other tools read it, in lower case with one space between words; `None` for one
/// that is written so. The seed follows from the letters, so the two may be two wallets.
pub fn standard_form(mnemonic: &Mnemonic) -> Option<Mnemonic> {
    let text = mnemonic.expose();
    let words = Zeroizing::new(text.to_lowercase());
    let mut form = Zeroizing::new(String::with_capacity(words.len()));
    for word in words.split_whitespace() {
        if !form.is_empty() {
            form.push(' ');
        }
        form.push_str(word);
    }
    (*form != text).then(|| Mnemonic::new(std::mem::take(&mut *form)))
}

/// The bytes that the words spell.
pub(crate) fn entropy(mnemonic: &Mnemonic) -> Result<Zeroizing<Vec<u8>>, MnemonicError> {
    let normal = Zeroizing::new(mnemonic.expose().nfkd().collect::<String>());
    match bip39::Mnemonic::parse_in_normalized(bip39::Language::English, &normal) {
        Ok(mut phrase) => {
            let entropy = Zeroizing::new(phrase.to_entropy());
            phrase.zeroize();
            Ok(entropy)
        }
        Err(bip39::Error::BadWordCount(words)) => Err(MnemonicError::WordCount(words)),
        Err(bip39::Error::UnknownWord(place)) => {
            Err(MnemonicError::UnknownWord(place.saturating_add(1)))
        }
        Err(_) => Err(MnemonicError::Checksum),
    }
}

/// A word's place in the English list, which Algorand's phrases use too.
pub(crate) fn word_number(word: &str) -> Option<u16> {
    bip39::Language::English.find_word(word)
}

/// Stretches a phrase, whatever its words, to its seed (BIP-39, without passphrase).
pub(crate) fn seed(mnemonic: &Mnemonic) -> Seed {
    let normal = Zeroizing::new(mnemonic.expose().nfkd().collect::<String>());
    Seed::init_with(|seed| pbkdf2_hmac::<Sha512>(normal.as_bytes(), b"mnemonic", ROUNDS, seed))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phrase(text: &str) -> Mnemonic {
        Mnemonic::new(text.to_owned())
    }

    #[test]
    fn other_tools_read_white_space_and_capitals_as_one_spelling() {
        let form = |text| standard_form(&phrase(text)).map(|form| form.expose().to_owned());
        assert_eq!(form("abandon about"), None);
        for odd in ["abandon  about", " abandon about", "Abandon\tABOUT", "abandon about\n"] {
            assert_eq!(form(odd).as_deref(), Some("abandon about"), "{odd:?}");
        }
    }

    /// The first vector of BIP-39's reference implementation, without passphrase.
    #[test]
    fn the_seed_is_that_of_bip_39() {
        let twelve = phrase(
            &["abandon "; 11].concat().replace("  ", " ").trim_end().to_owned().add(" about"),
        );
        let expected = "5eb00bbddcf069084889a8ab9155568165f5c453ccb85e70811aaed6f6da5fc1\
                        9a5ac40b389cd370d086206dec8aa6c43daea6690f20ad3d8d48b2d2ce9e38e4";
        assert_eq!(data_encoding::HEXLOWER.encode(seed(&twelve).expose()), expected);
        assert_eq!(check(&twelve, false), Ok(()));
    }

    #[test]
    fn what_is_wrong_with_a_phrase_is_said_without_repeating_it() {
        assert_eq!(check(&phrase(" "), true), Err(MnemonicError::Empty));
        assert_eq!(check(&phrase("abandon about"), false), Err(MnemonicError::WordCount(2)));
        let unknown = phrase(&"abandon ".repeat(11).add("zzzz"));
        assert_eq!(check(&unknown, false), Err(MnemonicError::UnknownWord(12)));
        assert_eq!(check(&phrase(&"abandon ".repeat(12)), false), Err(MnemonicError::Checksum));
        assert_eq!(check(&phrase("not a real mnemonic at all"), true), Ok(()));
    }

    use std::ops::Add as _;
}
