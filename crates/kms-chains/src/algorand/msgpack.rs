//! Canonical msgpack as Algorand signs it: members sorted, empty ones left out, integers in their
//! shortest form. <https://github.com/msgpack/msgpack/blob/master/spec.md>

use std::collections::BTreeMap;

#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Value {
    Number(u64),
    Flag(bool),
    Bytes(Vec<u8>),
    Text(String),
    List(Vec<Value>),
    Map(Map),
}

#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Map(BTreeMap<&'static str, Value>);

impl Map {
    /// Puts a member in, unless it is empty.
    pub(super) fn set(&mut self, name: &'static str, value: Value) {
        if !value.is_empty() {
            self.0.insert(name, value);
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    pub(super) fn number(&self, name: &str) -> u64 {
        match self.get(name) {
            Some(Value::Number(number)) => *number,
            _ => 0,
        }
    }

    pub(super) fn bytes(&self, name: &str) -> Option<&[u8]> {
        match self.get(name) {
            Some(Value::Bytes(bytes)) => Some(bytes),
            _ => None,
        }
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut Vec<u8>) {
        head(out, self.0.len(), &[(0x80, 15), (0xde, 0xffff)]);
        for (name, value) in &self.0 {
            Value::write_text(name, out);
            value.write(out);
        }
    }
}

impl Value {
    /// True of bytes that are all zero.
    pub(super) fn is_zeros(&self) -> bool {
        matches!(self, Self::Bytes(bytes) if bytes.iter().all(|byte| *byte == 0))
    }

    fn is_empty(&self) -> bool {
        match self {
            Self::Number(number) => *number == 0,
            Self::Flag(flag) => !flag,
            Self::Bytes(bytes) => bytes.is_empty(),
            Self::Text(text) => text.is_empty(),
            Self::List(items) => items.is_empty(),
            Self::Map(map) => map.0.is_empty(),
        }
    }

    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Number(number) => write_number(*number, out),
            Self::Flag(flag) => out.push(if *flag { 0xc3 } else { 0xc2 }),
            Self::Bytes(bytes) => {
                head(out, bytes.len(), &[(0xc4, 0xff), (0xc5, 0xffff)]);
                out.extend_from_slice(bytes);
            }
            Self::Text(text) => Self::write_text(text, out),
            Self::List(items) => {
                head(out, items.len(), &[(0x90, 15), (0xdc, 0xffff)]);
                items.iter().for_each(|item| item.write(out));
            }
            Self::Map(map) => map.write(out),
        }
    }

    fn write_text(text: &str, out: &mut Vec<u8>) {
        head(out, text.len(), &[(0xa0, 31), (0xd9, 0xff), (0xda, 0xffff)]);
        out.extend_from_slice(text.as_bytes());
    }
}

/// A length in the shortest of the forms given: the form's mark and the most it can say. Marks
/// below 0xc0 hold the length themselves. Limits on payloads keep every length below 2¹⁶.
fn head(out: &mut Vec<u8>, length: usize, forms: &[(u8, usize)]) {
    let Some((mark, most)) = forms.iter().find(|(_, most)| length <= *most) else { return };
    let length = u16::try_from(length).unwrap_or(u16::MAX);
    let [high, low] = length.to_be_bytes();
    match (*mark < 0xc0, *most) {
        (true, _) => out.push(mark | low),
        (false, 0xff) => out.extend([*mark, low]),
        (false, _) => out.extend([*mark, high, low]),
    }
}

fn write_number(number: u64, out: &mut Vec<u8>) {
    let bytes = number.to_be_bytes();
    let (mark, width) = match number {
        0..=0x7f => (None, 1),
        0x80..=0xff => (Some(0xcc), 1),
        0x100..=0xffff => (Some(0xcd), 2),
        0x1_0000..=0xffff_ffff => (Some(0xce), 4),
        _ => (Some(0xcf), 8),
    };
    out.extend(mark);
    out.extend(bytes.iter().skip(bytes.len().saturating_sub(width)));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Forms from the specification.
    #[test]
    fn the_shortest_form_is_written() {
        let written = |value: Value| {
            let mut out = Vec::new();
            value.write(&mut out);
            out
        };
        assert_eq!(written(Value::Number(127)), [0x7f]);
        assert_eq!(written(Value::Number(128)), [0xcc, 0x80]);
        assert_eq!(written(Value::Number(0x1234)), [0xcd, 0x12, 0x34]);
        assert_eq!(written(Value::Number(1 << 32)), [0xcf, 0, 0, 0, 1, 0, 0, 0, 0]);
        assert_eq!(written(Value::Text(String::from("ab"))), [0xa2, b'a', b'b']);
        assert_eq!(written(Value::Bytes(vec![7; 256]))[..3], [0xc5, 1, 0]);
        assert_eq!(written(Value::Text("x".repeat(32)))[..2], [0xd9, 32]);
        assert_eq!(written(Value::List(vec![Value::Flag(true)])), [0x91, 0xc3]);
    }

    #[test]
    fn members_are_sorted_and_empty_ones_left_out() {
        let mut map = Map::default();
        map.set("b", Value::Number(1));
        map.set("a", Value::Number(2));
        map.set("c", Value::Number(0));
        assert_eq!(map.to_bytes(), [0x82, 0xa1, b'a', 2, 0xa1, b'b', 1]);
    }
}
