//! Spelling a script as an address.

use bech32::{Fe32, Hrp, segwit};
use bitcoin::hashes::Hash as _;
use bitcoin::{PubkeyHash, Script, ScriptBuf, ScriptHash, WitnessProgram, WitnessVersion};

use super::AddressFormat;

/// CashAddr's version bits of a 160-bit hash.
/// <https://github.com/bitcoincashorg/bitcoincash.org/blob/master/spec/cashaddr.md>
const CASH_P2PKH: u8 = 0x00;
const CASH_P2SH: u8 = 0x08;
/// The same of a 256-bit hash.
const CASH_P2SH32: u8 = 0x0b;
/// The bit that says that the owner's wallet knows tokens; whose the address is does not depend on
/// it. <https://github.com/cashtokens/cashtokens#cashaddress-token-support>
const CASH_TOKENS: u8 = 0x10;
const CASH_ALPHABET: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const CASH_CHECKSUM_DIGITS: usize = 8;
/// No address is longer.
const TEXT_MAX_CHARS: usize = 128;

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
        if let Some(prefix) = self.cash {
            return p2sh32_hash(script).map(|hash| cash_address(prefix, CASH_P2SH32, hash));
        }
        let version = script.witness_version()?;
        let hrp = Hrp::parse(self.segwit?).ok()?;
        let version = Fe32::try_from(version.to_num()).ok()?;
        segwit::encode(hrp, version, bytes.get(2..)?).ok()
    }

    /// The script of an address, in any spelling that the chain's tools read: bech32 in capitals, a
    /// cash address without its prefix or for tokens, an address from before cash addresses.
    pub(super) fn read(&self, text: &str) -> Option<ScriptBuf> {
        let is_short = text.len() <= TEXT_MAX_CHARS;
        let text = Some(text).filter(|_| is_short)?;
        let segwit = || self.segwit.and_then(|hrp| read_segwit(hrp, text));
        let cash = || self.cash.and_then(|prefix| read_cash(prefix, text));
        segwit().or_else(cash).or_else(|| self.read_base58(text))
    }

    fn read_base58(&self, text: &str) -> Option<ScriptBuf> {
        let bytes = bs58::decode(text).with_check(None).into_vec().ok()?;
        let (version, hash) = bytes.split_first_chunk::<1>()?;
        let hash = hash.try_into().ok()?;
        let [version] = *version;
        if version == self.p2pkh {
            Some(ScriptBuf::new_p2pkh(&PubkeyHash::from_byte_array(hash)))
        } else if version == self.p2sh || Some(version) == self.older_p2sh {
            Some(ScriptBuf::new_p2sh(&ScriptHash::from_byte_array(hash)))
        } else {
            None
        }
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
    let payload = regroup(&[&[version], hash].concat());
    let prefixed = prefix.bytes().map(|letter| letter & 0x1f).chain([0]);
    let checked = prefixed.chain(payload.iter().copied()).chain([0; CASH_CHECKSUM_DIGITS]);
    let checksum = checked.fold(1, polymod) ^ 1;
    let checksum_digits = (0..CASH_CHECKSUM_DIGITS).rev().map(|place| {
        let shift = u32::try_from(place).unwrap_or(0).saturating_mul(5);
        checksum.checked_shr(shift).unwrap_or(0).to_le_bytes()[0] & 0x1f
    });
    let digits = payload.iter().copied().chain(checksum_digits);
    let letters =
        digits.filter_map(|digit| CASH_ALPHABET.get(usize::from(digit)).map(|l| char::from(*l)));
    format!("{prefix}:{}", letters.collect::<String>())
}

/// Reads a cash address in either case, with its prefix or without.
fn read_cash(prefix: &str, text: &str) -> Option<ScriptBuf> {
    let is_in_capitals = !text.bytes().any(|byte| byte.is_ascii_lowercase());
    let lower = if is_in_capitals { text.to_ascii_lowercase() } else { text.to_owned() };
    let digits = match lower.split_once(':') {
        Some((own, digits)) => (own == prefix).then_some(digits)?,
        None => lower.as_str(),
    };
    let value = |letter| CASH_ALPHABET.iter().position(|known| *known == letter);
    let values: Option<Vec<_>> = digits.bytes().map(value).collect();
    let values: Vec<u8> = values?.into_iter().filter_map(|value| value.try_into().ok()).collect();
    let payload = values.get(..values.len().checked_sub(CASH_CHECKSUM_DIGITS)?)?;
    let (version, hash) = bytes_of(payload).split_first().map(|(v, h)| (*v, h.to_vec()))?;
    // What is written again as the same text had a right checksum, and no bits left over.
    if cash_address(prefix, version, &hash) != format!("{prefix}:{digits}") {
        return None;
    }
    match (version & !CASH_TOKENS, <[u8; 20]>::try_from(hash.as_slice())) {
        (CASH_P2PKH, Ok(hash)) => Some(ScriptBuf::new_p2pkh(&PubkeyHash::from_byte_array(hash))),
        (CASH_P2SH, Ok(hash)) => Some(ScriptBuf::new_p2sh(&ScriptHash::from_byte_array(hash))),
        (CASH_P2SH32, _) if hash.len() == 32 => {
            let script = [P2SH32_START.as_slice(), &hash, &P2SH32_END].concat();
            Some(ScriptBuf::from_bytes(script))
        }
        _ => None,
    }
}

/// `OP_HASH256`, and a push of 32 bytes.
const P2SH32_START: [u8; 2] = [0xaa, 0x20];
/// `OP_EQUAL`.
const P2SH32_END: [u8; 1] = [0x87];

/// The hash in a pay-to-script-hash output of 256 bits, which Bitcoin Cash has since 2023.
fn p2sh32_hash(script: &Script) -> Option<&[u8]> {
    let hash = script.as_bytes().strip_prefix(&P2SH32_START)?.strip_suffix(&P2SH32_END)?;
    (hash.len() == 32).then_some(hash)
}

fn read_segwit(hrp: &str, text: &str) -> Option<ScriptBuf> {
    let (own, version, program) = segwit::decode(text).ok()?;
    let version = WitnessVersion::try_from(version.to_u8()).ok()?;
    let program = WitnessProgram::new(version, &program).ok()?;
    (own == Hrp::parse(hrp).ok()?).then(|| ScriptBuf::new_witness_program(&program))
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

/// The whole bytes in digits of five bits.
fn bytes_of(digits: &[u8]) -> Vec<u8> {
    use bech32::primitives::iter::Fe32IterExt as _;
    let digits = digits.iter().filter_map(|digit| Fe32::try_from(*digit).ok());
    digits.fes_to_bytes().collect()
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
