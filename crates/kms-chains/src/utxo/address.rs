//! Spelling a script as an address.

use bech32::{Fe32, Hrp, segwit};
use bitcoin::Script;

use super::AddressFormat;

/// CashAddr's version bits of a 160-bit hash.
/// <https://github.com/bitcoincashorg/bitcoincash.org/blob/master/spec/cashaddr.md>
const CASH_P2PKH: u8 = 0x00;
const CASH_P2SH: u8 = 0x08;

impl AddressFormat {
    /// The address of a script, if the chain has one for it.
    pub(super) fn spell(&self, script: &Script) -> Option<String> {
        let bytes = script.as_bytes();
        if script.is_p2pkh() {
            return Some(self.spell_hash(self.p2pkh, CASH_P2PKH, bytes.get(3..23)?));
        }
        if script.is_p2sh() {
            return Some(self.spell_hash(self.p2sh, CASH_P2SH, bytes.get(2..22)?));
        }
        let version = script.witness_version()?;
        let hrp = Hrp::parse(self.segwit?).ok()?;
        let version = Fe32::try_from(version.to_num()).ok()?;
        segwit::encode(hrp, version, bytes.get(2..)?).ok()
    }

    /// Returns true if `address` is a script's, in any spelling that the chain's tools read: bech32
    /// in capitals, a cash address without its prefix, an address from before cash addresses.
    pub(super) fn is_spelled(&self, script: &Script, address: &str) -> bool {
        let older = Self { cash: None, ..*self };
        let is_older = older.spell(script).is_some_and(|own| own == address);
        let Some(own) = self.spell(script) else { return is_older };
        let is_in_capitals = !address.bytes().any(|byte| byte.is_ascii_lowercase());
        let is_without_case = self.cash.is_some() || script.is_witness_program();
        let short = own.split_once(':').map_or(own.as_str(), |(_, digits)| digits);
        let is_one = |text: &str| text == own || text == short;
        is_older
            || is_one(address)
            || (is_in_capitals && is_without_case && is_one(&address.to_ascii_lowercase()))
    }

    fn spell_hash(&self, version: u8, cash_version: u8, hash: &[u8]) -> String {
        match self.cash {
            Some(prefix) => cash_address(prefix, cash_version, hash),
            None => {
                let payload = [&[version], hash].concat();
                bs58::encode(payload).with_check().into_string()
            }
        }
    }
}

fn cash_address(prefix: &str, version: u8, hash: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    const CHECKSUM_DIGITS: usize = 8;
    let payload = regroup(&[&[version], hash].concat());
    let prefixed = prefix.bytes().map(|letter| letter & 0x1f).chain([0]);
    let checked = prefixed.chain(payload.iter().copied()).chain([0; CHECKSUM_DIGITS]);
    let checksum = checked.fold(1, polymod) ^ 1;
    let checksum_digits = (0..CHECKSUM_DIGITS).rev().map(|place| {
        let shift = u32::try_from(place).unwrap_or(0).saturating_mul(5);
        checksum.checked_shr(shift).unwrap_or(0).to_le_bytes()[0] & 0x1f
    });
    let digits = payload.iter().copied().chain(checksum_digits);
    let letters =
        digits.filter_map(|digit| ALPHABET.get(usize::from(digit)).map(|l| char::from(*l)));
    format!("{prefix}:{}", letters.collect::<String>())
}

/// One step of CashAddr's checksum, a BCH code over GF(32) with 40 bits of state.
fn polymod(state: u64, digit: u8) -> u64 {
    const GENERATOR: [u64; 5] =
        [0x98_f2bc_8e61, 0x79_b76d_99e2, 0xf3_3e5f_b3c4, 0xae_2eab_e2a8, 0x1e_4f43_e470];
    let top = state >> 35;
    let shifted = ((state & 0x07_ffff_ffff) << 5) ^ u64::from(digit);
    let selected = GENERATOR.iter().enumerate().filter(|(bit, _)| (top >> bit) & 1 == 1);
    selected.fold(shifted, |state, (_, generator)| state ^ generator)
}

/// Bytes as digits of five bits, the last one filled up with zeros.
fn regroup(bytes: &[u8]) -> Vec<u8> {
    use bech32::primitives::iter::ByteIterExt as _;
    bytes.iter().copied().bytes_to_fes().map(Fe32::to_u8).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::hex;

    /// From the CashAddr specification.
    #[test]
    fn cash_addresses_are_those_of_the_specification() {
        let hash = hex::decode("f5bf48b397dae70be82b3cca4793f8eb2b6cdac9").unwrap_or_default();
        assert_eq!(
            cash_address("bitcoincash", CASH_P2PKH, &hash),
            "bitcoincash:qr6m7j9njldwwzlg9v7v53unlr4jkmx6eylep8ekg2"
        );
        assert_eq!(
            cash_address("bchtest", CASH_P2SH, &hash),
            "bchtest:pr6m7j9njldwwzlg9v7v53unlr4jkmx6eyvwc0uz5t"
        );
    }
}
