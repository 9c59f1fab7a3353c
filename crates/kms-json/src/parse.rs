//! From a text to a value.

use serde_json::value::RawValue;

use crate::{
    Json, JsonError, Limits, Object, at_once,
    members::{deserialize, items, members},
};

impl Json {
    /// Reads one value.
    ///
    /// # Errors
    /// When the text is not one JSON value, breaks a limit, or an object in it has twins.
    pub fn parse(text: &str, limits: Limits) -> Result<Self, JsonError> {
        if text.len() > limits.bytes {
            return Err(JsonError::TooLarge);
        }
        if let Some(json) = at_once::read(text, limits) {
            return Ok(json);
        }
        read(deserialize(text)?, limits)
    }
}

/// Reads piece by piece, so that numbers keep their literals and errors say what is wrong.
fn read(raw: &RawValue, limits: Limits) -> Result<Json, JsonError> {
    let depth = limits.depth.checked_sub(1).ok_or(JsonError::TooDeep)?;
    let limits = Limits { depth, ..limits };
    let text = raw.get();
    match text.bytes().next() {
        Some(b'{') => read_object(text, limits).map(Json::Object),
        Some(b'[') => {
            let items = items(text)?.into_iter().map(|item| read(item, limits));
            items.collect::<Result<_, _>>().map(Json::List)
        }
        Some(b'"') => deserialize(text).map(Json::Text),
        Some(b't' | b'f') => deserialize(text).map(Json::Bool),
        Some(b'n') => Ok(Json::Null),
        _ => Ok(Json::Number(text.to_owned())),
    }
}

fn read_object(text: &str, limits: Limits) -> Result<Object, JsonError> {
    let members = members(text)?;
    if let Some(twins) = limits.twins.find(members.iter().map(|(name, _)| name.as_str())) {
        return Err(JsonError::twins(twins));
    }
    let members = members.into_iter().map(|(name, raw)| Ok((name, read(raw, limits)?)));
    members.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Twins;

    const DEPTH_MAX: usize = 32;

    fn parse(text: &str) -> Result<Json, JsonError> {
        Json::parse(text, Limits { bytes: 1 << 20, depth: DEPTH_MAX, twins: Twins::AnyCase })
    }

    #[test]
    fn a_number_keeps_its_digits() {
        let json = parse(r#"{"value":12345678901234567890123}"#).unwrap();
        let value = json.as_object().unwrap().get("value").unwrap().clone();
        assert_eq!(value, Json::Number(String::from("12345678901234567890123")));
    }

    #[test]
    fn a_member_that_appears_twice_is_refused() {
        let error = parse(r#"{"to":"a","to":"b"}"#).unwrap_err();
        assert_eq!(error.to_string(), "member `to` appears twice");
    }

    #[test]
    fn members_that_differ_in_case_only_are_refused_at_any_depth() {
        for bad in [
            r#"{"to":"a","To":"b"}"#,
            r#"{"a":[{"to":"a","value":1.5,"TO":"b"}]}"#,
            r#"{"to":"a","\u0054o":"b"}"#,
            r#"{"token":"a","to\u212aen":"b"}"#,
        ] {
            assert!(matches!(parse(bad), Err(JsonError::Twins(..))), "{bad}");
        }
    }

    #[test]
    fn a_member_in_another_case_is_neither_read_nor_absent() {
        let object = parse(r#"{"To":"a","DATA":null}"#).unwrap().into_object().unwrap();
        assert_eq!(object.get("to"), Some(&Json::OtherCase));
        assert_eq!(object.get("To"), Some(&Json::Text(String::from("a"))));
        assert_eq!(object.get("to").and_then(Json::as_text), None);
        assert_eq!(object.get("data"), None, "null says nothing");
        assert!(!Json::OtherCase.is_falsy());
    }

    #[test]
    fn nesting_is_bounded() {
        let deep = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
        assert!(parse(&deep(DEPTH_MAX - 1)).is_ok());
        assert!(matches!(parse(&deep(DEPTH_MAX)), Err(JsonError::TooDeep)));
        assert!(parse(&deep(100_000)).is_err());
    }

    #[test]
    fn text_around_the_value_is_refused() {
        for bad in ["", "hello", "{}x", "{'a':1}", "{\"a\":NaN}", "\u{feff}{}"] {
            assert!(matches!(parse(bad), Err(JsonError::Syntax { .. })), "{bad:?}");
        }
    }

    #[test]
    fn a_text_above_the_limit_is_not_read() {
        let limits = Limits { bytes: 6, depth: 2, twins: Twins::Equal };
        assert!(Json::parse("[1234]", limits).is_ok());
        assert_eq!(Json::parse("[12345]", limits), Err(JsonError::TooLarge));
    }

    #[test]
    fn names_in_two_cases_may_stand_side_by_side_where_only_equal_ones_are_twins() {
        let limits = Limits { bytes: 100, depth: 3, twins: Twins::Equal };
        for fine in [r#"{"to":1,"To":2}"#, r#"{"to":1.5,"To":2}"#] {
            assert!(Json::parse(fine, limits).is_ok(), "{fine}");
        }
        for bad in [r#"{"to":1,"a":2,"t\u006f":3}"#, r#"[{"to":1.5,"a":2,"to":3}]"#] {
            let expected = JsonError::Duplicate(String::from("to"));
            assert_eq!(Json::parse(bad, limits), Err(expected), "{bad}");
        }
    }
}
