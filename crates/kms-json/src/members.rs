//! One level of a text: the members of an object, or the items of a list, each still unread.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::JsonError;

/// Reads the members of an object in their order, also those that appear twice.
///
/// # Errors
/// When the text is not one JSON object.
pub fn members(text: &str) -> Result<Vec<(String, &RawValue)>, JsonError> {
    deserialize(text).map(|Members(members)| members)
}

/// Reads the items of a list.
///
/// # Errors
/// When the text is not one JSON list.
pub fn items(text: &str) -> Result<Vec<&RawValue>, JsonError> {
    deserialize(text)
}

pub(crate) fn deserialize<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, JsonError> {
    serde_json::from_str(text).map_err(|error| JsonError::syntax(&error))
}

struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(InOrder).map(Members)
    }
}

struct InOrder;

impl<'de> Visitor<'de> for InOrder {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts<'a>(read: &[(String, &'a RawValue)]) -> Vec<(String, &'a str)> {
        read.iter().map(|(name, value)| (name.clone(), value.get())).collect()
    }

    #[test]
    fn members_keep_their_order_and_their_spelling_and_appear_as_often_as_written() {
        let read = members(r#" {"b": 1.10, "a":[ 1 ], "\u0062":null} "#).unwrap();
        let expected = [("b", "1.10"), ("a", "[ 1 ]"), ("b", "null")];
        assert_eq!(texts(&read), expected.map(|(name, value)| (name.to_owned(), value)));
    }

    #[test]
    fn what_is_no_object_has_no_members_and_what_is_no_list_no_items() {
        for bad in ["[]", "1", "", "{", "{} {}", r#"{"a":1,}"#, "{a:1}"] {
            assert!(matches!(members(bad), Err(JsonError::Syntax { .. })), "{bad:?}");
        }
        for bad in ["{}", "\"[]\"", "", "[1,]", "[1] 2"] {
            assert!(matches!(items(bad), Err(JsonError::Syntax { .. })), "{bad:?}");
        }
        assert_eq!(items(" [1, {}]").unwrap().len(), 2);
    }
}
