//! Text in the encodings that editors and shells write: UTF-8, with or without a byte-order
//! mark, and UTF-16 with one.

use zeroize::Zeroizing;

use crate::error::ImportError;

/// The text in UTF-8, without the mark.
///
/// # Errors
/// When the bytes are not text.
pub(crate) fn decode(bytes: &[u8]) -> Result<Zeroizing<String>, ImportError> {
    match bytes {
        [0xff, 0xfe, rest @ ..] => decode_wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => decode_wide(rest, u16::from_be_bytes),
        _ => {
            let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
            let text = std::str::from_utf8(bytes).map_err(|_| ImportError::NoText)?;
            Ok(Zeroizing::new(text.to_owned()))
        }
    }
}

fn decode_wide(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<Zeroizing<String>, ImportError> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(ImportError::NoText);
    }
    // A unit of two bytes takes three at most: the text does not move while it grows.
    let room = pairs.len().saturating_mul(3);
    let mut text = Zeroizing::new(String::with_capacity(room));
    for letter in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
        text.push(letter.map_err(|_| ImportError::NoText)?);
    }
    Ok(text)
}
