//! JSON as the API and nodes answer it, read strictly: no member appears twice, nesting is
//! bounded, and no number is rounded.

use std::{collections::HashSet, fmt};

use kms_core::{is_one_name, twin_names};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Number, Value, value::RawValue};
use thiserror::Error;

use crate::{error::one_line, limits::JSON_DEPTH_MAX};

#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum JsonError {
    #[error("it is not valid JSON (line {line}, column {column})")]
    Syntax { line: usize, column: usize },
    #[error("its JSON is nested too deeply")]
    TooDeep,
    #[error("member `{0}` appears twice")]
    Duplicate(String),
    #[error("members `{0}` and `{1}` differ only in case: other programs may read either")]
    Twins(String, String),
    #[error("member `{found}` must be spelled `{known}`: other programs may read it as that")]
    OtherCase { found: String, known: &'static str },
}

/// Reads one JSON value. A number that [`Value`] would round is given as its literal, a text.
///
/// # Errors
/// When the text is not one JSON value, a member appears twice, or it is nested too deeply.
pub(crate) fn parse(text: &str) -> Result<Value, JsonError> {
    let raw: &RawValue = deserialize(text)?;
    read(raw, JSON_DEPTH_MAX)
}

/// The items of a list, each still unread.
///
/// # Errors
/// When the text is not one JSON list.
pub(crate) fn items(text: &str) -> Result<Vec<&RawValue>, JsonError> {
    deserialize(text)
}

/// The members of an object in their order, also those that appear twice, each still unread.
///
/// # Errors
/// When the text is not one JSON object.
pub(crate) fn members(text: &str) -> Result<Vec<(String, &RawValue)>, JsonError> {
    deserialize(text).map(|Members(members)| members)
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

fn read(raw: &RawValue, depth: usize) -> Result<Value, JsonError> {
    let depth = depth.checked_sub(1).ok_or(JsonError::TooDeep)?;
    let text = raw.get();
    match text.bytes().next() {
        Some(b'{') => read_object(text, depth).map(Value::Object),
        Some(b'[') => {
            let items = items(text)?.into_iter().map(|item| read(item, depth));
            items.collect::<Result<_, _>>().map(Value::Array)
        }
        Some(b'-' | b'0'..=b'9') => Ok(read_number(text)),
        _ => deserialize(text),
    }
}

fn read_object(text: &str, depth: usize) -> Result<Map<String, Value>, JsonError> {
    let members = members(text)?;
    let mut names = HashSet::with_capacity(members.len());
    if let Some((name, _)) = members.iter().find(|(name, _)| !names.insert(name.as_str())) {
        return Err(JsonError::Duplicate(one_line(name)));
    }
    let read = |(name, raw): (String, &RawValue)| Ok((name, read(raw, depth)?));
    members.into_iter().map(read).collect()
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

fn deserialize<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, JsonError> {
    let syntax =
        |error: serde_json::Error| JsonError::Syntax { line: error.line(), column: error.column() };
    serde_json::from_str(text).map_err(syntax)
}

struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
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
