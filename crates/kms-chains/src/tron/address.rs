//! TRON's addresses: those of Ethereum behind a version byte, in Base58Check.

use alloy_primitives::Address;

use crate::codec::hex;

const VERSION: u8 = 0x41;
/// The longest spelling: 21 bytes in hexadecimal.
const TEXT_MAX_CHARS: usize = 42;

/// `T…`, as the chain spells it.
pub(super) fn spell(address: Address) -> String {
    bs58::encode(to_bytes(address)).with_check().into_string()
}

/// The version byte and the 20 bytes, as messages hold them.
pub(super) fn to_bytes(address: Address) -> Vec<u8> {
    [&[VERSION], address.as_slice()].concat()
}

/// Reads `41…` in hexadecimal or Base58Check.
pub(super) fn read(text: &str) -> Option<Address> {
    // The decoding of Base58 takes time that grows with the square.
    let text = Some(text).filter(|text| text.len() <= TEXT_MAX_CHARS)?;
    let bytes = match hex::decode(text) {
        Some(bytes) if bytes.len() == 21 => bytes,
        _ => bs58::decode(text).with_check(None).into_vec().ok()?,
    };
    let (version, rest) = bytes.split_first()?;
    let rest: [u8; 20] = rest.try_into().ok()?;
    (*version == VERSION).then(|| Address::from(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The burn address of the network.
    #[test]
    fn both_spellings_are_read() {
        let address = read("410000000000000000000000000000000000000000");
        assert_eq!(address.map(spell).as_deref(), Some("T9yD14Nj9j7xAB4dbGeiX9h8unkKHxuWwb"));
        assert_eq!(read("T9yD14Nj9j7xAB4dbGeiX9h8unkKHxuWwb"), address);
        for bad in [
            "",
            "T9yD14Nj9j7xAB4dbGeiX9h8unkKHxuWwc",
            "0x41",
            "420000000000000000000000000000000000000000",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
