//! Numbers in the answers of nodes and the API, as JSON numbers or as strings.

use kms_core::ResolveError;
use ruint::aliases::U256;
use serde_json::Value;

use crate::codec::{json::Json, quantity};

/// Reads a whole number.
pub(crate) fn read(what: &'static str, answer: &Value) -> Result<U256, ResolveError> {
    let json = match answer {
        Value::Number(number) => Json::Number(number.to_string()),
        Value::String(text) => Json::Text(text.clone()),
        _ => return Err(unexpected(what, "is not a number")),
    };
    quantity::read(what, &json).map_err(|error| unexpected(what, error.to_string()))
}

pub(crate) fn read_u64(what: &'static str, answer: &Value) -> Result<u64, ResolveError> {
    u64::try_from(read(what, answer)?).map_err(|_| unexpected(what, "is 2^64 or more"))
}

/// Reads a number that may have a fraction, and rounds it up to a whole one.
pub(super) fn read_ceiling(answer: &Value) -> Result<u64, ResolveError> {
    const WHAT: &str = "gas station";
    let text = match answer {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.trim().to_owned(),
        _ => return Err(unexpected(WHAT, "is not a number")),
    };
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) {
        return Err(unexpected(WHAT, "is not a decimal number"));
    }
    let whole: u64 = whole.parse().map_err(|_| unexpected(WHAT, "is 2^64 or more"))?;
    let up = u64::from(fraction.bytes().any(|digit| digit != b'0'));
    whole.checked_add(up).ok_or(ResolveError::Overflow)
}

fn unexpected(
    what: &'static str,
    problem: impl Into<std::borrow::Cow<'static, str>>,
) -> ResolveError {
    ResolveError::UnexpectedAnswer(what, problem.into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_fraction_is_rounded_up() {
        assert_eq!(read_ceiling(&json!(329.28)).ok(), Some(330));
        assert_eq!(read_ceiling(&json!(35)).ok(), Some(35));
        assert_eq!(read_ceiling(&json!("30.000000001")).ok(), Some(31));
        assert!(read_ceiling(&json!(1.5e-8)).is_err());
        assert!(read_ceiling(&json!(-1)).is_err());
    }

    #[test]
    fn numbers_are_read_from_either_form() {
        assert_eq!(read("nonce", &json!("0x10")).ok(), Some(U256::from(16)));
        assert_eq!(read("nonce", &json!(17)).ok(), Some(U256::from(17)));
        assert!(read("nonce", &json!(null)).is_err());
        assert!(read("nonce", &json!(1.5)).is_err());
    }
}
