/// Lower-case hexadecimal digits, without a prefix.
pub(crate) fn encode(bytes: &[u8]) -> String {
    alloy_primitives::hex::encode(bytes)
}

/// Lower-case hexadecimal digits after `0x`.
pub(crate) fn encode_prefixed(bytes: &[u8]) -> String {
    alloy_primitives::hex::encode_prefixed(bytes)
}

/// Reads an even number of hexadecimal digits of either case and nothing else.
pub(crate) fn decode(digits: &str) -> Option<Vec<u8>> {
    // The library removes a prefix automatically; here the caller decides whether one is allowed.
    if digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        alloy_primitives::hex::decode(digits).ok()
    } else {
        None
    }
}

/// Like [`decode`], for a fixed number of bytes.
pub(crate) fn decode_array<const LENGTH: usize>(digits: &str) -> Option<[u8; LENGTH]> {
    decode(digits)?.try_into().ok()
}
