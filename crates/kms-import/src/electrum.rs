//! Electrum's private keys, which state the kind of their address before the key, and its recovery
//! phrases, which are recognised and refused.
//! <https://electrum.readthedocs.io/en/latest/seedphrase.html>

use std::collections::BTreeMap;

use hmac::{Hmac, KeyInit as _, Mac as _};
use kms_core::SecretEncoding;
use kms_secret::{Mnemonic, SecretText};
use sha2::Sha512;
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};
use zeroize::Zeroizing;

use crate::{
    Contents,
    error::ImportError,
    target::{Found, Target},
};

/// The first line of Electrum's CSV.
pub(crate) const CSV_HEAD: &str = "address,private_key";

/// The kinds of Electrum's recovery phrases.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ElectrumPhrase {
    /// Legacy addresses.
    Standard,
    /// Native segwit addresses.
    Segwit,
    /// Legacy, with TrustedCoin's second factor.
    TwoFactor,
    /// Segwit, with TrustedCoin's second factor.
    TwoFactorSegwit,
}

impl ElectrumPhrase {
    /// The kind as Electrum calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Segwit => "segwit",
            Self::TwoFactor => "2fa",
            Self::TwoFactorSegwit => "2fa_segwit",
        }
    }

    /// A sentence for whoever offers such a phrase.
    pub fn advice(self) -> String {
        format!(
            "it is an Electrum recovery phrase of type {}, which is not BIP-39 and leads to other \
             keys; export the private keys in Electrum (Wallet, Private keys, Export) and import \
             that file",
            self.name()
        )
    }
}

/// Tells a recovery phrase of Electrum by its version: the first hexadecimal digits of
/// HMAC-SHA512 over the normalised words, under the key `Seed version`.
///
/// One phrase in 200 has such digits by chance, so ask only about one that is not BIP-39's.
pub fn electrum_phrase(phrase: &Mnemonic) -> Option<ElectrumPhrase> {
    let text = normalise(phrase.expose());
    if !(11..=30).contains(&text.split(' ').count()) {
        return None;
    }
    let mac = Hmac::<Sha512>::new_from_slice(b"Seed version").ok()?;
    let code = mac.chain_update(text.as_bytes()).finalize().into_bytes();
    match *code.as_slice() {
        [0x01, ..] => Some(ElectrumPhrase::Standard),
        [0x10, second, ..] => match second >> 4 {
            0 => Some(ElectrumPhrase::Segwit),
            1 => Some(ElectrumPhrase::TwoFactor),
            2 => Some(ElectrumPhrase::TwoFactorSegwit),
            _ => None,
        },
        _ => None,
    }
}

/// Lower case, without accents, single spaces.
fn normalise(phrase: &str) -> Zeroizing<String> {
    let plain: String = phrase.nfkd().filter(|&letter| !is_combining_mark(letter)).collect();
    let plain = Zeroizing::new(plain);
    let lower = Zeroizing::new(plain.to_lowercase());
    Zeroizing::new(lower.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Tells a key with the kind of its address before it.
pub(crate) fn is_key(text: &str) -> bool {
    text.split_once(':').is_some_and(|(kind, _)| is_kind(kind))
}

fn is_kind(kind: &str) -> bool {
    matches!(kind, "p2pkh" | "p2wpkh" | "p2wpkh-p2sh" | "p2sh" | "p2wsh" | "p2wsh-p2sh")
}

/// Reads `kind:WIF`, or a WIF alone. `named` are addresses that the file gives it.
pub(crate) fn read_key(
    text: &str,
    target: &Target<'_>,
    named: &[&str],
) -> Result<Found, ImportError> {
    let (kind, key) = text.split_once(':').unwrap_or(("", text));
    if !matches!(target.keys.encoding, SecretEncoding::Wif { .. }) {
        return Err(ImportError::refused(
            "it is a key of Bitcoin or a related chain, but --chain names another",
        ));
    }
    match kind {
        "" | "p2pkh" => (),
        "p2wpkh" | "p2wpkh-p2sh" if matches!(target.chain, "BTC" | "LTC") => (),
        "p2wpkh" | "p2wpkh-p2sh" => {
            return Err(ImportError::refused(
                "its address is a SegWit address, which wallets of this chain do not have",
            ));
        }
        "p2sh" | "p2wsh" | "p2wsh-p2sh" => {
            return Err(ImportError::refused(
                "it is a key of a script, such as multisig; a wallet has a single key",
            ));
        }
        _ => return Err(ImportError::refused("the address kind before the colon is not known")),
    }
    let mut found = target.key(SecretText::new(key.to_owned()), named)?;
    let is_named = named.contains(&found.address.as_str());
    match named.first().filter(|_| !is_named) {
        Some(other) if found.notes.is_empty() => found.notes.push(format!(
            "{}: the file names {}, another kind of address of the same key; payments from both \
             are signed",
            found.address,
            crate::address::shown(other)
        )),
        None if named.is_empty() && !matches!(kind, "" | "p2wpkh") && target.chain == "BTC" => {
            found.notes.push(format!(
                "{}: according to the file, the coins are on the key's {kind} address; payments \
                 from there are signed too",
                found.address
            ));
        }
        _ => (),
    }
    Ok(found)
}

/// Reads JSON of addresses and keys.
pub(crate) fn read_json(text: &str, target: &Target<'_>) -> Result<Contents, ImportError> {
    let keys: BTreeMap<&str, &str> = serde_json::from_str(text)
        .map_err(|_| damaged("it is not a JSON object with one key per address"))?;
    let keys = keys.into_iter().map(|(address, key)| read_key(key, target, &[address]));
    Ok(keys.collect::<Result<Vec<_>, _>>()?.into())
}

/// Reads CSV of addresses and keys.
pub(crate) fn read_csv(text: &str, target: &Target<'_>) -> Result<Contents, ImportError> {
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate().skip(1) {
        let number = number.saturating_add(1);
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        let cells = line.split_once(',').filter(|(_, key)| !key.contains(','));
        let (address, key) =
            cells.ok_or(damaged("the line is not an address and a key").at(Some(number)))?;
        let unquoted = |cell: &str| cell.trim().trim_matches('"').trim().to_owned();
        let key = Zeroizing::new(unquoted(key));
        let key = read_key(&key, target, &[&unquoted(address)])
            .map_err(|error| error.at(Some(number)))?;
        found.push(key.on_line(number));
    }
    Ok(found.into())
}

const fn damaged(problem: &'static str) -> ImportError {
    ImportError::Damaged { format: "Electrum's list of keys", problem }
}
