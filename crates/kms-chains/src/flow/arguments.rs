//! Arguments of scripts, in the JSON that Cadence reads.
//! <https://cadence-lang.org/docs/json-cadence-spec>

use kms_core::DecodeError;
use ruint::aliases::{U256, U512};
use serde_json::{Value, json};

use super::address::Account;
use crate::codec::{
    json::{Json, Object},
    quantity,
};

/// Items of an array, at most.
const ITEMS_MAX: usize = 1_000;
const DECIMALS: usize = 8;

const WRONG: &str = "has a value that does not match its type";

pub(super) fn text(text: &str) -> Value {
    json!({ "type": "String", "value": text })
}

pub(super) fn address(account: &Account) -> Value {
    json!({ "type": "Address", "value": account.spell() })
}

pub(super) fn number(number: u64) -> Value {
    json!({ "type": "UInt64", "value": number.to_string() })
}

/// A number with eight decimals, given in its smallest units.
pub(super) fn fixed(units: u64) -> Value {
    let (whole, fraction) = (units / 100_000_000, units % 100_000_000);
    json!({ "type": "UFix64", "value": format!("{whole}.{fraction:08}") })
}

pub(super) fn list(items: Vec<Value>) -> Value {
    json!({ "type": "Array", "value": items })
}

/// Every address in an argument, at any depth.
pub(super) fn addresses_in(argument: &Value) -> Vec<String> {
    let value = argument.get("value").unwrap_or(&Value::Null);
    match (argument.get("type").and_then(Value::as_str), value) {
        (Some("Address"), Value::String(address)) => vec![address.clone()],
        (_, Value::Array(items)) => items.iter().flat_map(addresses_in).collect(),
        (_, Value::Object(_)) => addresses_in(value),
        _ => Vec::new(),
    }
}

/// An argument of a user's own script: `{type, subType?, value}`.
///
/// # Errors
/// When the type is not one that is passed on, or the value none of it.
pub(super) fn read(argument: &Json) -> Result<Value, DecodeError> {
    let wrong = |problem: String| DecodeError::field("args", problem);
    let object = argument.as_object().ok_or_else(|| {
        wrong(String::from(
            "has an element that is not an \
                                                               object",
        ))
    })?;
    let kind = object.get("type").and_then(Json::as_text);
    let kind = kind.ok_or_else(|| wrong(String::from("has an entry without a type")))?;
    let value = object.get_nullable("value").unwrap_or(&Json::Null);
    let argument = match kind {
        "Array" => array(object, value),
        "Optional" => optional(object, value),
        kind => scalar(kind, value),
    };
    argument.map_err(|problem| wrong(format!("of type {kind} {problem}")))
}

fn sub_type(object: &Object) -> Result<&str, &'static str> {
    object.get("subType").and_then(Json::as_text).ok_or("has no subType")
}

fn array(object: &Object, value: &Json) -> Result<Value, &'static str> {
    let kind = sub_type(object)?;
    let items = value.as_list().filter(|items| items.len() <= ITEMS_MAX).ok_or(WRONG)?;
    Ok(list(items.iter().map(|item| scalar(kind, item)).collect::<Result<_, _>>()?))
}

fn optional(object: &Object, value: &Json) -> Result<Value, &'static str> {
    let value = match value {
        Json::Null => Value::Null,
        value => scalar(sub_type(object)?, value)?,
    };
    Ok(json!({ "type": "Optional", "value": value }))
}

fn scalar(kind: &str, value: &Json) -> Result<Value, &'static str> {
    let value = match (kind, value) {
        ("String", Json::Text(text)) => json!(text),
        ("Character", Json::Text(text)) if !text.is_empty() => json!(text),
        ("Bool", Json::Bool(flag)) => json!(flag),
        ("Address", Json::Text(text)) => json!(Account::read(text).ok_or(WRONG)?.spell()),
        ("UFix64", Json::Text(text)) => json!(fixed_text(text).ok_or(WRONG)?),
        ("Fix64", Json::Text(text)) => {
            fixed_text(text.strip_prefix('-').unwrap_or(text)).ok_or(WRONG)?;
            json!(text)
        }
        ("Void", Json::Null) => return Ok(json!({ "type": "Void" })),
        (kind, value) => json!(whole(kind, value)?),
    };
    Ok(json!({ "type": kind, "value": value }))
}

