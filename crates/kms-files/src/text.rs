//! Text as editors and shells save it: UTF-8, perhaps led by a byte order mark (RFC 3629, 6), or
//! UTF-16, which Windows PowerShell 5 writes.

use std::fmt;

use thiserror::Error;
use zeroize::Zeroizing;

const UTF8_MARK: &[u8] = &[0xef, 0xbb, 0xbf];
const UTF16_LE_MARK: &[u8] = &[0xff, 0xfe];
const UTF16_BE_MARK: &[u8] = &[0xfe, 0xff];
const UTF32_LE_MARK: &[u8] = &[0xff, 0xfe, 0, 0];
const UTF32_BE_MARK: &[u8] = &[0, 0, 0xfe, 0xff];
/// Code units without a mark that have to look like UTF-16, where there are so many.
const UNITS_LOOKED_AT: usize = 32;

/// Bytes that are not UTF-8 text. They are never repeated.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum NotText {
    /// Text in another encoding of Unicode.
    #[error("it is {0} text; save it as UTF-8 (in PowerShell: Set-Content -Encoding utf8)")]
    Encoded(Encoding),
    /// No text in any encoding that is known here.
    #[error("it is not UTF-8 text (line {line} has invalid bytes); save it as UTF-8")]
    NoText {
        /// The first line at fault, from 1.
        line: usize,
    },
}

/// An encoding of Unicode that must be named.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Encoding {
    /// UTF-16 with the lower byte first, as Windows has it.
    Utf16Le,
    /// UTF-16 with the higher byte first.
    Utf16Be,
    /// UTF-32 in either order.
    Utf32,
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Utf16Le => "UTF-16 (little endian)",
            Self::Utf16Be => "UTF-16 (big endian)",
            Self::Utf32 => "UTF-32",
        })
    }
}

/// The bytes without UTF-8's byte order mark, for formats that are not text as a whole.
#[must_use]
pub fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(UTF8_MARK).unwrap_or(bytes)
}

/// The text of a file in UTF-8, without its byte order mark.
///
/// # Errors
/// When the bytes are text in another encoding, which is named, or no text.
pub fn text(bytes: &[u8]) -> Result<&str, NotText> {
    if let Some(encoding) = other_encoding(bytes) {
        return Err(NotText::Encoded(encoding));
    }
    std::str::from_utf8(without_mark(bytes)).map_err(|error| no_text(bytes, error.valid_up_to()))
}

/// The text of a file in UTF-8, or in UTF-16 where that can be told, as UTF-8 without a byte order
/// mark.
///
/// # Errors
/// When the bytes are not text in these encodings.
pub fn decode(mut bytes: Zeroizing<Vec<u8>>) -> Result<Zeroizing<Vec<u8>>, NotText> {
    let from: fn([u8; 2]) -> u16 = match other_encoding(&bytes) {
        None => {
            let mark = bytes.len().saturating_sub(text(&bytes)?.len());
            bytes.drain(..mark);
            return Ok(bytes);
        }
        Some(Encoding::Utf16Le) => u16::from_le_bytes,
        Some(Encoding::Utf16Be) => u16::from_be_bytes,
        Some(encoding) => return Err(NotText::Encoded(encoding)),
    };
    let (pairs, rest) = bytes.as_chunks();
    if !rest.is_empty() {
        return Err(NotText::NoText { line: 1 });
    }
    // Three bytes of UTF-8 for a unit at most: growing would leave a copy behind.
    let mut decoded = Zeroizing::new(Vec::with_capacity(pairs.len().saturating_mul(3)));
    for letter in char::decode_utf16(pairs.iter().copied().map(from)) {
        let letter = letter.map_err(|_| no_text(&decoded, decoded.len()))?;
        decoded.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
    }
    let mark = decoded.len().saturating_sub(without_mark(&decoded).len());
    decoded.drain(..mark);
    Ok(decoded)
}

fn no_text(bytes: &[u8], good: usize) -> NotText {
    let before = bytes.iter().take(good).filter(|&&byte| byte == b'\n').count();
    NotText::NoText { line: before.saturating_add(1) }
}

