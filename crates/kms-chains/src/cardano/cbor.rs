//! CBOR as far as transactions need it, read strictly: definite lengths, numbers in their shortest
//! form, no name twice in a map. Every value has exactly one accepted encoding.
//! <https://www.rfc-editor.org/rfc/rfc8949#section-4.2.1>

/// Levels of lists and maps in what is kept without being understood.
const DEPTH_MAX: usize = 16;

const UNSIGNED: u8 = 0;
const NEGATIVE: u8 = 1;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const LIST: u8 = 4;
const MAP: u8 = 5;
const TAG: u8 = 6;
/// `false`, `true`, `null` and `undefined`; other simple values and floats are not read.
const SIMPLE: [u8; 4] = [0xf4, 0xf5, 0xf6, 0xf7];

/// The bytes that are left to read.
#[derive(Debug)]
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) const fn is_at_end(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) const fn rest(&self) -> &'a [u8] {
        self.0
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn head(&mut self) -> Option<(u8, u64)> {
        let first = *self.take(1)?.first()?;
        let (kind, low) = (first >> 5, first & 0x1f);
        let (size, least) = match low {
            0..24 => return Some((kind, low.into())),
            24 => (1, 24),
            25 => (2, 1 << 8),
            26 => (4, 1 << 16),
            27 => (8, 1 << 32),
            _ => return None,
        };
        let number = self.take(size)?.iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
        (number >= least).then_some((kind, number))
    }

    fn of_kind(&mut self, wanted: u8) -> Option<u64> {
        self.head().filter(|(kind, _)| *kind == wanted).map(|(_, number)| number)
    }

    fn length(&mut self, wanted: u8) -> Option<usize> {
        // A member takes a byte at least, so that no length is longer than what is left.
        let length = usize::try_from(self.of_kind(wanted)?).ok()?;
        (length <= self.0.len()).then_some(length)
    }

    pub(super) fn unsigned(&mut self) -> Option<u64> {
        self.of_kind(UNSIGNED)
    }

    pub(super) fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = self.length(BYTES)?;
        self.take(length)
    }

    pub(super) fn array<const LENGTH: usize>(&mut self) -> Option<[u8; LENGTH]> {
        self.bytes()?.try_into().ok()
    }

    pub(super) fn text(&mut self) -> Option<&'a str> {
        let length = self.length(TEXT)?;
        std::str::from_utf8(self.take(length)?).ok()
    }

    /// The number of members that follow.
    pub(super) fn list(&mut self) -> Option<usize> {
        self.length(LIST)
    }

    /// The number of pairs that follow.
    pub(super) fn map(&mut self) -> Option<usize> {
        self.length(MAP)
    }

    pub(super) fn tag(&mut self) -> Option<u64> {
        self.of_kind(TAG)
    }

    pub(super) fn is_list(&self) -> bool {
        self.0.first().is_some_and(|first| first >> 5 == LIST)
    }

    pub(super) fn is_map(&self) -> bool {
        self.0.first().is_some_and(|first| first >> 5 == MAP)
    }

    pub(super) fn is_tag(&self) -> bool {
        self.0.first().is_some_and(|first| first >> 5 == TAG)
    }

    /// Reads over a value of any kind.
    pub(super) fn skip(&mut self) -> Option<()> {
        self.skip_to(DEPTH_MAX)
    }

    fn skip_to(&mut self, depth: usize) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        if self.0.first().is_some_and(|first| SIMPLE.contains(first)) {
            return self.take(1).map(drop);
        }
        let before = self.0;
        let (kind, _) = self.head()?;
        match kind {
            UNSIGNED | NEGATIVE => return Some(()),
            TAG => return self.skip_to(depth),
            _ => self.0 = before,
        }
        match kind {
            BYTES => self.bytes().map(drop),
            TEXT => self.text().map(drop),
            LIST => (0..self.list()?).try_for_each(|_| self.skip_to(depth)),
            MAP => self.skip_map(depth),
            _ => None,
        }
    }

    fn skip_map(&mut self, depth: usize) -> Option<()> {
        let mut names = std::collections::HashSet::new();
        (0..self.map()?).try_for_each(|_| {
            let before = self.0;
            self.skip_to(depth)?;
            let length = before.len().checked_sub(self.0.len())?;
            let is_new = names.insert(before.get(..length)?);
            is_new.then(|| self.skip_to(depth)).flatten()
        })
    }
}

