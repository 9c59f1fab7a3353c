//! The formats, each told by what it has and no other.

use serde::{Deserialize, de::IgnoredAny};
use serde_json::Value;

use crate::{bitcoin_core, electrum, error::ImportError, multiversx};

/// Longer than any key on a line, shorter than a forgotten sentence.
const LINE_MAX: usize = 512;
const PHRASE_WORDS_MAX: usize = 30;

/// A format that can be read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Format {
    /// JSON of wallets by id, as `export` prints.
    Export,
    /// A keystore file of version 3.
    Web3,
    /// Trust Wallet's file.
    Trust,
    /// A keystore file of BNB Beacon Chain.
    BnbBeacon,
    /// Kaia's keystore file of version 4.
    KaiaKeyring,
    /// MultiversX's keystore file of version 4.
    MultiversX,
    /// MultiversX's PEM.
    MultiversXPem,
    /// Solana's array of numbers.
    Solana,
    /// A text envelope of cardano-cli.
    Cardano,
    /// Electrum's export in JSON.
    ElectrumJson,
    /// Electrum's export in CSV.
    ElectrumCsv,
    /// The text of `dumpwallet`.
    DumpWallet,
    /// One key per line.
    Lines,
}

impl Format {
    /// The format's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Export => "an export of wallets",
            Self::Web3 => "keystore v3",
            Self::Trust => "Trust Wallet keystore",
            Self::BnbBeacon => "BNB Beacon Chain keystore v1",
            Self::KaiaKeyring => "Kaia keystore v4",
            Self::MultiversX => "MultiversX keystore v4",
            Self::MultiversXPem => "MultiversX PEM",
            Self::Solana => "Solana id.json",
            Self::Cardano => "cardano-cli skey",
            Self::ElectrumJson => "Electrum JSON",
            Self::ElectrumCsv => "Electrum CSV",
            Self::DumpWallet => "dumpwallet",
            Self::Lines => "list of keys",
        }
    }

    /// Returns true if the file is under a password.
    pub const fn needs_password(self) -> bool {
        matches!(
            self,
            Self::Web3 | Self::Trust | Self::BnbBeacon | Self::KaiaKeyring | Self::MultiversX
        )
    }

    /// The code of the one chain that the format belongs to, where it does.
    pub const fn chain(self) -> Option<&'static str> {
        match self {
            Self::BnbBeacon => Some("BNB"),
            Self::KaiaKeyring => Some("KLAY"),
            Self::MultiversX | Self::MultiversXPem => Some("EGLD"),
            Self::Solana => Some("SOL"),
            Self::Cardano => Some("ADA"),
            _ => None,
        }
    }
}

/// The members by which a JSON object is recognised.
#[derive(Deserialize)]
struct Marks {
    version: Option<Value>,
    #[serde(alias = "Crypto")]
    crypto: Option<CryptoMarks>,
    #[serde(rename = "type")]
    kind: Option<Value>,
    keyring: Option<IgnoredAny>,
    #[serde(rename = "cborHex")]
    cbor: Option<IgnoredAny>,
    descriptors: Option<IgnoredAny>,
    data: Option<IgnoredAny>,
    iv: Option<IgnoredAny>,
    salt: Option<IgnoredAny>,
    seed_version: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct CryptoMarks {
    cipher: Option<Value>,
    checksum: Option<IgnoredAny>,
    mac: Option<IgnoredAny>,
}

/// Refuses the databases of Bitcoin Core and its forks by name: BerkeleyDB by its magic number,
/// SQLite by the application id, which is the magic number of a network.
///
/// # Errors
/// When the content is such a database.
pub fn refuse_node_wallet(content: &[u8]) -> Result<(), ImportError> {
    const BERKELEY: [u8; 4] = [0x62, 0x31, 0x05, 0x00];
    const NETWORKS: [[u8; 4]; 7] = [
        [0xf9, 0xbe, 0xb4, 0xd9],
        [0x0b, 0x11, 0x09, 0x07],
        [0x1c, 0x16, 0x3f, 0x28],
        [0x0a, 0x03, 0xcf, 0x40],
        [0xfa, 0xbf, 0xb5, 0xda],
        [0xfb, 0xc0, 0xb6, 0xdb],
        [0xfd, 0xd2, 0xc8, 0xf1],
    ];
    let is_berkeley = content.get(12..16) == Some(&BERKELEY);
    let is_sqlite = content.starts_with(b"SQLite format 3\0");
    let id = content.get(68..72).filter(|_| is_sqlite);
    if is_berkeley || id.is_some_and(|id| NETWORKS.iter().any(|network| network == id)) {
        return Err(ImportError::refused(
            "it is the wallet of a node such as Bitcoin Core; export its keys with dumpwallet and \
             import that text, or import single keys in wallet import format (WIF)",
        ));
    }
    Ok(())
}

/// Tells the format of a text.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn recognise(text: &str) -> Result<Format, ImportError> {
    let trimmed = text.trim_start();
    if trimmed.is_empty() {
        return Err(ImportError::Empty);
    }
    if trimmed.starts_with('{') {
        return of_object(text);
    }
    if let Some(rest) = trimmed.strip_prefix('[') {
        return of_array(rest);
    }
    if multiversx::is_pem(text) {
        return Ok(Format::MultiversXPem);
    }
    let first = trimmed.lines().next().unwrap_or_default().trim_end();
    if first.starts_with(bitcoin_core::HEAD) {
        return Ok(Format::DumpWallet);
    }
    if first == electrum::CSV_HEAD {
        return Ok(Format::ElectrumCsv);
    }
    if is_descriptor(first) {
        return Err(DESCRIPTORS);
    }
    if is_extended_key(first) {
        return Err(ImportError::refused(
            "it is an extended private key, which cannot be a wallet; export the addresses' single \
             keys and import those",
        ));
    }
    if first.starts_with("-----BEGIN ") {
        return Err(ImportError::refused(
            "unknown PEM format; only MultiversX PEM files can be imported",
        ));
    }
    if is_key_or_phrase(first) { Ok(Format::Lines) } else { Err(ImportError::Unknown) }
}

