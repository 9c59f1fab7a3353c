//! Amounts written in whole coins, with a point: exact, never through a float.

use ruint::aliases::U256;

use super::{json::Json, quantity};

/// More digits than any amount has, leading zeros and exponents included.
const DIGITS_MAX: usize = 100;

/// Base units of an amount in whole coins: a JSON number, or text in decimal or `0x` form.
/// `None` for a negative amount.
///
/// # Errors
/// When the value is not a number, or not a whole number of base units below 2²⁵⁶.
pub(crate) fn read(value: &Json, decimals: u8) -> Result<Option<U256>, &'static str> {
    let text = match value {
        Json::Number(literal) => literal.as_str(),
        Json::Text(text) => text.trim(),
        _ => return Err("is not a number"),
    };
    if let Some(digits) = text.strip_prefix("0x") {
        let coins = quantity::from_hex(digits)?;
        let unit = U256::from(10).checked_pow(U256::from(decimals));
        let units = unit.and_then(|unit| coins.checked_mul(unit));
        return units.map(Some).ok_or("does not fit 256 bits");
    }
    match text.strip_prefix('-') {
        Some(rest) => units(rest, decimals).map(|units| units.is_zero().then_some(units)),
        None => units(text, decimals).map(Some),
    }
}

/// Base units of digits with a point and an exponent.
fn units(text: &str, decimals: u8) -> Result<U256, &'static str> {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let is_number = !(whole.is_empty() && fraction.is_empty())
        && [whole, fraction].concat().bytes().all(|digit| digit.is_ascii_digit());
    let exponent: i32 = exponent.parse().map_err(|_| "is not a number")?;
    if !is_number || text.len() > DIGITS_MAX {
        return Err("is not a number");
    }
    let fraction = fraction.trim_end_matches('0');
    let behind = i32::try_from(fraction.len()).map_err(|_| "is not a number")?;
    let digits = [whole, fraction].concat();
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() {
        return Ok(U256::ZERO);
    }
    let shift = i32::from(decimals).checked_add(exponent).and_then(|sum| sum.checked_sub(behind));
    match shift.map(usize::try_from) {
        Some(Ok(zeros)) if zeros <= DIGITS_MAX => {
            let written = format!("{digits}{}", "0".repeat(zeros));
            U256::from_str_radix(&written, 10).map_err(|_| "does not fit 256 bits")
        }
        Some(Ok(_)) => Err("does not fit 256 bits"),
        _ => cut(digits, shift.unwrap_or(i32::MIN)),
    }
}

/// Takes zeros off the end: other digits would be a fraction of a base unit.
fn cut(digits: &str, shift: i32) -> Result<U256, &'static str> {
    let behind = usize::try_from(shift.unsigned_abs()).map_err(|_| "is not a number")?;
    let keep = digits.len().checked_sub(behind).and_then(|keep| digits.split_at_checked(keep));
    match keep {
        Some((whole, rest)) if rest.bytes().all(|digit| digit == b'0') => {
            U256::from_str_radix(whole, 10).map_err(|_| "does not fit 256 bits")
        }
        _ => Err("has more digits after the point than the coin"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(literal: &str) -> Result<Option<U256>, &'static str> {
        read(&Json::Number(literal.to_owned()), 8)
    }

    #[test]
    fn every_spelling_is_exact() {
        let cases = [
            ("1.5", 150_000_000_u64),
            ("0.00000001", 1),
            ("1e-7", 10),
            ("100e-2", 100_000_000),
            ("1E3", 100_000_000_000),
            ("0.10", 10_000_000),
            ("0.000000000", 0),
            (".5", 50_000_000),
        ];
        for (literal, units) in cases {
            assert_eq!(number(literal), Ok(Some(U256::from(units))), "{literal}");
        }
        let hexadecimal = read(&Json::Text(String::from("0x10")), 8);
        assert_eq!(hexadecimal, Ok(Some(U256::from(1_600_000_000_u64))));
        assert_eq!((number("-1"), number("-0")), (Ok(None), Ok(Some(U256::ZERO))));
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for bad in ["0.000000001", "1e-9", "lots", "", ".", "1e", "1.2.3", "+1", "1e999999999999"] {
            assert!(read(&Json::Text(bad.to_owned()), 8).is_err(), "{bad:?}");
        }
        assert!(number(&"9".repeat(101)).is_err());
        assert!(number("1e90").is_err());
        assert!(number("1e-2147483648").is_err());
    }
}
