//! A value, and the members of an object.

use serde_json::Value;

use crate::is_one_name;

static OTHER_CASE: Json = Json::OtherCase;

/// A JSON value that keeps what a reader of floating-point numbers would lose.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// The literal, as written.
    Number(String),
    /// A text, its escapes read.
    Text(String),
    /// The items of a list, in their order.
    List(Vec<Json>),
    /// An object.
    Object(Object),
    /// In the place of a member that is there in another case than the one that is looked for: a
    /// value of no type, so that it is neither taken for the member nor for its absence.
    OtherCase,
}

/// The members of an object, in their order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Object(pub(crate) Vec<(String, Json)>);

impl Json {
    /// The members, or `None` for a value of another type.
    pub fn into_object(self) -> Option<Object> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The text, or `None` for a value of another type.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The items, or `None` for a value of another type.
    pub fn as_list(&self) -> Option<&[Self]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    /// The members, or `None` for a value of another type.
    pub fn as_object(&self) -> Option<&Object> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The value without white space, its members in their order and its numbers as written.
    pub fn to_compact_text(&self) -> String {
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

    /// Tells whether JavaScript takes the value for false: absent values, `false`, zero, empty text.
    pub fn is_falsy(&self) -> bool {
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
    /// The member, unless it is absent or `null`. One in another case is [`Json::OtherCase`].
    pub fn get(&self, name: &str) -> Option<&Json> {
        self.get_nullable(name).filter(|value| **value != Json::Null)
    }

    /// As [`get`](Self::get), also when it is `null`.
    pub fn get_nullable(&self, name: &str) -> Option<&Json> {
        let (own, value) = self.0.iter().find(|(own, _)| is_one_name(own, name))?;
        Some(if own == name || *value == Json::Null { value } else { &OTHER_CASE })
    }

    /// Puts a value into the member's place, or at the end.
    pub fn set(&mut self, name: &str, value: Json) {
        match self.0.iter_mut().find(|(own, _)| own == name) {
            Some((_, own)) => *own = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }

    /// The members in their order, those that are null among them.
    pub fn members(&self) -> impl Iterator<Item = (&str, &Json)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// The members by value, in their order.
    pub fn into_members(self) -> impl Iterator<Item = (String, Json)> {
        self.0.into_iter()
    }

    /// The names in their order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }
}