fn of_object(text: &str) -> Result<Format, ImportError> {
    let marks: Marks = serde_json::from_str(text).map_err(|_| ImportError::Unknown)?;
    if let Some(crypto) = &marks.crypto {
        return of_keystore(&marks, crypto);
    }
    let version = marks.version.as_ref().and_then(number);
    if marks.keyring.is_some() && version == Some(4) {
        return Ok(Format::KaiaKeyring);
    }
    if marks.kind.is_some() && marks.cbor.is_some() {
        return Ok(Format::Cardano);
    }
    if marks.descriptors.is_some() {
        return Err(DESCRIPTORS);
    }
    if marks.data.is_some() && marks.iv.is_some() && marks.salt.is_some() {
        return Err(ImportError::refused(
            "it is a MetaMask vault; decrypt it with MetaMask's vault decryptor, store each phrase \
             with storemanagedwallet, and import the private keys as a list",
        ));
    }
    if marks.seed_version.is_some() {
        return Err(ImportError::refused(
            "it is an Electrum wallet file; export the private keys in Electrum (Wallet, Private \
             keys, Export) and import that file",
        ));
    }
    of_members(text)
}

fn of_keystore(marks: &Marks, crypto: &CryptoMarks) -> Result<Format, ImportError> {
    let is = |cipher: &str| crypto.cipher.as_ref().and_then(Value::as_str) == Some(cipher);
    let kind = marks.kind.as_ref().and_then(Value::as_str);
    match marks.version.as_ref().and_then(number) {
        Some(3) if matches!(kind, Some("mnemonic" | "private-key")) => Ok(Format::Trust),
        Some(3) => Ok(Format::Web3),
        Some(4) if crypto.checksum.is_some() => Err(ImportError::refused(
            "it is an EIP-2335 keystore, which contains a validator's key (BLS); such a key cannot \
             sign payments",
        )),
        Some(4) if crypto.mac.is_some() => Ok(Format::MultiversX),
        Some(1) if is("aes-256-ctr") => Ok(Format::BnbBeacon),
        _ => Err(ImportError::refused(
            "it is a keystore file with an unknown version; known are version 3, version 4 of Kaia \
             and MultiversX, and version 1 of BNB Beacon Chain",
        )),
    }
}

fn number(version: &Value) -> Option<u64> {
    version.as_u64().or_else(|| version.as_str()?.parse().ok())
}

/// Tells wallets by id from keys by address.
fn of_members(text: &str) -> Result<Format, ImportError> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Member<'a> {
        Key(#[serde(borrow)] &'a str),
        Wallet {
            #[serde(rename = "chain")]
            _chain: IgnoredAny,
        },
    }
    let members = serde_json::from_str::<std::collections::BTreeMap<String, Member<'_>>>(text);
    let members = members.map_err(|_| ImportError::Unknown)?;
    let is_key = |member: &Member<'_>| match member {
        Member::Key(key) => is_wif(key.split_once(':').map_or(*key, |(_, key)| key)),
        Member::Wallet { .. } => false,
    };
    let is_wallet = |member: &Member<'_>| matches!(member, Member::Wallet { .. });
    if members.values().all(is_wallet) {
        Ok(Format::Export)
    } else if members.values().all(is_key) {
        Ok(Format::ElectrumJson)
    } else {
        Err(ImportError::Unknown)
    }
}

fn of_array(rest: &str) -> Result<Format, ImportError> {
    let rest = rest.trim_start();
    if rest.starts_with(|digit: char| digit.is_ascii_digit()) {
        return Ok(Format::Solana);
    }
    let is_descriptors = rest.starts_with('{') && rest.contains("\"desc\"");
    Err(if is_descriptors { DESCRIPTORS } else { ImportError::Unknown })
}

const DESCRIPTORS: ImportError = ImportError::refused(
    "it is a list of descriptors with extended private keys, which cannot be wallets; import the \
     single keys of the addresses that hold coins, in wallet import format (WIF)",
);

fn is_descriptor(line: &str) -> bool {
    ["pkh(", "wpkh(", "sh(", "wsh(", "tr(", "combo("].iter().any(|kind| line.starts_with(kind))
}

fn is_extended_key(line: &str) -> bool {
    ["xprv", "tprv", "yprv", "zprv", "uprv", "vprv", "Ltpv", "dgpv"]
        .iter()
        .any(|kind| line.starts_with(kind) && line.len() == 111)
}

fn is_wif(text: &str) -> bool {
    (51..=52).contains(&text.len()) && text.bytes().all(|letter| letter.is_ascii_alphanumeric())
}

/// A word without spaces, or a line of words.
fn is_key_or_phrase(line: &str) -> bool {
    let is_text = line.len() <= LINE_MAX && !line.contains(char::is_control);
    let words = line.split_whitespace().count();
    is_text && (words == 1 || (12..=PHRASE_WORDS_MAX).contains(&words))
}
