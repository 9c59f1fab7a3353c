//! CBOR, as much of it as transactions of Cardano have. <https://www.rfc-editor.org/rfc/rfc8949>

/// The bytes that are left to read.
pub(crate) struct Cbor<'a>(pub(crate) &'a [u8]);

/// The major types of the standard.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub(crate) enum Kind {
    Number = 0,
    Bytes = 2,
    Text = 3,
    List = 4,
    Map = 5,
}

impl<'a> Cbor<'a> {
    pub(crate) fn take(&mut self, count: u64) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(usize::try_from(count).ok()?)?;
        self.0 = rest;
        Some(taken)
    }

    pub(crate) fn is_next(&self, kind: Kind) -> bool {
        self.0.first().is_some_and(|head| head >> 5 == kind as u8)
    }

    /// The number in a head, in the shortest of its forms.
    pub(crate) fn head(&mut self, kind: Kind) -> Option<u64> {
        let head = self.is_next(kind).then(|| self.take(1))??.first()? & 0b1_1111;
        let size = match head {
            0..=23 => return Some(head.into()),
            24..=27 => 1_u64 << (head - 24),
            _ => return None,
        };
        let mut bytes = [0; 8];
        let start = 8_usize.checked_sub(usize::try_from(size).ok()?)?;
        bytes.get_mut(start..)?.copy_from_slice(self.take(size)?);
        let number = u64::from_be_bytes(bytes);
        let is_shortest = match size {
            1 => number > 23,
            size => number >> (size * 4) != 0,
        };
        is_shortest.then_some(number)
    }

    pub(crate) fn bytes(&mut self, kind: Kind) -> Option<&'a [u8]> {
        let length = self.head(kind)?;
        self.take(length)
    }

    pub(crate) fn array<const LENGTH: usize>(&mut self) -> Option<[u8; LENGTH]> {
        self.bytes(Kind::Bytes)?.try_into().ok()
    }

    /// Checks that exactly these bytes follow.
    pub(crate) fn expect(&mut self, bytes: &[u8]) -> Option<()> {
        self.0 = self.0.strip_prefix(bytes)?;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8949, appendix A, and longer forms of the same numbers.
    #[test]
    fn numbers_are_read_in_their_shortest_form() {
        let read = |digits: &str| {
            let bytes = alloy_primitives::hex::decode(digits).unwrap();
            let mut cbor = Cbor(&bytes);
            cbor.head(Kind::Number).filter(|_| cbor.0.is_empty())
        };
        for (digits, number) in [
            ("00", 0),
            ("17", 23),
            ("1818", 24),
            ("18ff", 255),
            ("190100", 256),
            ("1903e8", 1_000),
            ("1a000f4240", 1_000_000),
            ("1b000000e8d4a51000", 1_000_000_000_000),
            ("1bffffffffffffffff", u64::MAX),
        ] {
            assert_eq!(read(digits), Some(number), "{digits}");
        }
        for bad in
            ["", "1817", "1900ff", "1a0000ffff", "1b00000000ffffffff", "1c", "1f", "20", "18"]
        {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
