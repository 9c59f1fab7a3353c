//! Fees that a chain's row allows at most, unless the owner says otherwise.

use kms_core::Amount;

/// Thousandths of a coin, in base units. A constant that is too large does not compile.
pub(crate) const fn thousandths(count: u128, decimals: u32) -> Amount {
    Amount::from_u128(count * 10_u128.pow(decimals - 3))
}
