//! Whole numbers as payloads spell them: JSON numbers, decimal text, `0x` text.

use kms_core::DecodeError;
use ruint::aliases::U256;

use super::json::Json;

/// The original prints JSON numbers from 10²¹ on with an exponent and then cannot read them.
const EXPONENT_DIGITS_MAX: usize = 21;

/// Reads a quantity written as a JSON number or as text.
///
/// # Errors
/// When the value is negative, has a fraction, does not fit 256 bits or is not a number at all.
pub(crate) fn read(field: &'static str, value: &Json) -> Result<U256, DecodeError> {
    let units = match value {
        Json::Number(literal) => from_literal(literal),
        Json::Text(text) => from_text(text),
        Json::OtherCase => Err("is present in another case"),
        _ => Err("is not a number"),
    };
    units.map_err(|problem| DecodeError::field(field, problem))
}

/// Like [`read`], for a number below 2⁶⁴.
///
/// # Errors
/// As [`read`], and when the number does not fit.
pub(crate) fn read_u64(field: &'static str, value: &Json) -> Result<u64, DecodeError> {
    u64::try_from(read(field, value)?).map_err(|_| DecodeError::field(field, "is 2^64 or more"))
}

/// Reads decimal digits or `0x` and hexadecimal digits, with white space around them.
pub(crate) fn from_text(text: &str) -> Result<U256, &'static str> {
    let text = text.trim();
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some("") => Ok(U256::ZERO),
        Some(digits) => from_hex(digits),
        None => from_decimal(text),
    }
}

pub(crate) fn from_hex(digits: &str) -> Result<U256, &'static str> {
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        U256::from_str_radix(digits, 16).map_err(|_| "does not fit 256 bits")
    } else {
        Err("is not a whole number")
    }
}

pub(crate) fn from_decimal(digits: &str) -> Result<U256, &'static str> {
    if digits.starts_with('-') {
        return Err("is negative");
    }
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        U256::from_str_radix(digits, 10).map_err(|_| "does not fit 256 bits")
    } else {
        Err("is not a whole number")
    }
}

/// Reads a JSON number. Beside plain digits, a fraction or exponent is fine as long as the number
/// is whole: `1.0`, `1e18`, `-0`.
fn from_literal(literal: &str) -> Result<U256, &'static str> {
    let (negative, literal) = match literal.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, literal),
    };
    let units = if literal.bytes().all(|byte| byte.is_ascii_digit()) {
        from_decimal(literal)?
    } else {
        from_scientific(literal)?
    };
    if negative && !units.is_zero() { Err("is negative") } else { Ok(units) }
}

fn from_scientific(literal: &str) -> Result<U256, &'static str> {
    let (mantissa, exponent) = literal.split_once(['e', 'E']).unwrap_or((literal, "0"));
    let exponent: i32 = exponent.parse().map_err(|_| "does not fit 256 bits")?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let fraction = fraction.trim_end_matches('0');
    let fraction_digits = i32::try_from(fraction.len()).map_err(|_| "is not a whole number")?;
    let mut digits = format!("{whole}{fraction}");
    if digits.bytes().all(|digit| digit == b'0') {
        return Ok(U256::ZERO);
    }
    match exponent.checked_sub(fraction_digits) {
        Some(zeros @ 0..) => {
            let zeros = usize::try_from(zeros).map_err(|_| "does not fit 256 bits")?;
            if zeros > EXPONENT_DIGITS_MAX {
                return Err("is 10^21 or more in exponent notation");
            }
            digits.extend(std::iter::repeat_n('0', zeros));
        }
        _ => digits = strip_zeros(&digits, exponent, fraction_digits)?,
    }
    let digits = digits.trim_start_matches('0');
    if digits.len() <= EXPONENT_DIGITS_MAX {
        from_decimal(digits)
    } else {
        Err("is 10^21 or more in exponent notation")
    }
}

/// Takes the digits off that a negative exponent moves behind the point: all must be zero.
fn strip_zeros(digits: &str, exponent: i32, fraction: i32) -> Result<String, &'static str> {
    let behind = fraction.checked_sub(exponent).and_then(|behind| usize::try_from(behind).ok());
    let keep = behind.and_then(|behind| digits.len().checked_sub(behind));
    match keep.and_then(|keep| digits.split_at_checked(keep)) {
        Some((whole, rest)) if rest.bytes().all(|digit| digit == b'0') => Ok(whole.to_owned()),
        _ => Err("is not a whole number"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(literal: &str) -> Result<U256, &'static str> {
        from_literal(literal)
    }

    #[test]
    fn whole_numbers_are_read_however_json_spells_them() {
        let cases = [
            ("0", 0_u64),
            ("-0", 0),
            ("1.0", 1),
            ("1e18", 1_000_000_000_000_000_000),
            ("1.5e1", 15),
            ("150e-1", 15),
            ("0.0e9", 0),
        ];
        for (literal, expected) in cases {
            assert_eq!(number(literal), Ok(U256::from(expected)), "{literal}");
        }
        let exact = U256::from(12_345_678_901_234_567_890_u64);
        assert_eq!(number("12345678901234567890"), Ok(exact));
    }

    #[test]
    fn fractions_and_negatives_are_refused() {
        for bad in ["1.5", "-1", "1e-1", "1e21", "1e999999999999", "15e-2", "1e-2147483648"] {
            assert!(number(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn text_is_decimal_or_hexadecimal() {
        assert_eq!(from_text(" 12 "), Ok(U256::from(12)));
        assert_eq!(from_text("0X1f"), Ok(U256::from(31)));
        assert_eq!(from_text("0x"), Ok(U256::ZERO));
        for bad in ["1e18", "0b11", "+12", "-1", "1.5", "abc", "Infinity", "0xg", ""] {
            assert!(from_text(bad).is_err(), "{bad:?}");
        }
    }
}
