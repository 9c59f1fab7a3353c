//! Addresses: a header that tells the kind and the network, and hashes of what can spend, in
//! bech32. <https://cips.cardano.org/cip/CIP-0019>

use std::fmt;

use bech32::{Bech32, Hrp};
use blake2::{Blake2b, Digest as _, digest::consts::U28};
use kms_core::{ByNetwork, Network};

use super::byron;

pub(super) const KEY_BYTES: usize = 32;
const HASH_BYTES: usize = 28;
/// The longest that is read: one with two hashes.
const TEXT_MAX_CHARS: usize = 128;
const HRP: ByNetwork<Hrp> =
    ByNetwork { mainnet: Hrp::parse_unchecked("addr"), testnet: Hrp::parse_unchecked("addr_test") };
/// The low half of a header.
const NETWORK_ID: ByNetwork<u8> = ByNetwork { mainnet: 1, testnet: 0 };
/// The high half of a header: one key, no rewards.
const ENTERPRISE: u8 = 6;

/// An address of one network that can be paid to.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Address {
    network: Network,
    bytes: Vec<u8>,
}

impl Address {
    /// The enterprise address of a key.
    pub(super) fn of_key(network: Network, key: &[u8; KEY_BYTES]) -> Self {
        let hash = Blake2b::<U28>::digest(key);
        let header = ENTERPRISE << 4 | NETWORK_ID.on(network);
        Self { network, bytes: [&[header], hash.as_slice()].concat() }
    }

    /// Returns true if what is paid to the address is spent with the key, whoever gets its rewards.
    pub(super) fn is_of_key(&self, key: &[u8; KEY_BYTES]) -> bool {
        const KEYS: [u8; 3] = [0, 2, ENTERPRISE];
        let is_of_a_key = self.bytes.first().is_some_and(|header| KEYS.contains(&(header >> 4)));
        let hash = Blake2b::<U28>::digest(key);
        is_of_a_key && self.bytes.get(1..=HASH_BYTES) == Some(hash.as_slice())
    }

    pub(super) fn read(network: Network, text: &str) -> Option<Self> {
        if text.len() > TEXT_MAX_CHARS {
            return None;
        }
        let bytes = match bech32::decode(text) {
            Ok((_, bytes)) => bytes,
            Err(_) => bs58::decode(text).into_vec().ok()?,
        };
        let address = Self::from_bytes(network, &bytes)?;
        // One address has one spelling: no capital letters, no checksum of another kind.
        (address.to_string() == text).then_some(address)
    }

    /// Reads what [`read`](Self::read) reads, and bech32 in capitals.
    pub(super) fn read_any(network: Network, text: &str) -> Option<Self> {
        let is_in_capitals = !text.bytes().any(|byte| byte.is_ascii_lowercase());
        let lower = is_in_capitals.then(|| text.to_ascii_lowercase());
        Self::read(network, lower.as_deref().unwrap_or(text))
    }

    /// Addresses that the ledger takes payments to: those of a key or script with another that
    /// gets rewards or without one, and those of the first era. Pointers it takes no more.
    pub(super) fn from_bytes(network: Network, bytes: &[u8]) -> Option<Self> {
        let (header, rest) = bytes.split_first()?;
        let is_here = header & 0xf == *NETWORK_ID.on(network);
        let is_address = match header >> 4 {
            0..=3 => is_here && rest.len() == 2 * HASH_BYTES,
            6 | 7 => is_here && rest.len() == HASH_BYTES,
            byron::KIND => byron::is_address(network, bytes),
            _ => false,
        };
        is_address.then(|| Self { network, bytes: bytes.to_vec() })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_of_first_era = self.bytes.first().is_some_and(|header| header >> 4 == byron::KIND);
        f.write_str(&if is_of_first_era {
            bs58::encode(&self.bytes).into_string()
        } else {
            // 57 bytes are never too long for bech32.
            bech32::encode::<Bech32>(*HRP.on(self.network), &self.bytes).unwrap_or_default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CIP-19's own test vectors; of its first era, those of cardano-ledger's documentation.
    #[test]
    fn addresses_of_the_standard_are_read_on_their_network() {
        const BOTH: [(&str, &str); 4] = [
            (
                "addr1qx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzer3n0d3vllmyqwsx5wktcd8cc3sq835lu7drv2xwl2wywfgse35a3x",
                "addr_test1qz2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzer3n0d3vllmyqwsx5wktcd8cc3sq835lu7drv2xwl2wywfgs68faae",
            ),
            (
                "addr1z8phkx6acpnf78fuvxn0mkew3l0fd058hzquvz7w36x4gten0d3vllmyqwsx5wktcd8cc3sq835lu7drv2xwl2wywfgs9yc0hh",
                "addr_test1zrphkx6acpnf78fuvxn0mkew3l0fd058hzquvz7w36x4gten0d3vllmyqwsx5wktcd8cc3sq835lu7drv2xwl2wywfgsxj90mg",
            ),
            (
                "addr1vx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzers66hrl8",
                "addr_test1vz2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzerspjrlsz",
            ),
            (
                "addr1w8phkx6acpnf78fuvxn0mkew3l0fd058hzquvz7w36x4gtcyjy7wx",
                "addr_test1wrphkx6acpnf78fuvxn0mkew3l0fd058hzquvz7w36x4gtcl6szpr",
            ),
        ];
        for (main, test) in BOTH {
            assert!(Address::read(Network::Mainnet, main).is_some(), "{main}");
            assert!(Address::read(Network::Testnet, test).is_some(), "{test}");
            assert!(Address::read(Network::Testnet, main).is_none(), "{main}");
            assert!(Address::read(Network::Mainnet, test).is_none(), "{test}");
        }
    }

    #[test]
    fn what_is_no_address_for_payments_is_not_read() {
        for bad in [
            "",
            "addr1",
            // One letter altered, upper case, another human part.
            "addr1vx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzers66hrl9",
            "ADDR1VX2FXV2UMYHTTKXYXP8X0DLPDT3K6CWNG5PXJ3JHSYDZERS66HRL8",
            // A pointer and rewards, of CIP-19.
            "addr1gx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzer5pnz75xxcrzqf96k",
            "stake1uyehkck0lajq8gr28t9uxnuvgcqrc6070x3k9r8048z8y5gh6ffgw",
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
            "0OIl",
        ] {
            assert!(Address::read(Network::Mainnet, bad).is_none(), "{bad}");
        }
        assert!(Address::read(Network::Mainnet, &"1".repeat(1 << 20)).is_none());
    }

    #[test]
    fn the_address_of_a_key_is_the_standards() {
        // CIP-19's payment key, addr_vk1w0l2sr2zgfm26ztc6nl9xy8ghsk5sh6ldwemlpmp9xylzy4dtf7st80zhd.
        let key =
            bech32::decode("addr_vk1w0l2sr2zgfm26ztc6nl9xy8ghsk5sh6ldwemlpmp9xylzy4dtf7st80zhd");
        let key = key.unwrap().1.try_into().unwrap();
        let own = Address::of_key(Network::Mainnet, &key).to_string();
        assert_eq!(own, "addr1vx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzers66hrl8");
    }
}
