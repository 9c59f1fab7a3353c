//! JSON as payloads use it, read strictly: no member appears twice, in whatever case, nesting is
//! bounded, and a number keeps the digits it was written with.

use std::fmt;

use kms_core::{DecodeError, is_one_name, twin_names};
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor,
};
use serde_json::{Value, value::RawValue};

/// The longest payload that is read, in bytes. A Bitcoin transaction at the network's size limit
/// stays below it.
pub(crate) const PAYLOAD_MAX_BYTES: usize = 8 << 20;
const DEPTH_MAX: usize = 32;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    /// The literal, as written.
    Number(String),
    Text(String),
    List(Vec<Json>),
    Object(Object),
    /// In the place of a member that is there in another case than the one that is looked for: a
    /// value of no type, so that it is neither taken for the member nor for its absence.
    OtherCase,
}

static OTHER_CASE: Json = Json::OtherCase;

/// The members of an object, in their order.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Object(Vec<(String, Json)>);

impl Json {
    /// # Errors
    /// When the text is not one JSON value, or breaks a limit.
    pub(crate) fn parse(text: &str) -> Result<Self, DecodeError> {
        if text.len() > PAYLOAD_MAX_BYTES {
            return Err(DecodeError::TooLarge);
        }
        if let Some(json) = at_once(text) {
            return Ok(json);
        }
        let raw: &RawValue = serde_json::from_str(text).map_err(|error| syntax(&error))?;
        Self::read(raw, DEPTH_MAX)
    }

    fn read(raw: &RawValue, depth: usize) -> Result<Self, DecodeError> {
        let depth = depth.checked_sub(1).ok_or(DecodeError::TooLarge)?;
        let text = raw.get();
        match text.bytes().next() {
            Some(b'{') => Object::read(text, depth).map(Self::Object),
            Some(b'[') => {
                let items: Vec<&RawValue> = parse(text)?;
                let items = items.into_iter().map(|item| Self::read(item, depth));
                items.collect::<Result<_, _>>().map(Self::List)
            }
            Some(b'"') => parse(text).map(Self::Text),
            Some(b't' | b'f') => parse(text).map(Self::Bool),
            Some(b'n') => Ok(Self::Null),
            _ => Ok(Self::Number(text.to_owned())),
        }
    }

    /// # Errors
    /// When the value is of another type.
    pub(crate) fn into_object(self) -> Result<Object, DecodeError> {
        match self {
            Self::Object(object) => Ok(object),
            _ => Err(DecodeError::NotAnObject),
        }
    }

    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn as_list(&self) -> Option<&[Self]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    pub(crate) fn as_object(&self) -> Option<&Object> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The value without white space, its members in their order and its numbers as written.
    pub(crate) fn to_compact_text(&self) -> String {
        let mut text = String::new();
        self.write(&mut text);
        text
    }

    fn write(&self, text: &mut String) {
        match self {
            Self::Null | Self::OtherCase => text.push_str("null"),
            Self::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
            Self::Number(literal) => text.push_str(literal),
            Self::Text(own) => text.push_str(&Value::from(own.as_str()).to_string()),
            Self::List(items) => {
                text.push('[');
                for (place, item) in items.iter().enumerate() {
                    text.push_str(if place == 0 { "" } else { "," });
                    item.write(text);
                }
                text.push(']');
            }
            Self::Object(Object(members)) => {
                text.push('{');
                for (place, (name, value)) in members.iter().enumerate() {
                    text.push_str(if place == 0 { "" } else { "," });
                    text.push_str(&Value::from(name.as_str()).to_string());
                    text.push(':');
                    value.write(text);
                }
                text.push('}');
            }
        }
    }

    /// Whether JavaScript takes the value for false: absent values, `false`, zero, empty text.
    pub(crate) fn is_falsy(&self) -> bool {
        match self {
            Self::Null | Self::Bool(false) => true,
            Self::Number(literal) => {
                let digits = literal.split(['e', 'E']).next().unwrap_or_default();
                !digits.bytes().any(|byte| (b'1'..=b'9').contains(&byte))
            }
            Self::Text(text) => text.is_empty(),
            Self::Bool(true) | Self::List(_) | Self::Object(_) | Self::OtherCase => false,
        }
    }
}

impl Object {
    fn read(text: &str, depth: usize) -> Result<Self, DecodeError> {
        let Members(members) = parse(text)?;
        match twin_names(members.iter().map(|(name, _)| name.as_str())) {
            None => (),
            Some([one, other]) if one == other => {
                return Err(DecodeError::Duplicate(one.to_owned()));
            }
            Some([one, other]) => return Err(DecodeError::Twins(one.to_owned(), other.to_owned())),
        }
        let members = members.into_iter();
        let read = |(name, raw): (String, &RawValue)| Ok((name, Json::read(raw, depth)?));
        members.map(read).collect::<Result<_, _>>().map(Self)
    }

