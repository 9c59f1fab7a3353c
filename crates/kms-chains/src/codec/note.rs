//! Notes that a payment carries for its receiver, in one spelling.

use super::hex;

/// `text:…`, or `hex:…` for what is not text that people can read; nothing for an empty note.
pub(crate) fn spell(note: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(note).ok().filter(|text| !text.chars().any(char::is_control));
    let spelled =
        text.map_or_else(|| format!("hex:{}", hex::encode(note)), |text| format!("text:{text}"));
    (!note.is_empty()).then_some(spelled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_of_text_is_told_apart_from_one_of_bytes() {
        assert_eq!(spell(b"10042").as_deref(), Some("text:10042"));
        assert_eq!(spell(b"hex:00").as_deref(), Some("text:hex:00"));
        assert_eq!(spell(&[0]).as_deref(), Some("hex:00"));
        assert_eq!(spell(&[0xff, 0x31]).as_deref(), Some("hex:ff31"));
        assert_eq!(spell(b"a\nb").as_deref(), Some("hex:610a62"));
        assert_eq!(spell(b""), None);
    }
}
