//! Msgpack as Algorand has it, read strictly: shortest forms, sorted members, none of them empty.
//! <https://github.com/msgpack/msgpack/blob/master/spec.md>

/// Values in values; a transaction has three levels.
const DEPTH_MAX: u8 = 6;

#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Item<'a> {
    Number(u64),
    Flag(bool),
    Bytes(&'a [u8]),
    Text(&'a str),
    List(Vec<Item<'a>>),
    Map(Vec<(&'a str, Item<'a>)>),
}

pub(crate) struct Input<'a>(pub(crate) &'a [u8]);

impl<'a> Item<'a> {
    /// The item that the bytes are, and nothing else.
    pub(crate) fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut input = Input(bytes);
        let item = input.item(DEPTH_MAX)?;
        input.0.is_empty().then_some(item)
    }

    /// Returns true for values that must be omitted.
    fn is_empty(&self) -> bool {
        match self {
            Self::Number(number) => *number == 0,
            Self::Flag(flag) => !flag,
            Self::Bytes(bytes) => bytes.is_empty(),
            Self::Text(text) => text.is_empty(),
            Self::List(items) => items.is_empty(),
            Self::Map(members) => members.is_empty(),
        }
    }
}

impl<'a> Input<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }

    pub(crate) fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*byte)
    }

    /// A big-endian number of so many bytes that does not fit into half of them.
    fn number(&mut self, width: usize, least: u64) -> Option<u64> {
        let bytes = self.take(width)?;
        let number = bytes.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        (number >= least).then_some(number)
    }

    fn length(&mut self, width: usize, least: u64) -> Option<usize> {
        usize::try_from(self.number(width, least)?).ok()
    }

    pub(crate) fn text(&mut self) -> Option<&'a str> {
        match self.item(1)? {
            Item::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn bytes(&mut self) -> Option<&'a [u8]> {
        match self.item(1)? {
            Item::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    fn item(&mut self, depth: u8) -> Option<Item<'a>> {
        let depth = depth.checked_sub(1)?;
        let item = match self.byte()? {
            number @ 0..=0x7f => Item::Number(number.into()),
            mark @ 0x80..=0x8f => self.map((mark & 0x0f).into(), depth)?,
            mark @ 0x90..=0x9f => self.list((mark & 0x0f).into(), depth)?,
            mark @ 0xa0..=0xbf => self.utf8((mark & 0x1f).into())?,
            0xc3 => Item::Flag(true),
            0xc4 => self.length(1, 0).and_then(|length| self.take(length)).map(Item::Bytes)?,
            0xc5 => self.length(2, 0x100).and_then(|length| self.take(length)).map(Item::Bytes)?,
            0xcc => Item::Number(self.number(1, 0x80)?),
            0xcd => Item::Number(self.number(2, 0x100)?),
            0xce => Item::Number(self.number(4, 0x1_0000)?),
            0xcf => Item::Number(self.number(8, 0x1_0000_0000)?),
            0xd9 => self.length(1, 32).and_then(|length| self.utf8(length))?,
            0xda => self.length(2, 0x100).and_then(|length| self.utf8(length))?,
            0xdc => self.length(2, 16).and_then(|length| self.list(length, depth))?,
            0xde => self.length(2, 16).and_then(|length| self.map(length, depth))?,
            _ => return None,
        };
        Some(item)
    }

    fn utf8(&mut self, length: usize) -> Option<Item<'a>> {
        std::str::from_utf8(self.take(length)?).ok().map(Item::Text)
    }

    fn list(&mut self, length: usize, depth: u8) -> Option<Item<'a>> {
        (0..length).map(|_| self.item(depth)).collect::<Option<_>>().map(Item::List)
    }

    fn map(&mut self, length: usize, depth: u8) -> Option<Item<'a>> {
        let member = |input: &mut Self| {
            let name = input.text()?;
            Some((name, input.item(depth).filter(|item| !item.is_empty())?))
        };
        let members = (0..length).map(|_| member(self)).collect::<Option<Vec<_>>>()?;
        let is_sorted = members.is_sorted_by(|(one, _), (next, _)| one < next);
        is_sorted.then_some(Item::Map(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_has_one_form() {
        let good = [0x82, 0xa1, b'a', 0xcc, 0x80, 0xa1, b'b', 0x91, 0xc3];
        let members = vec![("a", Item::Number(128)), ("b", Item::List(vec![Item::Flag(true)]))];
        assert_eq!(Item::read(&good), Some(Item::Map(members)));
        let bad: [&[u8]; 9] = [
            &[],
            &[0x81, 0xa1, b'a'],
            &[0x81, 0xa1, b'a', 0xcc, 0x7f],
            &[0x81, 0xa1, b'a', 0xcd, 0, 0x80],
            &[0x82, 0xa1, b'b', 1, 0xa1, b'a', 1],
            &[0x82, 0xa1, b'a', 1, 0xa1, b'a', 1],
            &[0x81, 0xa1, b'a', 0],
            &[0x81, 0xd9, 1, b'a', 1],
            &[0x91, 0x91, 0x91, 0x91, 0x91, 0x91, 0x91, 1],
        ];
        for bytes in bad {
            assert_eq!(Item::read(bytes), None, "{bytes:x?}");
        }
    }
}
