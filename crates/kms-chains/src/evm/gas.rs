//! The gas a transaction needs before a single instruction runs: nodes take no less.

use alloy_eips::eip2930::AccessList;
use kms_core::DecodeError;

/// In gas, by the Yellow Paper's names.
const TRANSACTION: u64 = 21_000;
const CREATE: u64 = 32_000;
const ZERO_BYTE: u64 = 4;
const OTHER_BYTE: u64 = 16; // EIP-2028
const ACCESS_ADDRESS: u64 = 2_400; // EIP-2930
const ACCESS_KEY: u64 = 1_900; // EIP-2930
const INITCODE_WORD: u64 = 2; // EIP-3860
const INITCODE_WORD_BYTES: usize = 32;
/// The longest code that creates a contract (EIP-3860).
const INITCODE_MAX_BYTES: usize = 49_152;
/// The floor for a byte of data, in tokens, and for a token (EIP-7623).
const TOKENS_OF_OTHER_BYTE: u64 = 4;
const FLOOR_TOKEN: u64 = 10;

/// The fork of Ethereum whose rules about the least gas a network follows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum GasRules {
    /// Up to EIP-2930. Networks of which it is not known that they follow later rules are here too:
    /// what they might take is not refused.
    Berlin,
    /// EIP-3860 (Shanghai) as well.
    Shanghai,
    /// EIP-3860 and EIP-7623 (Prague) as well.
    Prague,
}

/// The part of a transaction that decides its least gas.
#[derive(Clone, Copy, Debug)]
pub(super) struct Costs<'a> {
    pub(super) data: &'a [u8],
    pub(super) is_creation: bool,
    pub(super) access_list: Option<&'a AccessList>,
}

impl GasRules {
    /// Refuses what no node of the network takes: too much code for a contract, and a gas limit
    /// below the least. `given` is `None` while a node has yet to say the limit.
    pub(super) fn check(self, costs: Costs<'_>, given: Option<u64>) -> Result<(), DecodeError> {
        let Costs { data, is_creation, access_list } = costs;
        if is_creation && self.is_too_large(data) {
            let problem = format!("creates a contract of more than {INITCODE_MAX_BYTES} bytes");
            return Err(DecodeError::field("data", problem));
        }
        let addresses = access_list.map_or(0, |list| list.len());
        let keys = access_list.map_or(0, AccessList::storage_keys_count);
        let needed = self.least(data, is_creation, addresses, keys);
        match given {
            Some(given) if given < needed => Err(DecodeError::GasTooLow { given, needed }),
            _ => Ok(()),
        }
    }

    /// The least gas limit that a node accepts. Never overflows: payloads are bounded.
    fn least(self, data: &[u8], is_creation: bool, addresses: usize, keys: usize) -> u64 {
        let zeros = data.iter().filter(|byte| **byte == 0).count();
        let others = data.len().saturating_sub(zeros);
        let words = data.len().div_ceil(INITCODE_WORD_BYTES);
        let intrinsic = [
            TRANSACTION,
            if is_creation { CREATE } else { 0 },
            times(zeros, ZERO_BYTE),
            times(others, OTHER_BYTE),
            times(addresses, ACCESS_ADDRESS),
            times(keys, ACCESS_KEY),
            if is_creation && self != Self::Berlin { times(words, INITCODE_WORD) } else { 0 },
        ];
        let intrinsic = intrinsic.into_iter().fold(0, u64::saturating_add);
        let tokens = times(others, TOKENS_OF_OTHER_BYTE).saturating_add(times(zeros, 1));
        let floor = TRANSACTION.saturating_add(tokens.saturating_mul(FLOOR_TOKEN));
        if self == Self::Prague { intrinsic.max(floor) } else { intrinsic }
    }

    /// Returns true if the code that creates a contract is longer than the network takes.
    fn is_too_large(self, code: &[u8]) -> bool {
        self != Self::Berlin && code.len() > INITCODE_MAX_BYTES
    }
}

fn times(count: usize, gas: u64) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX).saturating_mul(gas)
}

#[cfg(test)]
mod tests {
    use super::GasRules::{Berlin, Prague, Shanghai};

    #[test]
    fn every_part_counts() {
        assert_eq!(Berlin.least(&[], false, 0, 0), 21_000);
        assert_eq!(Berlin.least(&[], true, 0, 0), 53_000);
        assert_eq!(Berlin.least(&[0, 1], false, 1, 2), 21_000 + 4 + 16 + 2_400 + 3_800);
        // A word of code for a contract, begun or whole, costs two.
        assert_eq!(Prague.least(&[0; 32], true, 0, 0), 53_000 + 128 + 2);
        assert_eq!(Prague.least(&[0; 33], true, 0, 0), 53_000 + 132 + 4);
    }

    /// EIP-7623's own arithmetic: ten for a zero byte, forty for another. The access list does not
    /// count towards the floor.
    #[test]
    fn data_has_a_floor() {
        assert_eq!(Prague.least(&[1; 1_000], false, 0, 0), 61_000);
        assert_eq!(Prague.least(&[0; 1_000], false, 0, 0), 31_000);
        assert_eq!(Shanghai.least(&[1; 1_000], false, 0, 0), 37_000);
        assert_eq!(Prague.least(&[1; 10], false, 10, 0), 21_000 + 160 + 24_000);
    }

    #[test]
    fn code_for_a_contract_has_a_limit() {
        assert!(!Prague.is_too_large(&[0; 49_152]));
        assert!(Prague.is_too_large(&[0; 49_153]) && Shanghai.is_too_large(&[0; 49_153]));
        assert!(!Berlin.is_too_large(&[0; 49_153]));
    }
}
