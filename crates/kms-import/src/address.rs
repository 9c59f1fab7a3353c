//! Addresses that files name, compared with a key's own. One account has many spellings.

use bech32::segwit;
use data_encoding::HEXLOWER;
use kms_core::{Network, PublicKey};
use ripemd::Ripemd160;
use sha2::{Digest as _, Sha256};
use sha3::Keccak256;

const HASH_BYTES: usize = 20;
/// The longest address that is shown: a Cardano base address.
const SHOWN_MAX: usize = 108;

/// Returns true if an address that a file names is one of the key, whose usual address is `own`.
pub(crate) fn belongs(named: &str, own: &str, public: &PublicKey) -> bool {
    if named == own || own.split_once(':').is_some_and(|(_, rest)| rest == named) {
        return true;
    }
    if let Some(account) = evm_account(named) {
        return evm_account(own) == Some(account) || evm_account_of(public) == Some(account);
    }
    hash_of_bitcoin_address(named).is_some_and(|hash| {
        let short = Ripemd160::digest(Sha256::digest(public.as_bytes()));
        let program = [&[0x00, 0x14], short.as_slice()].concat();
        let nested = Ripemd160::digest(Sha256::digest(program));
        hash == short.as_slice() || hash == nested.as_slice()
    })
}

/// The account of 20 bytes behind `0x…`, `xdc…`, `one1…` or bare digits.
fn evm_account(address: &str) -> Option<[u8; HASH_BYTES]> {
    if let Some(("one", bytes)) = decode_bech32(address).as_ref().map(|(hrp, b)| (hrp.as_str(), b))
    {
        return bytes.as_slice().try_into().ok();
    }
    let lower = address.to_ascii_lowercase();
    let digits = lower.strip_prefix("0x").or_else(|| lower.strip_prefix("xdc")).unwrap_or(&lower);
    HEXLOWER.decode(digits.as_bytes()).ok()?.try_into().ok()
}

fn evm_account_of(public: &PublicKey) -> Option<[u8; HASH_BYTES]> {
    let point = public.as_bytes().strip_prefix(&[0x04])?;
    Keccak256::digest(point).get(12..)?.try_into().ok()
}

/// The hash in an address of Bitcoin's family, whatever its version.
fn hash_of_bitcoin_address(address: &str) -> Option<Vec<u8>> {
    if let Ok((_, version, program)) = segwit::decode(address) {
        return (version == segwit::VERSION_0).then_some(program);
    }
    let bytes = bs58::decode(address).with_check(None).into_vec().ok()?;
    bytes.get(1..).filter(|hash| hash.len() == HASH_BYTES).map(<[u8]>::to_vec)
}

fn decode_bech32(address: &str) -> Option<(String, Vec<u8>)> {
    let (hrp, bytes) = bech32::decode(address).ok()?;
    Some((hrp.to_lowercase(), bytes))
}

/// The network that an address of Bitcoin's family is of, where its first letters or its version
/// say that: Bitcoin's, Litecoin's, Dogecoin's.
pub(crate) fn network_of(address: &str) -> Option<Network> {
    const TEST_PREFIXES: [&str; 7] = ["tb", "bcrt", "tltc", "rltc", "bchtest", "bchreg", "tmweb"];
    const TEST_VERSIONS: [u8; 4] = [0x6f, 0xc4, 0x3a, 0x71];
    const MAIN_PREFIXES: [&str; 4] = ["bc", "ltc", "bitcoincash", "ltcmweb"];
    const MAIN_VERSIONS: [u8; 6] = [0x00, 0x05, 0x30, 0x32, 0x1e, 0x16];
    let prefix = address.split_once(':').or_else(|| address.rsplit_once('1'));
    let prefix = prefix.map(|(prefix, _)| prefix.to_ascii_lowercase()).unwrap_or_default();
    let bytes = bs58::decode(address).with_check(None).into_vec().ok();
    let version = bytes.filter(|bytes| bytes.len() == HASH_BYTES + 1);
    let version = version.and_then(|bytes| bytes.first().copied());
    let is_of = |prefixes: &[&str], versions: &[u8]| {
        prefixes.contains(&prefix.as_str())
            || version.is_some_and(|version| versions.contains(&version))
    };
    if is_of(&TEST_PREFIXES, &TEST_VERSIONS) {
        return Some(Network::Testnet);
    }
    is_of(&MAIN_PREFIXES, &MAIN_VERSIONS).then_some(Network::Mainnet)
}

/// The address, if it can be shown: one word of letters and digits.
pub(crate) fn shown(address: &str) -> String {
    let is_word = address.bytes().all(|letter| letter.is_ascii_alphanumeric() || letter == b':');
    if is_word && address.len() <= SHOWN_MAX {
        address.to_owned()
    } else {
        String::from("(unreadable)")
    }
}