/// Digits on both sides of a point, at most eight behind it, as the type takes them.
fn fixed_text(text: &str) -> Option<&str> {
    const MOST: u128 = u64::MAX as u128;
    let (whole, fraction) = text.split_once('.')?;
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|one| one.is_ascii_digit());
    let fits = is_digits(whole) && is_digits(fraction) && fraction.len() <= DECIMALS;
    let digits = format!("{whole}{fraction:0<DECIMALS$}");
    let units: u128 = digits.parse().ok().filter(|_| fits)?;
    (units <= MOST).then_some(text)
}

/// A whole number of a type that has so many bits, as decimal digits.
fn whole(kind: &str, value: &Json) -> Result<String, &'static str> {
    let (is_signed, bits) = match kind.strip_prefix("Int") {
        Some(bits) => (true, bits),
        None => (false, kind.strip_prefix("UInt").or(kind.strip_prefix("Word")).unwrap_or("?")),
    };
    let bits: usize = match bits {
        "8" | "16" | "32" | "64" | "128" | "256" => bits.parse().map_err(|_| WRONG)?,
        // Numbers of any size, and none that any script has a use for.
        "" if !kind.starts_with("Word") => 256,
        _ => return Err("has an unsupported type"),
    };
    let text = match value {
        Json::Text(text) | Json::Number(text) => text.as_str(),
        _ => return Err(WRONG),
    };
    let digits = text.strip_prefix('-').filter(|_| is_signed);
    let units = quantity::from_decimal(digits.unwrap_or(text)).map_err(|_| WRONG)?;
    let magnitude_bits = bits.saturating_sub(usize::from(is_signed));
    let limit = U512::from(1) << magnitude_bits;
    let fits = match digits {
        Some(_) => U512::from(units) <= limit,
        None => U512::from(units) < limit,
    };
    match (fits, digits) {
        (false, _) => Err("has a value that is too large"),
        (true, Some(_)) if units != U256::ZERO => Ok(format!("-{units}")),
        (true, _) => Ok(units.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(argument: &str) -> Result<String, String> {
        let json = crate::codec::json::parse(argument).unwrap();
        read(&json).map(|value| value.to_string()).map_err(|error| error.to_string())
    }

    #[test]
    fn arguments_are_written_as_cadence_reads_them() {
        for (argument, written) in [
            (r#"{"type":"UInt64","value":"42"}"#, r#"{"type":"UInt64","value":"42"}"#),
            (r#"{"type":"Int8","value":-128}"#, r#"{"type":"Int8","value":"-128"}"#),
            (r#"{"type":"UFix64","value":"1.5"}"#, r#"{"type":"UFix64","value":"1.5"}"#),
            (r#"{"type":"Bool","value":true}"#, r#"{"type":"Bool","value":true}"#),
            (r#"{"type":"Void","value":null}"#, r#"{"type":"Void"}"#),
            (
                r#"{"type":"Optional","subType":"String","value":null}"#,
                r#"{"type":"Optional","value":null}"#,
            ),
            (
                r#"{"type":"Array","subType":"UInt8","value":[1,"2"]}"#,
                r#"{"type":"Array","value":[{"type":"UInt8","value":"1"},{"type":"UInt8","value":"2"}]}"#,
            ),
            (
                r#"{"type":"Address","value":"0x78ea0cd3a32b8ab6"}"#,
                r#"{"type":"Address","value":"0x78ea0cd3a32b8ab6"}"#,
            ),
        ] {
            assert_eq!(read_text(argument).as_deref(), Ok(written));
        }
    }

    #[test]
    fn values_of_other_types_are_refused() {
        for argument in [
            r#"{"type":"Nope","value":"1"}"#,
            r#"{"value":"1"}"#,
            r#"7"#,
            r#"{"type":"UInt8","value":"256"}"#,
            r#"{"type":"UInt8","value":"-1"}"#,
            r#"{"type":"Int8","value":"128"}"#,
            r#"{"type":"Int8","value":"-129"}"#,
            r#"{"type":"UInt64","value":"1.0"}"#,
            r#"{"type":"UInt64","value":"0x10"}"#,
            r#"{"type":"UFix64","value":"1"}"#,
            r#"{"type":"UFix64","value":"1.000000001"}"#,
            r#"{"type":"UFix64","value":"184467440737.09551616"}"#,
            r#"{"type":"Bool","value":"true"}"#,
            r#"{"type":"Address","value":"78ea0cd3a32b8ab6"}"#,
            r#"{"type":"Array","value":[]}"#,
            r#"{"type":"Array","subType":"Array","value":[[]]}"#,
            r#"{"type":"String","value":1}"#,
            r#"{"type":"Word","value":1}"#,
        ] {
            assert!(read_text(argument).is_err(), "{argument}");
        }
    }
}
