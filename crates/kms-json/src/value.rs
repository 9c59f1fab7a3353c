//! A value, and the members of an object.

use std::sync::atomic::{AtomicBool, Ordering};

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
    /// Returned for a member that is present in another case than requested: a value of no type, so
    /// that it counts neither as the member nor as its absence.
    OtherCase,
}

/// The members of an object, in their order.
///
/// It remembers which of them a reader asked for by name, so that a reader who is done can tell
/// what it has not understood: [`Object::first_unread`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Object(Vec<Member>);

#[derive(Clone, Debug, PartialEq)]
struct Member {
    name: String,
    value: Json,
    is_read: Mark,
}

/// Set through a shared reference; says nothing about the value.
#[derive(Debug, Default)]
struct Mark(AtomicBool);

impl Mark {
    fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Clone for Mark {
    fn clone(&self) -> Self {
        Self(AtomicBool::new(self.is_set()))
    }
}

impl PartialEq for Mark {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

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
            Self::Object(object) => {
                text.push('{');
                for (place, (name, value)) in object.members().enumerate() {
                    text.push_str(if place == 0 { "" } else { "," });
                    text.push_str(&Value::from(name).to_string());
                    text.push(':');
                    value.write(text);
                }
                text.push('}');
            }
        }
    }

    /// Returns true if JavaScript takes the value for false: absent values, `false`, zero, empty
    /// text.
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

    /// Like [`Object::first_unread`], for the objects in a list.
    pub fn first_unread(&self, is_harmless: impl Fn(&str) -> bool) -> Option<String> {
        find_unread_in(self, "", &is_harmless)
    }

    fn says_nothing(&self) -> bool {
        match self {
            Self::Null => true,
            Self::List(items) => items.is_empty(),
            Self::Object(Object(members)) => members.is_empty(),
            Self::Bool(_) | Self::Number(_) | Self::Text(_) | Self::OtherCase => false,
        }
    }

    /// Notes that a reader takes the value with everything in it.
    pub fn mark_read(&self) {
        match self {
            Self::Object(Object(members)) => {
                for member in members {
                    member.is_read.set();
                    member.value.mark_read();
                }
            }
            Self::List(items) => items.iter().for_each(Self::mark_read),
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Text(_) | Self::OtherCase => (),
        }
    }
}

impl Object {
    /// The member, unless it is absent or `null`. One in another case is [`Json::OtherCase`].
    pub fn get(&self, name: &str) -> Option<&Json> {
        self.get_nullable(name).filter(|value| **value != Json::Null)
    }

    /// Like [`get`](Self::get), also when it is `null`.
    pub fn get_nullable(&self, name: &str) -> Option<&Json> {
        let member = self.0.iter().find(|member| is_one_name(&member.name, name))?;
        if member.name == name || member.value == Json::Null {
            member.is_read.set();
            Some(&member.value)
        } else {
            Some(&OTHER_CASE)
        }
    }

    /// Puts a value into the member's place, or at the end.
    pub fn set(&mut self, name: &str, value: Json) {
        match self.0.iter_mut().find(|member| member.name == name) {
            Some(member) => member.value = value,
            None => self.0.push(Member::new(name.to_owned(), value)),
        }
    }

    /// The members in their order, those that are null among them.
    pub fn members(&self) -> impl Iterator<Item = (&str, &Json)> {
        self.0.iter().map(|member| (member.name.as_str(), &member.value))
    }

    /// The members by value, in their order.
    pub fn into_members(self) -> impl Iterator<Item = (String, Json)> {
        self.0.into_iter().map(|member| (member.name, member.value))
    }

    /// The names in their order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|member| member.name.as_str())
    }

    /// The path of the first member that nobody asked for by name, at any depth: `a.b`, or
    /// `list[0].c`. Members that are `null` or empty say nothing and are passed over, and so is a
    /// path that `is_harmless` takes.
    pub fn first_unread(&self, is_harmless: impl Fn(&str) -> bool) -> Option<String> {
        find_unread(&self.0, "", &is_harmless)
    }
}

fn find_unread(
    members: &[Member],
    path: &str,
    is_harmless: &dyn Fn(&str) -> bool,
) -> Option<String> {
    members.iter().find_map(|member| {
        let separator = if path.is_empty() { "" } else { "." };
        let path = format!("{path}{separator}{}", member.name);
        if member.value.says_nothing() || is_harmless(&path) {
            None
        } else if member.is_read.is_set() {
            find_unread_in(&member.value, &path, is_harmless)
        } else {
            Some(path)
        }
    })
}

fn find_unread_in(value: &Json, path: &str, is_harmless: &dyn Fn(&str) -> bool) -> Option<String> {
    match value {
        Json::Object(Object(members)) => find_unread(members, path, is_harmless),
        Json::List(items) => items.iter().enumerate().find_map(|(index, item)| {
            find_unread_in(item, &format!("{path}[{index}]"), is_harmless)
        }),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Text(_) | Json::OtherCase => None,
    }
}

impl FromIterator<(String, Json)> for Object {
    fn from_iter<I: IntoIterator<Item = (String, Json)>>(members: I) -> Self {
        Self(members.into_iter().map(|(name, value)| Member::new(name, value)).collect())
    }
}

impl Member {
    fn new(name: String, value: Json) -> Self {
        Self { name, value, is_read: Mark::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Limits, Twins};

    fn parse(text: &str) -> Object {
        let limits = Limits { bytes: 1 << 10, depth: 8, twins: Twins::AnyCase };
        Json::parse(text, limits).unwrap().into_object().unwrap()
    }

    fn unread(object: &Object) -> Option<String> {
        object.first_unread(|_| false)
    }

    #[test]
    fn a_member_that_nobody_asked_for_is_named_by_its_path() {
        let object = parse(r#"{"a":1,"b":{"c":[{"d":1},{"e":2}]},"f":3}"#);
        assert_eq!(unread(&object).as_deref(), Some("a"));
        object.get("a");
        assert_eq!(unread(&object).as_deref(), Some("b"));
        let list = object.get("b").unwrap().as_object().unwrap().get("c").unwrap();
        assert_eq!(unread(&object).as_deref(), Some("b.c[0].d"));
        let items = list.as_list().unwrap();
        items[0].as_object().unwrap().get("d");
        assert_eq!(unread(&object).as_deref(), Some("b.c[1].e"));
        items[1].mark_read();
        assert_eq!(unread(&object).as_deref(), Some("f"));
        assert_eq!(object.first_unread(|path| path == "f"), None);
    }

    #[test]
    fn what_is_empty_says_nothing_and_another_case_is_not_understood() {
        let object = parse(r#"{"a":null,"c":[],"d":{},"B":1}"#);
        object.get("b");
        assert_eq!(unread(&object).as_deref(), Some("B"));
        object.get("B");
        assert_eq!(unread(&object), None);
    }

    #[test]
    fn what_was_read_is_no_part_of_the_value() {
        let (read, other) = (parse(r#"{"a":1}"#), parse(r#"{"a":1}"#));
        read.get("a");
        assert_eq!(read, other);
        assert_eq!(unread(&read.clone()), None);
    }
}
