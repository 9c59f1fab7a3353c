use alloy_primitives::Address;
use ruint::aliases::U256;

use crate::codec::hex;

/// The length of an address without a prefix.
const DIGITS: usize = 40;

/// Reads an address: 40 hexadecimal digits, with or without `0x`, or ICAP's direct form. Mixed
/// case must be the checksum of EIP-55.
pub(super) fn read(text: &str) -> Result<Address, &'static str> {
    if text.starts_with("XE") {
        return read_icap(text).ok_or("is not a valid ICAP address");
    }
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text);
    let bytes: [u8; 20] = hex::decode_array(digits).ok_or("is not an address of 20 bytes")?;
    let address = Address::from(bytes);
    let mixed = digits.bytes().any(|digit| digit.is_ascii_lowercase())
        && digits.bytes().any(|digit| digit.is_ascii_uppercase());
    if mixed && address.to_checksum(None).get(2..) != Some(digits) {
        Err("has a wrong EIP-55 checksum")
    } else {
        Ok(address)
    }
}

/// Reads an address as the family's tools spell one account: as [`read`] does, and with a chain's
/// own prefix in place of `0x`, or in Harmony's bech32 (`one1…`).
pub(super) fn read_any(text: &str, prefix: &str) -> Option<Address> {
    if let Ok((hrp, bytes)) = bech32::decode(text) {
        let bytes: [u8; 20] = bytes.try_into().ok()?;
        return (hrp.to_lowercase() == "one").then(|| Address::from(bytes));
    }
    read_prefixed(text, prefix).ok()
}

/// Reads what [`read`] does, and an address with the chain's own prefix in place of `0x`.
pub(super) fn read_prefixed(text: &str, prefix: &str) -> Result<Address, &'static str> {
    let (start, rest) = text.split_at_checked(prefix.len()).unwrap_or_default();
    let is_own = rest.len() == DIGITS && start.eq_ignore_ascii_case(prefix);
    read(if is_own { rest } else { text })
}

/// `XE`, two check digits and the address in base 36, in 30 or 31 digits.
/// <https://github.com/ethereum/wiki/wiki/Inter-exchange-Client-Address-Protocol-(ICAP)>
fn read_icap(text: &str) -> Option<Address> {
    let (head, body) = text.split_at_checked(4)?;
    let is_digit = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_uppercase();
    if !(30..=31).contains(&body.len()) || !body.bytes().all(is_digit) {
        return None;
    }
    let remainder = format!("{body}{head}").chars().try_fold(0_u32, |remainder, digit| {
        let value = digit.to_digit(36)?;
        let shift = if value < 10 { 10 } else { 100 };
        remainder.checked_mul(shift)?.checked_add(value)?.checked_rem(97)
    })?;
    let units = U256::from_str_radix(body, 36).ok()?;
    let fits = units.bit_len() <= 160 && remainder == 1;
    fits.then(|| Address::from_word(units.to_be_bytes::<32>().into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From EIP-55.
    const CHECKSUMMED: &str = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";

    #[test]
    fn the_checksum_counts_only_in_mixed_case() {
        let address = read(CHECKSUMMED);
        assert!(address.is_ok());
        assert_eq!(read(&CHECKSUMMED.to_lowercase()), address);
        assert_eq!(read(CHECKSUMMED.trim_start_matches("0x")), address);
        assert!(read("0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed").is_err());
    }

    /// From the ICAP specification.
    #[test]
    fn icap_is_read_when_its_check_digits_are_right() {
        let address = read("0x00c5496aee77c1ba1f0854206a26dda82a81d6d8");
        assert_eq!(read("XE7338O073KYGTWWZN0F2WZ0R8PX5ZPPZS"), address);
        assert!(read("XE7438O073KYGTWWZN0F2WZ0R8PX5ZPPZS").is_err());
    }

    #[test]
    fn other_texts_are_no_addresses() {
        for bad in ["", "0x", "0x1234", "vitalik.eth", "one1tq4hy947c9gr8qzv06yxz4aeyhc9vn78al4rmu"]
        {
            assert!(read(bad).is_err(), "{bad}");
        }
        assert!(read("xdc52908400098527886e0f7030069857d2e4169ee7").is_err());
    }

    #[test]
    fn one_prefix_is_read_and_not_two() {
        let digits = "52908400098527886e0f7030069857d2e4169ee7";
        for prefix in ["xdc", "0x"] {
            for good in [format!("xdc{digits}"), format!("0x{digits}"), digits.to_owned()] {
                let is_read = read_prefixed(&good, prefix).is_ok();
                assert_eq!(is_read, prefix == "xdc" || !good.starts_with("xdc"), "{good}");
            }
            for two in ["0x0x", "xdcxdc", "xdc0x", "0xxdc"] {
                assert!(read_prefixed(&format!("{two}{digits}"), prefix).is_err(), "{two}");
            }
        }
    }
}