fn write_head(out: &mut Vec<u8>, kind: u8, number: u64) {
    let start = kind << 5;
    let bytes = number.to_be_bytes();
    let (low, size) = match number {
        0..24 => (bytes[7], 0),
        24..0x100 => (24, 1),
        0x100..0x1_0000 => (25, 2),
        0x1_0000..0x1_0000_0000 => (26, 4),
        _ => (27, 8),
    };
    out.push(start | low);
    out.extend(bytes.iter().skip(bytes.len().saturating_sub(size)));
}

fn length_of(bytes: &[u8]) -> u64 {
    // No more than 64 bits anywhere.
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

pub(super) fn write_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    write_head(out, BYTES, length_of(bytes));
    out.extend(bytes);
}

pub(super) fn write_text(out: &mut Vec<u8>, text: &str) {
    write_head(out, TEXT, length_of(text.as_bytes()));
    out.extend(text.as_bytes());
}

/// The head of a list of so many members.
pub(super) fn write_list(out: &mut Vec<u8>, members: usize) {
    write_head(out, LIST, u64::try_from(members).unwrap_or(u64::MAX));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::hex::decode;

    fn is_read(digits: &str) -> bool {
        let bytes = decode(digits).unwrap();
        let mut reader = Reader::new(&bytes);
        reader.skip().is_some() && reader.is_at_end()
    }

    /// RFC 8949, appendix A, and encodings that it calls valid but not preferred.
    #[test]
    fn what_has_one_spelling_is_read_and_other_spellings_are_not() {
        let read = [
            "00",
            "17",
            "1818",
            "1864",
            "1903e8",
            "1a000f4240",
            "1b000000e8d4a51000",
            "1bffffffffffffffff",
            "20",
            "3903e7",
            "f4",
            "f5",
            "f6",
            "f7",
            "c11a514b67b0",
            "4401020304",
            "60",
            "6449455446",
            "80",
            "83010203",
            "8301820203820405",
            "a0",
            "a201020304",
            "a26161016162820203",
            "d9010280",
        ];
        read.into_iter().for_each(|digits| assert!(is_read(digits), "{digits}"));
        let refused = [
            "",
            "1800",
            "1817",
            "190017",
            "1900ff",
            "1a0000ffff",
            "1b00000000ffffffff",
            "1c",
            "1f",
            "5f42010243030405ff",
            "7f61616161ff",
            "9fff",
            "9f01ff",
            "bf6161019fff",
            "ff",
            "f0",
            "f93c00",
            "fa47c35000",
            "fb3ff199999999999a",
            "44010203",
            "62c328",
            "8301",
            "a2010201ff",
            "a201020103",
            "5bffffffffffffffff",
            "9bffffffffffffffff",
            "bbffffffffffffffff",
            "580100",
        ];
        refused.into_iter().for_each(|digits| assert!(!is_read(digits), "{digits}"));
    }

    #[test]
    fn depth_is_bounded() {
        let deep = |depth: usize| format!("{}00", "81".repeat(depth));
        assert!(is_read(&deep(DEPTH_MAX - 1)));
        assert!(!is_read(&deep(DEPTH_MAX)));
        assert!(!is_read(&deep(100_000)));
        assert!(!is_read(&format!("{}00", "c1".repeat(100_000))));
    }

    #[test]
    fn what_is_written_is_in_its_shortest_form() {
        let written = |write: &dyn Fn(&mut Vec<u8>)| {
            let mut out = Vec::new();
            write(&mut out);
            crate::codec::hex::encode(&out)
        };
        assert_eq!(written(&|out| write_list(out, 23)), "97");
        assert_eq!(written(&|out| write_list(out, 24)), "9818");
        assert_eq!(written(&|out| write_list(out, 256)), "990100");
        assert_eq!(written(&|out| write_list(out, 65_536)), "9a00010000");
        assert_eq!(written(&|out| write_list(out, 1 << 32)), "9b0000000100000000");
        assert_eq!(written(&|out| write_bytes(out, &[7; 2])), "420707");
        assert_eq!(written(&|out| write_text(out, "IETF")), "6449455446");
    }
}
