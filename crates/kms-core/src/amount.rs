use std::fmt;

use ruint::aliases::U256;
use thiserror::Error;

/// A number of base units (wei, satoshi, …) of some asset: 256 bits, checked arithmetic only.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Amount(U256);

/// The text is not a whole number of base units below 2²⁵⁶.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("an amount is a whole number of base units below 2^256")]
pub struct AmountError;

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(U256::ZERO);
    /// The largest number of 256 bits.
    pub const MAX: Self = Self(U256::MAX);

    /// Takes a number of base units.
    pub const fn from_base_units(units: u64) -> Self {
        Self(U256::from_limbs([units, 0, 0, 0]))
    }

    /// Takes a number of base units.
    pub const fn from_u128(units: u128) -> Self {
        Self(U256::from_limbs([units as u64, (units >> 64) as u64, 0, 0]))
    }

    /// Takes a number of base units.
    pub const fn from_u256(units: U256) -> Self {
        Self(units)
    }

    /// The number of base units.
    pub const fn as_u256(&self) -> U256 {
        self.0
    }

    /// Reads decimal digits and nothing else.
    ///
    /// # Errors
    /// When the text is empty, has other characters or does not fit 256 bits.
    pub fn parse_base_units(text: &str) -> Result<Self, AmountError> {
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            U256::from_str_radix(text, 10).map(Self).map_err(|_| AmountError)
        } else {
            Err(AmountError)
        }
    }

    /// The sum; `None` above 256 bits.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The difference; `None` below zero.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// The product; `None` above 256 bits.
    pub fn checked_mul(self, factor: u64) -> Option<Self> {
        self.0.checked_mul(U256::from(factor)).map(Self)
    }

    /// The sum, or `None` when it does not fit 256 bits.
    pub fn checked_sum(amounts: impl IntoIterator<Item = Self>) -> Option<Self> {
        amounts.into_iter().try_fold(Self::ZERO, Self::checked_add)
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_never_wraps() {
        let one = Amount::from_base_units(1);
        assert_eq!(Amount::MAX.checked_add(one), None);
        assert_eq!(Amount::ZERO.checked_sub(one), None);
        assert_eq!(Amount::MAX.checked_mul(2), None);
        assert_eq!(Amount::checked_sum([one, one]), Some(Amount::from_base_units(2)));
    }

    #[test]
    fn numbers_of_128_bits_keep_both_halves() {
        let text = "340282366920938463463374607431768211455";
        assert_eq!(Amount::from_u128(u128::MAX), Amount::parse_base_units(text).unwrap());
        assert_eq!(Amount::from_u128(1 << 64).to_string(), "18446744073709551616");
    }

    #[test]
    fn text_is_digits_only() {
        let max = "115792089237316195423570985008687907853269984665640564039457584007913129639935";
        assert_eq!(Amount::parse_base_units(max), Ok(Amount::MAX));
        for bad in [
            "",
            "-1",
            "1.5",
            "1e18",
            "0x1",
            "115792089237316195423570985008687907853269984665640564039457584007913129639936",
        ] {
            assert_eq!(Amount::parse_base_units(bad), Err(AmountError), "{bad:?}");
        }
    }
}
