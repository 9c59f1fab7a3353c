//! The gas a transaction needs before a single instruction runs.

/// In gas, by the Yellow Paper's names.
const TRANSACTION: u64 = 21_000;
const CREATE: u64 = 32_000;
const ZERO_BYTE: u64 = 4;
const OTHER_BYTE: u64 = 16; // EIP-2028
const ACCESS_ADDRESS: u64 = 2_400; // EIP-2930
const ACCESS_KEY: u64 = 1_900; // EIP-2930

/// The least gas limit that a node accepts. Never overflows: payloads are bounded.
pub(super) fn intrinsic(data: &[u8], creates: bool, addresses: usize, keys: usize) -> u64 {
    let times =
        |count: usize, gas: u64| u64::try_from(count).unwrap_or(u64::MAX).saturating_mul(gas);
    let zeros = data.iter().filter(|byte| **byte == 0).count();
    [
        TRANSACTION,
        if creates { CREATE } else { 0 },
        times(zeros, ZERO_BYTE),
        times(data.len().saturating_sub(zeros), OTHER_BYTE),
        times(addresses, ACCESS_ADDRESS),
        times(keys, ACCESS_KEY),
    ]
    .into_iter()
    .fold(0, u64::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_counts() {
        assert_eq!(intrinsic(&[], false, 0, 0), 21_000);
        assert_eq!(intrinsic(&[], true, 0, 0), 53_000);
        assert_eq!(intrinsic(&[0, 1], false, 1, 2), 21_000 + 4 + 16 + 2_400 + 3_800);
    }
}
