//! JSON as payloads use it: the strict reader of `kms-json` under the limits of a payload.

use kms_core::DecodeError;
pub(crate) use kms_json::{Json, Object};
use kms_json::{JsonError, Limits, Twins};

/// The longest payload that is read, in bytes. A Bitcoin transaction at the network's size limit
/// stays below it.
pub(crate) const PAYLOAD_MAX_BYTES: usize = 8 << 20;

/// An approver's reader may overlook case, so no two members may differ in it only.
const LIMITS: Limits = Limits { bytes: PAYLOAD_MAX_BYTES, depth: 32, twins: Twins::AnyCase };

/// # Errors
/// When the text is not one JSON value, or breaks a limit.
pub(crate) fn parse(text: &str) -> Result<Json, DecodeError> {
    Json::parse(text, LIMITS).map_err(|error| match error {
        JsonError::Syntax { line, column } => DecodeError::Json { line, column },
        JsonError::Duplicate(name) => DecodeError::Duplicate(name),
        JsonError::Twins(one, other) => DecodeError::Twins(one, other),
        _ => DecodeError::TooLarge,
    })
}

/// # Errors
/// When the text is not one JSON object, or breaks a limit.
pub(crate) fn parse_object(text: &str) -> Result<Object, DecodeError> {
    parse(text)?.into_object().ok_or(DecodeError::NotAnObject)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_is_refused_for_the_reason_that_makes_it_unreadable() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        for (text, expected) in [
            (String::from("{\n 'to':1}"), "(line 2, column 2)"),
            (String::from(r#"{"to":1,"to":2}"#), "`to` appears twice"),
            (String::from(r#"{"to":1,"TO":2}"#), "`to` and `TO`"),
            (String::from("[]"), "not a JSON object"),
            (nested(32), "not a JSON object"),
            (nested(33), "too deeply or too long"),
            (format!("{{}}{}", " ".repeat(PAYLOAD_MAX_BYTES)), "too deeply or too long"),
        ] {
            let error = parse_object(&text).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
