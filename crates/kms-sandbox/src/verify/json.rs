//! Numbers in payloads, read exactly.

use alloy_primitives::U256;
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error as _},
};
use serde_json::value::RawValue;

use super::Rejection;

/// More digits than 256 bits need, with room for zeros around them.
const DIGITS_MAX: usize = 200;

/// A whole number as a JSON number, decimal text or `0x` text; `None` for `null`, `false` and
/// empty text.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Quantity(pub(crate) Option<U256>);

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let literal = raw.get();
        let units = match literal {
            "null" | "false" => return Ok(Self(None)),
            text if text.starts_with('"') => {
                let text: String = serde_json::from_str(text).map_err(D::Error::custom)?;
                match text.trim() {
                    "" => return Ok(Self(None)),
                    text => from_text(text),
                }
            }
            number => from_number(number),
        };
        match units {
            Some(units) => Ok(Self(Some(units))),
            None => Err(D::Error::custom("a number is not whole, or not below 2^256")),
        }
    }
}

impl Quantity {
    pub(crate) fn or_zero(self) -> U256 {
        self.0.unwrap_or(U256::ZERO)
    }

    /// The number, unless it is absent or zero.
    pub(crate) fn not_zero(self) -> Option<U256> {
        self.0.filter(|units| !units.is_zero())
    }
}

/// An amount in whole coins, with a point or without, as a number or as text.
#[derive(Debug, Default)]
pub(crate) struct Coins(Option<String>);

impl<'de> Deserialize<'de> for Coins {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let text = match raw.get() {
            "null" => return Ok(Self(None)),
            text if text.starts_with('"') => {
                serde_json::from_str(text).map_err(D::Error::custom)?
            }
            number => number.to_owned(),
        };
        Ok(Self(Some(text)))
    }
}

impl Coins {
    /// In base units; nothing is zero, and so is a negative amount, as in the original. `None` when
    /// it is not a whole number of them.
    pub(crate) fn units(&self, decimals: u32) -> Option<U256> {
        let Some(text) = &self.0 else { return Some(U256::ZERO) };
        let (sign, digits) = text.split_at(usize::from(text.starts_with('-')));
        let (mantissa, exponent) = digits.split_once(['e', 'E']).unwrap_or((digits, "0"));
        let exponent = exponent.parse::<i32>().ok()?.checked_add(i32::try_from(decimals).ok()?)?;
        let units = from_number(&format!("{mantissa}e{exponent}"))?;
        Some(if sign.is_empty() { units } else { U256::ZERO })
    }
}

fn from_text(text: &str) -> Option<U256> {
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some("") => Some(U256::ZERO),
        Some(digits) => from_digits(digits, 16),
        None => from_digits(text, 10),
    }
}

fn from_digits(digits: &str, radix: u32) -> Option<U256> {
    let are_digits = digits.chars().all(|digit| digit.is_digit(radix));
    let fits = (1..=DIGITS_MAX).contains(&digits.len());
    (are_digits && fits).then(|| U256::from_str_radix(digits, radix.into()).ok()).flatten()
}

/// A JSON number that may be written with a fraction or an exponent, and must be whole.
fn from_number(literal: &str) -> Option<U256> {
    let (mantissa, exponent) = literal.split_once(['e', 'E']).unwrap_or((literal, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mut digits = format!("{whole}{fraction}");
    let exponent: i32 = exponent.parse().ok()?;
    let mut places = exponent.checked_sub(i32::try_from(fraction.len()).ok()?)?;
    while places < 0 && digits.ends_with('0') {
        digits.pop();
        places = places.saturating_add(1);
    }
    match (digits.is_empty(), u32::try_from(places)) {
        (true, _) => Some(U256::ZERO),
        (false, Ok(places)) => {
            let power = U256::from(10).checked_pow(U256::from(places))?;
            from_digits(&digits, 10)?.checked_mul(power)
        }
        (false, Err(_)) => None,
    }
}

/// # Errors
/// When the payload is not JSON of this shape.
pub(crate) fn read<T: DeserializeOwned>(payload: &str) -> Result<T, Rejection> {
    serde_json::from_str(payload).map_err(|error| Rejection::Payload(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coins_are_counted_in_base_units() {
        for (literal, units) in [
            ("1.5", Some(1_500_000)),
            ("\"0.000001\"", Some(1)),
            ("3", Some(3_000_000)),
            ("1e-6", Some(1)),
            ("null", Some(0)),
            ("0.0000001", None),
            ("\"one\"", None),
            ("-1", Some(0)),
            ("\"--1\"", None),
        ] {
            let coins: Coins = serde_json::from_str(literal).unwrap();
            assert_eq!(coins.units(6), units.map(U256::from), "{literal}");
        }
    }

    #[test]
    fn every_spelling_of_a_number_is_read_exactly() {
        let read = |literal: &str| serde_json::from_str::<Quantity>(literal).map(|units| units.0);
        let is = |literal: &str, units: &str| {
            assert_eq!(
                read(literal).ok().flatten(),
                U256::from_str_radix(units, 10).ok(),
                "{literal}"
            );
        };
        is("12345678901234567890123", "12345678901234567890123");
        is("1e18", "1000000000000000000");
        is("1.50e1", "15");
        is("0.0", "0");
        is("\" 12 \"", "12");
        is("\"0x1F\"", "31");
        is("\"0x\"", "0");
        for nothing in ["null", "false", "\"\""] {
            assert_eq!(read(nothing).ok(), Some(None), "{nothing}");
        }
        for bad in ["1.5", "-1", "\"1e18\"", "\"-1\"", "true", "{}", "1e999", "\"0xzz\""] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
