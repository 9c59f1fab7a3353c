//! RLP, read strictly: one encoding per value. Ethereum Yellow Paper, appendix B.

use alloy_primitives::U256;

use super::Rejection;

/// Lists in lists; an access list in a transaction takes four.
const DEPTH_MAX: u8 = 8;

/// One item with the bytes that encode it.
#[derive(Debug)]
pub(crate) struct Item<'a> {
    pub(crate) encoded: &'a [u8],
    body: Body<'a>,
}

#[derive(Debug)]
enum Body<'a> {
    Bytes(&'a [u8]),
    List(Vec<Item<'a>>),
}

const MALFORMED: Rejection = Rejection::Malformed("it is not canonical RLP");

impl<'a> Item<'a> {
    /// # Errors
    /// When the bytes are not exactly one item.
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, Rejection> {
        match take(bytes, DEPTH_MAX)? {
            (item, []) => Ok(item),
            (_, _) => Err(Rejection::Malformed("bytes follow the transaction")),
        }
    }

    pub(crate) fn list(&self) -> Result<&[Self], Rejection> {
        match &self.body {
            Body::List(items) => Ok(items),
            Body::Bytes(_) => Err(Rejection::Malformed("a list is missing")),
        }
    }

    pub(crate) fn bytes(&self) -> Result<&'a [u8], Rejection> {
        match self.body {
            Body::Bytes(bytes) => Ok(bytes),
            Body::List(_) => Err(Rejection::Malformed("a list stands where bytes should be")),
        }
    }

    pub(crate) fn array<const LENGTH: usize>(&self) -> Result<[u8; LENGTH], Rejection> {
        let bytes = self.bytes()?;
        bytes.try_into().map_err(|_| Rejection::Malformed("a field has a wrong length"))
    }

    /// Like [`array`](Self::array), or nothing.
    pub(crate) fn optional_array<const LENGTH: usize>(
        &self,
    ) -> Result<Option<[u8; LENGTH]>, Rejection> {
        match self.bytes()? {
            [] => Ok(None),
            _ => self.array().map(Some),
        }
    }

    /// A number, without leading zeros.
    pub(crate) fn number(&self) -> Result<U256, Rejection> {
        match self.bytes()? {
            [0, ..] => Err(Rejection::Malformed("a number has leading zeros")),
            bytes => U256::try_from_be_slice(bytes)
                .ok_or(Rejection::Malformed("a number does not fit 256 bits")),
        }
    }

    pub(crate) fn small(&self) -> Result<u64, Rejection> {
        u64::try_from(self.number()?)
            .map_err(|_| Rejection::Malformed("a number does not fit 64 bits"))
    }
}

fn take(bytes: &[u8], depth: u8) -> Result<(Item<'_>, &[u8]), Rejection> {
    let depth = depth.checked_sub(1).ok_or(MALFORMED)?;
    let first = *bytes.first().ok_or(MALFORMED)?;
    let (header, length) = match first {
        0..=0x7f => (0, 1),
        0x80..=0xb7 => (1, usize::from(first & 0x3f)),
        0xb8..=0xbf => long(bytes, first & 0x07)?,
        0xc0..=0xf7 => (1, usize::from(first & 0x3f)),
        0xf8..=0xff => long(bytes, first & 0x07)?,
    };
    let end = length.checked_add(header).ok_or(MALFORMED)?;
    let (encoded, rest) = bytes.split_at_checked(end).ok_or(MALFORMED)?;
    let content = encoded.get(header..).ok_or(MALFORMED)?;
    let body = match first {
        0xc0.. => Body::List(take_all(content, depth)?),
        0x81 if content.first().is_some_and(|byte| *byte < 0x80) => return Err(MALFORMED),
        _ => Body::Bytes(content),
    };
    Ok((Item { encoded, body }, rest))
}

/// The sizes of a header and of its content, where the content's size is written out. Of the low
/// bits of the first byte, the value seven means a size of eight bytes.
fn long(bytes: &[u8], low_bits: u8) -> Result<(usize, usize), Rejection> {
    let header = usize::from(low_bits).checked_add(2).ok_or(MALFORMED)?;
    let size = bytes.get(1..header).ok_or(MALFORMED)?;
    let length = match size {
        [0, ..] => None,
        size => U256::try_from_be_slice(size).and_then(|size| usize::try_from(size).ok()),
    };
    match length {
        Some(length) if length > 55 => Ok((header, length)),
        _ => Err(MALFORMED),
    }
}

fn take_all(mut bytes: &[u8], depth: u8) -> Result<Vec<Item<'_>>, Rejection> {
    let mut items = Vec::new();
    while !bytes.is_empty() {
        let (item, rest) = take(bytes, depth)?;
        items.push(item);
        bytes = rest;
    }
    Ok(items)
}

/// A list of items that are encoded already.
pub(crate) fn list(items: &[&[u8]]) -> Vec<u8> {
    let content = items.concat();
    [header(0xc0, content.len()), content].concat()
}

pub(crate) fn bytes(content: &[u8]) -> Vec<u8> {
    match content {
        [byte] if *byte < 0x80 => vec![*byte],
        _ => [header(0x80, content.len()), content.to_vec()].concat(),
    }
}

pub(crate) fn number(value: u64) -> Vec<u8> {
    bytes(&without_zeros(value))
}

fn header(base: u8, length: usize) -> Vec<u8> {
    match u8::try_from(length) {
        Ok(length @ 0..=55) => vec![base.saturating_add(length)],
        _ => {
            let size = without_zeros(u64::try_from(length).unwrap_or(u64::MAX));
            let count = u8::try_from(size.len()).unwrap_or(u8::MAX);
            [vec![base.saturating_add(55).saturating_add(count)], size].concat()
        }
    }
}

fn without_zeros(value: u64) -> Vec<u8> {
    value.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the Ethereum wiki's page on RLP.
    #[test]
    fn the_examples_of_the_definition_are_read() {
        let dog = [0x83, b'd', b'o', b'g'];
        assert_eq!(Item::read(&dog).and_then(|item| item.bytes()), Ok(b"dog".as_slice()));
        let list = [0xc8, 0x83, b'c', b'a', b't', 0x83, b'd', b'o', b'g'];
        let read = Item::read(&list).unwrap();
        assert_eq!(read.list().unwrap().len(), 2);
        assert_eq!(super::list(&[&bytes(b"cat"), &bytes(b"dog")]), list);
        assert_eq!(number(1024), [0x82, 0x04, 0x00]);
        assert_eq!(number(0), [0x80]);
        let long = [&[0xb8, 56], [b'x'; 56].as_slice()].concat();
        assert_eq!(Item::read(&long).and_then(|item| item.bytes()), Ok([b'x'; 56].as_slice()));
        assert_eq!(bytes(&[b'x'; 56]), long);
    }

    #[test]
    fn other_encodings_of_the_same_value_are_refused() {
        let bad: &[&[u8]] = &[
            &[],
            &[0x81, 0x05],       // one byte below 0x80 stands for itself
            &[0xb8, 0x01, 0xff], // a short size written out
            &[0xb9, 0x00, 0x38], // a size with leading zeros
            &[0x83, b'd', b'o'], // cut off
            &[0xc1],             // cut off
            &[0x05, 0x05],       // something follows
            &[0xbf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00],
            &[0xc1; 9], // too deep, and cut off
        ];
        for bytes in bad {
            assert!(Item::read(bytes).is_err(), "{bytes:02x?}");
        }
        assert!(Item::read(&[0x82, 0x00, 0x05]).unwrap().number().is_err());
    }
}
