//! Lists with one key per line, each in one of its chain's notations.

use data_encoding::{BASE32_NOPAD, BASE64, HEXLOWER_PERMISSIVE};
use kms_core::SecretEncoding;
use kms_keys::{SeedAlgorithm, key_of_words};
use kms_secret::SecretText;
use zeroize::Zeroizing;

use crate::{
    Contents, cardano,
    electrum::{self, electrum_phrase},
    error::ImportError,
    solana,
    target::{Found, Secret, Target},
};

const KEYS_MAX: usize = 1_000_000;
/// Kaia's wallet key: `0x`, 64 digits, `0x00`, `0x`, 40 digits.
const WALLET_KEY_LETTERS: usize = 112;
/// The letters of a key encrypted with BIP-38.
const BIP38_LETTERS: usize = 58;
const ALGORAND_WORDS: usize = 25;

/// An error names the line and repeats nothing of it.
pub(crate) fn read_all(text: &str, target: &Target<'_>) -> Result<Contents, ImportError> {
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let number = number.saturating_add(1);
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        if found.len() >= KEYS_MAX {
            return Err(ImportError::TooMany.at(Some(number)));
        }
        let key = read(line, target).map_err(|error| error.at(Some(number)))?;
        found.push(key.on_line(number));
    }
    Ok(found.into())
}

fn read(line: &str, target: &Target<'_>) -> Result<Found, ImportError> {
    let words = line.split_whitespace().count();
    if words > 1 {
        return read_words(line, words, target);
    }
    if line.len() == BIP38_LETTERS && line.starts_with("6P") {
        return Err(ImportError::refused(
            "it is a BIP-38 encrypted key; decrypt it with the tool that made it, and import the \
             key in wallet import format (WIF)",
        ));
    }
    match target.keys.encoding {
        SecretEncoding::Wif { .. } if electrum::is_key(line) => {
            electrum::read_key(line, target, &[])
        }
        SecretEncoding::ExtendedHex => match cardano::read_text(line, target) {
            Some(found) => found,
            None => target.key(SecretText::new(line.to_owned()), &[]),
        },
        SecretEncoding::SolanaKeypair => match solana::read_seed(line, target) {
            Some(found) => found,
            None => target.key(SecretText::new(line.to_owned()), &[]),
        },
        SecretEncoding::FamilySeed => read_family_seed(line, target),
        SecretEncoding::AlgorandKey => read_algorand(line, target),
        SecretEncoding::KlaytnWalletKey if line.len() == WALLET_KEY_LETTERS => {
            read_wallet_key(line, target)
        }
        SecretEncoding::BareHex if target.chain == "EGLD" && line.len() == 128 => {
            let pair = HEXLOWER_PERMISSIVE.decode(line.as_bytes()).map(Zeroizing::new);
            let not_hex = ImportError::refused("it is not a string of hexadecimal digits");
            target.key_of_pair(&pair.map_err(|_| not_hex)?, &[])
        }
        _ => target.key(SecretText::new(line.to_owned()), &[]),
    }
}

/// Algorand's words are a key. Those of other phrases are not stored from a list, where nobody
/// sees the path that they lead to.
fn read_words(line: &str, words: usize, target: &Target<'_>) -> Result<Found, ImportError> {
    if target.keys.encoding == SecretEncoding::AlgorandKey && words == ALGORAND_WORDS {
        let phrase = SecretText::new(line.split_whitespace().collect::<Vec<_>>().join(" "));
        let key = key_of_words(&phrase.to_mnemonic())?;
        let text = key.to_text(target.keys, target.network);
        return target.found(&key, Secret::Key(text), &[]);
    }
    let phrase = SecretText::new(line.to_owned()).to_mnemonic();
    if kms_keys::check(&phrase, false).is_ok() {
        return Err(ImportError::refused(
            "it is a recovery phrase; store it with storemanagedwallet, which shows its address \
             and derivation path",
        ));
    }
    if let Some(kind) = electrum_phrase(&phrase) {
        return Err(ImportError::Refused(kind.advice().into()));
    }
    Err(ImportError::refused("it is neither a key nor a recovery phrase"))
}

/// A seed leads to two accounts; its prefix selects one.
fn read_family_seed(line: &str, target: &Target<'_>) -> Result<Found, ImportError> {
    let is_raw = ["ED", "00"].iter().any(|kind| line.starts_with(kind)) && line.len() == 66;
    if is_raw && line.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return Err(ImportError::refused(
            "it is a bare private key, as xrpl.js shows it; import the family seed (s…) that it \
             was made from instead",
        ));
    }
    let text = SecretText::new(line.to_owned());
    let usual = SeedAlgorithm::of(&text)?;
    let key = target.wishes.algorithm.unwrap_or(usual).key(target.keys, &text)?;
    let own = key.to_text(target.keys, target.network);
    let mut found = target.found(&key, Secret::Key(own), &[])?;
    if usual == SeedAlgorithm::Secp256k1 && target.wishes.algorithm.is_none() {
        let other = SeedAlgorithm::Ed25519.key(target.keys, &text)?;
        let other = target.found(&other, Secret::Key(text), &[])?;
        found.notes.push(format!(
            "{}: the seed was read as a secp256k1 seed, as rippled and xrpl.js 5 do; xrpl.js 4 \
             reads it as an ed25519 seed, whose account is {}. --key-type ed25519 imports that \
             account",
            found.address, other.address
        ));
    }
    Ok(found)
}

/// Base64 of seed and public key, as Algorand's Python library writes it, or the chain's own
/// base32.
fn read_algorand(line: &str, target: &Target<'_>) -> Result<Found, ImportError> {
    let pair = BASE64.decode(line.as_bytes()).ok().map(Zeroizing::new);
    match pair.filter(|pair| pair.len() == 64) {
        Some(pair) => target.key(SecretText::new(BASE32_NOPAD.encode(&pair)), &[]),
        None => target.key(SecretText::new(line.to_owned()), &[]),
    }
}

fn read_wallet_key(line: &str, target: &Target<'_>) -> Result<Found, ImportError> {
    let parts = line.split_at_checked(66).and_then(|(key, rest)| {
        Some((key, rest.strip_prefix("0x00").filter(|address| address.starts_with("0x"))?))
    });
    let (key, address) = parts
        .ok_or(ImportError::refused("it has the length of a Kaia wallet key but is not one"))?;
    target.key(SecretText::new(key.to_owned()), &[address])
}
