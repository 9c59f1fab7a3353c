//! JSON as the API and nodes answer it, read strictly: no member appears twice, nesting is
//! bounded, and no number is rounded.

use kms_json::{Json, Limits, Twins, is_one_name, twin_names};
use serde_json::{Number, Value};
use thiserror::Error;

use crate::{
    error::one_line,
    limits::{JSON_DEPTH_MAX, PENDING_BODY_MAX},
};

/// Names are compared without regard to case where it matters who else reads them
/// ([`check_names`]).
const LIMITS: Limits =
    Limits { bytes: PENDING_BODY_MAX, depth: JSON_DEPTH_MAX, twins: Twins::Equal };

/// The reason why a JSON text is not taken. Names are shortened.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each variant's message is its sentence")]
pub enum JsonError {
    #[error("it is not valid JSON (line {line}, column {column})")]
    Syntax { line: usize, column: usize },
    #[error("its JSON is too large")]
    TooLarge,
    #[error("its JSON is nested too deeply")]
    TooDeep,
    #[error("member `{0}` appears twice")]
    Duplicate(String),
    #[error("members `{0}` and `{1}` differ only in case: other programs may read either")]
    Twins(String, String),
    #[error("member `{found}` must be spelled `{known}`: other programs may read it as that")]
    OtherCase { found: String, known: &'static str },
}

impl From<kms_json::JsonError> for JsonError {
    fn from(error: kms_json::JsonError) -> Self {
        use kms_json::JsonError as Error;
        match error {
            Error::Syntax { line, column } => Self::Syntax { line, column },
            Error::TooDeep => Self::TooDeep,
            Error::Duplicate(name) => Self::Duplicate(one_line(&name)),
            Error::Twins(one, other) => Self::Twins(one_line(&one), one_line(&other)),
            _ => Self::TooLarge,
        }
    }
}

/// Reads one JSON value. A number that [`Value`] would round is given as its literal, a text.
///
/// # Errors
/// When the text is not one JSON value, a member appears twice, or it is nested too deeply.
pub(crate) fn parse(text: &str) -> Result<Value, JsonError> {
    Json::parse(text, LIMITS).map(to_value).map_err(JsonError::from)
}

/// Checks that readers without regard to case see the same members: no two names differ in case
/// only, and none differs so from a name that means something.
///
/// # Errors
/// When one does.
pub(crate) fn check_names(value: &Value, known: &[&'static str]) -> Result<(), JsonError> {
    match value {
        Value::Array(items) => items.iter().try_for_each(|item| check_names(item, known)),
        Value::Object(members) => {
            if let Some([one, other]) = twin_names(members.keys().map(String::as_str)) {
                return Err(JsonError::Twins(one_line(one), one_line(other)));
            }
            members.iter().try_for_each(|(name, value)| {
                match known.iter().find(|known| is_one_name(known, name) && *known != name) {
                    Some(known) => Err(JsonError::OtherCase { found: one_line(name), known }),
                    None => check_names(value, known),
                }
            })
        }
        _ => Ok(()),
    }
}

fn to_value(json: Json) -> Value {
    match json {
        Json::Null | Json::OtherCase => Value::Null,
        Json::Bool(value) => Value::Bool(value),
        Json::Number(literal) => read_number(&literal),
        Json::Text(text) => Value::String(text),
        Json::List(items) => items.into_iter().map(to_value).collect(),
        Json::Object(members) => {
            members.into_members().map(|(name, value)| (name, to_value(value))).collect()
        }
    }
}

fn read_number(literal: &str) -> Value {
    if let Ok(number) = literal.parse::<u64>() {
        return Value::from(number);
    }
    if let Ok(number) = literal.parse::<i64>() {
        return Value::from(number);
    }
    let float = literal.parse().ok().and_then(Number::from_f64);
    match float.filter(|float| float.to_string() == literal) {
        Some(float) => Value::Number(float),
        None => Value::from(literal),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_that_would_be_rounded_keep_their_digits() {
        assert_eq!(parse("18446744073709551615"), Ok(json!(u64::MAX)));
        assert_eq!(parse("18446744073709551616"), Ok(json!("18446744073709551616")));
        assert_eq!(parse("-9223372036854775809"), Ok(json!("-9223372036854775809")));
        assert_eq!(parse("329.28"), Ok(json!(329.28)));
        assert_eq!(parse("0.10000000000000000000001"), Ok(json!("0.10000000000000000000001")));
        assert_eq!(parse("1e400"), Ok(json!("1e400")));
        assert_eq!(parse("-3"), Ok(json!(-3)));
    }

    #[test]
    fn a_member_that_appears_twice_is_refused_at_any_depth() {
        let text = r#"{"a":[{"b":1,"b":2}]}"#;
        assert_eq!(parse(text), Err(JsonError::Duplicate(String::from("b"))));
        assert_eq!(parse(r#"{"a":1,"\u0061":2}"#), Err(JsonError::Duplicate(String::from("a"))));
    }

    #[test]
    fn deep_nesting_is_refused_without_exhausting_the_stack() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(parse(&nested(JSON_DEPTH_MAX)).is_ok());
        assert_eq!(parse(&nested(JSON_DEPTH_MAX + 1)), Err(JsonError::TooDeep));
        assert!(parse(&nested(1_000_000)).is_err());
    }

    #[test]
    fn what_follows_the_value_is_refused() {
        for bad in ["", "1 2", "{} x", "nan", "'a'", "{\"a\":}", "<html>"] {
            assert!(matches!(parse(bad), Err(JsonError::Syntax { .. })), "{bad:?}");
        }
    }
}