    /// The member, unless it is absent or `null`. One in another case is [`Json::OtherCase`].
    pub(crate) fn get(&self, name: &str) -> Option<&Json> {
        self.get_nullable(name).filter(|value| **value != Json::Null)
    }

    /// As [`get`](Self::get), also when it is `null`.
    pub(crate) fn get_nullable(&self, name: &str) -> Option<&Json> {
        let (own, value) = self.0.iter().find(|(own, _)| is_one_name(own, name))?;
        Some(if own == name || *value == Json::Null { value } else { &OTHER_CASE })
    }

    /// Puts a value into the member's place, or at the end.
    pub(crate) fn set(&mut self, name: &str, value: Json) {
        match self.0.iter_mut().find(|(own, _)| own == name) {
            Some((_, own)) => *own = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }

    /// With those that are null.
    pub(crate) fn members(&self) -> impl Iterator<Item = (&str, &Json)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }
}

/// Reads in one pass a text in which nothing is wrong and every number is a whole one of 64 bits:
/// others keep their literal, or have an error, that only reading piece by piece can tell.
fn at_once(text: &str) -> Option<Json> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let json = AtOnce { depth: DEPTH_MAX }.deserialize(&mut deserializer).ok()?;
    deserializer.end().ok()?;
    Some(json)
}

#[derive(Clone, Copy)]
struct AtOnce {
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for AtOnce {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        let depth = self.depth.checked_sub(1).ok_or_else(|| D::Error::custom("too deep"))?;
        deserializer.deserialize_any(Self { depth })
    }
}

impl<'de> Visitor<'de> for AtOnce {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value without fractions")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Json, E> {
        Ok(Json::Number(number.to_string()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Json, E> {
        Ok(Json::Number(number.to_string()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Json, E> {
        Ok(Json::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let mut members = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            members.push((name, map.next_value_seed(self)?));
        }
        match twin_names(members.iter().map(|(name, _)| name.as_str())) {
            None => Ok(Json::Object(Object(members))),
            Some(_) => Err(A::Error::custom("a member appears twice")),
        }
    }
}

struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
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

        deserializer.deserialize_map(InOrder).map(Members)
    }
}

fn parse<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, DecodeError> {
    serde_json::from_str(text).map_err(|error| syntax(&error))
}

fn syntax(error: &serde_json::Error) -> DecodeError {
    DecodeError::Json { line: error.line(), column: error.column() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_keeps_its_digits() {
        let json = Json::parse(r#"{"value":12345678901234567890123}"#).unwrap();
        let value = json.as_object().unwrap().get("value").unwrap().clone();
        assert_eq!(value, Json::Number(String::from("12345678901234567890123")));
    }

    #[test]
    fn a_member_that_appears_twice_is_refused() {
        let error = Json::parse(r#"{"to":"a","to":"b"}"#).unwrap_err();
        assert_eq!(error.to_string(), "field `to` appears twice");
    }

    #[test]
    fn members_that_differ_in_case_only_are_refused_at_any_depth() {
        for bad in [
            r#"{"to":"a","To":"b"}"#,
            r#"{"a":[{"to":"a","value":1.5,"TO":"b"}]}"#,
            r#"{"to":"a","\u0054o":"b"}"#,
            r#"{"token":"a","to\u212aen":"b"}"#,
        ] {
            assert!(matches!(Json::parse(bad), Err(DecodeError::Twins(..))), "{bad}");
        }
    }

    #[test]
    fn a_member_in_another_case_is_neither_read_nor_absent() {
        let object = Json::parse(r#"{"To":"a","DATA":null}"#).and_then(Json::into_object).unwrap();
        assert_eq!(object.get("to"), Some(&Json::OtherCase));
        assert_eq!(object.get("To"), Some(&Json::Text(String::from("a"))));
        assert_eq!(object.get("to").and_then(Json::as_text), None);
        assert_eq!(object.get("data"), None, "null says nothing");
        assert!(!Json::OtherCase.is_falsy());
    }

    #[test]
    fn nesting_is_bounded() {
        let deep = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
        assert!(Json::parse(&deep(DEPTH_MAX - 1)).is_ok());
        assert!(matches!(Json::parse(&deep(DEPTH_MAX)), Err(DecodeError::TooLarge)));
        assert!(Json::parse(&deep(100_000)).is_err());
    }

    #[test]
    fn text_around_the_value_is_refused() {
        for bad in ["", "hello", "{}x", "{'a':1}", "{\"a\":NaN}", "\u{feff}{}"] {
            assert!(matches!(Json::parse(bad), Err(DecodeError::Json { .. })), "{bad:?}");
        }
    }
}
