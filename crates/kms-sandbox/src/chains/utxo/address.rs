//! The address that a wallet of one key has: the hash of the key in the chain's spelling.

use bech32::{ByteIterExt as _, Fe32, Hrp, segwit};
use bitcoin::hashes::{Hash as _, hash160};
use kms_core::{Network, PublicKey};

use crate::chains::Coin;

/// Length of a key that has an address of segregated witness.
const COMPRESSED_BYTES: usize = 33;

/// The spelling of a key's address on one network.
enum Spelling {
    /// Base58Check, after this version.
    Base58(u8),
    /// Segregated witness (BIP-173), and Base58Check for keys in the old, long form.
    Witness(&'static str, u8),
    /// CashAddr.
    Cash(&'static str),
}

/// Versions and prefixes: each chain's `chainparams.cpp`.
fn spelling(code: &str, network: Network) -> Option<Spelling> {
    Some(match (code, network) {
        ("BTC", Network::Mainnet) => Spelling::Witness("bc", 0x00),
        ("BTC", Network::Testnet) => Spelling::Witness("tb", 0x6f),
        ("LTC", Network::Mainnet) => Spelling::Base58(0x30),
        ("LTC", Network::Testnet) => Spelling::Base58(0x6f),
        ("DOGE", Network::Mainnet) => Spelling::Base58(0x1e),
        ("DOGE", Network::Testnet) => Spelling::Base58(0x71),
        ("BCH", Network::Mainnet) => Spelling::Cash("bitcoincash"),
        ("BCH", Network::Testnet) => Spelling::Cash("bchtest"),
        _ => return None,
    })
}

pub(super) fn of(coin: &Coin, network: Network, key: &PublicKey) -> Option<String> {
    let key = key.as_bytes();
    let hash = hash160::Hash::hash(key).to_byte_array();
    match spelling(coin.id.as_str(), network)? {
        Spelling::Witness(prefix, _) if key.len() == COMPRESSED_BYTES => {
            segwit::encode_v0(Hrp::parse(prefix).ok()?, &hash).ok()
        }
        Spelling::Base58(version) | Spelling::Witness(_, version) => {
            let bytes = [&[version][..], &hash].concat();
            Some(bs58::encode(bytes).with_check().into_string())
        }
        Spelling::Cash(prefix) => Some(cash(prefix, hash)),
    }
}

/// <https://github.com/bitcoincashorg/bitcoincash.org/blob/master/spec/cashaddr.md>
fn cash(prefix: &str, hash: [u8; 20]) -> String {
    // The version of the hash of a key, of 20 bytes.
    let content = [&[0][..], &hash].concat();
    let digits: Vec<u8> = content.into_iter().bytes_to_fes().map(Fe32::to_u8).collect();
    let low = prefix.bytes().map(|letter| letter & 0x1f);
    let all = low.chain([0]).chain(digits.iter().copied()).chain([0; 8]);
    let sum = all.fold(1, add_digit) ^ 1;
    let check = (0..8).rev().map(|place| ((sum >> (5 * place)) & 0x1f) as u8);
    let letters = digits.iter().copied().chain(check);
    let letters = letters.filter_map(|digit| Fe32::try_from(digit).ok()).map(Fe32::to_char);
    format!("{prefix}:{}", letters.collect::<String>())
}

/// The remainder of the code's polynomial after one more digit.
fn add_digit(sum: u64, digit: u8) -> u64 {
    const GENERATOR: [u64; 5] =
        [0x98_f2bc_8e61, 0x79_b76d_99e2, 0xf3_3e5f_b3c4, 0xae_2eab_e2a8, 0x1e_4f43_e470];
    let top = sum >> 35;
    let next = ((sum & 0x07_ffff_ffff) << 5) ^ u64::from(digit);
    let is_set = |place: &usize| (top >> place) & 1 == 1;
    let set = (0..GENERATOR.len()).filter(is_set).filter_map(|place| GENERATOR.get(place));
    set.fold(next, |sum, part| sum ^ part)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first vectors of the specification.
    #[test]
    fn cash_addresses_are_those_of_the_specification() {
        let hash = alloy_primitives::hex!("f5bf48b397dae70be82b3cca4793f8eb2b6cdac9");
        assert_eq!(
            cash("bitcoincash", hash),
            "bitcoincash:qr6m7j9njldwwzlg9v7v53unlr4jkmx6eylep8ekg2"
        );
    }
}
