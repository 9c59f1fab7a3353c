//! Addresses of the first era: base58 of CBOR with a checksum, still paid to by exchanges.
//! <https://github.com/cardano-foundation/CIPs/blob/master/CIP-0019/CDDL/byron.cddl>

use kms_core::{ByNetwork, Network};

use super::cbor::Reader;

/// The high half of the first byte: a list of two is 0x82.
pub(super) const KIND: u8 = 8;
const ENCODED: u64 = 24;
const ROOT_BYTES: usize = 28;
/// Attributes: where a wallet finds the key, and the network.
const DERIVATION: u64 = 1;
const NETWORK_MAGIC: u64 = 2;
/// On the main network the attribute is missing; this is the number of preprod.
const MAGIC: ByNetwork<Option<u64>> = ByNetwork { mainnet: None, testnet: Some(1) };
/// Keys and, from the sale of the first coins, redemption.
const SPENDERS: [u64; 2] = [0, 2];

pub(super) fn is_address(network: Network, bytes: &[u8]) -> bool {
    let mut reader = Reader::new(bytes);
    let content = checked(&mut reader).filter(|_| reader.is_at_end());
    content.and_then(magic).is_some_and(|magic| magic == *MAGIC.on(network))
}

/// The bytes that the checksum covers.
fn checked<'a>(reader: &mut Reader<'a>) -> Option<&'a [u8]> {
    let is_pair = reader.list()? == 2 && reader.tag()? == ENCODED;
    let content = is_pair.then(|| reader.bytes()).flatten()?;
    (reader.unsigned()? == u64::from(crc32(content))).then_some(content)
}

/// The number of the network, if it is named.
fn magic(content: &[u8]) -> Option<Option<u64>> {
    let mut reader = Reader::new(content);
    (reader.list()? == 3).then_some(())?;
    reader.array::<ROOT_BYTES>()?;
    let mut magic = None;
    let mut last = 0;
    for _ in 0..reader.map()? {
        let name = reader.unsigned().filter(|name| *name > last)?;
        last = name;
        let value = reader.bytes()?;
        match name {
            DERIVATION => (),
            NETWORK_MAGIC => {
                let mut inner = Reader::new(value);
                magic = Some(inner.unsigned().filter(|_| inner.is_at_end())?);
            }
            _ => return None,
        }
    }
    let is_whole = SPENDERS.contains(&reader.unsigned()?) && reader.is_at_end();
    is_whole.then_some(magic)
}

/// The checksum of IEEE 802.3, bit by bit: what it is of has some dozens of bytes.
fn crc32(bytes: &[u8]) -> u32 {
    const POLYNOMIAL: u32 = 0xedb8_8320;
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| match crc & 1 {
            1 => crc >> 1 ^ POLYNOMIAL,
            _ => crc >> 1,
        })
    };
    !bytes.iter().fold(u32::MAX, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_standards() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    /// Published by cardano-ledger, and made with cardano-serialization-lib 15.0.3.
    #[test]
    fn addresses_of_the_first_era_are_read_on_their_network() {
        let on = |text: &str| {
            let bytes = bs58::decode(text).into_vec().unwrap();
            [Network::Mainnet, Network::Testnet].map(|network| is_address(network, &bytes))
        };
        let main = "Ae2tdPwUPEZFRbyhz3cpfC2CumGzNkFBN2L42rcUc2yjQpEkxDbkPodpMAi";
        assert_eq!(on(main), [true, false]);
        assert_eq!(
            on("Ae2tdPwUPEZF7QrobEWdrZbcnup3uuZoZkfonvZx4toB9sLLWtqK3PwTVXb"),
            [true, false]
        );
        let preprod = "FHnt4NL7yPY4Tv9NyP8YvjYhMYybn4QCzPAR6PBZjMT2mhtEroJXm6QKFYa31tz";
        assert_eq!(on(preprod), [false, true]);
        let gone = "2cWKMJemoBahhXM9zDh7Gb6dXhxcfGZvE7eEgxwenCfDK4YweQbbXz8RqjHxYMiG9CQH8";
        assert_eq!(on(gone), [false, false]);
    }

    #[test]
    fn every_altered_bit_is_noticed() {
        let text = "Ae2tdPwUPEZFRbyhz3cpfC2CumGzNkFBN2L42rcUc2yjQpEkxDbkPodpMAi";
        let bytes = bs58::decode(text).into_vec().unwrap();
        for place in 0..bytes.len() * 8 {
            let mut altered = bytes.clone();
            altered[place / 8] ^= 1 << (place % 8);
            assert!(!is_address(Network::Mainnet, &altered), "{place}");
        }
        assert!(!is_address(Network::Mainnet, &[&bytes[..], &[0]].concat()));
    }
}