/// The encoding by its mark, or by every second byte being zero, as UTF-16 has it for ASCII.
fn other_encoding(bytes: &[u8]) -> Option<Encoding> {
    if bytes.starts_with(UTF32_LE_MARK) || bytes.starts_with(UTF32_BE_MARK) {
        return Some(Encoding::Utf32);
    }
    if bytes.starts_with(UTF16_LE_MARK) {
        return Some(Encoding::Utf16Le);
    }
    if bytes.starts_with(UTF16_BE_MARK) {
        return Some(Encoding::Utf16Be);
    }
    let (pairs, rest) = bytes.as_chunks::<2>();
    if pairs.len() < 2 || !rest.is_empty() {
        return None;
    }
    let all = |is: fn(&[u8; 2]) -> bool| pairs.iter().take(UNITS_LOOKED_AT).all(is);
    if all(|pair| pair[0] != 0 && pair[1] == 0) {
        return Some(Encoding::Utf16Le);
    }
    all(|pair| pair[0] == 0 && pair[1] != 0).then_some(Encoding::Utf16Be)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `aé𝄞` and a line feed, in each encoding as Python 3's codecs write it.
    const UTF8: &[u8] = b"a\xc3\xa9\xf0\x9d\x84\x9e\n";
    const UTF16_LE: &[u8] = b"\xff\xfea\0\xe9\0\x34\xd8\x1e\xdd\n\0";
    const UTF16_BE: &[u8] = b"\xfe\xff\0a\0\xe9\xd8\x34\xdd\x1e\0\n";

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_text() {
        let marked = [UTF8_MARK, UTF8].concat();
        assert_eq!(text(&marked), Ok("aé𝄞\n"));
        assert_eq!(text(UTF8), Ok("aé𝄞\n"));
        assert_eq!(text(b""), Ok(""));
        assert_eq!(text(UTF8_MARK), Ok(""));
        assert_eq!(without_mark(&marked), UTF8);
        // Only the first one is a mark.
        assert_eq!(text(&[UTF8_MARK, UTF8_MARK].concat()), Ok("\u{feff}"));
    }

    #[test]
    fn text_in_another_encoding_is_named() {
        for (bytes, name) in [
            (UTF16_LE, "UTF-16 (little endian)"),
            (UTF16_BE, "UTF-16 (big endian)"),
            (b"h\0u\0n\0", "UTF-16 (little endian)"),
            (b"\0h\0u\0n", "UTF-16 (big endian)"),
            (b"\xff\xfe\0\0h\0\0\0", "UTF-32"),
            (b"\0\0\xfe\xff\0\0\0h", "UTF-32"),
        ] {
            let told = text(bytes).unwrap_err().to_string();
            assert!(told.contains(name) && told.contains("save it as UTF-8"), "{told}");
        }
    }

    #[test]
    fn what_is_no_text_is_told_by_its_line_and_not_repeated() {
        assert_eq!(text(b"hunter2\n\n\xff"), Err(NotText::NoText { line: 3 }));
        assert_eq!(text(b"\xc3"), Err(NotText::NoText { line: 1 }));
        assert!(!format!("{:?}", text(b"hunter2\xff")).contains("hunter2"));
        // One zero byte among letters is not UTF-16.
        assert_eq!(text(b"a\0bc"), Ok("a\0bc"));
    }

    #[test]
    fn utf_16_is_decoded_where_a_file_may_have_it() {
        let decode = |bytes: &[u8]| decode(Zeroizing::new(bytes.to_vec()));
        for bytes in [UTF8, UTF16_LE, UTF16_BE, &[UTF8_MARK, UTF8].concat()] {
            assert_eq!(decode(bytes).unwrap().as_slice(), UTF8);
        }
        assert_eq!(decode(b"h\0i\0").unwrap().as_slice(), b"hi");
        for broken in [&b"\xff\xfea"[..], b"\xff\xfe\x34\xd8a\0", b"\xff", b"\xff\xfe\0\0a\0\0\0"] {
            assert!(decode(broken).is_err(), "{broken:?}");
        }
    }
}
